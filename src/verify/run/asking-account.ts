/** Which account sends a request: that of its token. A probe may ask with the tokens of several accounts. */

import type { SentRequest } from './stage.ts'

/**
 * The account whose documents describe the answer.
 *
 * @param user the account that the case is about, which stands for tokens that name no account of the run.
 * @returns an id; null for an anonymous caller.
 */
export function askingAccount(user: string | null, { token, headers = {} }: SentRequest, accounts: ReadonlySet<string>): string | null {
  if (token === null) return Object.keys(headers).some((name) => name.toLowerCase() === 'authorization') ? user : null
  const subject = subjectOf(token)
  return subject !== null && accounts.has(subject) ? subject : user
}

/** The subject of a JSON Web Token, whose signature is not looked at; null for any other text. */
function subjectOf(token: string): string | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return typeof claims === 'object' && claims !== null && 'sub' in claims ? String(claims.sub) : null
  } catch {
    return null
  }
}
