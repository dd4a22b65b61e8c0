/** The promises of the examples when many callers act at once, on two backends. `npm run figures` counts them at full size. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RUNS, type Size } from './figures.ts'

const SMALL: Size = {
  accounts: 10,
  callers: 32,
  transfers: 600,
  buyers: 40,
  items: 20,
  students: 24,
  places: 8,
  courses: 3,
  movers: 50,
}

for (const [name, run] of Object.entries(RUNS))
  test(`many callers at once on two backends: ${name}`, async (t) => {
    const { counted, promised, details } = await run(t, SMALL)
    assert.deepEqual(counted, promised, JSON.stringify(details))
  })
