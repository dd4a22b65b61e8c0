/** Runs every command of examples/two-backends/README.md against both backends, each a process of its own. */

import assert from 'node:assert/strict'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort, PLINTH, ROOT, run, start, temporaryFolder } from '../support/command-line.ts'
import { checkWalk, walkOf } from '../support/walk.ts'

const README = readFileSync(join(ROOT, 'examples/two-backends/README.md'), 'utf8')

async function up(t: TestContext, folder: string, name: string, env: Record<string, string>): Promise<void> {
  await start(t, [...PLINTH, 'up', join(folder, name)], { cwd: folder, env }).until(new RegExp(`${name} is running at`))
}

test('every request of the README of the two backends answers what it shows', { timeout: 240_000 }, async (t) => {
  const folder = temporaryFolder(t)
  cpSync(join(ROOT, 'examples/two-backends'), folder, { recursive: true, filter: (path) => !path.endsWith('.plinth') })
  const [orders, billing] = [await freePort(), await freePort()]
  // Billing starts first, and does not find the keys of orders yet.
  await up(t, folder, 'billing', { PORT: String(billing), ORDERS_URL: `http://localhost:${orders}` })
  await up(t, folder, 'orders', { PORT: String(orders), BILLING_URL: `http://localhost:${billing}` })
  const walk = walkOf(README, 'sh walk')
  const ported = (text: string): string =>
    text.replaceAll('localhost:3000', `localhost:${orders}`).replaceAll('localhost:3001', `localhost:${billing}`)
  await checkWalk(t, { folder, walk, ported })
  assert.equal(walk.filter(({ answer }) => answer !== null).length, 6)
})

test('both designs have no findings', async (t) => {
  for (const name of ['orders', 'billing']) {
    const { code, stdout } = await run(t, [...PLINTH, 'plan', '--json', join(ROOT, 'examples/two-backends', name)], {
      cwd: temporaryFolder(t),
    })
    assert.deepEqual([code, JSON.parse(stdout).findings], [0, []], name)
  }
})
