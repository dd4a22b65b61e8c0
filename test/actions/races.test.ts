/** Actions that wait for each other. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { insertPeople, insertRows, whileLocked } from './action-world.ts'

const DESIGN = {
  name: 'bills',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'id == auth.id', create: 'true' },
    },
    Bill: {
      fields: { owner: { type: 'ref', entity: 'User' }, paid: { type: 'boolean', default: false }, note: { type: 'text', optional: true } },
      access: { read: 'owner == auth.id', update: 'owner == auth.id' },
      actions: {
        pay: {
          as: 'system',
          allow: 'paid == false && owner == auth.id',
          steps: [
            { update: 'row', set: { paid: 'true' } },
            { create: 'Payment', set: { bill: 'row' } },
          ],
        },
        // `ensure` needs several statements, of which the first finds, locks and judges the row.
        settle: {
          as: 'system',
          allow: 'paid == false && owner == auth.id',
          steps: [
            { update: 'row', set: { paid: 'true' } },
            { ensure: 'Payment', set: { bill: 'row' } },
          ],
        },
      },
    },
    Payment: { fields: { bill: { type: 'ref', entity: 'Bill' } }, unique: [['bill']], access: {} },
  },
  actions: {
    annotate: {
      as: 'system',
      allow: 'auth.id != null',
      input: { bill: { ref: 'Bill', where: 'owner == auth.id' }, note: 'Bill.note' },
      steps: [{ update: 'input.bill', set: { note: 'input.note' } }],
    },
  },
}

async function openBills(t: TestContext) {
  const world = await testBackend(t, modelFrom(DESIGN))
  const people = await insertPeople(world, 'users', [{ email: 'a@example.org' }, { email: 'b@example.org' }])
  const [bill = ''] = await insertRows(world, 'bills', [{ owner_id: people[0]?.id, paid: false }])
  return { world, people, bill }
}

for (const name of ['pay', 'settle'])
  test(`of callers who run an action at once, allow admits only the first: ${name}`, { timeout: 60_000 }, (t) => asksAtOnce(t, name))

async function asksAtOnce(t: TestContext, name: string): Promise<void> {
  const { world, people, bill } = await openBills(t)
  let asked: Promise<readonly number[]> = Promise.resolve([])
  // One instance runs calls for the same row one after the other, so two instances ask.
  const other = await testBackend(t, world.model, { databaseUrl: world.databaseUrl })
  const pay = async (instance: TestBackend) => {
    const token = await instance.tokenFor(people[0]?.id ?? '')
    return (await instance.ask('POST', `/api/bills/${bill}/${name}`, { token })).status
  }
  await whileLocked(world, `select from bills where id = '${bill}' for update`, {
    waiting: 2,
    begin: () => {
      asked = Promise.all([pay(world), pay(other)])
    },
  })
  assert.deepEqual((await asked).toSorted(), [200, 403])
  assert.deepEqual(await world.sql('select count(*)::int as n from payments'), [{ n: 1 }])
}

test('a row that is given away while an action waits for it is not changed', { timeout: 60_000 }, async (t) => {
  const { world, people, bill } = await openBills(t)
  const token = people[0]?.token
  let asked: Promise<readonly number[]> = Promise.resolve([])
  const annotate = async () => (await world.ask('POST', '/api/actions/annotate', { token, body: { bill, note: 'mine' } })).status
  const run = async (name: string) => (await world.ask('POST', `/api/bills/${bill}/${name}`, { token })).status
  await whileLocked(world, `update bills set owner_id = '${people[1]?.id}' where id = '${bill}'`, {
    waiting: 3,
    begin: () => {
      asked = Promise.all([annotate(), run('pay'), run('settle')])
    },
  })
  assert.deepEqual(await asked, [400, 404, 404])
  assert.deepEqual(await world.sql('select paid, note from bills'), [{ paid: false, note: null }])
})
