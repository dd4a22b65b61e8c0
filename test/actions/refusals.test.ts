/** What callers get when an action refuses. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredFailure, Failure } from '../../src/base/failure.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { insertPeople } from './action-world.ts'

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
  const failure = declaredFailure({ code: 'out_of_stock', status: 422, message: 'there is not enough in stock' }, null)
  assert.ok(failure instanceof Failure)
  assert.deepEqual(
    [failure.code, failure.publicCode, failure.status, failure.detail],
    ['refused_by_design', 'out_of_stock', 422, 'there is not enough in stock'],
  )
})

const SHOWN = modelFrom({
  name: 'desk',
  entities: {
    Person: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
    },
    Note: {
      fields: { text: { type: 'text' }, owner: { type: 'ref', entity: 'Person', set: 'auth.id' } },
      access: { read: 'owner == auth.id', create: 'auth.id != null', update: 'owner == auth.id', delete: 'false' },
      actions: { edit: { allow: 'true', input: { text: 'Note.text' }, steps: [{ update: 'row', set: 'input' }] } },
    },
  },
  actions: {
    write: {
      allow: 'auth.id != null',
      input: { text: 'Note.text' },
      steps: [{ create: 'Note', set: 'input', as: 'note' }],
      answer: { note: 'note.id', text: 'note.text' },
    },
  },
})

test('a repeated action shows only what its caller may still read', async (t) => {
  const world = await testBackend(t, SHOWN)
  const [one, other] = await insertPeople(world, 'persons', [{ email: 'a@example.org' }, { email: 'b@example.org' }])
  const write = (key: string) =>
    world.ask('POST', '/api/actions/write', { token: one?.token, body: { text: 'first' }, headers: { 'idempotency-key': key } })
  const first = await write('k1')
  assert.equal(first.status, 200, first.text)
  const edit = () =>
    world.ask('POST', `/api/notes/${first.json.note}/edit`, {
      token: one?.token,
      body: { text: 'second' },
      headers: { 'idempotency-key': 'k2' },
    })
  assert.equal((await edit()).json.text, 'second')
  assert.deepEqual((await write('k1')).json, { note: first.json.note, text: 'second' })
  assert.equal((await edit()).json.version, 2)
  await world.sql('update notes set owner_id = $1', [other?.id])
  const hidden = await write('k1')
  assert.deepEqual([hidden.status, hidden.json], [200, { note: null, text: null }], hidden.text)
  assert.equal((await edit()).status, 404)
  assert.deepEqual(await world.sql('select count(*)::int as n from notes'), [{ n: 1 }])
})

test('a state that its caller may not read is not told by an illegal transition', async (t) => {
  const model = modelFrom({
    name: 'claims',
    entities: {
      Person: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      },
      Claim: {
        fields: { state: { type: 'choice', values: ['filed', 'suspected', 'paid'], default: 'filed', read: 'false' } },
        access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      },
    },
    workflows: {
      claim: {
        entity: 'Claim',
        field: 'state',
        transitions: { pay: { from: 'filed', to: 'paid', allow: 'auth.id != null', as: 'system' } },
      },
    },
  })
  const world = await testBackend(t, model)
  const [person] = await insertPeople(world, 'persons', [{ email: 'a@example.org' }])
  const { json: claim } = await world.ask('POST', '/api/claims', { body: {} })
  await world.sql("update claims set state = 'suspected'")
  const refused = await world.ask('POST', `/api/claims/${claim.id}/pay`, { token: person?.token })
  assert.deepEqual(
    [refused.status, refused.json.code, refused.json.detail],
    [409, 'illegal_transition', 'this Claim cannot pay now'],
    refused.text,
  )
})
