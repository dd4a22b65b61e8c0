/** Steps that find rows by a condition: two calls at once never change the same row twice, and lose no change. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { insertRows, whileLocked } from '../actions/action-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const taken = { by: 'input.by' }
const free = 'show == input.show && by == null'
const input = { show: { ref: 'Show' }, by: 'text' }
const common = { allow: 'true', as: 'system', input }

/** One ticket for each seat that a call has taken. */
const TICKETS = { create: 'Ticket', each: 'x in seats', set: { seat: 'x', by: 'input.by' } }

const ONE_TICKET = { create: 'Ticket', set: { seat: 'seat', by: 'input.by' } }

const model = modelFrom({
  name: 'seats',
  entities: {
    Show: {
      fields: { places: { type: 'integer', default: 1 } },
      access: OPEN,
    },
    Seat: {
      fields: {
        show: { type: 'ref', entity: 'Show', inverse: 'seats' },
        by: { type: 'text', optional: true },
        cents: { type: 'integer', default: 1 },
      },
      access: OPEN,
    },
    Ticket: {
      fields: { seat: { type: 'ref', entity: 'Seat', inverse: 'tickets', onDelete: 'cascade' }, by: { type: 'text' } },
      access: OPEN,
    },
  },
  actions: {
    updateWhere: { ...common, steps: [{ update: 'Seat', where: free, set: taken, as: 'seats' }, TICKETS] },
    updateWhereAsCaller: { ...common, as: 'caller', steps: [{ update: 'Seat', where: free, set: taken, as: 'seats' }, TICKETS] },
    updateNamed: { ...common, steps: [{ list: 'Seat', where: free, limit: 9, as: 'seats' }, { update: 'seats', set: taken }, TICKETS] },
    updateEach: {
      ...common,
      steps: [{ list: 'Seat', where: free, limit: 9, as: 'seats' }, { update: 'x', each: 'x in seats', set: taken }, TICKETS],
    },
    updateBehind: {
      ...common,
      steps: [
        { list: 'Seat', where: 'show == input.show', limit: 9, as: 'seats' },
        { require: 'x.show.places > 0', each: 'x in seats' },
        { update: 'x.show', each: 'x in seats', set: { places: 'places - 1' } },
        TICKETS,
      ],
    },
    double: {
      ...common,
      steps: [{ update: 'Seat', where: 'show == input.show', set: { cents: 'cents * 2', by: 'input.by' } }],
    },
    doubleBehind: {
      ...common,
      steps: [
        { create: 'Seat', set: { show: 'input.show', by: 'input.by' }, as: 'seat' },
        { update: 'seat.show', set: { places: 'places * 2' } },
      ],
    },
    findWhere: { ...common, steps: [{ find: 'Seat', where: 'show == input.show && size(tickets) < 1', as: 'seat' }, ONE_TICKET] },
    findOptional: {
      ...common,
      steps: [
        { find: 'Seat', where: 'show == input.show && size(tickets) < 1', as: 'seat', optional: true },
        { ...ONE_TICKET, when: 'seat != null' },
      ],
    },
    findUnnamed: {
      ...common,
      steps: [
        { find: 'Show', where: 'id == input.show && size(seats) < 2', else: 'conflict' },
        { create: 'Seat', set: { show: 'input.show', by: 'input.by' } },
      ],
    },
    findNone: {
      ...common,
      steps: [
        { find: 'Seat', where: 'show == input.show && by != null', as: 'other', optional: true },
        { require: 'other == null' },
        { create: 'Seat', set: { show: 'input.show', by: 'input.by' } },
      ],
    },
    listNone: {
      ...common,
      steps: [
        { list: 'Seat', where: 'by != null && show == input.show', limit: 1, as: 'others' },
        { require: 'size(others) == 0' },
        { create: 'Seat', set: { show: 'input.show', by: 'input.by' } },
      ],
    },
    deleteWhere: { ...common, steps: [{ delete: 'Seat', where: 'show == input.show && cents < 2' }, { require: 'input.by != ""' }] },
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

/** Runs an action twice at once for a show with one seat: both wait for the row, which no call has changed when they begin. */
async function twiceAtOnce(action: string): Promise<{ readonly show: string; readonly seat: string }> {
  const [show = ''] = await insertRows(world, 'shows', [{ places: 1 }])
  const [seat = ''] = await insertRows(world, 'seats', [{ show_id: show, cents: 1 }])
  const calls: ReturnType<TestBackend['ask']>[] = []
  const locks = `select 1 from shows where id = '${show}' for update; select 1 from seats where id = '${seat}' for update`
  await whileLocked(world, locks, {
    waiting: 2,
    begin: () => {
      for (const by of ['ann', 'bob']) calls.push(world.ask('POST', `/api/actions/${action}`, { body: { show, by } }))
    },
  })
  for (const { status, text } of await Promise.all(calls)) assert.ok(status < 300 || status === 404 || status === 409, text)
  return { show, seat }
}

const TAKING = ['updateWhere', 'updateWhereAsCaller', 'updateNamed', 'updateEach', 'updateBehind', 'findWhere', 'findOptional']

for (const action of TAKING)
  test(`of two calls of ${action}, one takes the seat`, async () => {
    const { seat } = await twiceAtOnce(action)
    const [{ n } = {}] = await world.sql('select count(*)::int as n from tickets where seat_id = $1', [seat])
    assert.equal(n, 1)
  })

for (const action of ['findUnnamed', 'findNone', 'listNone'])
  test(`of two calls of ${action}, one makes a seat`, async () => {
    const { show } = await twiceAtOnce(action)
    const [{ n } = {}] = await world.sql('select count(*)::int as n from seats where show_id = $1', [show])
    assert.equal(n, 2)
  })

test('two calls that each double a value make it four times as large', async () => {
  const { seat } = await twiceAtOnce('double')
  assert.deepEqual(await world.sql('select cents from seats where id = $1', [seat]), [{ cents: '4' }])
})

test('two calls that each double a value behind a new row make it four times as large', async () => {
  const { show } = await twiceAtOnce('doubleBehind')
  assert.deepEqual(await world.sql('select places from shows where id = $1', [show]), [{ places: '4' }])
})

test('a delete leaves a row that another request has changed meanwhile', async () => {
  const [show = ''] = await insertRows(world, 'shows', [{ places: 1 }])
  const [seat = ''] = await insertRows(world, 'seats', [{ show_id: show, cents: 1 }])
  let call: ReturnType<TestBackend['ask']> | undefined
  await whileLocked(world, `update seats set cents = 5 where id = '${seat}'`, {
    waiting: 1,
    begin: () => {
      call = world.ask('POST', '/api/actions/deleteWhere', { body: { show, by: 'ann' } })
    },
  })
  assert.equal((await call)?.status, 204)
  assert.equal((await world.sql('select 1 from seats where id = $1', [seat])).length, 1)
})
