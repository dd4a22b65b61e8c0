/** What an action as its caller makes of values and rows that the caller may not read, and of steps that are left out. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertPeople, insertRows } from '../actions/action-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const MODEL = modelFrom({
  name: 'desks',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'id == auth.id', create: 'true' },
    },
    Desk: {
      fields: {
        name: { type: 'text' },
        hidden: { type: 'boolean', default: false },
        state: { type: 'choice', values: ['shut', 'open'], default: 'shut' },
        all: { type: 'computed', expression: 'size(tickets)', as: 'system' },
        own: { type: 'computed', expression: 'size(tickets)' },
        full: { type: 'computed', expression: 'size(tickets) > 2', as: 'system' },
        secret: { type: 'computed', expression: 'size(tickets)', as: 'system', read: 'name == "open"' },
      },
      access: { read: '!hidden', create: 'true', update: 'true' },
      actions: {
        look: {
          allow: 'true',
          answer: { all: 'row.all', own: 'row.own', full: 'row.full', secret: 'row.secret' },
        },
        require: { allow: 'true', steps: [{ require: 'row.all == 3' }, { require: 'row.full' }], answer: { done: true } },
        guess: { allow: 'true', steps: [{ require: 'row.secret == 3' }], answer: { done: true } },
        lookAsSystem: { as: 'system', allow: 'true', answer: { all: 'row.all', secret: 'row.secret' } },
        callOpen: { allow: 'true', input: { ticket: { ref: 'Ticket' } }, steps: [{ call: 'Desk.open', on: 'input.ticket.desk' }] },
        openIfSecret: { allow: 'true', steps: [{ call: 'Desk.open', on: 'row', when: 'row.secret == 3' }], answer: { done: true } },
        callOpenAsSystem: {
          as: 'system',
          allow: 'true',
          input: { ticket: { ref: 'Ticket' } },
          steps: [{ call: 'Desk.open', on: 'input.ticket.desk' }],
        },
      },
    },
    Ticket: {
      fields: {
        desk: { type: 'ref', entity: 'Desk', inverse: 'tickets' },
        owner: { type: 'ref', entity: 'User', inverse: 'tickets' },
      },
      access: { read: 'owner == auth.id', create: 'true' },
    },
  },
  workflows: { opening: { entity: 'Desk', field: 'state', transitions: { open: { from: 'shut', to: 'open', allow: 'true' } } } },
  actions: {
    makeHidden: {
      allow: 'true',
      steps: [{ create: 'Desk', set: { name: '"new"', hidden: true }, as: 'desk' }],
      answer: { id: 'desk.id != null', name: 'desk.name', all: 'desk.all', own: 'desk.own', isFew: 'desk.own < 2' },
    },
    skipped: {
      allow: 'true',
      input: { isListed: 'boolean' },
      steps: [{ list: 'Desk', limit: 1, when: 'input.isListed', as: 'desks' }],
      answer: { total: 'desks.total', size: 'size(desks)' },
    },
  },
})

async function openDesks(t: TestContext) {
  const world = await testBackend(t, MODEL)
  const [ann, bob] = await insertPeople(world, 'users', [{ email: 'ann@example.com' }, { email: 'bob@example.com' }])
  const [desk = '', hidden = ''] = await insertRows(world, 'desks', [
    { name: 'shut', hidden: false, state: 'shut' },
    { name: 'shut', hidden: true, state: 'shut' },
  ])
  const ticket = (desk_id: string, owner_id = '') => ({ desk_id, owner_id })
  const rows = [ticket(desk, ann?.id), ticket(desk, bob?.id), ticket(desk, bob?.id), ticket(hidden, ann?.id)]
  const tickets = await insertRows(world, 'tickets', rows)
  const act = async (path: string, body: unknown = {}) => {
    const answer = await world.ask('POST', `/api/${path}`, { token: ann?.token, body })
    return answer.json.code ?? answer.json
  }
  const read = async (path: string) => (await world.ask('GET', `/api/${path}`, { token: ann?.token })).json
  return { world, act, read, desk, tickets }
}

test('a computed field over all rows has its value in actions as caller', async (t) => {
  const { read, desk } = await openDesks(t)
  assert.deepEqual(await read(`desks/${desk}/look`), { all: 3, own: 1, full: true, secret: null })
  assert.deepEqual(await read(`desks/${desk}/require`), { done: true })
})

test('a computed field of a row that the caller may not read is missing, even if a step has made the row', async (t) => {
  const { act } = await openDesks(t)
  assert.deepEqual(await act('actions/makeHidden'), { id: true, name: null, all: null, own: null, isFew: null })
})

test('the read rule of a computed field holds in actions as caller', async (t) => {
  const { world, read, desk } = await openDesks(t)
  assert.equal((await read(`desks/${desk}/guess`)).code, 'requirement_failed')
  assert.deepEqual(await read(`desks/${desk}/lookAsSystem`), { all: 3, secret: 3 })
  await world.sql(`update desks set name = 'open'`)
  assert.equal((await read(`desks/${desk}/look`)).secret, 3)
  assert.deepEqual(await read(`desks/${desk}/guess`), { done: true })
})

test('a call of a transition on a row that the caller may not read moves nothing and says so', async (t) => {
  const { world, act, desk, tickets } = await openDesks(t)
  const states = () => world.sql('select hidden, state from desks order by hidden')
  assert.equal(await act(`desks/${desk}/callOpen`, { ticket: tickets[3] }), 'illegal_transition')
  assert.deepEqual(await states(), [
    { hidden: false, state: 'shut' },
    { hidden: true, state: 'shut' },
  ])
  assert.equal((await act(`desks/${desk}/callOpen`, { ticket: tickets[0] })).state, 'open')
  assert.equal((await act(`desks/${desk}/callOpenAsSystem`, { ticket: tickets[3] })).id, desk)
  assert.deepEqual(await states(), [
    { hidden: false, state: 'open' },
    { hidden: true, state: 'open' },
  ])
})

test('a call of a transition is left out where its condition reads a hidden value', async (t) => {
  const { world, act, desk } = await openDesks(t)
  assert.deepEqual(await act(`desks/${desk}/openIfSecret`), { done: true })
  assert.deepEqual(await world.sql('select distinct state from desks'), [{ state: 'shut' }])
})

test('a list that is left out has no rows, and its total is 0', async (t) => {
  const { read } = await openDesks(t)
  assert.deepEqual(await read('actions/skipped?isListed=false'), { total: 0, size: 0 })
  assert.deepEqual(await read('actions/skipped?isListed=true'), { total: 1, size: 1 })
})
