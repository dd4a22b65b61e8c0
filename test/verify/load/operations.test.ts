/** Operations of a load that are no plain requests of REST: deletes, each of a row of its own, and GraphQL. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Connection, withClient } from '../../../src/postgres/connect.ts'
import type { PreparedOperation } from '../../../src/verify/performance/operations/prepare.ts'
import { prepareAll } from '../../../src/verify/performance/operations/prepare-all.ts'
import { loadRows, rowCounts } from '../../../src/verify/performance/rows/load-rows.ts'
import { rowsToDelete } from '../../../src/verify/performance/run/rows-to-delete.ts'
import type { Stage } from '../../../src/verify/run/stage.ts'
import { worldOf } from '../../../src/verify/worlds/world-of.ts'
import { stageFor } from '../in-process.ts'
import { load, passwordHash } from '../loaded.ts'

const ROWS = 3_000

interface Prepared {
  readonly client: Connection
  readonly stage: Stage
  readonly prepared: readonly PreparedOperation[]
  readonly left: readonly { readonly what: string; readonly why: string }[]
}

/** Prepares operations of the blog on some thousand rows. */
async function prepareBlog(t: TestContext, ids: readonly string[], work: (prepared: Prepared) => Promise<void>): Promise<void> {
  const { design, model } = await load('examples/blog/design.ts')
  const hash = await passwordHash()
  const stage = await stageFor(t, model)
  await withClient(stage.databaseUrl, async (client) => {
    const counts = rowCounts(model, ROWS)
    const making = { design, model, templates: worldOf(design, model, hash).rows, counts, passwordHash: hash, seed: 1 }
    await loadRows(client, making)
    const running = { ...making, times: { seconds: 1 }, mostRows: ROWS, only: null, asked: 'all', onDone: () => {} } as const
    const makeRows = rowsToDelete({ client }, running, counts)
    const all = []
    for (const only of ids) all.push(await prepareAll({ client, stage }, { ...running, only, makeRows }))
    await work({ client, stage, prepared: all.flatMap((one) => one.prepared), left: all.flatMap((one) => one.left) })
  })
}

test('a delete gets rows that were added for it, each is deleted once, and those of the load stay', async (t) => {
  await prepareBlog(t, ['Post.delete'], async ({ client, stage, prepared, left }) => {
    assert.deepEqual(left, [])
    const [remove] = prepared
    assert.ok(remove !== undefined && (remove.room ?? 0) > 200 && (remove.room ?? 0) <= ROWS / 10)
    assert.deepEqual(remove.callers, ['admin'])
    const all = [...remove.requests(100, 1), ...remove.requests(1_000, 2)]
    assert.equal(new Set(all.map(({ url }) => url)).size, remove.room)
    assert.deepEqual(remove.texts(10, 3), [], 'the rows are used up')
    for (const request of all.slice(0, 20)) assert.equal((await stage.ask(request)).status, 204)
    const { rows } = await client.query<{ count: number }>('select count(*)::int as count from posts')
    assert.ok((rows[0]?.count ?? 0) >= ROWS)
  })
})

test('operations of GraphQL are asked by callers who are served, and have the rows in their answers', async (t) => {
  const shown = { 'Post.graphql-list': /"nodes":\[\{/, 'Post.graphql-get': /"author":\{/, 'Post.graphql-create': /"createPost":\{/ }
  await prepareBlog(t, Object.keys(shown), async ({ stage, prepared }) => {
    assert.deepEqual(
      prepared.map(({ operation }) => operation.id),
      Object.keys(shown),
    )
    for (const own of prepared) {
      assert.match(own.sample.body, shown[own.operation.id as keyof typeof shown])
      for (const request of own.requests(5, 7)) {
        const { status, text } = await stage.ask(request)
        assert.equal(status, 200)
        assert.doesNotMatch(text, /"errors"/)
      }
    }
  })
})
