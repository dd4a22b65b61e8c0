/** The shop: from a cart to an order, and the states of an order. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertPeople, insertRows, openDesign, type Person } from './action-world.ts'

interface Shop {
  readonly buyers: number
  readonly stock: readonly number[]
  readonly file?: string
}

async function openShop(t: TestContext, { buyers, stock, file = 'shop.yaml' }: Shop) {
  const world = await openDesign(t, file)
  const [staff] = await insertPeople(world, 'users', [{ email: 'staff@example.org', role: 'staff' }])
  const people = await insertPeople(
    world,
    'users',
    Array.from({ length: buyers }, (_, i) => ({ email: `buyer${i}@example.org`, role: 'customer' })),
  )
  const products = await insertRows(
    world,
    'products',
    stock.map((left, i) => ({ name: `product ${i}`, price: '2.50', stock: left })),
  )
  const act = (person: Person | undefined, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    world.ask('POST', `/api/${path}`, { token: person?.token, body, headers })
  const fill = async (person: Person): Promise<void> => {
    for (const product of products) {
      const { status, text } = await act(person, 'actions/addToCart', { product, quantity: 1 })
      assert.equal(status, 200, text)
    }
  }
  const stocks = async () => (await world.sql('select stock::int from products order by name')).map(({ stock: left }) => left)
  return { world, staff, people, products, act, fill, stocks }
}

for (const file of ['shop.yaml', 'shop.ts'])
  test(`a cart becomes an order, once (${file})`, async (t) => {
    const { world, people, products, act, fill, stocks } = await openShop(t, { buyers: 1, stock: [5, 5], file })
    const [buyer] = people
    assert.ok(buyer !== undefined)
    const empty = await act(buyer, 'actions/checkout')
    assert.deepEqual([empty.status, empty.json.code, empty.json.detail], [409, 'cart_empty', 'the cart is empty'])
    await fill(buyer)
    await act(buyer, 'actions/addToCart', { product: products[1], quantity: 2 })
    const done = await act(buyer, 'actions/checkout')
    assert.equal(done.status, 200, done.text)
    assert.deepEqual(
      { ...done.json, order: 'id' },
      {
        order: 'id',
        number: 1,
        total: '10.00',
        lines: [
          { product: 'product 0', quantity: 1, price: '2.50' },
          { product: 'product 1', quantity: 3, price: '2.50' },
        ],
      },
    )
    assert.deepEqual(await stocks(), [4, 2])
    assert.equal((await act(buyer, 'actions/checkout')).json.code, 'cart_empty')
    assert.deepEqual(await world.sql('select count(*)::int as n from cart_items'), [{ n: 0 }])
  })

test('buyers at once never sell more than there is', async (t) => {
  const { world, people, act, fill, stocks } = await openShop(t, { buyers: 40, stock: [20, 100] })
  for (const person of people) await fill(person)
  const done = await Promise.all(people.map((person) => act(person, 'actions/checkout')))
  const outcomes = Object.groupBy(done, ({ status, json }) => (status === 200 ? 'done' : String(json.code)))
  assert.deepEqual([outcomes.done?.length, outcomes.out_of_stock?.length], [20, 20], JSON.stringify(Object.keys(outcomes)))
  assert.deepEqual(await stocks(), [0, 80])
  assert.deepEqual(await world.sql('select count(*)::int as n from orders'), [{ n: 20 }])
  const numbers = await world.sql('select number::int from orders order by number')
  assert.equal(new Set(numbers.map(({ number }) => number)).size, 20)
})

test('an order moves only as its workflow says', async (t) => {
  const { world, staff, people, act, fill, stocks } = await openShop(t, { buyers: 2, stock: [5, 5] })
  const [buyer, other] = people
  assert.ok(buyer !== undefined)
  await fill(buyer)
  const { json } = await act(buyer, 'actions/checkout')
  const at = (transition: string) => `orders/${json.order}/${transition}`
  const illegal = await act(staff, at('ship'))
  assert.deepEqual(
    [illegal.status, illegal.json.code, illegal.json.detail],
    [409, 'illegal_transition', 'this Order is placed and cannot ship'],
  )
  assert.equal((await act(buyer, at('pay'))).status, 403)
  assert.equal((await act(other, at('cancel'))).status, 404)
  assert.equal((await act(undefined, at('pay'))).status, 401)
  assert.equal((await act(staff, at('pay'), undefined, { 'if-match': '"7"' })).json.code, 'stale_version')
  for (const weak of ['W/"1"', 'W/"x", W/"1"', 'W/"7"']) {
    const { status, json } = await act(staff, at('pay'), undefined, { 'if-match': weak })
    assert.deepEqual([status, json.code], [412, 'weak_etag'], weak)
  }
  assert.equal((await act(staff, at('pay'), undefined, { 'if-match': 'W/"1", "7"' })).json.code, 'stale_version')
  const paid = await act(staff, at('pay'), undefined, { 'if-match': '"1"' })
  assert.deepEqual([paid.status, paid.json.status, paid.json.version], [200, 'paid', 2], paid.text)
  assert.deepEqual(await stocks(), [4, 4])
  const tries = await Promise.all(Array.from({ length: 50 }, () => act(buyer, at('cancel'))))
  assert.equal(tries.filter(({ status }) => status === 200).length, 1)
  assert.ok(tries.every(({ status, json: { code } }) => status === 200 || code === 'illegal_transition'))
  assert.deepEqual(await stocks(), [5, 5])
  assert.deepEqual(await world.sql('select status from orders'), [{ status: 'cancelled' }])
})
