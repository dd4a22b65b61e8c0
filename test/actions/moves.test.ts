/** Actions that call transitions, and calls for each of several rows. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import { insertRows } from './action-world.ts'

const MODEL = modelFrom({
  name: 'parcels',
  entities: {
    Batch: {
      fields: { name: { type: 'text', max: 20 }, open: { type: 'integer', default: 0 } },
      access: { read: 'true' },
      actions: {
        shipAll: {
          as: 'system',
          allow: 'true',
          steps: [{ call: 'Parcel.ship', on: 'p', each: 'p in row.parcels', input: { note: '"of " + row.name' } }],
          answer: { open: 'row.open' },
        },
      },
    },
    Parcel: {
      fields: {
        batch: { type: 'ref', entity: 'Batch', inverse: 'parcels' },
        weight: { type: 'integer', min: 1 },
        state: { type: 'choice', values: ['packed', 'shipped', 'lost'], default: 'packed' },
        note: { type: 'text', optional: true },
      },
      access: { read: 'true', update: 'true' },
      actions: {
        send: { as: 'system', allow: 'true', steps: [{ call: 'Parcel.ship', on: 'row', input: { note: '"alone"' } }] },
        sendAsCaller: { allow: 'true', steps: [{ call: 'Parcel.ship', on: 'row' }] },
        note: { as: 'system', allow: 'true', input: { text: 'text' }, steps: [{ update: 'row', set: { note: 'input.text' } }] },
      },
    },
    Event: { fields: { parcel: { type: 'ref', entity: 'Parcel' }, what: { type: 'text' } }, access: { read: 'true', create: 'true' } },
  },
  actions: {
    noteEach: {
      as: 'system',
      allow: 'true',
      input: { texts: { type: 'list', of: { type: 'text', max: 20 } }, parcel: { ref: 'Parcel' } },
      steps: [{ call: 'log', each: 't in input.texts', input: { parcel: 'input.parcel', what: 't' } }],
    },
    log: {
      as: 'system',
      allow: 'false',
      input: { parcel: { ref: 'Parcel' }, what: 'Event.what' },
      steps: [
        { require: 'input.parcel.weight < 50', else: 'too_heavy' },
        { create: 'Event', set: 'input' },
      ],
    },
  },
  workflows: {
    shipping: {
      entity: 'Parcel',
      field: 'state',
      transitions: {
        ship: {
          from: 'packed',
          to: 'shipped',
          guard: 'weight < 100',
          as: 'system',
          allow: 'false',
          input: { note: 'text?' },
          steps: [
            { create: 'Event', set: { parcel: 'row', what: '"shipped"' } },
            { update: 'row', set: { note: 'input.note' } },
            { update: 'row.batch', set: { open: 'open - row.weight' } },
          ],
        },
        lose: { from: 'shipped', to: 'lost', allow: 'true' },
      },
    },
  },
})

async function openBatch(t: TestContext, weights: readonly number[]) {
  const world = await testBackend(t, MODEL)
  const [batch] = await insertRows(world, 'batches', [{ name: 'first', open: 100 }])
  const parcels = await insertRows(
    world,
    'parcels',
    weights.map((weight) => ({ batch_id: batch, weight, state: 'packed' })),
  )
  const act = (path: string, body?: unknown) => world.ask('POST', `/api/${path}`, { body })
  const states = async () =>
    (await world.sql('select state, note from parcels order by weight')).map(({ state, note }) => `${state} ${note}`)
  return { world, batch, parcels, act, states }
}

test('a transition that an action calls moves the state, and only from its states', async (t) => {
  const { world, parcels, act, states } = await openBatch(t, [3, 100])
  const [light, heavy] = parcels
  const sent = await act(`parcels/${light}/send`)
  assert.deepEqual([sent.status, sent.json.state, sent.json.note], [200, 'shipped', 'alone'], sent.text)
  assert.deepEqual(await world.sql('select open::int from batches'), [{ open: 97 }])
  const again = await act(`parcels/${light}/send`)
  assert.deepEqual([again.status, again.json.code], [409, 'illegal_transition'], again.text)
  const guarded = await act(`parcels/${heavy}/send`)
  assert.deepEqual([guarded.status, guarded.json.code], [409, 'requirement_failed'], guarded.text)
  assert.deepEqual(await states(), ['shipped alone', 'packed null'])
  assert.equal((await act(`parcels/${light}/ship`)).status, 404)
})

test('of many who send a parcel at once, one moves it', async (t) => {
  const { world, parcels, act } = await openBatch(t, [3])
  const done = await Promise.all(Array.from({ length: 20 }, () => act(`parcels/${parcels[0]}/send`)))
  assert.equal(done.filter(({ status }) => status === 200).length, 1)
  assert.deepEqual(await world.sql('select count(*)::int as n from events'), [{ n: 1 }])
})

test('a call with each runs the steps for each row', async (t) => {
  const { world, batch, act, states } = await openBatch(t, [3, 5, 7])
  const shipped = await act(`batches/${batch}/shipAll`)
  assert.deepEqual([shipped.status, shipped.json], [200, { open: 85 }], shipped.text)
  assert.deepEqual(await states(), ['shipped of first', 'shipped of first', 'shipped of first'])
  assert.deepEqual(await world.sql('select count(distinct parcel_id)::int as n from events'), [{ n: 3 }])
  const again = await act(`batches/${batch}/shipAll`)
  assert.deepEqual([again.status, again.json.code], [409, 'illegal_transition'], again.text)
})

test('a call with each gives each element to the inputs, and one refusal undoes all', async (t) => {
  const { world, parcels, act } = await openBatch(t, [3, 60])
  const [light, heavy] = parcels
  const noted = await act('actions/noteEach', { texts: ['a', 'b', 'a'], parcel: light })
  assert.equal(noted.status, 204, noted.text)
  assert.deepEqual(await world.sql('select what, count(*)::int as n from events group by 1 order by 1'), [
    { what: 'a', n: 2 },
    { what: 'b', n: 1 },
  ])
  const refused = await act('actions/noteEach', { texts: ['c'], parcel: heavy })
  assert.deepEqual([refused.status, refused.json.code], [409, 'too_heavy'], refused.text)
  assert.equal((await act('actions/noteEach', { texts: [], parcel: heavy })).status, 204)
})

test('a call with each of one row that may not move undoes the moves of the others', async (t) => {
  const { world, batch, parcels, act, states } = await openBatch(t, [3, 5, 7])
  await act(`parcels/${parcels[1]}/send`)
  const refused = await act(`batches/${batch}/shipAll`)
  assert.deepEqual([refused.status, refused.json.code], [409, 'illegal_transition'], refused.text)
  assert.deepEqual(await states(), ['packed null', 'shipped alone', 'packed null'])
  assert.deepEqual(await world.sql('select open::int from batches'), [{ open: 95 }])
})

test('calls with each at once move every row once', async (t) => {
  const { world, batch, act } = await openBatch(t, [3, 5, 7, 9])
  const done = await Promise.all(Array.from({ length: 12 }, () => act(`batches/${batch}/shipAll`)))
  assert.deepEqual(done.map(({ status }) => status).toSorted(), [200, ...Array.from({ length: 11 }, () => 409)])
  assert.deepEqual(await world.sql('select count(*)::int as n, count(distinct parcel_id)::int as parcels from events'), [
    { n: 4, parcels: 4 },
  ])
  assert.deepEqual(await world.sql('select open::int from batches'), [{ open: 76 }])
})
