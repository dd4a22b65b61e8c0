/**
 * Prepares calls whose own steps change the rows that the call depends on. Each step of a called action runs with the condition, the row
 * and the elements of the call. New steps before the first one find these once and give them names.
 */

import { type ActionStep, type CallStep, STEP_ROW } from '../../../model/action.ts'
import { changesOwnCall, findsRowOnce } from '../../../model/call-changes.ts'
import { type Predicate, type RowPath, rowBefore, scalarType, type Term } from '../../../model/expression.ts'
import { entityNamed, fieldNamed, type Model, storedScalar } from '../../../model/model.ts'
import { mapPredicate, mapTerm, type Parts } from '../../../model/tree.ts'

/** A call, and the steps that come before it. */
export interface PreparedCall {
  readonly before: readonly ActionStep[]
  readonly call: CallStep
}

/** The call with names in place of what it depends on, if its steps may change that. `prefix` begins the names. */
export function onceForCall(model: Model, call: CallStep, prefix: string): PreparedCall {
  if (!changesOwnCall(model, call)) return { before: [], call }
  if (call.each !== null) return call.each.over.kind === 'rows' ? withElements(call, prefix) : { before: [], call }
  return call.on === null || !findsRowOnce(model, call) ? { before: [], call } : withRow(model, call, { on: call.on, prefix })
}

/** More rows than a step may have. The statement of a `list` has the real limit, and stops the action when there are more rows. */
const ALL_ROWS = 1_000_000

/** Names the elements for which `when` is true. */
function withElements(call: CallStep, prefix: string): PreparedCall {
  const { each, when, at } = call
  if (each?.over.kind !== 'rows') return { before: [], call }
  const { rows } = each.over
  const entity = rows.kind === 'entity' ? rows.entity : rows.set.entity
  const as = `${prefix}elements`
  const limit: Term = { kind: 'literal', type: scalarType('integer'), value: ALL_ROWS }
  const where: Predicate = when === null ? { kind: 'const', value: true } : renamed(when, each.name)
  const common = { at, as, when: null, each: null } as const
  const list: ActionStep = { ...common, verb: 'list', from: rows, entity, where, sort: [], limit, offset: null, distinct: null }
  const of: RowPath = { binding: as, root: entity, hops: [], entity }
  const set = { of, relation: as, entity, via: null, beyond: false } as const
  return { before: [list], call: { ...call, when: null, each: { name: each.name, over: { kind: 'rows', rows: { kind: 'set', set } } } } }
}

/** Rewrites a condition about an element of `each` as a condition about the row of a step. */
function renamed(condition: Predicate, element: string): Predicate {
  const parts: Parts = {
    predicate: (p) => mapPredicate(p, parts),
    term: (t) => mapTerm(t, parts),
    row: (path) => (path.binding === element ? { ...path, binding: STEP_ROW } : path),
  }
  return parts.predicate(condition)
}

/** Names the row of the call, if `when` is true. Otherwise the row is missing. */
function withRow(model: Model, call: CallStep, { on, prefix }: { readonly on: RowPath; readonly prefix: string }): PreparedCall {
  const { at, when } = call
  const { entity } = on
  const as = `${prefix}on`
  const row = (binding: string): RowPath => ({ binding, root: entity, hops: [], entity })
  const type = { scalar: storedScalar(fieldNamed(entityNamed(model, entity), 'id').type), list: false }
  const idOf = (path: RowPath): Term => ({ kind: 'field', type, row: path, field: 'id' })
  const before = rowBefore(on)
  const hop = on.hops.at(-1)
  const key: Term = before === null || hop === undefined ? idOf(on) : { kind: 'field', type, row: before, field: hop.field }
  const where: Predicate = { kind: 'compare', op: '=', left: idOf(row(STEP_ROW)), right: key }
  const common = { at, as, when, each: null, entity, where, sort: [], optional: true, else: null } as const
  const find: ActionStep = { ...common, verb: 'find', from: { kind: 'entity', entity } }
  const isThere: Predicate = { kind: 'not', of: { kind: 'missing', of: idOf(row(as)) } }
  return { before: [find], call: { ...call, on: row(as), when: isThere } }
}
