/** Resolves the answer of an action: a JSON tree whose leaves are values. */

import type { Action, AnswerMember, AnswerTree } from '../../model/action.ts'
import { ACTION_ROW } from '../../model/action.ts'
import { type RowPath, rootRow, type Term } from '../../model/expression.ts'
import { isToken } from '../../model/model.ts'
import type { NamedShape } from '../../model/named-shape.ts'
import { visitTerm } from '../../model/tree.ts'
import type { AnswerDesign, AnswerObject } from '../authoring/logic-design.ts'
import type { NamedValue } from '../expression/scope.ts'
import { didYouMean, quote } from '../findings/report.ts'
import { answerList } from '../outline/answer-list.ts'
import { type Bare, elementsAt, elementsWords, type LogicPlace, rowNamed, termAt, within } from './logic-context.ts'
import { elementsOf, type ResolvedEach } from './rows.ts'
import { isWithinLimits, type Size, sizeOf } from './shapes/answer-size.ts'
import { type ShapeCall, shapeCall, shapesWithin } from './shapes/shape-call.ts'
import type { MaybeMissing } from './step-place.ts'

/** The place of a part of an answer, with the names that may be missing. */
export interface AnswerPlace extends LogicPlace {
  readonly maybe: MaybeMissing
  /** The row whose fields are the names without a dot: that of the shape; null in the answer of an action. */
  readonly bare: Bare
  readonly shapes: Shapes
  /** What stands before the names of elements in a shape, because an answer may contain the elements of several shapes. */
  readonly prefix: string
}

/** The shapes of the design. */
export interface Shapes {
  /** The shape of a name: undefined if there is none, null if it has a finding. It is resolved if it was not before. */
  readonly named: (name: string, place: Pick<LogicPlace, 'at'>) => NamedShape | null | undefined
  readonly names: readonly string[]
  /** The sizes of the answers so far. */
  readonly sizes: Map<AnswerTree, Size>
}

/** Resolves the answer of an action; a part with an error becomes null, with findings. */
export function resolveAnswer(design: AnswerDesign, place: AnswerPlace): AnswerTree {
  const tree = partAt(design, place)
  const fits = isWithinLimits(sizeOf(tree, place.shapes.sizes), { at: place.at, report: place.context.report })
  return fits ? tree : NOTHING
}

/** Resolves the members of an object. */
export function answerMembersOf(design: AnswerObject, place: AnswerPlace): readonly AnswerMember[] {
  return Object.entries(design).map(([name, part]) => ({ name, of: partAt(part, partOf(place, name)) }))
}

function partAt(design: AnswerDesign, place: AnswerPlace): AnswerTree {
  if (design === null || typeof design === 'number' || typeof design === 'boolean') return { kind: 'constant', value: design }
  if (typeof design === 'string') return leaf(design, place)
  if ('each' in design || 'is' in design) return list(design, place)
  return { kind: 'object', members: answerMembersOf(design, place) }
}

function partOf(place: AnswerPlace, key: string): AnswerPlace {
  return { ...place, at: [...place.at, key] }
}

const NOTHING: AnswerTree = { kind: 'constant', value: null }

/** An expression, or a call of a shape. */
function leaf(source: string, place: AnswerPlace): AnswerTree {
  const call = shapeCall(source)
  if (call !== null) return called(call, place)
  const session = sessionLeaf(source, place)
  if (session !== null) return session
  const token = tokenLeaf(source, place)
  if (token !== null) return token
  if (reportInside(source, place)) return NOTHING
  const value = termAt(place, source, { bare: place.bare, expected: null })
  if (value === null) return NOTHING
  reportUnguarded(value, place)
  return { kind: 'value', value }
}

/** Whether a leaf calls a shape or an entity inside of a larger expression. Reports it. */
function reportInside(source: string, { shapes, at, context }: AnswerPlace): boolean {
  const name = shapesWithin(source).find((one) => shapes.names.includes(one) || context.entities.has(one))
  if (name === undefined) return false
  const message = `${name}(…) is a part of an answer and no value, so no operator or function takes it`
  context.report.add('PLN-D304', at, message, `write ${name}(…) alone, which is null where its row is missing; test conditions in a step`)
  return true
}

