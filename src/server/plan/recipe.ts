/**
 * Makes and follows recipes: they say how the values of a list request become the values of a known statement. Most clients send the same
 * few queries with other values. A recipe is made from a list that was planned, and it repeats the planning for other values of the same
 * query: it reads each value with the reader that the planning used. It holds no value of a request or of a caller, and no plan: it names
 * the plan by its key.
 */

import type { Value, Values } from '../../base/sql/statement.ts'
import { slotValue } from '../../compile/statements/parameterise.ts'
import type { ListPlan } from '../../compile/statements/plan.ts'
import type { Caller } from '../../model/caller.ts'
import type { Condition, ListIntent } from './intent.ts'
import { readCursor } from './plan-order.ts'
import { isBlank, type PlannedList, type PlannedRows } from './plan-read.ts'
import { callerValues, type PlanContext, type PlannedRead, WHOLE_BODY } from './planning.ts'
import { readFilterValue } from './recipes/filter-value.ts'
import type { FilledSlot, Recipe } from './recipes/recipes.ts'

/** The values of a list request. The rest of its query is the bare query, which is in the key of the recipe. */
export interface ListValues {
  /** The values of all conditions, in order. */
  readonly conditions: readonly ConditionValue[]
  readonly after: string | null
  readonly search: string | null
}

/** The value of a condition. */
export interface ConditionValue {
  readonly text: string
  /** Whether the bare query contains the value, so that all requests of the bare query have it. */
  readonly isFixed: boolean
}

/**
 * Plans a list by its recipe. Null when the values need the ordinary planning: it refuses them, or they have another statement, or the
 * statement is no longer kept.
 */
export function followRecipe(
  context: PlanContext,
  caller: Caller,
  { recipe, values: { conditions, after, search } }: { readonly recipe: Recipe; readonly values: ListValues },
): PlannedRead<ListPlan> | null {
  const prepared = context.statements.get(recipe.plan)
  if (prepared === undefined || prepared.plan.kind !== 'list') return null
  const { plan, statement } = prepared
  const values: Record<string, Value> = { ...callerValues(context.model, caller), ...recipe.constants, search }
  const isRead =
    fillSlots(values, recipe.filled, (condition) => conditions[condition]?.text) &&
    (search === null || !isBlank(search)) &&
    fillStart(values, plan, { cursor: after, slots: '' })
  return isRead ? { plan, statement, calls: [values], pointers: WHOLE_BODY } : null
}

/** The value of a condition by its index, as a request sends it. */
type SentValue = (condition: number) => string | readonly string[] | undefined

/** Reads values of a request into their slots. Returns false when one is refused. */
export function fillSlots(values: Record<string, Value>, filled: readonly FilledSlot[], sent: SentValue): boolean {
  for (const { slot, condition, reader } of filled) {
    const value = sent(condition)
    const read = value === undefined ? null : readFilterValue(reader, value)
    if (read?.ok !== true) return false
    values[slot] = slotValue(read.literal)
  }
  return true
}

/**
 * Reads a cursor into the slots of a page, whose keys begin with `slots`. Returns false when the cursor is refused, or the page has another
 * statement.
 */
export function fillStart(
  values: Record<string, Value>,
  { order, after }: Pick<ListPlan, 'order' | 'after'>,
  { cursor, slots }: { readonly cursor: string | null; readonly slots: string },
): boolean {
  if (after === null || cursor === null) return after === null && cursor === null
  const start = readCursor(order, cursor)
  // Which values of a cursor are null is part of the statement.
  if (start === null || start.nulls.some((isNull, i) => isNull !== after[i])) return false
  for (const key in start.values) values[`${slots}${key}`] = start.values[key] ?? null
  return true
}

/** The slots of a filter that are filled by its conditions, and the constants in the others. */
export function slotsOf(
  { constants, values }: Pick<PlannedRows, 'constants' | 'values'>,
  placeOf: (condition: Condition) => number | null,
): Pick<Recipe, 'constants' | 'filled'> {
  const kept: Record<string, Value> = {}
  const filled: FilledSlot[] = []
  for (const { slot, origin } of constants) {
    const condition = origin === null ? null : placeOf(origin.condition)
    if (origin === null || condition === null) kept[slot] = values[slot] ?? null
    else filled.push({ slot, condition, reader: origin.reader })
  }
  return { constants: kept, filled }
}

/** A list that was planned in the ordinary way, and the values in its query. */
export interface Recorded {
  readonly intent: ListIntent
  readonly planned: PlannedList
  readonly values: ListValues
}

/**
 * Makes the recipe of a planned list. Null when the plan may depend on more than the bare query and the values of its slots: the query has
 * an expression, or a parameter in an unusual spelling, or a value that is part of the statement.
 */
export function recipeOf(context: PlanContext, caller: Caller, { intent, planned, values }: Recorded): Recipe | null {
  if (!isComplete(intent, values)) return null
  const { constants, filled } = slotsOf(planned.rows, (condition) => intent.conditions.indexOf(condition))
  const isFilled = (condition: number): boolean => filled.some((one) => one.condition === condition)
  if (values.conditions.some(({ isFixed }, i) => !isFixed && !isFilled(i))) return null
  const recipe: Recipe = { plan: planned.plan.key, constants, filled }
  return repeats(followRecipe(context, caller, { recipe, values }), planned) ? recipe : null
}

/** Whether the values are all of those that the intent contains. */
function isComplete({ conditions, expressions, bound, trees, after, search }: ListIntent, values: ListValues): boolean {
  return (
    expressions.length === 0 &&
    bound === undefined &&
    trees === undefined &&
    conditions.length === values.conditions.length &&
    conditions.every(({ value }, i) => value === values.conditions[i]?.text) &&
    after === values.after &&
    search === values.search
  )
}

/** Whether a recipe plans its own list as the ordinary planning did. */
function repeats(followed: PlannedRead<ListPlan> | null, planned: PlannedList): boolean {
  return followed?.statement === planned.statement && haveEqualValues(followed.calls[0] ?? {}, planned.calls[0] ?? {})
}

/** Whether two calls have the same values in the same slots. */
export function haveEqualValues(one: Values, other: Values): boolean {
  const slots = Object.keys(one)
  return slots.length === Object.keys(other).length && slots.every((slot) => Object.hasOwn(other, slot) && one[slot] === other[slot])
}
