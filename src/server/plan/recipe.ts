/**
 * Makes and follows recipes: they say how the values of a list request become the values of a known statement. Most clients send the same
 * few queries with other values. A recipe is made from a list that was planned, and it repeats the planning for other values of the same
 * query: it reads each value with the reader that the planning used. It holds no value of a request or of a caller, and no plan: it names
 * the plan by its key.
 */

import type { Value } from '../../base/sql/statement.ts'
import { slotValue } from '../../compile/statements/parameterise.ts'
import type { ListPlan } from '../../compile/statements/plan.ts'
import type { Caller } from '../../model/caller.ts'
import type { ListIntent } from './intent.ts'
import { readCursor } from './plan-order.ts'
import { isBlank, type PlannedList } from './plan-read.ts'
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
  for (const { slot, condition, reader } of recipe.filled) {
    const read = readFilterValue(reader, conditions[condition]?.text ?? '')
    if (!read.ok) return null
    values[slot] = slotValue(read.literal)
  }
  if (search !== null && isBlank(search)) return null
  if (plan.after !== null) {
    const start = after === null ? null : readCursor(plan.order, after)
    // Which values of a cursor are null is part of the statement.
    if (start === null || start.nulls.some((isNull, i) => isNull !== plan.after?.[i])) return null
    Object.assign(values, start.values)
  }
  return { plan, statement, calls: [values], pointers: WHOLE_BODY }
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
  const [call = {}] = planned.calls
  const constants: Record<string, Value> = {}
  const filled: FilledSlot[] = []
  for (const { slot, origin } of planned.rows.constants) {
    if (origin === null) constants[slot] = call[slot] ?? null
    else filled.push({ slot, condition: intent.conditions.indexOf(origin.condition), reader: origin.reader })
  }
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
  const [ours = {}] = followed?.calls ?? []
  const [theirs = {}] = planned.calls
  const slots = Object.keys(theirs)
  return (
    followed?.statement === planned.statement &&
    slots.length === Object.keys(ours).length &&
    slots.every((slot) => Object.hasOwn(ours, slot) && ours[slot] === theirs[slot])
  )
}
