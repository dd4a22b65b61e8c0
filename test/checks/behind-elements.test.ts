/** Conditions over rows behind the elements of a relation are exact when another request changes these rows, or the elements. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { empty } from '../../src/base/sql/sql.ts'
import { locksBehind } from '../../src/compile/actions/locks/behind-elements.ts'
import { compileAction } from '../../src/compile/actions/program.ts'
import { inlineCalls } from '../../src/compile/actions/rewrite/inline-calls.ts'
import { entityNamed } from '../../src/model/model.ts'
import { areWaiting, insertRows, whileLocked } from '../actions/action-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { CARTS, WAYS } from './carts.ts'

/** The ways that write what a retirement reads: a transition does not. */
const RACING = WAYS.filter((way) => way !== 'place')

const TIMEOUT = { timeout: 60_000 }

async function openCarts(t: TestContext) {
  const world = await testBackend(t, modelFrom(CARTS))
  const other = await testBackend(t, world.model, { databaseUrl: world.databaseUrl })
  const [person = ''] = await insertRows(world, 'persons', [{ name: 'Ann' }])
  const [shop = ''] = await insertRows(world, 'shops', [{ open: true, code: 'main' }])
  /** A cart with an item of an active product, and a product that is not active. */
  const newCart = async () => {
    const [product = '', retired = ''] = await insertRows(
      world,
      'products',
      [true, false].map((active) => ({ active, shop_id: shop })),
    )
    const [group = ''] = await insertRows(world, 'groups', [{ name: 'all' }])
    const [cart = ''] = await insertRows(world, 'carts', [{ group_id: group, ordered: false, state: 'open' }])
    const [item = ''] = await insertRows(world, 'items', [{ cart_id: cart, product_id: product, shop_id: shop }])
    return { product, retired, cart, item }
  }
  const order = async (way: string, cart: string) => {
    const [path, body] = way === 'chosen' ? ['actions/chosen', { person, cart }] : [`carts/${cart}/${way}`, { person }]
    return (await world.ask('POST', `/api/${path}`, { body })).status
  }
  const retire = async (product: string) => (await other.ask('POST', `/api/products/${product}/retire`, { body: { person } })).status
  const isOrdered = async (cart: string) =>
    (await world.sql(`select from carts where id = $1 and (ordered or state = 'placed')`, [cart])).length > 0
  return { world, person, shop, newCart, order, retire, isOrdered }
}

/** Calls while another transaction has run `change`, which commits when the call waits. Fails if the call is answered before. */
async function waitingFor(world: TestBackend, change: string, call: () => Promise<number>): Promise<number> {
  const client = new pg.Client({ connectionString: world.databaseUrl })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(change)
    const asked = call()
    const before = await Promise.race([asked, areWaiting(world, 1)])
    await client.query('commit')
    assert.equal(before, undefined, `the call did not wait for ${change}`)
    return await asked
  } finally {
    await client.end()
  }
}

test('a cart is ordered while its products stay active', TIMEOUT, async (t) => {
  const { newCart, order, isOrdered } = await openCarts(t)
  for (const way of WAYS) {
    const { cart } = await newCart()
    const status = await order(way, cart)
    assert.ok(status < 300 && (await isOrdered(cart)), `${way}: ${status}`)
  }
})

test('a cart is not ordered when a product, an item or the items change at the same moment', TIMEOUT, async (t) => {
  const { world, shop, newCart, order, isOrdered } = await openCarts(t)
  for (const way of WAYS) {
    const { cart, product, retired, item } = await newCart()
    const columns = 'id, cart_id, product_id, shop_id, created_at, updated_at, version'
    for (const [change, undo] of [
      [`update products set active = false where id = '${product}'`, `update products set active = true where id = '${product}'`],
      [
        `update items set product_id = '${retired}' where id = '${item}'`,
        `update items set product_id = '${product}' where id = '${item}'`,
      ],
      [`insert into items (${columns}) values (gen_random_uuid(), '${cart}', '${retired}', '${shop}', now(), now(), 1)`, 'select 1'],
    ] as const) {
      const status = await waitingFor(world, change, () => order(way, cart))
      assert.ok(status < 500 && !(await isOrdered(cart)), `${way}: ${status} after ${change}`)
      await world.sql(undo)
    }
  }
})

test('a product is not retired when a cart with it is ordered, or an item moves to an ordered cart', TIMEOUT, async (t) => {
  const { world, newCart, retire } = await openCarts(t)
  const { cart: ordered } = await newCart()
  await world.sql('update carts set ordered = true where id = $1', [ordered])
  for (const table of ['carts', 'items']) {
    const { cart, product, item } = await newCart()
    const change =
      table === 'carts'
        ? `update carts set ordered = true where id = '${cart}'`
        : `update items set cart_id = '${ordered}' where id = '${item}'`
    assert.equal(await waitingFor(world, change, () => retire(product)), 409, table)
  }
})

test('the product to which an item moves while an order waits is not retired before the order ends', TIMEOUT, async (t) => {
  const { world, person, newCart, order, retire, isOrdered } = await openCarts(t)
  for (const way of RACING) {
    const { cart, item } = await newCart()
    const { product: second } = await newCart()
    const asked: Promise<number>[] = []
    await whileLocked(world, `select from persons where id = '${person}' for update`, {
      waiting: 2,
      begin: async () => {
        await whileLocked(world, `update items set product_id = '${second}' where id = '${item}'`, {
          waiting: 1,
          begin: () => {
            asked.push(order(way, cart))
          },
        })
        await areWaiting(world, 1)
        asked.push(retire(second))
      },
    })
    const statuses = await Promise.all(asked)
    const [{ active } = {}] = await world.sql('select active from products where id = $1', [second])
    assert.ok(active === true || !(await isOrdered(cart)), `${way}: ${statuses}`)
  }
})

test('of an order and a retirement of its product at once, one is refused', TIMEOUT, async (t) => {
  const { world, person, newCart, order, retire, isOrdered } = await openCarts(t)
  for (const way of RACING) {
    const { cart, product } = await newCart()
    const asked: Promise<number>[] = []
    await whileLocked(world, `select from persons where id = '${person}' for update`, {
      waiting: 2,
      begin: async () => {
        asked.push(order(way, cart))
        await areWaiting(world, 1)
        asked.push(retire(product))
      },
    })
    const statuses = await Promise.all(asked)
    const [{ active } = {}] = await world.sql('select active from products where id = $1', [product])
    assert.deepEqual([await isOrdered(cart), active], [true, true], `${way}: ${statuses}`)
  }
})

test('rows that cannot change, and those that only rules of the caller read, have no lock', () => {
  const model = modelFrom(CARTS)
  const locked = (name: string) => {
    const action = model.actions.find((one) => one.entity === 'Cart' && one.name === name)
    assert.ok(action)
    const { locks } = compileAction(model, action, {
      outputOf: ({ row }) => ({ entity: entityNamed(model, row.entity), fields: [], includes: [] }),
      openSession: () => empty,
    })
    const behind = locksBehind(model, inlineCalls(action, model))
    return [new Set(behind.map(({ entity, lock }) => `${entity} ${lock}`)), new Set(locks.map(({ entity }) => entity))]
  }
  assert.deepEqual(locked('inShop'), [new Set(), new Set(['Cart'])])
  assert.deepEqual(locked('inOpenShops'), [new Set(['Shop share']), new Set(['Cart', 'Shop'])])
  assert.deepEqual(locked('asCaller'), [new Set(['Product share', 'Item share']), new Set(['Cart', 'Product', 'Item'])])
})
