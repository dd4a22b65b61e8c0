/** The caller of a request. */

import { Failure, failure } from '../../../base/failure.ts'
import { type MaybePromise, whenReady } from '../../../base/waiting/when-ready.ts'
import { ANONYMOUS, type Caller } from '../../../model/caller.ts'
import type { Identity } from '../../../services/identity/identity.ts'
import type { HttpRequest } from '../request.ts'
import type { SessionCookie } from './session-cookie.ts'

/**
 * Reads the caller from the `Authorization` header (RFC 6750). Without the header, the caller is anonymous. An invalid header is an error;
 * it never makes the caller anonymous.
 *
 * @returns a promise only when the token or its session is not known yet.
 * @throws Failure `invalid_token`.
 */
export function authenticate(identity: Identity | null, header: string | undefined): MaybePromise<Caller> {
  if (header === undefined) return ANONYMOUS
  if (identity === null) throw failure('invalid_token', {})
  return identity.recall(header) ?? prove(identity, header)
}

/**
 * Reads the caller of a request: from the header, or without one from the cookie. A cookie that is not valid makes the caller anonymous,
 * because a browser sends it until it expires, also to sign in.
 *
 * @throws Failure `invalid_token` for a header, `foreign_origin` for a cookie that a page of another origin sends to change something.
 */
export function callerOf({ identity, cookie }: Authenticating, { method, headers }: HttpRequest): MaybePromise<Caller> {
  if (cookie === null || identity === null || headers.authorization !== undefined || headers.cookie === undefined)
    return authenticate(identity, headers.authorization)
  const token = cookie.read(headers.cookie)
  if (token === null) return ANONYMOUS
  const header = `${identity.scheme} ${token}`
  const caller = identity.recall(header) ?? identity.authenticate(token, header).catch(anonymousFor)
  return whenReady(caller, (known) => {
    if (known.session !== null && !READING.has(method) && !cookie.isFromOwnPage(headers)) throw failure('foreign_origin', {})
    return known
  })
}

/** What reading the caller of a request needs. */
export interface Authenticating {
  readonly identity: Identity | null
  readonly cookie: SessionCookie | null
}

/** Methods that change nothing. */
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

function anonymousFor(error: unknown): Caller {
  if (error instanceof Failure && error.code === 'invalid_token') return ANONYMOUS
  throw error
}

/** A token with the blanks around it. */
const TOKEN = /^ +([\w.~+/=-]+) *$/

async function prove(identity: Identity, header: string): Promise<Caller> {
  const { scheme } = identity
  // The case of the scheme does not matter (RFC 9110 section 11.1).
  const isOurs = header.slice(0, scheme.length).toLowerCase() === scheme.toLowerCase()
  const token = isOurs ? TOKEN.exec(header.slice(scheme.length))?.[1] : undefined
  if (token === undefined) throw failure('invalid_token', {})
  // A header in an unusual spelling is not remembered: one token could fill the memory with its spellings.
  return identity.authenticate(token, header.length === scheme.length + 1 + token.length ? header : undefined)
}
