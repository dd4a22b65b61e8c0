/** Prepares the gets and lists of REST. A list is planned by its recipe, if it has one. */

import type { Caller } from '../../model/caller.ts'
import type { Entity } from '../../model/model.ts'
import { planListFor } from '../plan/plan.ts'
import { recipeKey } from '../plan/plan-key.ts'
import type { PlanContext, PlannedRead } from '../plan/planning.ts'
import { followRecipe, recipeOf } from '../plan/recipe.ts'
import { type PreparedRead, prepareRead } from '../read/read.ts'
import { splitBareQuery } from './bare-query.ts'
import { getIntent, listIntent } from './rest-intent.ts'

/** A get or a list: `id` is null for a list. `query` is without the `?`. */
export interface RestRead {
  readonly entity: Entity
  readonly id: string | null
  readonly query: string
}

/**
 * Plans a get or a list. @throws Failure for wrong parameters, unknown names, invalid values, and reads that are never allowed for this
 * caller.
 */
export function prepareRestRead({ context }: { readonly context: PlanContext }, caller: Caller, read: RestRead): PreparedRead {
  const { entity, id, query } = read
  if (id !== null) return prepareRead({ context }, caller, getIntent(entity, id, query))
  const planned = planByRecipe(context, caller, read)
  return { plan: planned.plan, statement: planned.statement, values: planned.calls[0] ?? {} }
}

/** Plans a list by its recipe, or else in the ordinary way, from which a recipe is made. @throws Failure, as `prepareRestRead`. */
function planByRecipe(context: PlanContext, caller: Caller, { entity, query }: RestRead): PlannedRead {
  const { recipes } = context
  const bare = recipes === null ? null : splitBareQuery(query)
  if (recipes === null || bare === null) return planListFor(context, caller, listIntent(entity, query))
  const { text, values } = bare
  const key = recipeKey(context.viewFor(caller).key, entity.name, text)
  const recipe = recipes.get(key)
  const followed = recipe ? followRecipe(context, caller, { recipe, values }) : null
  if (followed !== null) return followed
  const intent = listIntent(entity, query)
  const planned = planListFor(context, caller, intent)
  if (recipe === undefined) recipes.offer(key, () => recipeOf(context, caller, { intent, planned, values }))
  return planned
}
