/** `when` and `each` of a `call` are judged once, before the first step of the called action. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const MODEL = modelFrom({
  name: 'calls',
  entities: {
    Rack: {
      fields: { name: { type: 'text' } },
      access: { read: 'true', create: 'true' },
      actions: {
        fillAll: { as: 'system', allow: 'true', steps: [{ call: 'Box.fill', on: 'b', each: 'b in row.boxes', when: 'b.weight < 3' }] },
        swapAll: {
          as: 'system',
          allow: 'true',
          steps: [{ call: 'Box.take', on: 'b', input: { to: 'b.other' }, each: 'b in row.boxes' }],
        },
        swapAllAsCaller: { allow: 'true', steps: [{ call: 'Box.take', on: 'b', input: { to: 'b.other' }, each: 'b in row.boxes' }] },
        takeAll: {
          as: 'system',
          allow: 'true',
          input: { to: { ref: 'Rack' } },
          steps: [{ call: 'Box.take', on: 'b', input: { to: 'input.to' }, each: 'b in row.boxes' }],
        },
      },
    },
    Box: {
      fields: {
        rack: { type: 'ref', entity: 'Rack', inverse: 'boxes' },
        next: { type: 'ref', entity: 'Box', optional: true },
        other: { type: 'ref', entity: 'Rack', optional: true },
        weight: { type: 'integer', default: 0 },
        label: { type: 'text', default: 'empty' },
      },
      access: { read: 'true', create: 'true', update: 'true' },
      actions: {
        fill: {
          as: 'system',
          allow: 'true',
          steps: [
            { update: 'row', set: { weight: 'weight + 5' } },
            { update: 'row', set: { label: '"full"' } },
          ],
        },
        take: {
          as: 'system',
          allow: 'true',
          input: { to: { ref: 'Rack' } },
          steps: [
            { update: 'row', set: { rack: 'input.to' } },
            { update: 'row', set: { label: '"taken"' } },
          ],
        },
        fillHeavy: {
          as: 'system',
          allow: 'true',
          steps: [
            { require: 'row.weight > 2' },
            { update: 'row', set: { weight: 'weight + 5' } },
            { update: 'row', set: { label: '"full"' } },
          ],
        },
        fillNext: {
          as: 'system',
          allow: 'true',
          steps: [{ call: 'Box.fillHeavy', on: 'row.next', when: 'row.next.weight < 3 || row.weight < 3' }],
        },
        fillLight: { as: 'system', allow: 'true', steps: [{ call: 'Box.fill', on: 'row', when: 'row.weight < 3' }] },
      },
    },
  },
})

test('the steps of a called action run although the first of them makes `when` false', async (t) => {
  const world = await testBackend(t, MODEL)
  const make = async (path: string, body: unknown) => (await world.ask('POST', `/api/${path}`, { body })).json.id
  const rack = await make('racks', { name: 'a' })
  const box = await make('boxes', { rack })
  await make('boxes', { rack, weight: 4 })
  const boxes = () => world.sql('select weight::int, label from boxes order by id')
  const act = async (path: string, body: unknown = {}) => {
    const { status, text } = await world.ask('POST', `/api/${path}`, { body })
    assert.ok(status < 300, text)
  }
  await act(`boxes/${box}/fillLight`)
  assert.deepEqual(await boxes(), [
    { weight: 5, label: 'full' },
    { weight: 4, label: 'empty' },
  ])
  await act(`boxes/${box}/fillLight`)
  assert.equal((await boxes())[0]?.weight, 5)
  await world.sql(`update boxes set weight = 0, label = 'empty'`)
  await act(`racks/${rack}/fillAll`)
  assert.deepEqual(await boxes(), [
    { weight: 5, label: 'full' },
    { weight: 5, label: 'full' },
  ])
})

test('the steps of a called action run for the elements of the start', async (t) => {
  const world = await testBackend(t, MODEL)
  const make = async (path: string, body: unknown) => (await world.ask('POST', `/api/${path}`, { body })).json.id
  const [from, to] = [await make('racks', { name: 'a' }), await make('racks', { name: 'b' })]
  await make('boxes', { rack: from })
  const taken = await world.ask('POST', `/api/racks/${from}/takeAll`, { body: { to } })
  assert.ok(taken.status < 300, taken.text)
  assert.deepEqual(await world.sql('select rack_id, label from boxes'), [{ rack_id: to, label: 'taken' }])
})

test('a call for several elements needs the rows of its references', async (t) => {
  const world = await testBackend(t, MODEL)
  const make = async (path: string, body: unknown) => (await world.ask('POST', `/api/${path}`, { body })).json.id
  const [from, to] = [await make('racks', { name: 'a' }), await make('racks', { name: 'b' })]
  const first = await make('boxes', { rack: from, other: to })
  const lacking = await make('boxes', { rack: from })
  for (const action of ['swapAll', 'swapAllAsCaller']) {
    const refused = await world.ask('POST', `/api/racks/${from}/${action}`)
    assert.deepEqual([refused.status, refused.json.code], [404, 'not_found'], refused.text)
  }
  assert.deepEqual(await world.sql('select distinct rack_id, label from boxes'), [{ rack_id: from, label: 'empty' }])
  await world.sql('update boxes set other_id = $1 where id = $2', [to, lacking])
  const done = await world.ask('POST', `/api/racks/${from}/swapAllAsCaller`)
  assert.ok(done.status < 300, done.text)
  assert.deepEqual(await world.sql('select rack_id, label from boxes where id = $1', [first]), [{ rack_id: to, label: 'taken' }])
})

test('the conditions of a called action are judged although its row is missing', async (t) => {
  const world = await testBackend(t, MODEL)
  const make = async (path: string, body: unknown) => (await world.ask('POST', `/api/${path}`, { body })).json.id
  const rack = await make('racks', { name: 'a' })
  const [alone, heavy] = [await make('boxes', { rack }), await make('boxes', { rack, weight: 9 })]
  const lacking = await world.ask('POST', `/api/boxes/${alone}/fillNext`)
  assert.deepEqual([lacking.status, lacking.json.code], [409, 'requirement_failed'], lacking.text)
  await world.sql('update boxes set next_id = $1 where id = $2', [heavy, alone])
  const done = await world.ask('POST', `/api/boxes/${alone}/fillNext`)
  assert.ok(done.status < 300, done.text)
  const boxes = await world.sql('select weight::int, label from boxes order by weight')
  assert.deepEqual(boxes[1], { weight: 14, label: 'full' })
})
