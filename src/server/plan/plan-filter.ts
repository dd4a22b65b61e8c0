/**
 * Turns the filters of a request into predicates. Every notation of a filter gives the same predicate. Names are looked up in the caller's
 * view.
 */

import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { memo } from '../../base/memo.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type EntityView, type View, viewOf } from '../../compile/rules/view.ts'
import { compilePredicate } from '../../design/expression/compile.ts'
import { REQUEST_LIMITS } from '../../design/expression/limits.ts'
import type { BoundValues, CompiledExpression } from '../../design/expression/scope.ts'
import { shapeOf } from '../../design/expression/shape.ts'
import { type Hop, listType, type Predicate, type RowPath, rootRow, rowBefore, scalarType, type Term } from '../../model/expression.ts'
import { type Field, storedScalar } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { isEncrypted, SCALARS } from '../../model/scalar.ts'
import { type Visitor, visitPredicate } from '../../model/tree.ts'
import { suggestible } from './did-you-mean.ts'
import type { Condition, FilterOp, FilterTree, RowsInput } from './intent.ts'
import { storedField, unknownName } from './plan-output.ts'
import { type Literal, readFilterValue, type ValueReader } from './recipes/filter-value.ts'

/** The filters of a list. */
export interface PlannedFilter {
  /** In the order of the request; all of them must hold. Constants are still literals. */
  readonly filters: readonly Predicate[]
  /** The condition that each literal comes from, except the literals of expressions. */
  readonly literals: ReadonlyMap<Term, LiteralOrigin>
}

/** The condition whose value a literal is, and how the value was read. */
export interface LiteralOrigin {
  readonly condition: Condition
  readonly reader: ValueReader
}

/**
 * Plans the conditions, expressions and trees of a list.
 *
 * @throws Failure for names that do not exist or that the caller can never read, and for values that the field cannot have.
 */
export function planFilter(
  view: View,
  entity: EntityView,
  input: Pick<RowsInput, 'names' | 'conditions' | 'expressions' | 'bound' | 'trees'>,
): PlannedFilter {
  const { names, trees = [] } = input
  const literals = new Map<Term, LiteralOrigin>()
  const root: FilterScope = { view, entity, row: rootRow(entity.entity.name), depth: 0, literals }
  const filters = [
    ...input.conditions.map((c) => planCondition(root, c)),
    ...input.expressions.map((source) => planExpression(view, entity, { source, parameter: names.expression, bound: input.bound })),
    ...trees.map((tree) => planTree(root, tree)),
  ]
  requireModest(filters, input.conditions.length + trees.length > 0 ? names.filter : names.expression)
  return { filters, literals }
}

/**
 * Limits the total number of conditions of all filters, because they become one statement. @throws Failure `invalid_parameter` beyond the
 * limits.
 */
function requireModest(filters: readonly Predicate[], parameter: string): void {
  let conditions = 0
  let steps = 0
  const visitor: Visitor = {
    predicate: (p) => {
      if (p.kind === 'compare' || p.kind === 'member' || p.kind === 'missing' || p.kind === 'truth' || p.kind === 'text') conditions++
      if (p.kind === 'some' || p.kind === 'every') steps++
    },
    term: (t) => {
      if (t.kind === 'field') steps += t.row.hops.length
    },
  }
  for (const filter of filters) visitPredicate(filter, visitor)
  if (conditions > LIMITS.filterConditions)
    throw failure('invalid_parameter', { name: parameter, why: `at most ${LIMITS.filterConditions} conditions in all` })
  if (steps > LIMITS.filterSteps)
    throw failure('invalid_parameter', { name: parameter, why: `at most ${LIMITS.filterSteps} steps over relations in all` })
}

/** The entity whose fields a condition names, and the number of relations on the way to it. */
interface FilterScope {
  readonly view: View
  readonly entity: EntityView
  readonly row: RowPath
  readonly depth: number
  /** Where the literals of all conditions are noted. */
  readonly literals: Map<Term, LiteralOrigin>
}

