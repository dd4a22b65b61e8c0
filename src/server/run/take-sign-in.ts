/** The rate limits of sign-ins. */

import { createHash } from 'node:crypto'
import type { Stack } from './stack.ts'

/**
 * Counts one sign-in for its login and its client, with a right or a wrong password, for existing and missing accounts.
 *
 * @throws Failure `too_many_requests`.
 */
export async function takeSignIn({ rateLimits, client }: Pick<Stack, 'rateLimits' | 'client'>, login: string): Promise<void> {
  if (client !== undefined) await rateLimits.take('passwords', client.key)
  // Upper and lower case count as one login. Only a hash is kept, because users sometimes type a password as their login.
  await rateLimits.take('logins', createHash('sha256').update(login.trim().toLowerCase()).digest('base64url'))
}
