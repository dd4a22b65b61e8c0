/**
 * Recipes of the pages of a document: how the values of variables become the values of a page, without reading its arguments and planning
 * it again. A recipe is made from a page that was planned. It holds no value of a variable or of a caller.
 */

import { Kind, type ValueNode, type VariableValues } from 'graphql'
import { LIMITS } from '../../base/limits.ts'
import { type Lru, lru } from '../../base/lru.ts'
import { memo } from '../../base/memo.ts'
import type { Value } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { FilterTree } from '../plan/intent.ts'
import { isBlank, type PlannedRows } from '../plan/plan-read.ts'
import { fillSlots, fillStart, haveEqualValues, slotsOf } from '../plan/recipe.ts'
import type { Recipe } from '../plan/recipes/recipes.ts'
import type { PageInput } from './documents/arguments.ts'
import type { BoundPage, PageTemplate } from './documents/row-template.ts'

/** How to plan a page whose variables have one form. */
export interface PageRecipe extends Pick<Recipe, 'constants' | 'filled'> {
  readonly size: number
  /** The page without values. */
  readonly rows: PlannedRows
}

/** The variables of a page: their form, on which the plan of the page may depend, and their values. */
export interface PageValues {
  /** Equal for variables that differ only in the values of slots. */
  readonly form: string
  /** The values by the path of the argument that the variable is: `filter.authorId.eq`, `after`. */
  readonly values: ReadonlyMap<string, PageValue>
}

/** The value of a variable. */
export interface PageValue {
  readonly text: string | readonly string[]
  /** Whether the form contains the value. */
  readonly isFixed: boolean
}

/** The variables in the arguments of a page. */
interface PageVariables {
  /** Variables by the path of the argument that each of them is. */
  readonly values: readonly { readonly path: string; readonly name: string }[]
  /** The variables in the size and the order. */
  readonly structural: readonly string[]
}

/** How many forms of variables each page keeps a recipe for. */
const MAX_FORMS = 8

/** The recipes of a page by form. Null for a form without a recipe. They live as long as the document is cached. */
export const pageRecipes: (page: PageTemplate) => Lru<PageRecipe | null> = memo(() => lru<PageRecipe | null>(MAX_FORMS))

/** Finds the variables of a page. Null when the page has no recipes: it has an expression, or variables in unusual places. */
const variablesIn = memo((page: PageTemplate): { readonly found: PageVariables | null } => {
  const values: PageVariables['values'][number][] = []
  const structural = new Set<string>()
  for (const { name, value } of page.node.arguments ?? []) {
    const argument = name.value
    // The result of an expression may depend on the caller alone.
    if (argument === 'where') return { found: null }
    for (const one of variablesBelow(value, argument)) {
      if (argument === 'first' || argument === 'orderBy') structural.add(one.name)
      else values.push(one)
    }
  }
  return { found: { values, structural: [...structural] } }
})

function variablesBelow(node: ValueNode, path: string): PageVariables['values'] {
  switch (node.kind) {
    case Kind.VARIABLE:
      return [{ path, name: node.name.value }]
    case Kind.LIST:
      return node.values.flatMap((item, i) => variablesBelow(item, `${path}.${i}`))
    case Kind.OBJECT:
      return node.fields.flatMap(({ name, value }) => variablesBelow(value, `${path}.${name.value}`))
    default:
      return []
  }
}

/** The values of a page's variables. Null when one of them is missing, an object, long, or contains NUL; the page is then read in full. */
export function pageValues(page: PageTemplate, { coerced }: VariableValues): PageValues | null {
  const { found } = variablesIn(page)
  if (found === null) return null
  let form = ''
  for (const name of found.structural) {
    const value = coerced[name]
    if (typeof value === 'object' || value === undefined) return null
    form += `${JSON.stringify(value)} `
  }
  const values = new Map<string, PageValue>()
  for (const { path, name } of found.values) {
    const value = coerced[name]
    const text = Array.isArray(value) ? textsOf(value) : textOf(value)
    if (text === null) return null
    const isFixed = typeof value === 'boolean'
    form += isFixed ? `${text} ` : typeof text === 'string' ? '? ' : '[] '
    values.set(path, { text, isFixed })
  }
  return { form, values }
}

function textsOf(values: readonly unknown[]): readonly string[] | null {
  const texts = values.map(textOf)
  return texts.includes(null) ? null : (texts as readonly string[])
}

/** A value as `pageInput` reads it. */
function textOf(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null
  const text = String(value)
  return text.length > LIMITS.filterText || text.includes('\u0000') ? null : text
}

/** Plans a page by its recipe. Null when the page needs the ordinary planning, as in `followRecipe`. */
export function followPage(page: PageTemplate, recipe: PageRecipe, { values: sent }: PageValues): BoundPage | null {
  const { size, rows, constants, filled } = recipe
  const paths = variablesIn(page).found?.values ?? []
  const [cursor, search] = [sent.get('after')?.text ?? null, sent.get('search')?.text ?? null]
  if (typeof cursor === 'object' && cursor !== null) return null
  if (typeof search === 'object' && search !== null) return null
  const values: Record<string, Value> = { ...constants, [`${page.slots}search`]: search }
  const isRead =
    fillSlots(values, filled, (i) => sent.get(paths[i]?.path ?? '')?.text) &&
    (search === null || !isBlank(search)) &&
    fillStart(values, rows, { cursor, slots: page.slots })
  return isRead ? { size, rows: { ...rows, values } } : null
}

/** Makes the recipe of a planned page. Null when the plan may depend on more than the form of the variables. */
export function pageRecipeOf(page: PageTemplate, sent: PageValues, { input, bound }: PlannedPage): PageRecipe | null {
  const paths = (variablesIn(page).found?.values ?? []).map(({ path }) => path)
  const placeOf = (parameter: string): number | null => {
    const place = paths.indexOf(parameter)
    return place < 0 ? null : place
  }
  const { rows, size } = bound
  const { constants, filled } = slotsOf(rows, ({ parameter }) => placeOf(parameter))
  const conditions = new Set((input.trees ?? []).flatMap(parametersIn))
  const isKnown = (path: string, i: number): boolean => {
    const value = sent.values.get(path)
    if (value === undefined) return false
    if (path === 'after' || path === 'search') return input[path] === value.text
    return conditions.has(path) && (value.isFixed || filled.some(({ condition }) => condition === i))
  }
  if (!paths.every(isKnown)) return null
  const recipe: PageRecipe = { size, rows: { ...rows, values: {}, constants: [], requireServed: () => {} }, constants, filled }
  const followed = followPage(page, recipe, sent)
  return followed !== null && haveEqualValues(followed.rows.values, rows.values) ? recipe : null
}

/** A page that was planned in the ordinary way, from its input. */
export interface PlannedPage {
  readonly input: PageInput
  readonly bound: BoundPage
}

/** The paths of all conditions of a filter. */
function parametersIn(tree: FilterTree): readonly string[] {
  switch (tree.kind) {
    case 'condition':
      return [tree.condition.parameter]
    case 'all':
    case 'any':
      return tree.of.flatMap(parametersIn)
    case 'not':
    case 'at':
    case 'some':
    case 'every':
    case 'none':
      return parametersIn(tree.of)
    default:
      return unreachable(tree)
  }
}