function planTree(scope: FilterScope, tree: FilterTree): Predicate {
  switch (tree.kind) {
    case 'condition':
      return planCondition(scope, tree.condition)
    case 'all':
    case 'any':
      return { kind: tree.kind, of: tree.of.map((part) => planTree(scope, part)) }
    case 'not':
      return { kind: 'not', of: planTree(scope, tree.of) }
    case 'at':
      return planTree(follow(scope, tree.reference, tree.parameter), tree.of)
    case 'some':
    case 'every':
      return planRelated(scope, { ...tree, kind: tree.kind })
    case 'none':
      return { kind: 'not', of: planRelated(scope, { ...tree, kind: 'some' }) }
    default:
      return unreachable(tree)
  }
}

/** A condition on related rows. Its binding name is unique, because it is made from the path to the rows. */
function planRelated(
  scope: FilterScope,
  tree: { readonly kind: 'some' | 'every'; readonly relation: string; readonly parameter: string; readonly of: FilterTree },
): Predicate {
  const relation = scope.entity.relations.get(tree.relation)
  if (relation === undefined) throw unknownName(scope.entity, tree.relation)
  const entity = viewOf(scope.view, relation.entity)
  const depth = deeper(scope, tree.parameter)
  const as = `${scope.row.binding}.${scope.row.hops.length}`
  const row: RowPath = { binding: as, root: relation.entity, hops: [], entity: relation.entity }
  const over = { of: scope.row, relation: relation.name, entity: relation.entity, via: relation.via }
  return { kind: tree.kind, over, as, where: planTree({ ...scope, entity, row, depth }, tree.of) }
}

function follow(scope: FilterScope, name: string, parameter: string): FilterScope {
  const { entity, row, view, literals } = scope
  const reference = entity.references.has(name) ? entity.readable.get(name) : undefined
  if (reference === undefined || reference.field.type.kind !== 'ref') throw unknownName(entity, name)
  const target = viewOf(view, reference.field.type.entity)
  const hops: readonly Hop[] = [...row.hops, { field: name, entity: target.entity.name }]
  return { view, entity: target, row: { ...row, hops, entity: target.entity.name }, depth: deeper(scope, parameter), literals }
}

function deeper({ depth }: FilterScope, parameter: string): number {
  if (depth >= LIMITS.relationDepth)
    throw failure('invalid_parameter', { name: parameter, why: `at most ${LIMITS.relationDepth} relations deep` })
  return depth + 1
}

const shapeFor = memo(shapeOf)

function planExpression(
  view: View,
  entity: EntityView,
  { source, parameter, bound }: { readonly source: string; readonly parameter: string; readonly bound: BoundValues | undefined },
): Predicate {
  const compiled = compileFilter(view, entity, { source, bound, suggestions: false })
  if (compiled.ok) return compiled.value
  return refuseExpression(parameter, compiled, () => compileFilter(view, entity, { source, bound, suggestions: true }))
}

function compileFilter(
  view: View,
  entity: EntityView,
  { source, bound, suggestions }: { readonly source: string; readonly bound: BoundValues | undefined; readonly suggestions: boolean },
): CompiledExpression<Predicate> {
  return compilePredicate(source, {
    shape: shapeFor(view.model),
    entity: entity.entity.name,
    input: false,
    relations: true,
    auth: true,
    clock: true,
    derived: false,
    visible: (name, field) => isVisible(view, name, field),
    suggestions,
    limits: REQUEST_LIMITS,
    ...(bound === undefined ? {} : { constants: bound }),
  })
}

function refuseExpression(name: string, plain: Refused, suggesting: () => CompiledExpression<Predicate>): never {
  const of = ({ problems: [first] }: Refused) => {
    const why = first === undefined ? 'not an expression' : `${first.message}${first.hint === undefined ? '' : `; ${first.hint}`}`
    return failure('invalid_parameter', { name, why })
  }
  throw suggestible(of(plain), () => {
    const again = suggesting()
    return of(again.ok ? plain : again)
  })
}

