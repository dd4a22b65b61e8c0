/** How reads grow with the rows, on a served backend whose database lacks an index of its design. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRequestCounter } from '../../../src/commands/verifying/load/count-requests.ts'
import { withClient } from '../../../src/postgres/connect.ts'
import { startServer } from '../../../src/server/process/server.ts'
import { readKeys } from '../../../src/services/identity/tokens/keys.ts'
import { labelOf } from '../../../src/verify/performance/growth/try-indexes.ts'
import { judgeRowGrowth } from '../../../src/verify/performance/judge-load.ts'
import { startGenerator } from '../../../src/verify/performance/load/generator.ts'
import { runLoad } from '../../../src/verify/performance/run/run-load.ts'
import { worldOf } from '../../../src/verify/worlds/world-of.ts'
import { newPem } from '../../identity/instances.ts'
import { PUBLIC_URL, testBackend } from '../../support/backend.ts'
import { load, passwordHash } from '../loaded.ts'
import { IS_FULL } from '../planted/first-of-each.ts'

const LOST = 'posts_author_id_created_at_desc_id_desc_idx'

const skip = !IS_FULL && 'writes 20,000 rows: npm run test:long'

test('a list that has lost its index grows, and the index is named with the time that it takes', { skip }, async (t) => {
  const { design, model } = await load('examples/blog/design.ts')
  const pem = newPem()
  const tested = await testBackend(t, model, { keys: readKeys('AUTH_KEYS', pem) })
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: tested.backend })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const generator = startGenerator()
  t.after(() => generator.stop())
  const hash = await passwordHash()
  const stage = {
    ask: () => assert.fail('requests go to the counter'),
    ...{ others: [], databaseUrl: tested.databaseUrl, tokenFor: tested.tokenFor, takeDefects: () => [] },
    signing: { pem, issuer: PUBLIC_URL, audience: PUBLIC_URL },
  }
  await withClient(tested.databaseUrl, async (client) => {
    await client.query(`drop index ${LOST}`)
    const counter = await openRequestCounter(model, stage, client)
    try {
      const { performance } = await runLoad(
        {
          ...{ stage: { ...stage, ask: counter.ask }, client, generator, count: counter.count },
          ...{ pid: process.pid, port: Number(new URL(server.url).port) },
          serveAgain: () => assert.fail('growth is measured with one process'),
        },
        {
          ...{ design, model, templates: worldOf(design, model, hash).rows, passwordHash: hash, seed: 1 },
          ...{ times: { seconds: 1 }, mostRows: 20_000, only: 'Post.list-author-createdAt', asked: 'growth', onDone: () => {} },
        },
      )
      assert.deepEqual(performance.growth?.parts, [0.01, 0.1, 1])
      assert.equal(performance.operations.length, 0)
      const [list] = performance.growth?.operations ?? []
      assert.ok(list !== undefined)
      const [fewest, most] = list.reads
      assert.ok((most?.rowsRead ?? 0) > 20 * (fewest?.rowsRead ?? 1) && (list.readSlope ?? 0) > 0.5, JSON.stringify(list.reads))
      // A busy machine may hide the clock's part; the index helps all the same.
      assert.ok(list.growth !== 'flat', JSON.stringify(list))
      assert.equal(list.remedy?.from, 'declared', JSON.stringify(list))
      assert.match(list.remedy?.index ?? '', new RegExp(`create index "${LOST}"`))
      assert.ok((list.remedy?.rowsRead ?? 0) < 100)
      const { verdict, why } = judgeRowGrowth(list)
      assert.equal(verdict, 'fails')
      assert.match(why, /at ten times as many about .* the database lacks an index of the design: with create index/)
      const { rows } = await client.query('select from pg_indexes where indexname = $1', [LOST])
      assert.equal(rows.length, 0, 'an index that was tried is dropped again')
    } finally {
      await counter.close()
    }
  })
})

test('requests have the names that plan gives them', () => {
  assert.equal(labelOf('GET /api/posts'), 'list')
  assert.equal(labelOf('GET /api/users/{id}?include=posts'), 'get include=posts')
  assert.equal(labelOf('GET /api/posts?filter[author]=…&sort=-createdAt'), 'list filter[author] sort=-createdAt')
})
