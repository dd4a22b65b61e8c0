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

async function prove(identity: Identity, header: string): Promise<Caller> {
  const token = /^Bearer +([\w.~+/=-]+) *$/i.exec(header)?.[1]
  if (token === undefined) throw failure('invalid_token', {})
  // A header in an unusual spelling is not remembered: one token could fill the memory with its spellings.
  return identity.authenticate(token, header.length === 'Bearer '.length + token.length ? header : undefined)
}
