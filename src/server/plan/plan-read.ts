/** Plans a get and a list. */

import { failure } from '../../base/failure.ts'
import type { Values } from '../../base/sql/statement.ts'
import { maskFilter } from '../../compile/rules/mask.ts'
import { specialise } from '../../compile/rules/specialise.ts'
import type { EntityView } from '../../compile/rules/view.ts'
import { parameterise } from '../../compile/statements/parameterise.ts'
import type { GetPlan, ListPlan, OrderKey, SearchPlan } from '../../compile/statements/plan.ts'
import { NEVER, type Predicate, rootRow, scalarType, type Term } from '../../model/expression.ts'
import { type Field, fieldNamed, storedScalar } from '../../model/model.ts'
import { isAlways, isNever } from '../../model/predicate.ts'
import type { GetIntent, ListIntent, RowsInput, Selection } from './intent.ts'
import { type LiteralOrigin, planFilter } from './plan-filter.ts'
import { planKey, rowsKey } from './plan-key.ts'
import { planOrder, readCursor } from './plan-order.ts'
import { planOutput } from './plan-output.ts'
import { callerValues, idValue, type PlannedRead, type Planning, type Prepared, prepare, requireOpen, WHOLE_BODY } from './planning.ts'
import { requireIndexes } from './require-index.ts'

/** Plans a get. @throws Failure for unknown names, an invalid id, and reads that are never allowed to this caller. */
export function planGet(planning: Planning, intent: GetIntent): PlannedRead<GetPlan> {
  const { context, caller, entity } = planning
  requireOpen(planning, 'read', entity.read)
  const id = idValue(entity.entity, intent.id)
  const values = { ...callerValues(context.model, caller), id }
  return { ...prepareGet(planning, intent.selection, 'alone'), calls: [values], pointers: WHOLE_BODY }
}

/** The prepared plan that reads rows by id, each alone or together for one answer. @throws Failure for unknown names. */
export function prepareGet(planning: Planning, selection: Selection, answered: 'alone' | 'together'): Prepared<GetPlan> {
  const { context, variant, entity } = planning
  const together = answered === 'together'
  const key = planKey(planning, { kind: 'get', together, selection })
  return prepare<GetPlan>(context, key, () => ({
    kind: 'get',
    key,
    together,
    entity: entity.entity,
    visible: entity.read,
    output: planOutput(variant.view, entity, selection),
  }))
}

/** A planned list. `rows` says where the values of its slots come from. */
export interface PlannedList extends PlannedRead<ListPlan> {
  readonly rows: PlannedRows
}

/**
 * Plans a list. @throws Failure for unknown names, invalid values, a missing index, and reads that are never allowed to this caller.
 */
export function planList(planning: Planning, intent: ListIntent): PlannedList {
  const { context, caller, variant, entity } = planning
  requireOpen(planning, 'read', entity.read)
  const rows = planRows(planning, intent, { slots: '', via: null })
  const { size, count, selection } = intent
  const key = planKey(planning, { kind: 'list', size, count, rows: rows.key, selection })
  const prepared = prepare<ListPlan>(context, key, () => {
    rows.requireServed()
    return {
      kind: 'list',
      key,
      entity: entity.entity,
      visible: entity.read,
      filter: rows.filter,
      search: rows.search,
      order: rows.order,
      size,
      after: rows.after,
      output: planOutput(variant.view, entity, selection),
      count,
    }
  })
  const call = { ...callerValues(context.model, caller), ...rows.values }
  return { ...prepared, calls: [call], pointers: WHOLE_BODY, rows }
}

/** Which rows a page has and in which order: everything except its size and its fields. */
export interface PlannedRows {
  readonly filter: Predicate
  readonly search: SearchPlan | null
  readonly order: readonly OrderKey[]
  /** Which of the cursor's values are null; null for a first page. */
  readonly after: readonly boolean[] | null
  /** Equal for inputs that can share one statement. */
  readonly key: string
  readonly values: Values
  /** The constants of the filter, by the keys of their slots. */
  readonly constants: readonly FilterConstant[]
  /**
   * Checks the indexes. Must be called before the statement of this key is made. @throws Failure `index_required` when no index serves the
   * page.
   */
  readonly requireServed: () => void
}

/** A constant of a filter. */
export interface FilterConstant {
  readonly slot: string
  /** The condition that the constant comes from. Null for a constant of a rule or of an expression. */
  readonly origin: LiteralOrigin | null
}

/**
 * Plans a page of the whole entity, or of the rows that refer to one row through `via`. The names of its slots begin with `slots`.
 *
 * @throws Failure for names that the caller can never read, and for values that a field cannot have.
 */
export function planRows(
  { context, caller, variant, entity }: Planning,
  input: RowsInput,
  place: { readonly slots: string; readonly via: Field | null },
): PlannedRows {
  const { filters, literals: origins } = planFilter(variant.view, entity, input)
  const order = planOrder(entity, input)
  const after = input.after === null ? null : readCursor(order, input.after)
  if (after === null && input.after !== null) throw failure('invalid_cursor', { name: input.names.after })
  const search = planSearch(entity, input.search)
  const linked = place.via === null ? [] : [equalTo(entity, place.via)]
  const masked = specialise(maskFilter({ kind: 'all', of: filters }, context.model), caller)
  const requireServed = (): void =>
    requireIndexes(context.model, entity.entity, { filters: [...linked, masked], order, search: search !== null })
  const { predicate, values, literals } = parameterise(masked, place.slots)
  const begin = Object.entries(after?.values ?? {}).map(([key, value]) => [`${place.slots}${key}`, value] as const)
  return {
    filter: predicate,
    search,
    order,
    after: after?.nulls ?? null,
    key: rowsKey({ filter: predicate, order, after: after?.nulls ?? null, searched: search !== null }),
    values: { ...values, ...Object.fromEntries(begin), [`${place.slots}search`]: input.search },
    constants: [...literals].map(([slot, literal]) => ({ slot, origin: origins.get(literal) ?? null })),
    requireServed,
  }
}

/** The condition on the rows of one parent. An index that begins with the reference serves it. */
function equalTo(entity: EntityView, field: Field): Predicate {
  const type = scalarType(storedScalar(field.type))
  const left: Term = { kind: 'field', row: rootRow(entity.entity.name), field: field.name, type }
  return { kind: 'compare', op: '=', left, right: { kind: 'param', type, key: 'parent' } }
}

/**
 * Plans a search over the fields that the caller may read. If the entity has no search, or the caller may read none of its fields, the
 * parameter does not exist.
 */
function planSearch(entity: EntityView, words: string | null): SearchPlan | null {
  if (words === null) return null
  const { search } = entity.entity
  const fields = (search?.fields ?? []).map((name) => ({ field: fieldNamed(entity.entity, name), visible: ruleOf(entity, name) }))
  if (search === null || fields.every((f) => isNever(f.visible)))
    throw failure('unknown_parameter', { name: 'search', hint: `; ${entity.entity.name} cannot be searched` })
  if (isBlank(words)) throw failure('invalid_parameter', { name: 'search', why: 'is empty; leave it out to ask for all rows' })
  return { language: search.language, fields, exact: fields.every((f) => isAlways(f.visible)) }
}

/** Whether a search has no words. Its client usually wants all rows, but PostgreSQL would find none, so it is refused. */
export function isBlank(words: string): boolean {
  return !/\S/.test(words)
}

function ruleOf(entity: EntityView, name: string): Predicate {
  return entity.readable.get(name)?.rule ?? NEVER
}