/** `Profile(author)` is a shape, `Order(row)` without a shape of this name the row as a read of the entity gives it. */
function called(call: ShapeCall, place: AnswerPlace): AnswerTree {
  if (call.kind === 'map') {
    const found = elementsOf({ name: call.element, over: call.over, bare: place.bare }, place)
    return found === null ? NOTHING : listOf(found, place, (inner) => ({ key: null, of: called(call.of, inner) }))
  }
  const { name, of } = call
  const shape = place.shapes.named(name, place)
  if (shape === null) return NOTHING
  if (shape === undefined && !place.context.entities.has(name)) {
    const known = [...place.shapes.names, ...place.context.entities.keys()]
    place.context.report.add('PLN-D208', place.at, `unknown shape or entity ${quote(name)}${didYouMean(name, known)}`)
    return NOTHING
  }
  const row = rowOf({ name, source: of, entity: shape?.entity ?? name, isShape: shape !== undefined }, place)
  if (row === null) return NOTHING
  return shape === undefined ? { kind: 'row', row } : { kind: 'shape', shape: name, row, as: shape.as, of: shape.of }
}

/** `auth.token` and `auth.refreshToken`: tokens of the session; null for any other leaf, and in a design without an identity. */
function sessionLeaf(source: string, { action, at, context }: AnswerPlace): AnswerTree | null {
  const [, part] = /^\s*auth\.(token|refreshToken)\s*$/.exec(source) ?? []
  if (part === undefined || context.shape.signsIn === undefined) return null
  if (part === 'token') return { kind: 'session', part }
  if (action.design.steps?.some((step) => 'signIn' in step) === true) return { kind: 'session', part: 'refreshToken' }
  const why = at[0] === 'shapes' ? 'a shape is of no action that signs in' : 'no step of this action signs in'
  context.report.add('PLN-D567', at, `${why}, so there is no refresh token`, 'leave it out, or use auth.token')
  return NOTHING
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

interface CalledRow {
  readonly name: string
  readonly source: string
  readonly entity: string
  readonly isShape: boolean
}

/** The row that a call is about; null, with a finding, when it is none of the entity. */
function rowOf({ name, source, entity, isShape }: CalledRow, place: AnswerPlace): RowPath | null {
  const found = elementsAt(place, source, place.bare)
  if (found === null) return null
  if (found.kind === 'row' && found.path.entity === entity) return found.path
  const hint = found.kind === 'rows' && found.set.entity === entity ? `write { each: x in ${source.trim()}, is: ${name}(x) }` : undefined
  if (isShape)
    place.context.report.add(
      'PLN-D544',
      place.at,
      `the shape ${name} is of one ${entity}, and ${source.trim()} is ${elementsWords(found)}`,
      hint,
    )
  else place.context.report.add('PLN-D312', place.at, `${name}(…) takes one ${entity}, and this is ${elementsWords(found)}`, hint)
  return null
}

/** `{ each: l in order.lines, is: … }`, with `key` an object. */
function list(design: AnswerObject, place: AnswerPlace): AnswerTree {
  const hint = 'write { each: l in order.lines, is: { price: l.price } }'
  const read = answerList(design, { at: place.at, report: place.context.report }, hint)
  if (read === null) return NOTHING
  const { name, over, key, is } = read
  const found = elementsOf({ name, over, bare: place.bare }, within(place, 'each'))
  if (found === null) return NOTHING
  const expected = { scalar: 'text', list: false } as const
  return listOf(found, place, (inner) => ({
    key: typeof key === 'string' ? termAt(within(inner, 'key'), key, { bare: place.bare, expected }) : null,
    of: partAt(is, partOf(inner, 'is')),
  }))
}

/** A list of what is made of each element. */
function listOf(
  { each, named }: ResolvedEach,
  place: AnswerPlace,
  itemAt: (inner: AnswerPlace) => { readonly key: Term | null; readonly of: AnswerTree },
): AnswerTree {
  const binding = `${place.prefix}${each.name}`
  const bound: NamedValue =
    named.kind === 'row' ? rowNamed(binding, named.path.entity) : named.kind === 'item' ? { ...named, binding } : named
  return {
    kind: 'list',
    each: { ...each, name: binding },
    ...itemAt({ ...place, names: new Map([...place.names, [each.name, bound]]) }),
  }
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
