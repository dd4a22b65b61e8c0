/** Every number in the table of limits: at the limit a request is answered, one above it the documented error. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import * as answers from './answer-limits.ts'
import * as graphql from './graphql-limits.ts'
import { type LimitName, openWorld, type TryLimit } from './limits-world.ts'
import * as rest from './rest-limits.ts'

/** A limit without a test does not compile, and neither does a test without a limit. */
const TRIES: Readonly<Record<LimitName, TryLimit>> = { ...rest, ...answers, ...graphql } satisfies Record<LimitName, TryLimit>

/** Limits of time. Their requests sleep in PostgreSQL, so they are tried at the same time. */
const TIMES: readonly LimitName[] = ['transactionMs', 'statementMs', 'requestMs']

test('a request at each limit is answered, and a request above it is refused as documented', { concurrency: true }, async (t) => {
  assert.deepEqual(
    Object.keys(TRIES).sort(),
    Object.keys(LIMITS)
      .filter((name) => name !== 'workDepth')
      .sort(),
  )
  const world = await openWorld(t)
  const tryLimit = (name: LimitName) => t.test(name, () => TRIES[name](world))
  for (const name of Object.keys(TRIES) as LimitName[]) if (!TIMES.includes(name)) await tryLimit(name)
  await Promise.all(TIMES.map(tryLimit))
})
