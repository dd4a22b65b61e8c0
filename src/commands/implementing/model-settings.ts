/** Which language model writes code, and what may be spent on it. */

import type { Environment } from '../terminal/environment.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { ANTHROPIC } from './providers/anthropic.ts'
import type { ModelPlace } from './providers/ask-provider.ts'
import { OPENAI } from './providers/openai.ts'
import type { ProviderForm } from './providers/provider.ts'

const FORMS: Readonly<Record<string, ProviderForm>> = { openai: OPENAI, anthropic: ANTHROPIC }

/** The names of the forms. */
export const MODEL_APIS: readonly string[] = Object.keys(FORMS)

/** Variables that no program may have that runs code of a model. */
export const MODEL_VARIABLES = ['MODEL_API', 'MODEL_URL', 'MODEL_KEY', 'MODEL_PRICES'] as const

/** What a million tokens costs, sent and received, in the currency of the limit. */
export interface ModelPrices {
  readonly sent: number
  readonly received: number
}

/** Where the model is; null without a key for a server that wants one. @throws UsageError for settings that cannot be used. */
export function modelPlace(model: string, env: Environment): ModelPlace | null {
  const api = given(env.MODEL_API) ?? 'openai'
  const form = FORMS[api]
  if (form === undefined) throw new UsageError(`MODEL_API is ${JSON.stringify(api)}`, `set it to ${MODEL_APIS.join(' or ')}`)
  const url = given(env.MODEL_URL) ?? form.url
  if (!isUsable(url))
    throw new UsageError(
      'MODEL_URL is not an https address',
      'set it to the address before /chat/completions or /v1/messages; http only on this machine',
    )
  const key = given(env.MODEL_KEY) ?? null
  if (key !== null && !/^[\x21-\x7e]+$/.test(key))
    throw new UsageError('MODEL_KEY has characters that no key has', 'set it to the key alone')
  if (key === null && !isHere(url)) return null
  return { form, url: url.replace(/\/+$/, ''), key, model }
}

/** What tokens cost; null if no setting says it. @throws UsageError for a wrong setting. */
export function modelPrices({ MODEL_PRICES: prices }: Environment): ModelPrices | null {
  if (given(prices) === undefined) return null
  const [, sent, received] = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(prices ?? '') ?? []
  if (sent === undefined || received === undefined)
    throw new UsageError(
      'MODEL_PRICES has not the form 3/15',
      'write what a million tokens costs that is sent, /, and one that is received',
    )
  return { sent: Number(sent), received: Number(received) }
}

/** The variables for programs that run code of a model: without its key. */
export function withoutModel(env: Environment): Environment {
  return { ...env, ...Object.fromEntries(MODEL_VARIABLES.map((name) => [name, undefined])) }
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

/** A key is sent only over TLS, or to this machine. */
function isUsable(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, username, search, hash } = new URL(url)
  return username === '' && search === '' && hash === '' && (protocol === 'https:' || (protocol === 'http:' && isHere(url)))
}

function isHere(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)
}
