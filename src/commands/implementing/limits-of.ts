/** The limits of a run with a model, from the options of the command. */

import type { Environment } from '../terminal/environment.ts'
import { UsageError } from '../terminal/usage-error.ts'
import type { ModelLimits } from './budget.ts'
import { modelPrices } from './model-settings.ts'

const USUAL = { turns: 6, tokens: 200_000 } as const

/** The options as they were given. */
export interface GivenLimits {
  readonly turns: string | undefined
  readonly tokens: string | undefined
  readonly cost: string | undefined
}

/** The limits. @throws UsageError for what is no number, and for a cost without prices. */
export function limitsOf({ turns, tokens, cost }: GivenLimits, env: Environment): ModelLimits {
  const prices = modelPrices(env)
  if (cost !== undefined && prices === null)
    throw new UsageError('--cost needs the prices of the model', 'set MODEL_PRICES to what a million tokens costs, sent and received: 3/15')
  return {
    turns: whole('turns', turns, { usual: USUAL.turns, most: 100 }),
    tokens: whole('tokens', tokens, { usual: USUAL.tokens, most: 100_000_000 }),
    cost: cost === undefined ? null : amount(cost),
    prices,
  }
}

function whole(name: string, text: string | undefined, { usual, most }: { readonly usual: number; readonly most: number }): number {
  if (text === undefined) return usual
  if (/^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text)
  throw new UsageError(`--${name} ${text} is not a whole number from 1 to ${most}`, `plinth implement --${name} ${usual}`)
}

function amount(text: string): number {
  if (/^\d{1,6}(?:\.\d{1,4})?$/.test(text)) return Number(text)
  throw new UsageError(`--cost ${text} is not an amount`, 'write it in the currency of MODEL_PRICES: plinth implement --cost 1.50')
}
