/** Rounds for what follows measured times, such as how many calls share a statement. A busy machine may disturb one round, but not all. */

import assert from 'node:assert/strict'

const ROUNDS = 20

/** Runs rounds until one succeeds. A round returns null for success, or what it has seen. @throws AssertionError when no round succeeds. */
export async function inSomeRound(round: () => Promise<string | null>): Promise<void> {
  const seen: string[] = []
  while (seen.length < ROUNDS) {
    const failed = await round()
    if (failed === null) return
    seen.push(failed)
  }
  assert.fail(seen.join('\n'))
}
