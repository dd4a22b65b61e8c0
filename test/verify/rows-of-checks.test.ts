/** The rows of a run are inserted and put back, although checks need optional references, and entities refer to each other. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withClient } from '../../src/postgres/connect.ts'
import { insertRows, readRows, restoreRows, takeSnapshot } from '../../src/verify/run/rows.ts'
import { migratedDatabase } from '../support/database.ts'
import { modelOf } from '../support/resolved.ts'

const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }

/** A leave needs a deputy. A team may have a head, who is of a team. */
const DESIGN = {
  name: 'teams',
  entities: {
    Leave: {
      access,
      fields: { person: { type: 'ref', entity: 'Person' }, deputy: { type: 'ref', entity: 'Person', optional: true } },
      checks: { deputy: { rule: 'deputy != person', message: 'is somebody else' } },
    },
    Team: { access, fields: { head: { type: 'ref', entity: 'Person', optional: true, onDelete: 'setNull' } } },
    Person: { access, fields: { team: { type: 'ref', entity: 'Team' }, mentor: { type: 'ref', entity: 'Person', optional: true } } },
  },
}

const idOf = (n: number): string => `01900000-0000-7000-8000-00000000000${n}`
const system = { createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z', version: 1 }

test('rows whose check needs an optional reference are inserted and put back', async () => {
  const model = modelOf(DESIGN)
  const database = await migratedDatabase(model)
  try {
    await withClient(database.url, async (client) => {
      const rows = new Map([
        ['Leave', [{ id: idOf(1), person: idOf(3), deputy: idOf(4), ...system }]],
        ['Team', [{ id: idOf(2), head: idOf(3), ...system }]],
        [
          'Person',
          [
            { id: idOf(3), team: idOf(2), mentor: idOf(4), ...system },
            { id: idOf(4), team: idOf(2), mentor: null, ...system },
          ],
        ],
      ])
      await insertRows(client, model, rows)
      const before = await readRows(client, model)
      assert.deepEqual(
        before.get('Leave')?.map(({ deputy }) => deputy),
        [idOf(4)],
      )
      assert.deepEqual(
        before.get('Team')?.map(({ head }) => head),
        [idOf(3)],
      )
      const snapshot = await takeSnapshot(client, model)
      await client.query('delete from leaves')
      await client.query('update teams set head_id = null')
      await restoreRows(client, model, { snapshot, before, after: await readRows(client, model) })
      assert.deepEqual(await readRows(client, model), before)
    })
  } finally {
    await database.drop()
  }
})

test('the database numbers new rows behind those that were inserted', async () => {
  const fields = { name: { type: 'text' } }
  const model = modelOf({ name: 'numbers', entities: { Thing: { access, fields: { id: { type: 'integer' }, ...fields } } } })
  const database = await migratedDatabase(model)
  try {
    await withClient(database.url, async (client) => {
      await insertRows(client, model, new Map([['Thing', [1, 2, 7].map((id) => ({ id, name: 'a', ...system }))]]))
      const { rows } = await client.query("insert into things (name) values ('b') returning id")
      assert.equal(Number(rows[0]?.id), 8)
    })
  } finally {
    await database.drop()
  }
})
