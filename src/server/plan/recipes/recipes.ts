/** Recipes, and their table of limited size. `recipe.ts` makes and follows them. */

import { lru } from '../../../base/lru.ts'
import type { Values } from '../../../base/sql/statement.ts'
import type { ValueReader } from './filter-value.ts'
import { openRepeats } from './repeats.ts'

/** How to plan the lists of one bare query for one kind of caller. It holds no value of a request or of a caller. */
export interface Recipe {
  /** The key of the prepared plan. */
  readonly plan: string
  /** The constants of the design's rules, by slot. */
  readonly constants: Values
  /** The slots that are filled by values of the request. */
  readonly filled: readonly FilledSlot[]
}

/** A slot that a condition of the request fills. */
export interface FilledSlot {
  readonly slot: string
  /** The index of the condition. */
  readonly condition: number
  readonly reader: ValueReader
}

/** Recipes by key. */
export interface Recipes {
  /** Null for a key whose lists have no recipe; undefined for a key that is not known. */
  readonly get: (key: string) => Recipe | null | undefined
  /** Keeps what `make` returns, if the key comes for the second time. */
  readonly offer: (key: string, make: () => Recipe | null) => void
}

/** The maximum number of recipes. With the longest bare queries they take about five megabytes. */
const MAX_RECIPES = 1_000
/** The maximum number of characters of a bare query that has a recipe. */
export const MAX_BARE_QUERY = 400

/** The number of keys that are remembered until they come again: 64 KiB. */
const REMEMBERED = 16_384

/**
 * Opens an empty table. A recipe is kept only when its key comes for the second time, so a client that sends many different queries does
 * not drop the recipes of others.
 */
export function openRecipes(): Recipes {
  const recipes = lru<Recipe | null>(MAX_RECIPES)
  const isRepeat = openRepeats(REMEMBERED)
  return {
    get: recipes.get,
    offer(key, make) {
      if (isRepeat(key)) recipes.set(key, make())
    },
  }
}
