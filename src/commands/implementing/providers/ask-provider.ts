/** Asks a language model over HTTP, and waits and asks again where the provider says so. */

import { setTimeout as sleep } from 'node:timers/promises'
import { isObject } from '../../../base/is-object.ts'
import { retryAfterMs } from '../../../services/outgoing/retry-after.ts'
import type { ModelAnswer, ModelAsk, ProviderForm } from './provider.ts'

/** Where a model is, and how it is asked. */
export interface ModelPlace {
  readonly form: ProviderForm
  /** The address before the path of the form, without a slash at the end. */
  readonly url: string
  /** Null for a server that wants none. */
  readonly key: string | null
  readonly model: string
}

/** What became of a request. `why` and `next` are sentences for the user, without the key. */
export type Asked =
  | { readonly kind: 'answered'; readonly answer: ModelAnswer }
  | { readonly kind: 'failed'; readonly why: string; readonly next: string }

/** How patiently a provider is asked. */
export interface AskLimits {
  /** Requests for one answer. */
  readonly tries: number
  /** The longest wait before another request, in milliseconds. A provider that wants more is not waited for. */
  readonly longestWaitMs: number
  /** The first wait where the provider names none; each further one is twice as long. */
  readonly firstWaitMs: number
  readonly timeoutMs: number
}

/** The usual limits: a long answer takes minutes. */
export const ASK_LIMITS: AskLimits = { tries: 5, longestWaitMs: 60_000, firstWaitMs: 1_000, timeoutMs: 300_000 }

/** How an answer is asked for. */
export interface AskOptions {
  readonly limits: AskLimits
  /** Hears how long is waited, and why. */
  readonly onWait: (seconds: number, why: string) => void
}

const MOST_BYTES = 4_000_000
const LONGEST_MESSAGE = 300
/** Too many requests, and states of servers that pass. 529 is Anthropic's for an overloaded server. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504, 529])

/** Asks once, or again after a wait. Redirects are not followed, because they would take the key elsewhere. Never rejects. */
export async function askProvider(place: ModelPlace, ask: ModelAsk, { limits, onWait }: AskOptions): Promise<Asked> {
  for (let tries = 1; ; tries++) {
    const reply = await send(place, ask, limits)
    if (reply.kind !== 'passing') return reply
    const waitMs = reply.waitMs ?? limits.firstWaitMs * 2 ** (tries - 1)
    if (tries >= limits.tries) return { kind: 'failed', why: `${reply.why}, ${tries} times`, next: 'try again later' }
    const seconds = Math.ceil(waitMs / 1_000)
    if (waitMs > limits.longestWaitMs)
      return { kind: 'failed', why: `${reply.why}, and wants ${seconds} s before the next request`, next: `try again in ${seconds} s` }
    onWait(seconds, reply.why)
    await sleep(waitMs)
  }
}

type Reply = Asked | { readonly kind: 'passing'; readonly why: string; readonly waitMs: number | null }

async function send({ form, url, key, model }: ModelPlace, ask: ModelAsk, { timeoutMs }: AskLimits): Promise<Reply> {
  const said = (text: string): string => (key === null ? text : text.replaceAll(key, '<key>'))
  try {
    const response = await fetch(`${url}${form.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...form.headers(key) },
      body: JSON.stringify(form.body(model, ask)),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await bodyOf(response)
    if (response.status !== 200) return refused(response, said(messageOf(text)))
    const answer = form.answer(parsed(text))
    if (answer !== null) return { kind: 'answered', answer }
    return { kind: 'passing', why: 'the provider sent an answer that has not the form of its protocol', waitMs: null }
  } catch (error) {
    return { kind: 'passing', why: `the provider was not reached: ${said(reasonOf(error))}`, waitMs: null }
  }
}

function refused({ status, headers }: Response, message: string): Reply {
  const why = `the provider answered ${status}${message === '' ? '' : `: ${message}`}`
  if (PASSING.has(status)) return { kind: 'passing', why, waitMs: retryAfterMs(headers.get('retry-after'), Date.now()) }
  if (status === 401 || status === 403) return { kind: 'failed', why, next: 'set MODEL_KEY to a key that may use this model' }
  if (status === 404) return { kind: 'failed', why, next: 'name a model that the provider has (--model), and see MODEL_URL and MODEL_API' }
  if (status >= 300 && status < 400) return { kind: 'failed', why, next: 'set MODEL_URL to the address that answers itself' }
  return { kind: 'failed', why, next: 'see whether MODEL_API and MODEL_URL are those of the provider' }
}

async function bodyOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What an error of the provider says, in one line. */
function messageOf(text: string): string {
  const data = parsed(text)
  const error = isObject(data) ? data.error : null
  const message = isObject(error) ? error.message : error
  return typeof message === 'string' ? message.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, LONGEST_MESSAGE) : ''
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as {
    readonly cause?: { readonly code?: unknown; readonly message?: unknown }
    readonly message?: unknown
  }
  return String(cause?.code ?? cause?.message ?? message)
}
