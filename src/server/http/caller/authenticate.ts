/** The caller of a request. */

import { failure } from '../../../base/failure.ts'
import type { MaybePromise } from '../../../base/waiting/when-ready.ts'
import { ANONYMOUS, type Caller } from '../../../model/caller.ts'
import type { Identity } from '../../../services/identity/identity.ts'

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
