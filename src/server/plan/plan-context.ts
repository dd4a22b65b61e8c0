/** What planning needs to know for as long as a design is served: views by kind of caller, and the statements that are known. */

import { lru } from '../../base/lru.ts'
import { memo, recall } from '../../base/memo.ts'
import { uuidv7 } from '../../base/uuid.ts'
import { variantKey } from '../../compile/rules/specialise.ts'
import { viewFor } from '../../compile/rules/view.ts'
import type { Caller } from '../../model/caller.ts'
import type { Model } from '../../model/model.ts'
import type { PlanContext, Prepared, Variant } from './planning.ts'

/** Options of a planning context. */
export interface PlanContextOptions {
  /** Whether a denial shows the text of the rule; not unless asked for. */
  readonly explainDenials?: boolean | undefined
  /** A new id; UUIDv7 of the clock unless given. */
  readonly newId?: (() => string) | undefined
  /** Statements kept; a thousand unless given. */
  readonly statements?: number
}

const MAX_VARIANTS = 200
const MAX_STATEMENTS = 1_000

/** Opens a context with empty caches. */
export function openPlanContext(model: Model, options: PlanContextOptions = {}): PlanContext {
  const variants = lru<Variant>(MAX_VARIANTS)
  return {
    model,
    statements: lru<Prepared>(options.statements ?? MAX_STATEMENTS),
    newId: options.newId ?? (() => uuidv7(Date.now())),
    explainDenials: options.explainDenials ?? false,
    viewFor: memo((caller: Caller): Variant => {
      const key = variantKey(model, caller)
      return recall(variants, key, () => ({ key, view: viewFor(model, caller) }))
    }),
  }
}
