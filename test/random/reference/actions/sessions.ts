/** What sign-ins with a password leave behind: sessions, and logins with failed attempts. */

import type pg from 'pg'
import type { ActionOutcome, Attempt } from '../../../../src/verify/fold/outcome.ts'

/** "After ten wrong passwords within 15 minutes, a login is locked for 15 minutes." */
const MOST = 10

/** Whether a login has no attempts left. */
export function isLocked(attempts: ReadonlyMap<string, number>, login: string): boolean {
  return (attempts.get(login) ?? 0) >= MOST
}

/** Counts an attempt. One that succeeds ends the count. */
export function noteAttempt(attempts: Map<string, number>, { login, account }: Attempt): void {
  if (account === null) attempts.set(login, (attempts.get(login) ?? 0) + 1)
  else attempts.delete(login)
}

/** The number of sessions that are not over, by account. */
export async function liveSessions(client: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query('select user_id, count(*)::int as n from plinth.sessions where revoked_at is null group by user_id')
  return new Map(rows.map(({ user_id: account, n }) => [account, n]))
}

interface Sessions {
  readonly before: ReadonlyMap<string, number>
  readonly after: ReadonlyMap<string, number>
}

/** What is wrong with the sessions: an action that is done begins one, and one that is refused leaves none. Null for nothing. */
export function sessionsDiffer({ kind, attempt }: ActionOutcome, { before, after }: Sessions): string | null {
  const account = String(attempt?.account ?? '')
  const wanted = (before.get(account) ?? 0) + (kind === 'done' ? 1 : 0)
  const found = after.get(account) ?? 0
  return attempt?.account == null || wanted === found ? null : `${found} sessions of ${account}, expected ${wanted}`
}
