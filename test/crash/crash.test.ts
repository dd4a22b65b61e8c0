/** A process that is killed at any point leaves all or nothing of a write, and a repetition of the request completes it once. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RUN_SEED, randomFrom } from '../support/random.ts'
import { isInRequest, openCrashRun } from './crash-run.ts'
import { OPERATIONS } from './operations.ts'

/** How many points of the background, and how many of requests, are tried. `npm run test:crash` tries all of them. */
const SAMPLE = { background: 1, request: process.env.PLINTH_FULL === '1' ? 2 : 1 } as const

test('a process that is killed at some point leaves all or nothing', async (t) => {
  const run = await openCrashRun(t)
  const { pick } = randomFrom(RUN_SEED)
  t.diagnostic(`SEED=${RUN_SEED}`)
  for (let i = 0; i < SAMPLE.request; i++) {
    const operation = pick(OPERATIONS)
    const { points, after } = await run.pass(operation)
    const { wrong } = await run.kill(operation, pick(points.filter(isInRequest)), after)
    assert.deepEqual(wrong, [])
  }
  const steps = OPERATIONS.find(({ name }) => name === 'steps')
  assert.ok(steps)
  const { points, after } = await run.pass(steps)
  for (let i = 0; i < SAMPLE.background; i++) {
    const { wrong } = await run.kill(steps, pick(points.filter((point) => !isInRequest(point))), after)
    assert.deepEqual(wrong, [])
  }
  assert.deepEqual(await run.finish(), [])
})
