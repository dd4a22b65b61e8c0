/** A `call` with `each` that leaves out a reference. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertRows } from '../actions/action-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const common = { as: 'system', allow: 'true' }

const MODEL = modelFrom({
  name: 'calls',
  entities: {
    Person: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: OPEN,
    },
    Rack: {
      fields: { name: { type: 'text' } },
      access: OPEN,
      actions: {
        release: { ...common, steps: [{ call: 'Box.give', on: 'b', each: 'b in row.boxes' }] },
      },
    },
    Box: {
      fields: {
        rack: { type: 'ref', entity: 'Rack', inverse: 'boxes' },
        owner: { type: 'ref', entity: 'Person', optional: true, inverse: 'owned' },
        label: { type: 'text', optional: true },
      },
      access: OPEN,
      actions: {
        give: {
          ...common,
          input: { to: { ref: 'Person', optional: true } },
          steps: [{ update: 'row', set: { owner: 'input.to', label: 'input.to.email == null ? "free" : input.to.email' } }],
        },
      },
    },
  },
})

test('a reference that is left out is missing for every element', async (t) => {
  const world = await testBackend(t, MODEL)
  const [rack = ''] = await insertRows(world, 'racks', [{ name: 'a' }])
  await insertRows(world, 'boxes', [{ rack_id: rack }, { rack_id: rack }])
  const { status, text } = await world.ask('POST', `/api/racks/${rack}/release`, { body: {} })
  assert.equal(status, 200, text)
  assert.deepEqual(await world.sql('select label from boxes where rack_id = $1', [rack]), [{ label: 'free' }, { label: 'free' }])
})
