/**
 * The locks of the rows that a condition reads behind elements of a relation: `items.all(i, i.product.active)` reads a product for each
 * item. No element is added while the row with the relation is locked, but this lock does not cover the rows to which elements lead.
 */

import { unreachable } from '../../../base/unreachable.ts'
import {
  type Action,
  type ActionStep,
  type DeleteStep,
  inputBinding,
  type ListStep,
  STEP_ROW,
  type UpdateStep,
} from '../../../model/action.ts'
import type { NamedRows, Predicate, RowPath, RowSet } from '../../../model/expression.ts'
import { entityNamed, fieldNamed, type Model } from '../../../model/model.ts'
import { mapPredicate, mapTerm, type Parts, visitPredicate } from '../../../model/tree.ts'
import { ELEMENT, isLocked, type Locked, movingRows, pathTo, type ReachedElements, type RowLock, usedRow } from './locks.ts'

/** A condition, and the elements that names in it stand for: those of `each`, and the rows of a step. */
interface Judged {
  readonly condition: Predicate
  readonly outer: ReadonlyMap<string, RowSet>
  /** Whether nothing else locks what it reads of a single row: its relations, and the rows to which it refers. */
  readonly isAlone?: true
}

const NONE: ReadonlyMap<string, RowSet> = new Map()

/**
 * The locks of the rows behind elements that the conditions of an action read; nothing for an action that only reads. `action` has its
 * conditions as the design gives them, without the rules of its caller.
 */
export function locksBehind(model: Model, action: Action): readonly Locked[] {
  if (action.reads) return []
  const { allow, transition, inputs, steps } = action
  const guard = transition?.guard ?? null
  const entry: readonly Judged[] = [
    { condition: allow, outer: NONE },
    ...(guard === null ? [] : [{ condition: guard, outer: NONE }]),
    ...inputs.flatMap(({ name, type }) =>
      type.kind === 'reference' ? [{ condition: about(type.where, pathTo(inputBinding(name), type.entity)), outer: NONE }] : [],
    ),
  ]
  return [...entry, ...steps.flatMap((step) => judgedBy(action, step))].flatMap((one) => behindElements(model, one))
}

function judgedBy(action: Action, step: ActionStep): readonly Judged[] {
  const over = step.each?.over
  const each = step.each !== null && over?.kind === 'rows' && over.rows.kind === 'set' ? new Map([[step.each.name, over.rows.set]]) : NONE
  const when = step.when === null ? [] : [{ condition: step.when, outer: each }]
  switch (step.verb) {
    case 'require':
      return [...when, { condition: step.condition, outer: each }]
    case 'find':
      return step.as === null ? when : [...when, { condition: about(step.where, pathTo(step.as, step.entity)), outer: NONE }]
    case 'list':
      return step.as === null || step.distinct !== null ? when : [...when, ofList(step, step.as)]
    case 'update':
    case 'delete':
      return [...when, ofTarget(action, step, each)]
    case 'create':
    case 'ensure':
    case 'call':
    case 'emit':
    case 'enqueue':
    case 'signIn':
      return when
    default:
      return unreachable(step)
  }
}

/** The name of a row that a `list` finds, in its condition. */
const LISTED = '#listed'

function ofList({ where, entity }: ListStep, as: string): Judged {
  return { condition: about(where, pathTo(LISTED, entity)), outer: new Map([[LISTED, rowsNamed(as, entity)]]) }
}

function ofTarget(action: Action, step: UpdateStep | DeleteStep, each: ReadonlyMap<string, RowSet>): Judged {
  const { target, where, entity } = step
  const isBefore = isLocked(action, step)
  if (isBefore && target.kind === 'row') return { condition: about(where, target.row), outer: each, isAlone: true }
  const isSet = isBefore && target.kind === 'rows' && target.rows.kind === 'set'
  return { condition: where, outer: new Map([...each, [STEP_ROW, isSet ? target.rows.set : rowsNamed(heldName(entity), entity)]]) }
}

/** The name of the rows of an entity that a step finds by a condition and locks itself. No step and no input can have it. */
export function heldName(entity: string): string {
  return `#${entity}`
}

function rowsNamed(name: string, entity: string): NamedRows {
  return { of: pathTo(name, entity), relation: name, entity, via: null, beyond: false }
}

