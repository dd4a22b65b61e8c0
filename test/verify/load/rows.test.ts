/** Rows for a load, in a real database whose constraints judge them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withClient } from '../../../src/postgres/connect.ts'
import { copyRows, copyValue } from '../../../src/postgres/copy-rows.ts'
import { loadRows, rowCounts } from '../../../src/verify/performance/rows/load-rows.ts'
import { worldOf } from '../../../src/verify/worlds/world-of.ts'
import { stageFor } from '../in-process.ts'
import { load, passwordHash } from '../loaded.ts'

const INDEXES = "select indexdef from pg_indexes where schemaname = 'public' order by indexname"

test('rows of the blog: as many as asked, with references by the law of Zipf, texts of several lengths, and all indexes', async (t) => {
  const { design, model } = await load('examples/blog/design.ts')
  const hash = await passwordHash()
  const stage = await stageFor(t, model)
  const templates = worldOf(design, model, hash).rows
  const counts = rowCounts(model, 2_000)
  assert.deepEqual(
    [...counts],
    [
      ['User', 2_000],
      ['Post', 2_000],
    ],
  )
  assert.deepEqual(
    [...rowCounts(model, null)],
    [
      ['User', 100_000],
      ['Post', 1_000_000],
    ],
  )
  await withClient(stage.databaseUrl, async (client) => {
    const before = (await client.query(INDEXES)).rows
    const making = { design, model, templates, counts, passwordHash: hash, seed: 1 }
    for (let i = 0; i < 2; i++) {
      const loaded = await loadRows(client, making)
      assert.deepEqual(loaded[1], { entity: 'Post', rows: 2_000, target: 1_000_000, why: null })
    }
    assert.deepEqual((await client.query(INDEXES)).rows, before)
    const [most, least] = (await client.query<{ n: number }>('select count(*)::int as n from posts group by author_id order by 1 desc'))
      .rows
    assert.ok((most?.n ?? 0) > 150 && (most?.n ?? 0) > (least?.n ?? 0), 'the most frequent author')
    const { rows } = await client.query('select distinct length(body) as length from posts order by 1')
    assert.ok(rows.length >= 3)
    const { rows: order } = await client.query(
      'select id from (select id, lag(id) over (order by ctid) as earlier from posts) p where id < earlier limit 1',
    )
    assert.equal(order.length, 1, 'ids are not in the order of the rows')
    const events = await client.query("select to_regclass('plinth.events') as there")
    if (events.rows[0]?.there !== null) assert.equal((await client.query('select from plinth.events')).rows.length, 0, 'no event is logged')
  })
  // The backend serves them, and an account of them signs in.
  const [account] = await withClient(
    stage.databaseUrl,
    async (client) => (await client.query<{ id: string }>('select id from users limit 1')).rows,
  )
  const token = await stage.tokenFor(account?.id ?? '')
  const answer = await stage.ask({ method: 'GET', url: '/api/posts', token })
  assert.equal(answer.status, 200)
})

for (const file of ['test/verify/designs/library.yaml', 'examples/shop/design.ts'])
  test(`rows of ${file} keep unique values, checks and required references`, async (t) => {
    const { design, model } = await load(file)
    const hash = await passwordHash()
    const stage = await stageFor(t, model)
    await withClient(stage.databaseUrl, async (client) => {
      const loaded = await loadRows(client, {
        ...{ design, model, templates: worldOf(design, model, hash).rows, counts: rowCounts(model, 300) },
        ...{ passwordHash: hash, seed: 2 },
      })
      for (const { entity, rows, why } of loaded) assert.ok(why === null ? rows > 0 : rows === 0, `${entity}: ${rows} rows, ${why}`)
      assert.deepEqual(
        loaded.filter(({ why }) => why !== null),
        [],
      )
    })
  })

test('values are copied as they are, a failed row leaves none, and the connection goes on', async (t) => {
  const { model } = await load('examples/blog/design.ts')
  const { databaseUrl } = await stageFor(t, model)
  await withClient(databaseUrl, async (client) => {
    await client.query('create table public.copied (a text, b integer)')
    const hostile = 'a\tb\nc\\d\re\\N ü 😀'
    const target = { table: 'copied', columns: ['a', 'b'] }
    await copyRows(client, target, [`${copyValue(hostile)}\t1\n${copyValue(null)}\t2\n`])
    assert.deepEqual((await client.query('select a, b from public.copied order by b')).rows, [
      { a: hostile, b: 1 },
      { a: null, b: 2 },
    ])
    await assert.rejects(copyRows(client, target, ['x\t3\n', 'x\tno number\n']), /invalid input syntax for type integer/)
    const broken = function* (): Generator<string> {
      yield 'x\t4\n'
      throw new Error('no more rows')
    }
    await assert.rejects(copyRows(client, target, broken()), /no more rows/)
    assert.equal((await client.query('select from public.copied')).rows.length, 2)
  })
})
