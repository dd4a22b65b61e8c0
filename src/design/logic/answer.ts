/** Resolves the answer of an action: a JSON tree whose leaves are values. */

import type { Action, AnswerTree, Each } from '../../model/action.ts'
import { ACTION_ROW } from '../../model/action.ts'
import { type RowPath, rootRow, type Term } from '../../model/expression.ts'
import { isToken } from '../../model/model.ts'
import { visitTerm } from '../../model/tree.ts'
import type { AnswerDesign, AnswerObject } from '../authoring/logic-design.ts'
import { quote } from '../findings/report.ts'
import { elementsAt, type LogicPlace, termAt, within } from './logic-context.ts'
import { eachAt } from './rows.ts'
import type { MaybeMissing } from './step-place.ts'

/** The place of a part of an answer, with the names that may be missing. */
export interface AnswerPlace extends LogicPlace {
  readonly maybe: MaybeMissing
}

/** Resolves the tree; a part with an error becomes null, with findings. */
export function resolveAnswer(design: AnswerDesign, place: AnswerPlace): AnswerTree {
  if (design === null || typeof design === 'number' || typeof design === 'boolean') return { kind: 'constant', value: design }
  if (typeof design === 'string') return leaf(design, place)
  if ('each' in design || 'is' in design) return list(design, place)
  const members = Object.entries(design).map(([name, part]) => ({ name, of: resolveAnswer(part, partOf(place, name)) }))
  return { kind: 'object', members }
}

function partOf(place: AnswerPlace, key: string): AnswerPlace {
  return { ...within(place, key), maybe: place.maybe }
}

const NOTHING: AnswerTree = { kind: 'constant', value: null }

/** An expression; `Order(row)` is the row as a read of the entity gives it. */
function leaf(source: string, place: AnswerPlace): AnswerTree {
  const [, entity = '', inner = ''] = /^\s*([A-Z][A-Za-z0-9]*)\((.*)\)\s*$/s.exec(source) ?? []
  if (place.context.entities.has(entity)) return wholeRow(entity, inner, place)
  const token = tokenLeaf(source, place)
  if (token !== null) return token
  const value = termAt(place, source, { bare: null, expected: null })
  if (value === null) return NOTHING
  reportUnguarded(value, place)
  return { kind: 'value', value }
}

/** `invitation.token`: the token of a row, which only the action that makes the row may show; null for any other leaf. */
function tokenLeaf(source: string, place: AnswerPlace): AnswerTree | null {
  const [, name = '', field = ''] = /^\s*([A-Za-z][A-Za-z0-9]*)\.([A-Za-z][A-Za-z0-9]*)\s*$/.exec(source) ?? []
  const named = place.names.get(name)
  if (named?.kind !== 'row' || named.path.hops.length > 0) return null
  const found = place.context.entities.get(named.path.entity)?.fields.find((each) => each.name === field)
  if (found === undefined || !isToken(found)) return null
  const isMade = (place.action.design.steps ?? []).some((step) => 'create' in step && step.as === name && step.each === undefined)
  if (isMade && named.path.binding === name) return { kind: 'token', step: name, field }
  const message = `${named.path.entity}.${field} is shown only by the action that makes the row`
  place.context.report.add('PLN-D560', place.at, message, 'remove it, or name the result of a create without each')
  return NOTHING
}

function wholeRow(entity: string, source: string, place: AnswerPlace): AnswerTree {
  const found = elementsAt(place, source)
  if (found === null) return NOTHING
  if (found.kind === 'row' && found.path.entity === entity) return { kind: 'row', row: found.path }
  const given = found.kind === 'row' ? `one ${found.path.entity}` : found.kind === 'rows' ? `many rows (${found.set.relation})` : 'a list'
  const hint = found.kind === 'rows' ? `write { each: x in ${source.trim()}, is: ${entity}(x) }` : undefined
  place.context.report.add('PLN-D312', place.at, `${entity}(…) takes one ${entity}, and this is ${given}`, hint)
  return NOTHING
}

/** `{ each: l in order.lines, is: … }`, with `key` an object. */
function list(design: AnswerObject, place: AnswerPlace): AnswerTree {
  const { report } = place.context
  const { each, is, key, ...others } = design
  const [other] = Object.keys(others)
  if (other !== undefined)
    report.add('PLN-D101', [...place.at, other], `unknown key ${quote(other)}`, 'the keys of a list are each, is and key')
  if (typeof each !== 'string' || is === undefined || !/^[A-Za-z][A-Za-z0-9]* +in +\S/.test(each)) {
    report.add('PLN-D103', place.at, 'a list of an answer needs each and is', 'write { each: l in order.lines, is: { price: l.price } }')
    return NOTHING
  }
  const found = eachAt(each, within(place, 'each'))
  if (found === null) return NOTHING
  const inner: AnswerPlace = { ...place, names: new Map([...place.names, [found.each.name, found.named]]) }
  const named: Each = found.each
  const keyTerm =
    typeof key === 'string' ? termAt(within(inner, 'key'), key, { bare: null, expected: { scalar: 'text', list: false } }) : null
  return { kind: 'list', each: named, key: keyTerm, of: resolveAnswer(is, partOf(inner, 'is')) }
}

/** Reports a leaf about a row that may be missing, unless the leaf tests whether the row exists. */
function reportUnguarded(value: Term, place: AnswerPlace): void {
  const named = new Set<string>()
  const asked = new Set<string>()
  const note = (row: RowPath): void => {
    if (place.maybe.has(row.binding)) named.add(row.binding)
  }
  visitTerm(value, {
    term: (term) => {
      if (term.kind === 'field') note(term.row)
      else if (term.kind === 'count' || term.kind === 'aggregate') note(term.over.of)
    },
    predicate: (predicate) => {
      if (predicate.kind === 'missing' && predicate.of.kind === 'field') asked.add(predicate.of.row.binding)
    },
  })
  for (const name of named) {
    if (asked.has(name)) continue
    const why = place.maybe.get(name) === null ? 'may be missing' : 'is skipped when its condition is not true'
    place.context.report.add('PLN-D519', place.at, `the answer names ${quote(name)}, which ${why}`, `write ${name} == null ? null : …`)
  }
}

/** The answer of an action without `answer`: the row of a row action, unless the action deletes it; otherwise none. */
export function defaultAnswer({ entity, steps }: Pick<Action, 'entity' | 'steps'>): AnswerTree {
  if (entity === null) return { kind: 'none' }
  const deletes = steps.some(
    (step) =>
      step.verb === 'delete' && step.target.kind === 'row' && step.target.row.binding === ACTION_ROW && step.target.row.hops.length === 0,
  )
  return deletes ? { kind: 'none' } : { kind: 'row', row: rootRow(entity) }
}
