/** `retention` of an entity: old rows go in batches, with their events, and never while others need them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runOn } from '../../src/commands/setup/run-on.ts'
import { withClient } from '../../src/postgres/connect.ts'
import { deleteOldRows, isDue } from '../../src/services/retention/service.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const access = { read: 'true', create: 'true', update: 'false', delete: 'false' }
const DESIGN = {
  name: 'visits',
  entities: {
    Visit: { retention: '90d', fields: { place: { type: 'text', max: 20 } }, access },
    Note: { retention: { after: '30d', hours: '22-4' }, fields: { visit: { type: 'ref', entity: 'Visit' } }, access },
    Photo: { fields: { visit: { type: 'ref', entity: 'Visit', onDelete: 'cascade' } }, access },
  },
}

const at = (hour: number): number => Date.UTC(2026, 10, 30, hour, 30)

test('rows older than the retention are deleted in batches, and what needs them keeps them', async (t) => {
  const model = modelFrom(DESIGN)
  const world = await testBackend(t, model)
  const add = (table: string, columns: string, values: string, days: number, count: number) =>
    world.sql(
      `insert into ${table} (id, ${columns}, created_at, updated_at, version)
       select gen_random_uuid(), ${values}, now() - ${days} * interval '1 day', now(), 1 from generate_series(1, ${count})`,
    )
  await add('visits', 'place', `'old'`, 91, 1_200)
  await add('visits', 'place', `'young'`, 89, 10)
  await add('visits', 'place', `'needed'`, 91, 1)
  const needed = `(select id from visits where place = 'needed')`
  await add('notes', 'visit_id', needed, 31, 1)
  await add('photos', 'visit_id', `(select id from visits where place = 'old' limit 1)`, 1, 1)
  const sweep = (hour: number) =>
    withClient(world.databaseUrl, (client) => deleteOldRows(model, { run: runOn(client), now: () => at(hour) }))
  const left = async () =>
    Object.fromEntries((await world.sql('select place, count(*)::int as n from visits group by 1')).map(({ place, n }) => [place, n]))

  assert.equal(await sweep(12), 500)
  assert.deepEqual(await left(), { old: 700, young: 10, needed: 1 })
  assert.deepEqual([await sweep(12), await sweep(12), await sweep(12)], [500, 200, 0])
  assert.deepEqual(await left(), { young: 10, needed: 1 })
  assert.equal((await world.sql('select count(*)::int as n from photos'))[0]?.n, 0)
  // The note may only go at night, and then the visit that it needed.
  assert.equal(await sweep(23), 1)
  assert.equal(await sweep(3), 1)
  assert.deepEqual(await left(), { young: 10 })
})

test('hours may go over midnight', () => {
  const hours = (from: number, to: number) => [21, 22, 3, 4].map((hour) => isDue({ afterMs: 1, hours: { from, to } }, at(hour)))
  assert.deepEqual(hours(22, 4), [false, true, true, false])
  assert.deepEqual(hours(3, 22), [true, false, true, true])
})

test('hours that are none, and rows that are never old, are findings', () => {
  const wrong = (retention: unknown) => () =>
    modelFrom({ ...DESIGN, entities: { ...DESIGN.entities, Visit: { ...DESIGN.entities.Visit, retention } } })
  assert.throws(wrong({ after: '90d', hours: '25-26' }), /PLN-D734/)
  assert.throws(wrong('30s'), /PLN-D734/)
})
