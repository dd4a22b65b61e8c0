/** A row that a `delete` leaves, because its `where` does not hold: later steps see it and change it, with hooks and without. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { insertRows } from '../actions/action-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const nothing = (): void => {}
const actionsOf = (entity: string) => ({
  finish: {
    allow: 'true',
    as: 'system',
    steps: [
      { delete: 'row', where: 'count < 1' },
      { update: 'row', set: { count: 'count * 2' } },
    ],
    answer: { count: 'row.count' },
  },
  removeTwice: { allow: 'true', as: 'system', steps: [{ delete: 'row' }, { delete: 'row' }], answer: { count: 'row.count' } },
  removeAll: {
    allow: 'true',
    as: 'system',
    steps: [
      { delete: 'row', where: 'count < 1' },
      { delete: entity, where: 'id == row.id' },
    ],
    answer: { count: 'row.count' },
  },
})
const fields = { count: { type: 'integer', default: 1 } }
const hooks = { beforeDelete: nothing, beforeUpdate: nothing }
const model = modelFrom({
  name: 'kept',
  entities: {
    Plain: { fields, access: OPEN, actions: actionsOf('Plain') },
    Hooked: { fields, access: OPEN, actions: actionsOf('Hooked'), hooks },
  },
})

let world: TestBackend
const ends: (() => unknown)[] = []

before(async () => {
  world = await testBackend({ after: (end) => void ends.push(end as () => unknown) }, model)
})
after(async () => {
  for (const end of ends) await end()
})

for (const table of ['plains', 'hookeds']) {
  test(`a row of ${table} that a delete leaves is changed by the next step and answered as it is then`, async () => {
    const [id] = await insertRows(world, table, [{ count: 4 }])
    const { status, json } = await world.ask('POST', `/api/${table}/${id}/finish`, { body: {} })
    assert.deepEqual([status, json], [200, { count: 8 }])
    assert.deepEqual(await world.sql(`select count from ${table} where id = $1`, [id]), [{ count: '8' }])
  })

  test(`a row of ${table} that a delete removes has its last values`, async () => {
    const [id] = await insertRows(world, table, [{ count: 0 }])
    const { status, json } = await world.ask('POST', `/api/${table}/${id}/finish`, { body: {} })
    assert.deepEqual([status, json], [200, { count: 0 }])
    assert.deepEqual(await world.sql(`select count from ${table} where id = $1`, [id]), [])
  })

  test(`a row of ${table} that two steps delete has its last values`, async () => {
    const [id] = await insertRows(world, table, [{ count: 3 }])
    const { status, json } = await world.ask('POST', `/api/${table}/${id}/removeTwice`, { body: {} })
    assert.deepEqual([status, json], [200, { count: 3 }])
  })

  test(`a row of ${table} that a delete leaves, and a step deletes by a condition, is missing`, async () => {
    const [id] = await insertRows(world, table, [{ count: 3 }])
    const { status, json } = await world.ask('POST', `/api/${table}/${id}/removeAll`, { body: {} })
    assert.deepEqual([status, json], [200, { count: null }])
  })
}
