/** The figures of `npm run figures:upstream` in a small size, without those that depend on how fast the machine is. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { breakerFigures, repeatedShare, unsafeFigures } from './upstream-figures.ts'
import { startUpstreamWorld } from './upstream-world.ts'

test('an upstream that fails or attacks is answered within limits, and the backend lives', { timeout: 240_000 }, async (t) => {
  const world = await startUpstreamWorld('1s')
  t.after(world.close)
  const share = await repeatedShare(world, 300)
  assert.ok(share > 0.05 && share <= 0.1, `${share} of the calls are repeated`)
  const { opensMs, probes, halfOpen, closesMs } = await breakerFigures(world, 3_500)
  assert.ok(Number.isFinite(opensMs) && opensMs > 0 && closesMs <= 30_000, `${opensMs} ${closesMs}`)
  assert.ok(halfOpen >= 1 && probes >= 1 && probes <= halfOpen, `${probes} requests in ${halfOpen} probes`)
  const figures = await unsafeFigures(world)
  assert.deepEqual(
    figures.map(({ mode, status, code }) => `${mode}: ${status} ${code}`),
    [
      'sends 200 MB: 502 service_answer_invalid',
      'drips: 504 service_timeout',
      'redirects: 502 service_answer_invalid',
      'answers HTML: 502 service_answer_invalid',
      'nests a million levels: 502 service_answer_invalid',
      'has another charset: 502 service_answer_invalid',
    ],
  )
  // Of 200 MB the backend reads 5 MB; what the sockets of both sides hold is sent besides.
  for (const { mode, sent } of figures) assert.ok(sent <= 20_000_000, `${mode} sent ${sent} bytes`)
})