/** Rewrites a condition about the row of a step as a condition about the row at a path. */
function about(condition: Predicate, row: RowPath): Predicate {
  const parts: Parts = {
    predicate: (p) => mapPredicate(p, parts),
    term: (t) => mapTerm(t, parts),
    row: (path) =>
      path.binding === STEP_ROW
        ? { ...row, hops: [...row.hops, ...path.hops], entity: path.hops.length === 0 ? row.entity : path.entity }
        : path,
  }
  return parts.predicate(condition)
}

function behindElements(model: Model, { condition, outer, isAlone }: Judged): readonly Locked[] {
  const sets = new Map(outer)
  const found: Locked[] = []
  const add = (row: RowPath, lock: RowLock | null): void => {
    const elements = elementsNamed(sets, row.binding)
    if (elements !== null) found.push(...lockedBehind(model, elements, { row, lock }))
    else if (isAlone === true) found.push(...usedRow(model, row, lock ?? 'share'))
  }
  const addSet = ({ over, as }: { readonly over: RowSet; readonly as: string }): void => {
    sets.set(as, over)
    if (over.via !== null) add(over.of, 'update')
  }
  visitPredicate(condition, {
    predicate: (p) => {
      if (p.kind === 'some' || p.kind === 'every') addSet(p)
    },
    term: (t) => {
      if (t.kind === 'count' || t.kind === 'aggregate') addSet(t)
      // The row with the relation has the lock that its elements need.
      else if (t.kind === 'field' && t.row.hops.length > 0) add(t.row, mayChange(model, t.row.entity, t.field) ? 'share' : null)
    },
  })
  return found
}

/** The elements that a name stands for, with those around them; null for a name of one row. */
function elementsNamed(sets: ReadonlyMap<string, RowSet>, as: string): ReachedElements | null {
  const over = sets.get(as)
  if (over === undefined) return null
  const outer = over.via === null ? null : elementsNamed(sets, over.of.binding)
  return outer === null || over.via === null ? { over, as, inner: [] } : { ...outer, inner: [...outer.inner, { over, as }] }
}

/** Whether another request may change a field of a row to which an element refers, or delete that row. */
function mayChange(model: Model, name: string, field: string): boolean {
  const entity = entityNamed(model, name)
  const { immutable, type, default: preset } = fieldNamed(entity, field)
  return entity.softDelete || (field !== 'id' && (!immutable || preset?.kind === 'set' || type.kind === 'computed'))
}

/** The locks of a row behind each element (null for none), and of the rows on the path to it whose references may change. */
function lockedBehind(
  model: Model,
  elements: ReachedElements,
  { row, lock }: { readonly row: RowPath; readonly lock: RowLock | null },
): readonly Locked[] {
  const { over, as, inner } = elements
  const anchor = over.of.binding
  const names = [as === LISTED ? LISTED : ELEMENT, ...inner.map((_, i) => `${ELEMENT} ${i + 1}`)]
  const nameAt = (i: number): string => names[i] ?? ELEMENT
  const renamed = inner.map((one, i) => ({
    over: { ...one.over, of: { ...one.over.of, binding: nameAt(i) } },
    as: nameAt(i + 1),
  }))
  const own = (one: RowPath, strength: RowLock, moves: boolean): readonly Locked[] => {
    // The step has locked the rows that it finds by a condition.
    if (anchor === heldName(one.entity) && inner.length === 0 && one.hops.length === 0) return []
    const last = { ...one, binding: nameAt(inner.length) }
    return [
      { anchor, entity: one.entity, lock: strength, rows: { kind: 'elements', over, as: nameAt(0), inner: renamed, row: last }, moves },
    ]
  }
  const moving = movingRows(model, row)
  const isBehind = lock !== null || moving.some(({ hops }) => hops.length > 0)
  if (!isBehind) return []
  const end = lock === null ? [] : own(row, lock, moving.length > 0 || inner.length > 0)
  return [...end, ...moving.flatMap((one) => own(one, 'share', inner.length > 0))]
}

/** Whether the condition of a `list` looks at other rows than those that it finds, so that it is judged again under their locks. */
export function looksBehind(locks: readonly Locked[], { as }: ListStep): boolean {
  return locks.some(({ anchor, rows }) => anchor === as && rows.kind === 'elements' && rows.as === LISTED)
}
