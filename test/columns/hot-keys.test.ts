/** A page of a key that many rows have reads the rows of the page, and not all rows of the key. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { modelFrom, testBackend } from '../support/backend.ts'

const shelf = {
  name: 'shelf',
  entities: {
    Owner: { fields: { label: { type: 'text', max: 40 } }, access: { read: 'true' } },
    Item: {
      fields: {
        title: { type: 'text', max: 400 },
        public: { type: 'boolean', default: true },
        owner: { type: 'ref', entity: 'Owner', inverse: 'items' },
      },
      access: { read: 'public' },
      indexes: [['owner', '-createdAt']],
    },
  },
}

test('a page of an owner with a thousand times as many items as others costs no more than one of another owner', async (t) => {
  const { ask, sql } = await testBackend(t, modelFrom(shelf), { connections: 1 })
  await sql("insert into owners (id, label) select gen_random_uuid(), 'owner ' || n from generate_series(1, 4000) n")
  // The rows of an owner lie on different pages of the table, as rows do that are written over years.
  await sql(
    `insert into items (id, title, owner_id) select gen_random_uuid(), repeat('x', 300), o.id
      from (select id, row_number() over () as n from owners) o, lateral generate_series(1, case when o.n = 1 then 2000 else 3 end)
      order by random()`,
  )
  await sql('vacuum (analyze) items')
  const owners = await sql('select owner_id as id from items group by 1 order by count(*) desc limit 2')
  const readIndex = "select sum(idx_tup_read) as read from pg_stat_user_indexes where relname = 'items'"
  const entries = async (id: unknown): Promise<number> => {
    const before = Number((await sql(readIndex))[0]?.read)
    const { status, json } = await ask('GET', `/api/items?filter[owner]=${id}&sort=-createdAt`)
    assert.equal(status, 200)
    assert.ok(json.data.length > 0)
    // A session tells its counts when a transaction ends, at most once a second.
    await wait(1_100)
    await ask('GET', `/api/owners/${id}`)
    return Number((await sql(readIndex))[0]?.read) - before
  }
  await entries(owners[1]?.id)
  const [hot, ordinary] = [await entries(owners[0]?.id), await entries(owners[1]?.id)]
  assert.ok(ordinary >= 3, String(ordinary))
  assert.ok(hot < 100, `${hot} entries of indexes were read for a page of 20 rows, ${ordinary} for one of 3`)
})