type Refused = Extract<CompiledExpression<Predicate>, { readonly ok: false }>

/** Whether a name exists for this caller. If the caller can read no row of an entity, none of its names exist. */
function isVisible(view: View, entityName: string, name: string): boolean {
  const entity = viewOf(view, entityName)
  return !isNever(entity.read) && [entity.readable, entity.derived, entity.relations].some((names) => names.has(name))
}

function planCondition(start: FilterScope, condition: Condition): Predicate {
  let scope = start
  for (const name of condition.path.slice(0, -1)) scope = follow(scope, name, condition.parameter)
  const { field } = storedField(scope.entity, condition.path.at(-1) ?? '', condition.parameter)
  const before = rowBefore(scope.row)
  const reference = scope.row.hops.at(-1)?.field
  // The reference itself contains the id of the other row. So an index on the reference serves the condition, and the other row is not
  // read.
  if (field.name === 'id' && before !== null && reference !== undefined) {
    const held: Term = { kind: 'field', row: before, field: reference, type: scalarType(storedScalar(field.type)) }
    return operate(scope, condition, { field, term: held })
  }
  const list = field.type.kind === 'list'
  const scalar = storedScalar(field.type)
  const term: Term = { kind: 'field', row: scope.row, field: field.name, type: list ? listType(scalar) : scalarType(scalar) }
  return operate(scope, condition, { field, term })
}

/** The predicate of a condition whose field is found. `term` reads the field. */
function operate(scope: FilterScope, condition: Condition, { field, term }: { readonly field: Field; readonly term: Term }): Predicate {
  const { op } = condition
  const literal = (kind: ValueReader['kind']) => literalOf(scope, condition, { kind, type: field.type })
  const { scalar, list } = term.type
  if (op === 'isNull') return nullness(condition, term)
  if (list) {
    if (op !== 'contains') throw refused(condition, 'a list takes contains and isNull')
    return { kind: 'member', of: literal('one'), list: term }
  }
  if (scalar === 'encryptedEqual') {
    // The digests of all keys are compared: during a rotation, rows have those of different keys.
    if (op === 'eq') return { kind: 'member', of: term, list: literal('digest') }
    if (op === 'in') return { kind: 'member', of: term, list: literal('digests') }
    throw refused(condition, 'an encrypted value takes eq, in and isNull')
  }
  if (isEncrypted(scalar)) throw refused(condition, 'an encrypted value takes isNull only')
  if (!SCALARS[scalar].comparable) throw refused(condition, `a ${scalar} value takes isNull only`)
  switch (op) {
    case 'eq':
      return { kind: 'compare', op: '=', left: term, right: literal('one') }
    case 'ne':
      return { kind: 'compare', op: '!=', left: term, right: literal('one') }
    case 'in':
      return { kind: 'member', of: term, list: literal('many') }
    case 'nin':
      return { kind: 'not', of: { kind: 'member', of: term, list: literal('many') } }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return { kind: 'compare', op: ORDER_OPS[op], left: term, right: literal('one') }
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      if (SCALARS[scalar].column !== 'text') throw refused(condition, `${op} is for texts`)
      return { kind: 'text', op, of: term, with: literal('part') }
    default:
      return unreachable(op)
  }
}

const ORDER_OPS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const satisfies Partial<Record<FilterOp, string>>

function nullness(condition: Condition, term: Term): Predicate {
  const missing: Predicate = { kind: 'missing', of: term }
  if (condition.value === 'true') return missing
  if (condition.value === 'false') return { kind: 'not', of: missing }
  throw refused(condition, 'true or false')
}

/** The constant that a condition compares with. @throws Failure `invalid_parameter` for a text that is no such value. */
function literalOf({ literals }: FilterScope, condition: Condition, reader: ValueReader): Literal {
  const read = readFilterValue(reader, condition.value)
  if (!read.ok) throw refused(condition, read.why)
  literals.set(read.literal, { condition, reader })
  return read.literal
}

function refused(condition: Condition, why: string) {
  return failure('invalid_parameter', { name: condition.parameter, why })
}
