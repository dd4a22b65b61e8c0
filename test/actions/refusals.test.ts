/** What callers get when an action refuses. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredFailure, Failure } from '../../src/base/failure.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const DESIGN = {
  name: 'desk',
  entities: {
    Ticket: {
      fields: { title: { type: 'text' }, votes: { type: 'integer', default: 0 } },
      access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      actions: {
        close: { allow: 'true', as: 'system', steps: [{ require: 'row.votes > 0' }, { delete: 'row' }] },
        vote: { allow: 'title != "closed"', as: 'system', steps: [{ update: 'row', set: { votes: 'votes + 1' } }] },
      },
    },
  },
}

test('a requirement without words of its own shows its condition in development alone', async (t) => {
  const model = modelFrom(DESIGN)
  for (const mode of ['development', 'production'] as const) {
    const world = await testBackend(t, model, { mode })
    const { json: ticket } = await world.ask('POST', '/api/tickets', { body: { title: 'a' } })
    const refused = await world.ask('POST', `/api/tickets/${ticket.id}/close`)
    assert.deepEqual([refused.status, refused.json.code], [409, 'requirement_failed'], refused.text)
    const rule = mode === 'development' ? ': it requires row.votes > 0' : ''
    assert.equal(refused.json.detail, `this is not possible now${rule}`)
    assert.equal((await world.ask('POST', `/api/tickets/${ticket.id}/vote`)).status, 200)
    assert.equal((await world.ask('POST', `/api/tickets/${ticket.id}/close`)).status, 204)
    assert.equal((await world.ask('POST', `/api/tickets/${ticket.id}/close`)).status, 404)
  }
})

test('a rule of an action refuses with 401 for callers who are not signed in', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN))
  const { json: ticket } = await world.ask('POST', '/api/tickets', { body: { title: 'closed' } })
  const refused = await world.ask('POST', `/api/tickets/${ticket.id}/vote`)
  assert.deepEqual([refused.status, refused.json.code], [401, 'not_signed_in'], refused.text)
})

test('a failure that the design declares has the code and the status of the design', () => {
  const failure = declaredFailure({ code: 'out_of_stock', status: 422, message: 'there is not enough in stock' })
  assert.ok(failure instanceof Failure)
  assert.deepEqual(
    [failure.code, failure.publicCode, failure.status, failure.detail],
    ['refused_by_design', 'out_of_stock', 422, 'there is not enough in stock'],
  )
})
