/** What providers of language models have in common: a conversation that is sent, and an answer with what it has cost. */

/** One turn of a conversation. */
export interface Message {
  readonly from: 'user' | 'model'
  readonly text: string
}

/** What is asked. */
export interface ModelAsk {
  /** What holds for the whole conversation. */
  readonly system: string
  /** The turns so far; the last is of the user. */
  readonly messages: readonly Message[]
  /** The most tokens that the answer may have. */
  readonly mostTokens: number
}

/** An answer. */
export interface ModelAnswer {
  readonly text: string
  /** `cut`: the limit of tokens ended it. `refused`: the model, or a filter of the provider, does not answer this. */
  readonly ended: 'done' | 'cut' | 'refused'
  /** Tokens that were sent and received; null if the provider does not say. */
  readonly tokens: { readonly sent: number; readonly received: number } | null
}

/** The form in which a provider is asked. */
export interface ProviderForm {
  /** The address of the provider, unless a setting names another. */
  readonly url: string
  /** What follows the address. */
  readonly path: string
  readonly headers: (key: string | null) => Readonly<Record<string, string>>
  readonly body: (model: string, ask: ModelAsk) => Readonly<Record<string, unknown>>
  /** Reads an answer; null for one that has not the form. */
  readonly answer: (data: unknown) => ModelAnswer | null
}

/** A number of tokens; null for anything else. */
export function tokenCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}
