/** The caller of a request. */

import { Failure, failure } from '../../../base/failure.ts'
import { type MaybePromise, whenReady } from '../../../base/waiting/when-ready.ts'
import { ANONYMOUS, type Caller } from '../../../model/caller.ts'
import type { AcceptedBackends } from '../../../services/backends/accepted-backends.ts'
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
export function authenticate({ identity, backends }: Proving, header: string | undefined): MaybePromise<Caller> {
  if (header === undefined) return ANONYMOUS
  if (identity === null) throw failure('invalid_token', {})
  return identity.recall(header) ?? prove({ identity, backends }, header)
}

/**
 * Reads the caller of a request: from the header, or without one from the cookie. A cookie that is not valid makes the caller anonymous,
 * because a browser sends it until it expires, also to sign in.
 *
 * @throws Failure `invalid_token` for a header, `foreign_origin` for a cookie that a page of another origin sends to change something.
 */
export function callerOf({ identity, backends, cookie }: Authenticating, { method, headers }: HttpRequest): MaybePromise<Caller> {
  if (cookie === null || identity === null || headers.authorization !== undefined || headers.cookie === undefined)
    return authenticate({ identity, backends }, headers.authorization)
  const token = cookie.read(headers.cookie)
  if (token === null) return ANONYMOUS
  const header = `${identity.scheme} ${token}`
  const caller = identity.recall(header) ?? identity.authenticate(token, header).catch(anonymousFor)
  return whenReady(caller, (known) => {
    if (known.session !== null && !READING.has(method) && !cookie.isFromOwnPage(headers)) throw failure('foreign_origin', {})
    return known
  })
}

/** What reading the caller of a header needs. */
export interface Proving {
  readonly identity: Identity | null
  /** The other backends whose tokens are accepted; null for none. */
  readonly backends: AcceptedBackends | null
}

/** What reading the caller of a request needs. */
export interface Authenticating extends Proving {
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
/** The word before the tokens of other backends, whatever that of access tokens is. */
const BACKEND_SCHEME = 'Bearer'

async function prove({ identity, backends }: Proving & { readonly identity: Identity }, header: string): Promise<Caller> {
  if (backends !== null) {
    const sent = tokenAfter(BACKEND_SCHEME, header)
    if (sent !== undefined && backends.isToken(sent)) return backends.authenticate(sent)
  }
  const { scheme } = identity
  const token = tokenAfter(scheme, header)
  if (token === undefined) throw failure('invalid_token', {})
  // A header in an unusual spelling is not remembered: one token could fill the memory with its spellings.
  return identity.authenticate(token, header.length === scheme.length + 1 + token.length ? header : undefined)
}

/** The token of a header with this scheme, whose case does not matter (RFC 9110 section 11.1). */
function tokenAfter(scheme: string, header: string): string | undefined {
  if (header.slice(0, scheme.length).toLowerCase() !== scheme.toLowerCase()) return undefined
  return TOKEN.exec(header.slice(scheme.length))?.[1]
}
