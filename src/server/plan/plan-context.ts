/** Opens the caches that planning uses while a backend runs: views by kind of caller, prepared plans, and recipes of lists. */

import { lru } from '../../base/lru.ts'
import { memo, recall } from '../../base/memo.ts'
import { uuidv7 } from '../../base/uuid.ts'
import { variantKey } from '../../compile/rules/specialise.ts'
import { viewFor } from '../../compile/rules/view.ts'
import type { Caller } from '../../model/caller.ts'
import type { Model } from '../../model/model.ts'
import type { PlanContext, Prepared, Variant } from './planning.ts'
import { openRecipes } from './recipes/recipes.ts'

/** Options of a planning context. */
export interface PlanContextOptions {
  /** Whether a denial shows the text of the rule; false by default. */
  readonly explainDenials?: boolean | undefined
  /** Whether reads run as columns where columns cover their plans; true by default. */
  readonly columns?: boolean | undefined
  /** Makes a new id; UUIDv7 of the current time by default. */
  readonly newId?: (() => string) | undefined
  /** Whether single writes may use the short forms of their statements, and actions one statement; false is for tests and measurements. */
  readonly short?: boolean | undefined
  /** The maximum number of cached statements; 1000 by default. */
  readonly statements?: number
  /** Whether lists of one form are planned once; true by default. */
  readonly recipes?: boolean
}

const MAX_VARIANTS = 200
const MAX_STATEMENTS = 1_000

/** Opens a context with empty caches. */
export function openPlanContext(model: Model, options: PlanContextOptions = {}): PlanContext {
  const variants = lru<Variant>(MAX_VARIANTS)
  return {
    model,
    statements: lru<Prepared>(options.statements ?? MAX_STATEMENTS),
    recipes: options.recipes === false ? null : openRecipes(),
    newId: options.newId ?? (() => uuidv7(Date.now())),
    explainDenials: options.explainDenials ?? false,
    columns: options.columns ?? true,
    short: options.short ?? true,
    viewFor: memo((caller: Caller): Variant => {
      const key = variantKey(model, caller)
      return recall(variants, key, () => ({ key, view: viewFor(model, caller) }))
    }),
  }
}
