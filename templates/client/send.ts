// Requests: one call, with its tokens, its repetitions and its limit of time.

import type { Call, Outcome, WriteOptions } from './calls.ts'
import type { CommonCode } from './codes.ts'
import { ApiError, errorOf, isApiErrorOf } from './errors.ts'
import { memoryTokens, openSession, type TokenStore, type Tokens } from './tokens.ts'

/** Options of a client. */
export interface ClientOptions {
  /** Where tokens are kept; in memory unless given. */
  readonly tokens?: TokenStore
  /** How long a call may take, with its repetitions: 30,000 ms unless given. Files take as long as they take. */
  readonly timeoutMs?: number
  /** How often a call is repeated after a failure that may pass; 2 unless given. */
  readonly retries?: number
  /** Headers of every request, or what makes them. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>)
  /** Called when the server has ended the session. */
  readonly onSignedOut?: () => void
  /** In place of the `fetch` of the platform. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}

interface Sent {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly body?: unknown
  /** A body that is no JSON. */
  readonly bytes?: Blob | URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
  readonly answer: 'json' | 'text' | 'blob' | 'none'
  /** Whether a repetition is safe: a read is, a write has a key, and others are sent once. */
  readonly repeat: 'safe' | 'key' | 'never'
  readonly signedIn: boolean
}

type SentOptions = WriteOptions & { readonly ifVersion?: number }
/** @internal */
export type Send = (sent: Sent, options?: SentOptions) => Promise<unknown>

interface Connection {
  readonly url: string
  readonly options: ClientOptions
  /** The word before the token in `Authorization`. */
  readonly scheme: string
  /** The address that renews tokens; null if there is none. */
  readonly refreshPath: string | null
}

/** Codes of failures that may pass by themselves, beside those whose answer says when to try again. */
const PASSING = [502, 503, 504]
/** The longest time to wait for the next attempt. */
const MOST_PAUSE_MS = 10_000

/** @internal */
export function openSend({ url, options, scheme, refreshPath }: Connection): { readonly send: Send; readonly store: TokenStore } {
  const base = baseOf(url)
  const store = options.tokens ?? memoryTokens()
  const { timeoutMs: usualMs = 30_000, retries = 2 } = options
  const session = openSession(store, refresh, () => options.onSignedOut?.())

  async function refresh(refreshToken: string): Promise<Tokens | null> {
    if (refreshPath === null || refreshToken === '') return null
    try {
      const sent = { method: 'POST', path: refreshPath, body: { refreshToken }, answer: 'json' } as const
      return tokensOf(await send({ ...sent, repeat: 'safe', signedIn: false }))
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  }

  async function send(sent: Sent, { signal, timeoutMs = usualMs, idempotencyKey, ifVersion }: SentOptions = {}): Promise<unknown> {
    signal?.throwIfAborted()
    const limit = timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : null
    const signals = [signal, limit].filter((one) => one != null)
    const stop = AbortSignal.any(signals)
    const headers = {
      ...headersOf(sent, options),
      ...(sent.repeat === 'key' ? { 'Idempotency-Key': idempotencyKey ?? newKey() } : {}),
      ...(ifVersion === undefined ? {} : { 'If-Match': `"${ifVersion}"` }),
    }
    const attempt = async (tokens: Tokens | null): Promise<unknown> => {
      const response = await (options.fetch ?? fetch)(`${base}${sent.path}`, {
        method: sent.method,
        headers: tokens === null ? headers : { ...headers, Authorization: `${scheme} ${tokens.token}` },
        body: sent.bytes ?? (sent.body === undefined ? null : JSON.stringify(sent.body)),
        signal: stop,
      })
      if (!response.ok) throw await errorOf(response)
      return readAnswer(sent, response)
    }
    let hasRenewed = false
    for (let failed = 0; ; ) {
      try {
        const tokens = sent.signedIn ? await untilStopped(session.current(), stop) : null
        try {
          return await attempt(tokens)
        } catch (error) {
          if (tokens === null || hasRenewed || !isApiErrorOf(error, 'invalid_token')) throw error
          hasRenewed = true
          const next = await untilStopped(session.renewed(tokens), stop)
          if (next === null) throw error
          return await attempt(next)
        }
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason
        if (limit?.aborted === true) throw failedBy('timed_out', `no answer within ${timeoutMs} ms`, error)
        const known = error instanceof ApiError ? error : failedBy('network_failed', 'the server cannot be reached', error)
        const pauseMs = pauseOf(known, failed)
        if (sent.repeat === 'never' || failed >= retries || pauseMs === null) throw known
        failed += 1
        await pause(pauseMs, stop)
      }
    }
  }
  return { send, store }
}

/** Where a backend is. Empty or a path: where the page is. @internal */
export function baseOf(url: string): string {
  if (url !== '' && !url.startsWith('/')) {
    const { protocol, username, search, hash } = new URL(url)
    if (!/^https?:$/.test(protocol) || username !== '' || search !== '' || hash !== '')
      throw new TypeError(`${url} is no address of a backend: write https://api.example.com`)
  }
  return url.replace(/\/+$/, '')
}

function headersOf({ body, answer, headers }: Sent, { headers: own = {} }: ClientOptions): Record<string, string> {
  return {
    ...(answer === 'json' ? { Accept: 'application/json' } : {}),
    ...(typeof own === 'function' ? own() : own),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...headers,
  }
}

async function readAnswer({ answer }: Sent, response: Response): Promise<unknown> {
  if (answer === 'blob') return response.blob()
  const text = await response.text()
  if (answer === 'none') return undefined
  if (answer === 'text') return text
  if (text === '' && response.status !== 200) return null
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = `the server answered ${response.status}, but no JSON: is this the address of the backend?`
    throw new ApiError({ code: 'unexpected_answer', status: response.status, message, body: text, cause })
  }
}

function failedBy(code: CommonCode, message: string, cause: unknown): ApiError {
  return new ApiError({ code, status: 0, message, cause })
}

/** How long to wait before the next attempt, in milliseconds; null if another one is of no use. */
function pauseOf({ code, status, retryAfterMs }: ApiError, failed: number): number | null {
  const usualMs = 200 * 2 ** failed * (0.5 + Math.random() / 2)
  if (retryAfterMs !== null) return retryAfterMs <= MOST_PAUSE_MS ? retryAfterMs + usualMs : null
  return code === 'network_failed' || PASSING.includes(status) ? usualMs : null
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return untilStopped(new Promise<void>((resolve) => setTimeout(resolve, ms)), stop).catch(() => {})
}

/** Waits for a value, or fails as soon as the signal does. */
function untilStopped<T>(value: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(stop.reason)
    if (stop.aborted) end()
    stop.addEventListener('abort', end, { once: true })
    value.then(resolve, reject).finally(() => stop.removeEventListener('abort', end))
  })
}

/** A random key of 128 bits. `crypto.randomUUID` is missing on pages without TLS. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** @internal */
export function tokensOf(answer: unknown): Tokens {
  const { token, refreshToken, expiresIn } = answer as { token: string; refreshToken: string; expiresIn: number }
  return { token, refreshToken, expiresAt: Date.now() + expiresIn * 1_000 }
}

/** Begins a call. @internal */
export function begin<T>(promise: Promise<T>): Call<T> {
  const outcome = async (): Promise<Outcome<T, CommonCode>> => {
    try {
      return { ok: true, value: await promise }
    } catch (error) {
      if (error instanceof ApiError) return { ok: false, error }
      throw error
    }
  }
  return Object.assign(promise, { outcome })
}
