/**
 * Concurrent calls give the same answers and the same database as in some sequential order: merged or not, over one connection or two, and
 * even when connections are killed or statements time out.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { newPem } from '../identity/instances.ts'
import { asking, modelFrom, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'
import { RUN_SEED } from '../support/random.ts'
import { bank, CALLERS, type CallerName, idOf, SEEDED, SLOW, worldText } from './bank.ts'
import { killSome, read, reset, slowDown } from './bank-database.ts'
import { send } from './bank-requests.ts'
import { named, schedules } from './bank-schedules.ts'
import { explain, isGivenUp, type Observed } from './serial-order.ts'

interface Variation {
  readonly about: string
  readonly connections: number
  readonly merge: boolean
  /** The faults besides wrong requests: killed connections, or writes that exceed the timeout of a statement. */
  readonly fault: 'none' | 'kills' | 'timeouts'
  /** In a full run. */
  readonly runs: number
}

const VARIATIONS: readonly Variation[] = [
  { about: 'over one connection, sharing statements', connections: 1, merge: true, fault: 'none', runs: 500 },
  { about: 'over two connections, sharing statements', connections: 2, merge: true, fault: 'none', runs: 300 },
  { about: 'over two connections, each call alone', connections: 2, merge: false, fault: 'none', runs: 200 },
  { about: 'sharing statements while connections are killed', connections: 2, merge: true, fault: 'kills', runs: 200 },
  { about: 'each call alone while connections are killed', connections: 2, merge: false, fault: 'kills', runs: 100 },
  { about: 'sharing statements of which some take too long', connections: 2, merge: true, fault: 'timeouts', runs: 60 },
  { about: 'each call alone while some take too long', connections: 2, merge: false, fault: 'timeouts', runs: 30 },
]

/** The share of the runs. */
const PART = process.env.PLINTH_FULL === '1' ? 1 : 0.2

/** Short, because the test waits for it, but much longer than the other statements of this test. */
const STATEMENT_TIMEOUT_MS = 150

for (const { about, connections, merge, fault, runs: all } of VARIATIONS) {
  const runs = Math.ceil(all * PART)
  test(`concurrent calls are answered as in a sequential order, ${about}`, { timeout: 180_000 }, async (t) => {
    const keys = readKeys('AUTH_KEYS', newPem())
    const world = await testBackend(t, modelFrom(bank), { keys })
    const tokens = new Map<CallerName, string>()
    for (const who of CALLERS.slice(1)) {
      await world.sql("insert into users (id, email, password, role) values ($1, $2, 'x', $3)", [
        idOf(`b${CALLERS.indexOf(who)}`),
        `${who}@example.com`,
        who === 'root' ? 'admin' : 'user',
      ])
      tokens.set(who, await world.tokenFor(idOf(`b${CALLERS.indexOf(who)}`)))
    }
    const statements: string[] = []
    const backend = await openBackend({
      rateLimits: NO_RATE_LIMITS,
      model: world.model,
      databaseUrl: world.databaseUrl,
      keys,
      mode: 'production',
      publicUrl: 'http://localhost:3000',
      observe: () => {},
      connections,
      merge,
      ...(fault === 'timeouts' ? { statementTimeoutMs: STATEMENT_TIMEOUT_MS } : { patience: PATIENCE }),
      onStatement: (_, text) => statements.push(text),
    })
    const client = new pg.Client({ connectionString: world.databaseUrl, application_name: 'test' })
    client.on('error', () => {})
    await client.connect()
    t.after(() => backend.close())
    if (fault === 'timeouts') await slowDown(client)
    const before = { ...SEEDED, slow: fault === 'timeouts' ? SLOW : null }
    const ask = asking(backend)
    t.diagnostic(`seed ${RUN_SEED} (SEED=${RUN_SEED} repeats it)`)
    const counts = { schedules: 0, calls: 0, unknown: 0, givenUp: 0, steps: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(
        schedules({ connections, slow: fault === 'timeouts' }),
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 }),
        async (some, kills) => {
          const calls = named(some)
          await reset(client)
          const sent = calls.map((call) => send(ask, call, tokens.get(call.caller)))
          const killing = fault === 'kills' ? killSome(client, kills) : null
          const answers = await Promise.all(sent)
          await killing
          const observed = calls.map((call, i): Observed => ({ call, answer: answers[i] ?? null }))
          const after = await read(client)
          const { found, steps } = explain(before, observed, after)
          counts.schedules++
          counts.calls += calls.length
          counts.unknown += answers.filter((a) => a === null).length
          counts.givenUp += answers.filter(isGivenUp).length
          counts.refused += answers.filter((a) => a !== null && /^4/.test(a)).length
          counts.steps += steps
          const seen = `${observed.map((o) => `${JSON.stringify(o.call)} -> ${o.answer}`).join('\n')}\nand\n${worldText(after)}`
          assert.ok(
            fault === 'kills' || !answers.includes(null),
            `the outcome of a call is unknown, though no connection was lost\n${seen}`,
          )
          assert.ok(fault === 'timeouts' || !answers.some(isGivenUp), `a call was given up, though none takes long\n${seen}`)
          assert.ok(found, `no order explains\n${seen}`)
        },
      ),
      { numRuns: runs, seed: RUN_SEED },
    )
    await client.end()
    // A create of many rows is one statement even without merging.
    const together = statements.filter((text) => text.includes('with ordinality as c(') && !text.includes('insert into')).length
    t.diagnostic(
      `${counts.schedules} schedules, ${counts.calls} calls, ${counts.refused} refused, ${counts.unknown} unknown, ${counts.givenUp} given up, ${together} of ${statements.length} statements answered many calls, ${counts.steps} steps of search`,
    )
    assert.ok(merge ? together > runs / 2 : together === 0, `${together} statements were shared`)
    assert.deepEqual([counts.unknown > 0, counts.givenUp > 0], [fault === 'kills', fault === 'timeouts'])
  })
}
