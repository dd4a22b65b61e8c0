/** `set` over the row that is written and the rows that it refers to, through every way to write. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const open = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const design = {
  name: 'desks',
  entities: {
    Desk: { fields: { name: { type: 'text', max: 20 }, days: { type: 'integer', default: 1 } }, access: open },
    Ticket: {
      softDelete: true,
      fields: {
        desk: { type: 'ref', entity: 'Desk', inverse: 'tickets' },
        title: { type: 'text', max: 20 },
        urgent: { type: 'boolean', default: false },
        points: { type: 'integer', default: { expression: '2 + 1' } },
        days: { type: 'integer', optional: true, set: 'urgent ? 0 : desk.days * points' },
        label: { type: 'text', max: 50, set: 'title + (urgent ? "!" : "")', on: 'write' },
      },
      access: open,
    },
  },
}

async function desks(t: TestContext): Promise<{ backend: TestBackend; desk: string }> {
  const backend = await testBackend(t, modelFrom(design))
  const { json } = await backend.ask('POST', '/api/desks', { body: { name: 'front', days: 2 } })
  return { backend, desk: json.id }
}

test('a create computes set from what is sent, from defaults and from the row that is referred to', async (t) => {
  const { backend, desk } = await desks(t)
  const made = await backend.ask('POST', '/api/tickets', { body: { desk, title: 'a' } })
  assert.deepEqual([made.status, made.json.days, made.json.label], [201, 6, 'a'])
  const many = await backend.ask('POST', '/api/tickets', {
    body: [
      { desk, title: 'b', urgent: true },
      { desk, title: 'c', points: 5 },
    ],
  })
  assert.deepEqual(
    many.json.map((row: { days: number; label: string }) => [row.days, row.label]),
    [
      [0, 'b!'],
      [10, 'c'],
    ],
  )
  const nested = await backend.ask('POST', '/api/desks?include=tickets', { body: { name: 'back', tickets: [{ title: 'd' }] } })
  assert.deepEqual([nested.status, nested.json.tickets[0].label], [201, 'd'])
})

test('an update computes set with on: write from the row as it will be', async (t) => {
  const { backend, desk } = await desks(t)
  const { json } = await backend.ask('POST', '/api/tickets', { body: { desk, title: 'a' } })
  const url = `/api/tickets/${json.id}`
  const urgent = await backend.ask('PATCH', url, { body: { urgent: true } })
  assert.deepEqual([urgent.json.label, urgent.json.days], ['a!', 6])
  const renamed = await backend.ask('PATCH', url, { body: { title: 'z' } })
  assert.equal(renamed.json.label, 'z!')
  assert.equal((await backend.ask('DELETE', url, {})).status, 204)
  assert.deepEqual(await backend.sql('select label from tickets'), [{ label: 'z!' }])
})
