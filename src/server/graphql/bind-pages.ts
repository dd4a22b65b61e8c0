/** Plans the pages of an operation: gives each page of a template the plan of its rows, from the arguments of a request. */

import type { VariableValues } from 'graphql'
import { Failure } from '../../base/failure.ts'
import type { GraphqlApi, RowType } from '../../compile/graphql/schema.ts'
import type { EntityView } from '../../compile/rules/view.ts'
import type { Caller } from '../../model/caller.ts'
import { planRows } from '../plan/plan-read.ts'
import type { Variant } from '../plan/planning.ts'
import type { Stack } from '../run/stack.ts'
import { pageInput } from './documents/arguments.ts'
import { graphqlRefusal } from './documents/problem.ts'
import { type BoundPage, type PageTemplate, rowTypeOf } from './documents/row-template.ts'
import { followPage, type PlannedPage, pageRecipeOf, pageRecipes, pageValues } from './page-recipe.ts'

const fixedPages = new WeakMap<PageTemplate, BoundPage>()

/** What is needed to plan the pages of an operation. */
export interface PagePlanner {
  readonly api: GraphqlApi
  readonly caller: Caller
  readonly variant: Variant
  readonly stack: Pick<Stack, 'context'>
}

/** Plans each page with its arguments. @throws GraphqlRefusal, with the path of the page. */
export function bindPages(planner: PagePlanner, pages: readonly PageTemplate[], variables: VariableValues): readonly BoundPage[] {
  return pages.map((page) => {
    const known = fixedPages.get(page)
    if (known !== undefined) return known
    const bound = bindPage(planner, page, variables)
    if (page.fixed) fixedPages.set(page, bound)
    return bound
  })
}

/** Plans a page by its recipe, or else in the ordinary way, from which a recipe is made. */
function bindPage(planner: PagePlanner, page: PageTemplate, variables: VariableValues): BoundPage {
  const sent = planner.stack.context.recipes === null ? null : pageValues(page, variables)
  if (sent === null) return planPage(planner, page, variables).bound
  const recipes = pageRecipes(page)
  const recipe = recipes.get(sent.form)
  const followed = recipe ? followPage(page, recipe, sent) : null
  if (followed !== null) return followed
  const planned = planPage(planner, page, variables)
  if (recipe === undefined) recipes.set(sent.form, pageRecipeOf(page, sent, planned))
  return planned.bound
}

function planPage({ stack, api, caller, variant }: PagePlanner, page: PageTemplate, variables: VariableValues): PlannedPage {
  const rowOf = (entity: EntityView): RowType => rowTypeOf(api, entity)
  try {
    const input = pageInput(page, variables, rowOf)
    const planning = { context: stack.context, caller, variant, entity: page.row.entity }
    const rows = planRows(planning, input, { slots: page.slots, via: page.via })
    rows.requireServed()
    return { input, bound: { size: input.size, rows } }
  } catch (error) {
    throw error instanceof Failure ? graphqlRefusal(error, page.path) : error
  }
}
