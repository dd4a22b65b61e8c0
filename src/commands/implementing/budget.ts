/** What a run with a language model may use up, and what it has. */

import type { ModelPrices } from './model-settings.ts'
import type { ModelAnswer, ModelAsk } from './providers/provider.ts'

/** The most that may be used. */
export interface ModelLimits {
  /** Answers of the model. */
  readonly turns: number
  /** Tokens that are sent and received, together. */
  readonly tokens: number
  /** In the currency of the prices; null for no limit. */
  readonly cost: number | null
  readonly prices: ModelPrices | null
}

/** What was used. */
export interface Used {
  readonly turns: number
  readonly sent: number
  readonly received: number
  /** Null without prices. */
  readonly cost: number | null
}

/** Nothing yet. */
export const UNUSED: Used = { turns: 0, sent: 0, received: 0, cost: null }

/** The most tokens of one answer. */
const MOST_TOKENS = 16_000
/** Less is not worth a request. */
const LEAST_TOKENS = 256
/** Characters of a token, counted low: a provider that does not count is not taken for cheaper than it is. */
const CHARACTERS = 3

/** What is used after an answer. */
export function usedWith(used: Used, { ask, answer }: { readonly ask: ModelAsk; readonly answer: ModelAnswer }, limits: ModelLimits): Used {
  const tokens = answer.tokens ?? { sent: sentTokens(ask), received: Math.ceil(answer.text.length / CHARACTERS) }
  const [sent, received] = [used.sent + tokens.sent, used.received + tokens.received]
  return { turns: used.turns + 1, sent, received, cost: costOf(sent, received, limits.prices) }
}

/** How many tokens the next answer may have, or which limit is reached: it must hold for the dearest answer. */
export function nextAnswer(
  used: Used,
  ask: Omit<ModelAsk, 'mostTokens'>,
  limits: ModelLimits,
): { readonly most: number } | { readonly reached: string } {
  const { turns, tokens, cost, prices } = limits
  if (used.turns >= turns) return { reached: `${turns} answers of the model` }
  const sent = sentTokens(ask)
  const left = tokens - used.sent - used.received - sent
  if (left < LEAST_TOKENS) return { reached: `${tokens} tokens` }
  if (cost === null || prices === null) return { most: Math.min(MOST_TOKENS, left) }
  const money = cost - (costOf(used.sent + sent, used.received, prices) ?? 0)
  const payable = prices.received === 0 ? (money < 0 ? 0 : left) : Math.floor((money * 1_000_000) / prices.received)
  if (payable < LEAST_TOKENS) return { reached: `a cost of ${cost}` }
  return { most: Math.min(MOST_TOKENS, left, payable) }
}

function sentTokens({ system, messages }: Omit<ModelAsk, 'mostTokens'>): number {
  return Math.ceil([system, ...messages.map(({ text }) => text)].join('').length / CHARACTERS)
}

function costOf(sent: number, received: number, prices: ModelPrices | null): number | null {
  return prices === null ? null : (sent * prices.sent + received * prices.received) / 1_000_000
}
