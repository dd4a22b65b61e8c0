/** The header that authorizes a call. Secrets stay in this file: they are in no error and no observation. */

import { ServiceError } from '../../base/failures/service-error.ts'
import { isObject } from '../../base/is-object.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import type { Configured, HttpService, ServiceAuth } from '../../model/http/http-service.ts'
import type { ServiceSubject, SignServiceToken } from '../identity/tokens/service-tokens.ts'
import type { Exchanged, Sending } from './exchange.ts'

/** The headers that authorize one call. */
type AuthHeaders = Readonly<Record<string, string>>

/** Gives the headers of calls to one service. */
export interface Credentials {
  /** Checks that calls can be made for this caller, before anything is sent. @throws ServiceError `no-caller` */
  readonly requireCaller: (caller: Caller) => void
  /** @throws ServiceError when there are none. */
  readonly headersFor: (caller: Caller, signal: AbortSignal) => Promise<AuthHeaders>
  /** Called when the service has refused these headers (401). Returns whether others may be accepted. */
  readonly refused: (headers: AuthHeaders) => boolean
}

/** What credentials need. */
export interface CredentialDeps {
  readonly service: HttpService
  /** The value of an environment variable. @throws ServiceError when it is not set */
  readonly settingOf: (variable: string) => string
  readonly configured: (one: Configured) => string
  /** Null without keys. */
  readonly sign: SignServiceToken | null
  /** Sends a request to another address than that of the service. */
  readonly sendTo: (url: string, sending: Omit<Sending, 'path'>) => Promise<Exchanged>
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

/** Opens the credentials of a service. */
export function openCredentials(deps: CredentialDeps): Credentials {
  const { auth } = deps.service
  const fixed = (headers: () => AuthHeaders): Credentials => ({
    requireCaller: () => {},
    headersFor: async () => headers(),
    refused: () => false,
  })
  switch (auth.kind) {
    case 'none':
      return fixed(() => ({}))
    case 'bearer':
      return fixed(() => ({ authorization: `Bearer ${deps.settingOf(auth.token)}` }))
    case 'basic':
      return fixed(() => ({ authorization: basic(deps.settingOf(auth.user), deps.settingOf(auth.password)) }))
    case 'header':
      return fixed(() => ({ [auth.header]: deps.settingOf(auth.value) }))
    case 'signed':
      return openSigned(auth, deps)
    case 'oauth':
      return openOauth(auth, deps)
    default:
      return unreachable(auth)
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

type Auth<K extends ServiceAuth['kind']> = Extract<ServiceAuth, { readonly kind: K }>

function openSigned({ as, audience }: Auth<'signed'>, { service, sign, configured }: CredentialDeps): Credentials {
  const subjectFor = (caller: Caller): ServiceSubject => {
    const subject = subjectOf(as, caller)
    if (subject !== null) return subject
    throw new ServiceError({ service: service.name, reason: 'no-caller', note: 'it is called for the caller, and nobody is signed in' })
  }
  return {
    requireCaller: subjectFor,
    async headersFor(caller) {
      if (sign === null) throw new Error('a service with signed tokens needs keys')
      const to = audience === null ? new URL(configured(service.baseUrl)).origin : configured(audience).replace(/\/$/, '')
      return { authorization: `Bearer ${await sign(subjectFor(caller), to)}` }
    },
    refused: () => false,
  }
}

function subjectOf(as: 'caller' | 'system', caller: Caller): ServiceSubject | null {
  if (as === 'system') return { kind: 'system' }
  const [id, role] = [claimOf(caller, 'id'), claimOf(caller, 'role')]
  return id === null ? null : { kind: 'caller', id: String(id), role: role === null ? null : String(role) }
}

interface Granted {
  readonly token: string
  readonly gotAt: number
  /** When it is no longer used. */
  readonly until: number
}

/** Milliseconds: a token is used until this much before its end, and for this long if its end is not told. */
const BEFORE_END_MS = 30_000
const UNTOLD_MS = 300_000
/** After a refused request for a token, none is made for this long. */
const PAUSE_MS = 1_000
/** A token that was refused by the service within this time after it was got is not replaced. */
const FRESH_MS = 10_000
/** The most bytes of an answer with a token. */
const TOKEN_BYTES = 65_536

/** The grant for client credentials. A token serves all calls until it ends; while one is being got, all calls wait for it. */
function openOauth(auth: Auth<'oauth'>, deps: CredentialDeps): Credentials {
  const { now } = deps
  let granted: Granted | null = null
  let getting: Promise<Granted> | null = null
  let failed: { readonly error: unknown; readonly until: number } | null = null
  const get = async (): Promise<Granted> => {
    try {
      granted = await grant(auth, deps)
      return granted
    } catch (error) {
      failed = { error, until: now() + PAUSE_MS }
      throw error
    } finally {
      getting = null
    }
  }
  const headersOf = ({ token }: Granted): AuthHeaders => ({ authorization: `Bearer ${token}` })
  return {
    requireCaller: () => {},
    async headersFor(_, signal) {
      if (granted !== null && granted.until > now()) return headersOf(granted)
      if (failed !== null && failed.until > now()) throw failed.error
      getting ??= get()
      return headersOf(await orAborted(getting, signal))
    },
    refused({ authorization }) {
      // Another call has already dropped or replaced the refused token.
      if (granted === null || headersOf(granted).authorization !== authorization) return true
      const isOld = granted.gotAt + FRESH_MS < now()
      if (isOld) granted = null
      return isOld
    },
  }
}

/** Waits for a token, for as long as the call lasts. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Milliseconds for getting a token. */
const GRANT_MS = 5_000

/** Gets a token (RFC 6749 sections 4.4 and 2.3.1). @throws ServiceError `credentials` */
async function grant({ tokenUrl, client, secret, secretIn, scope, audience }: Auth<'oauth'>, deps: CredentialDeps): Promise<Granted> {
  const { service, settingOf, configured, sendTo, now } = deps
  const [id, key] = [settingOf(client), settingOf(secret)]
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scope !== null) form.set('scope', scope)
  if (audience !== null) form.set('audience', audience)
  if (secretIn === 'body') {
    form.set('client_id', id)
    form.set('client_secret', key)
  }
  const encoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1)
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
    ...(secretIn === 'header' ? { authorization: basic(encoded(id), encoded(key)) } : {}),
  }
  const asked = now()
  const signal = AbortSignal.timeout(GRANT_MS)
  const sending = { method: 'POST', headers, body: form.toString(), form: 'json', answerBytes: TOKEN_BYTES, signal } as const
  const exchanged = await sendTo(configured(tokenUrl), sending)
  const { token, seconds } = exchanged.kind === 'answer' ? readGrant(exchanged.body) : { token: null, seconds: null }
  if (token === null)
    throw new ServiceError({ service: service.name, reason: 'credentials', note: `no access token was got: ${wordsOf(exchanged)}` })
  const lastsMs = seconds === null ? UNTOLD_MS : Math.max(1_000, seconds * 1_000 - BEFORE_END_MS)
  return { token, gotAt: asked, until: asked + lastsMs }
}

function readGrant(body: unknown): { readonly token: string | null; readonly seconds: number | null } {
  const { access_token: token, expires_in: lasts, token_type: type } = isObject(body) ? body : {}
  // Some providers send the number as a text.
  const seconds = typeof lasts === 'string' && /^\d{1,9}$/.test(lasts) ? Number(lasts) : lasts
  const isBearer = typeof type === 'string' && type.toLowerCase() === 'bearer'
  return {
    token: typeof token === 'string' && isBearer && /^[\w.~+/=-]{1,8192}$/.test(token) ? token : null,
    seconds: typeof seconds === 'number' && seconds > 0 ? seconds : null,
  }
}

function wordsOf(exchanged: Exchanged): string {
  switch (exchanged.kind) {
    case 'answer':
      return 'the answer has no bearer token'
    case 'refused':
      return `status ${exchanged.status}`
    case 'unusable':
    case 'unreachable':
      return exchanged.note
    case 'aborted':
      return `no answer within ${GRANT_MS / 1_000} s`
    default:
      return unreachable(exchanged)
  }
}
