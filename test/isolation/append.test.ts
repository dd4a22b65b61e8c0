/** What transactions over HTTP see of each other, in a small size. `npm run test:isolation` runs it for ten minutes with kills. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testBackend } from '../support/backend.ts'
import { RUN_SEED, randomFrom } from '../support/random.ts'
import { appendModel } from './append-design.ts'
import { Appending, registerName, type Send } from './append-run.ts'
import { checkHistory } from './check-history.ts'

/** How many transactions each level has. A slow machine takes longer for the same. */
const TRANSACTIONS = process.env.PLINTH_FULL === '1' ? 250 : 120
const LISTS = 12

test(`Read Committed has no G0 and G1, and serializable actions have no anomaly (SEED=${RUN_SEED})`, async (t) => {
  const one = await testBackend(t, appendModel())
  const other = await testBackend(t, one.model, { databaseUrl: one.databaseUrl })
  const counter = { value: 0 }
  for (const level of ['Rc', 'Ser'] as const) {
    await one.sql('insert into registers (name) select $1 || i from generate_series(0, $2::int) i', [
      registerName(level, 0).slice(0, -1),
      LISTS,
    ])
    const appending = new Appending(level, { counter, lists: LISTS })
    const isOver = (): boolean => appending.history.length >= TRANSACTIONS
    const sends = [one, other].map(
      ({ ask }): Send =>
        (method, path, body) =>
          ask(method, path, { body }),
    )
    const clients = Array.from({ length: 8 }, (_, i) => appending.client(sends[i % 2] as Send, randomFrom(RUN_SEED + i), isOver))
    await Promise.all(clients)
    await appending.readAll(sends[0] as Send)
    const done = appending.history.filter(({ outcome }) => outcome === 'ok').length
    assert.ok(done > TRANSACTIONS / 4, `${done} of ${appending.history.length} were done`)
    assert.ok(appending.history.every(({ outcome }) => outcome !== 'unknown'))
    const found = checkHistory(appending.history, true)
    // Read Committed allows G2.
    assert.deepEqual(level === 'Ser' ? found : found.filter(({ kind }) => kind !== 'G2'), [], level)
  }
})
