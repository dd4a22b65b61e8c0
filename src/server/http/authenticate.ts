/** The caller of a request. */

import { failure } from '../../base/failure.ts'
import { ANONYMOUS, type Caller } from '../../model/caller.ts'
import type { Identity } from '../../services/identity/identity.ts'

/**
 * Reads the caller from the `Authorization` header (RFC 6750). Without the header, the caller is anonymous. An invalid header is an error;
 * it never makes the caller anonymous.
 *
 * @throws Failure `invalid_token`.
 */
export async function authenticate(identity: Identity | null, header: string | undefined): Promise<Caller> {
  if (header === undefined) return ANONYMOUS
  const token = /^Bearer +([\w.~+/=-]+) *$/i.exec(header)?.[1]
  if (identity === null || token === undefined) throw failure('invalid_token', {})
  return identity.authenticate(token)
}
