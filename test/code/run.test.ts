/** Actions of code, in REST and GraphQL. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertPeople, insertRows } from '../actions/action-world.ts'
import { openCode } from './code-world.ts'

test('code of an action reads and writes in one transaction', async (t) => {
  const world = await openCode(t, 'shop.yaml')
  const [ann, bob] = await insertPeople(world, 'persons', [{ email: 'ann@example.com' }, { email: 'bob@example.com' }])
  assert.ok(ann && bob)
  await insertRows(world, 'products', [{ name: 'Cup', price: '10.00', stock: 5 }])
  await insertRows(world, 'coupons', [{ code: 'HALF', percent: 50, remaining: 1 }])
  const buy = (body: object, headers: Record<string, string> = {}) =>
    world.ask('POST', '/api/actions/buy', { token: ann.token, body: { product: 'Cup', quantity: 2, ...body }, headers })

  await t.test('it answers its output', async () => {
    const bought = await buy({ coupon: 'HALF', note: ' hi ' })
    assert.equal(bought.status, 200, bought.text)
    assert.deepEqual(bought.json, { number: 1, total: '10.00', note: ' hi ' })
  })
  await t.test('a thrown problem is the answer and undoes everything', async () => {
    const used = await buy({ coupon: 'HALF' })
    assert.deepEqual([used.status, used.json.code, used.json.detail], [409, 'coupon_used', 'this coupon cannot be used'])
    const none = await buy({ quantity: 9 })
    assert.deepEqual([none.status, none.json.code, none.json.detail], [422, 'out_of_stock', 'there are not enough left'])
    assert.deepEqual(await world.sql('select stock from products'), [{ stock: '3' }])
  })
  await t.test('the rules of the caller apply to db', async () => {
    const list = await world.ask('GET', '/api/actions/mine?least=2', { token: ann.token })
    assert.deepEqual(list.json, { count: 1, first: 1, names: ['Cup'] })
    const other = await world.ask('GET', '/api/actions/mine', { token: bob.token })
    assert.deepEqual(other.json, { count: 0, first: null, names: [] })
  })
  await t.test('an action of a row gets the row', async () => {
    const [order] = await world.sql('select id from orders')
    const again = await world.ask('POST', `/api/orders/${order?.id}/repeat`, { token: ann.token })
    assert.deepEqual([again.status, again.json], [200, { number: 2 }])
    const hidden = await world.ask('POST', `/api/orders/${order?.id}/repeat`, { token: bob.token })
    assert.equal(hidden.status, 404)
  })
  await t.test('a repetition with the same key does nothing', async () => {
    const headers = { 'idempotency-key': 'k1' }
    const first = await buy({}, headers)
    const second = await buy({}, headers)
    assert.equal(first.status, 200, first.text)
    assert.deepEqual(second.json, first.json)
    assert.equal(second.headers['idempotency-replayed'], 'true')
    assert.deepEqual(await world.sql('select stock from products'), [{ stock: '1' }])
  })
  await t.test('GraphQL runs the same code', async () => {
    const ask = (query: string) => world.ask('POST', '/graphql', { token: ann.token, body: { query } })
    const { json } = await ask('mutation { buy(product: "Cup", quantity: 1) { __typename cost: total number note } later }')
    assert.deepEqual(json.data, { buy: { __typename: 'BuyAnswer', cost: '10.00', number: 4, note: null }, later: null })
    assert.equal(json.errors[0].extensions.code, 'not_implemented')
    const read = await ask('{ mine }')
    assert.deepEqual(read.json.data.mine.first, 1)
    const fields = await ask('{ __type(name: "BuyAnswer") { fields { name type { kind name ofType { name } } } } }')
    assert.deepEqual(
      fields.json.data.__type.fields.map((one: { name: string; type: { name: string | null; ofType: { name: string } | null } }) => [
        one.name,
        one.type.name ?? `${one.type.ofType?.name}!`,
      ]),
      [
        ['number', 'SafeInt!'],
        ['total', 'Decimal!'],
        ['note', 'String'],
      ],
    )
  })
  await t.test('code that is not written yet answers 501', async () => {
    const later = await world.ask('POST', '/api/actions/later', { token: ann.token })
    assert.deepEqual([later.status, later.json.code, later.json.detail], [501, 'not_implemented', 'action later is not written yet'])
  })
})
