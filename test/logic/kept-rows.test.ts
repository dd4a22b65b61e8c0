/**
 * The names of rows after a `delete`, with hooks and without: a row that the step leaves is seen and changed by later steps, and one that
 * it deletes keeps its last values under all of its names.
 */

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
  remove: { allow: 'true', as: 'system', steps: [{ delete: 'row' }] },
  removeOther: {
    allow: 'true',
    input: { other: { ref: entity } },
    steps: [{ find: entity, where: 'id == row.id', as: 'found' }, { delete: 'input.other' }, { require: 'found.count == row.count' }],
    answer: { row: 'row.count', found: 'found.count', other: 'input.other.count' },
  },
  removeBoth: {
    allow: 'true',
    input: { other: { ref: entity } },
    steps: [{ delete: 'row' }, { delete: 'input.other' }],
    answer: { row: 'row.count', other: 'input.other.count' },
  },
  removeIf: {
    allow: 'true',
    input: { is: { type: 'boolean' } },
    steps: [
      { delete: 'row', when: 'input.is' },
      { delete: entity, where: 'id == row.id' },
    ],
    answer: { count: 'row.count' },
  },
  removeByCall: {
    allow: 'true',
    input: { is: { type: 'boolean' } },
    steps: [{ call: `${entity}.remove`, on: 'row', when: 'input.is' }],
    answer: { count: 'row.count' },
  },
  removeWithParts: {
    allow: 'true',
    steps: [{ find: 'row.parts', as: 'part' }, { list: entity, where: 'id == row.id', limit: 10, as: 'all' }, { delete: 'row' }],
    answer: { count: 'row.count', part: 'part.size', all: 'size(all)' },
  },
  removeParts: {
    allow: 'true',
    steps: [{ find: 'row.parts', as: 'part' }, { delete: 'row.parts' }],
    answer: { count: 'row.count', part: 'part.size' },
  },
  removeThenClose: { allow: 'true', as: 'system', steps: [{ delete: 'row' }, { call: `${entity}.close`, on: 'row' }] },
  removeForEach: { allow: 'true', steps: [{ delete: 'row', each: 'part in row.parts' }], answer: { count: 'row.count' } },
})
const partsOf = (entity: string) => ({
  fields: { size: { type: 'integer' }, whole: { type: 'ref', entity, inverse: 'parts', onDelete: 'cascade' } },
  access: OPEN,
  actions: {
    removeWhole: {
      allow: 'true',
      steps: [{ find: entity, where: 'id == row.whole', as: 'whole' }, { delete: 'row.whole' }],
      answer: { count: 'whole.count', size: 'row.size', path: 'row.whole.count' },
    },
  },
})
const fields = { count: { type: 'integer', default: 1 }, state: { type: 'choice', values: ['open', 'closed'], default: 'open' } }
const workflowOf = (entity: string) => ({ entity, field: 'state', transitions: { close: { from: 'open', to: 'closed', allow: 'true' } } })
const hooks = { beforeDelete: nothing, beforeUpdate: nothing }
const model = modelFrom({
  name: 'kept',
  entities: {
    Plain: { fields, access: OPEN, actions: actionsOf('Plain') },
    Hooked: { fields, access: OPEN, actions: actionsOf('Hooked'), hooks },
    PlainPart: partsOf('Plain'),
    HookedPart: partsOf('Hooked'),
  },
  workflows: { plain: workflowOf('Plain'), hooked: workflowOf('Hooked') },
})

let world: TestBackend
const ends: (() => unknown)[] = []

before(async () => {
  world = await testBackend({ after: (end) => void ends.push(end as () => unknown) }, model)
})
after(async () => {
  for (const end of ends) await end()
})

for (const [table, parts] of [
  ['plains', 'plain_parts'],
  ['hookeds', 'hooked_parts'],
] as const) {
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
  test(`every name of a row of ${table} keeps its last values when a step deletes the row by one of them`, async () => {
    const [id, other] = await insertRows(world, table, [{ count: 4 }, { count: 7 }])
    const apart = await world.ask('POST', `/api/${table}/${id}/removeOther`, { body: { other } })
    assert.deepEqual([apart.status, apart.json], [200, { row: 4, found: 4, other: 7 }])
    const same = await world.ask('POST', `/api/${table}/${id}/removeOther`, { body: { other: id } })
    assert.deepEqual([same.status, same.json], [200, { row: 4, found: 4, other: 4 }])
    assert.deepEqual(await world.sql(`select count from ${table} where id in ($1, $2)`, [id, other]), [])
  })

  test(`two rows of ${table} that two steps delete have the last values of each`, async () => {
    const [id, other] = await insertRows(world, table, [{ count: 4 }, { count: 7 }])
    const { status, json } = await world.ask('POST', `/api/${table}/${id}/removeBoth`, { body: { other } })
    assert.deepEqual([status, json], [200, { row: 4, other: 7 }])
  })

  for (const action of ['removeIf', 'removeByCall'])
    test(`${action} of ${table} keeps the last values of a row that its condition deletes`, async () => {
      const [id, left] = await insertRows(world, table, [{ count: 5 }, { count: 6 }])
      const removed = await world.ask('POST', `/api/${table}/${id}/${action}`, { body: { is: true } })
      assert.deepEqual([removed.status, removed.json], [200, { count: 5 }])
      const { json } = await world.ask('POST', `/api/${table}/${left}/${action}`, { body: { is: false } })
      // A step that deletes the rows of an entity leaves no values.
      assert.deepEqual(json, { count: action === 'removeIf' ? null : 6 })
    })

  test(`a row of ${parts} that goes with another one, or with a relation, is missing`, async () => {
    const [id, other] = await insertRows(world, table, [{ count: 2 }, { count: 3 }])
    await insertRows(world, parts, [
      { size: 8, whole_id: id },
      { size: 9, whole_id: other },
    ])
    const cascaded = await world.ask('POST', `/api/${table}/${id}/removeWithParts`, { body: {} })
    assert.deepEqual([cascaded.status, cascaded.json], [200, { count: 2, part: null, all: 0 }])
    const related = await world.ask('POST', `/api/${table}/${other}/removeParts`, { body: {} })
    assert.deepEqual([related.status, related.json], [200, { count: 3, part: null }])
  })

  test(`a row of ${table} that a step with each deletes is missing`, async () => {
    const [id] = await insertRows(world, table, [{ count: 2 }])
    await insertRows(world, parts, [{ size: 8, whole_id: id }])
    const { status, json } = await world.ask('POST', `/api/${table}/${id}/removeForEach`, { body: {} })
    assert.deepEqual([status, json], [200, { count: null }])
  })

  test(`a row of ${table} that a step deletes through a reference has its last values under its name alone`, async () => {
    const [id] = await insertRows(world, table, [{ count: 2 }])
    const [part] = await insertRows(world, parts, [{ size: 8, whole_id: id }])
    const { status, json } = await world.ask('POST', `/api/${parts.replace('_', '-')}/${part}/removeWhole`, { body: {} })
    assert.deepEqual([status, json], [200, { count: 2, size: null, path: null }])
  })

  test(`a row of ${table} that a step has deleted makes no transition`, async () => {
    const [id] = await insertRows(world, table, [{ count: 2 }])
    const { status, json } = await world.ask('POST', `/api/${table}/${id}/removeThenClose`, { body: {} })
    assert.deepEqual([status, json.code], [409, 'illegal_transition'])
    assert.deepEqual(await world.sql(`select count from ${table} where id = $1`, [id]), [{ count: '2' }])
  })
}
