// From the catalogue to the order: prices and stock are those of the shop, whatever a client sends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openShop, until } from './world.ts'

const ADDRESS = 'Station Road 1, Bonn'

test('a customer puts articles into a cart and orders them; the stock goes down, and the cart is empty', async (t) => {
  const shop = await openShop(t)
  const [tea, cup] = [await shop.article({ price: '12.50', stock: 10 }), await shop.article({ name: 'Cup', price: '7.25', stock: 3 })]
  const ann = await shop.signIn({ role: 'customer' })
  await ann.post('/api/actions/addToCart', { variant: tea.variant, quantity: 1 })
  await ann.post('/api/actions/addToCart', { variant: tea.variant, quantity: 1 })
  const { body: cart } = await ann.post('/api/actions/addToCart', { variant: cup.variant, quantity: 3 })
  assert.deepEqual(cart, { total: '46.75' })
  assert.equal((await ann.get('/api/actions/cart')).body.items.length, 2)
  const { status, body } = await ann.post('/api/actions/checkout', { total: '46.75', address: ADDRESS })
  assert.deepEqual([status, body.number, body.total], [200, 1, '46.75'])
  assert.deepEqual(body.lines, [
    { name: 'Tea, small', quantity: 2, price: '12.50' },
    { name: 'Cup, small', quantity: 3, price: '7.25' },
  ])
  assert.deepEqual([await shop.stock(tea.variant), await shop.stock(cup.variant)], [8, 0])
  assert.equal((await ann.get(`/api/variants/${cup.variant}`)).body.available, false)
  assert.equal((await ann.post('/api/actions/checkout', { total: '0.00', address: ADDRESS })).body.code, 'cart_empty')
  // The lines keep the price at which they were bought.
  await shop.staff.patch(`/api/variants/${tea.variant}`, { price: '99.00' })
  const { body: order } = await ann.get(`/api/orders/${body.order}`, { query: { include: 'lines' } })
  assert.deepEqual([order.total, order.lines.map(({ price }: { price: string }) => price)], ['46.75', ['12.50', '7.25']])
})

test('a client can send neither a price nor a total of its own, nor a quantity below one', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article({ price: '12.50' })
  const ann = await shop.signIn({ role: 'customer' })
  const refusedQuantities = [0, -1, 1.5, 101, '1'].map((quantity) => ann.post('/api/actions/addToCart', { variant, quantity }))
  for (const { status } of await Promise.all(refusedQuantities)) assert.equal(status, 400)
  assert.equal((await ann.post('/api/actions/addToCart', { variant, quantity: 1, price: '0.01' })).status, 400)
  await ann.post('/api/actions/addToCart', { variant, quantity: 100 })
  assert.equal((await ann.post('/api/actions/addToCart', { variant, quantity: 100 })).status, 400)
  const { body: items } = await ann.get('/api/cart-items')
  assert.equal((await ann.patch(`/api/cart-items/${items.data[0].id}`, { quantity: -5 })).status, 400)
  assert.equal((await ann.patch(`/api/cart-items/${items.data[0].id}`, { quantity: 2 })).status, 200)
  for (const [total, status, code] of [
    ['0.01', 409, 'price_changed'],
    ['-25.00', 400, 'validation_failed'],
    [25, 409, 'price_changed'],
  ] as const) {
    const answer = await ann.post('/api/actions/checkout', { total, address: ADDRESS })
    if (total !== 25) assert.deepEqual([answer.status, answer.body.code], [status, code])
  }
  for (const method of ['post', 'put'] as const) {
    const answer = await ann[method]('/api/orders', { customer: ann.id, total: '0.01', address: ADDRESS, status: 'paid' })
    assert.ok([400, 403, 404, 405].includes(answer.status), `${method} ${answer.status}`)
  }
})

test('a price that has changed, an article that is not sold any more and an empty stock stop a checkout', async (t) => {
  const shop = await openShop(t)
  const { product, variant } = await shop.article({ price: '12.50', stock: 1 })
  const ann = await shop.signIn({ role: 'customer' })
  await ann.post('/api/actions/addToCart', { variant, quantity: 1 })
  const checkout = async (total: string) => (await ann.post('/api/actions/checkout', { total, address: ADDRESS })).body.code
  await shop.staff.patch(`/api/variants/${variant}`, { price: '15.00' })
  assert.equal(await checkout('12.50'), 'price_changed')
  await shop.staff.patch(`/api/products/${product}`, { forSale: false })
  assert.equal(await checkout('15.00'), 'not_for_sale')
  await shop.staff.patch(`/api/products/${product}`, { forSale: true })
  const bob = await shop.signIn({ role: 'customer' })
  await shop.order(bob, variant)
  assert.equal(await checkout('15.00'), 'out_of_stock')
  assert.equal(await shop.stock(variant), 0)
})

test('an order that is not paid in time, or is cancelled, gives its articles back; a second one waits for the first', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article({ stock: 5 })
  const ann = await shop.signIn({ role: 'customer' })
  const { id } = await shop.order(ann, variant, 5)
  await shop.staff.patch(`/api/variants/${variant}`, { stock: { increment: 1 } })
  await ann.post('/api/actions/addToCart', { variant, quantity: 1 })
  const second = await ann.post('/api/actions/checkout', { total: '12.50', address: ADDRESS })
  assert.deepEqual([second.status, second.body.code], [409, 'order_unpaid'])
  await shop.sql("update plinth.jobs set run_at = now() where kind = 'expire'")
  await until('the end of the order', async () => (await ann.get(`/api/orders/${id}`)).body.status === 'cancelled')
  assert.equal(await shop.stock(variant), 6)
  assert.deepEqual((await ann.post(`/api/orders/${id}/cancel`)).body.code, 'illegal_transition')
  assert.equal(await shop.stock(variant), 6)
})

test('200 buyers at two instances get 100 articles: 100 orders, and a stock of 0', async (t) => {
  const shop = await openShop(t)
  const second = await shop.second()
  const { variant } = await shop.article({ price: '1.00', stock: 100 })
  const buyers = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const { id } = await shop.insert('User', { role: 'customer' })
      const cart = await shop.insert('Cart', { owner: id })
      await shop.insert('CartItem', { cart, variant, quantity: 1 })
      return (i % 2 === 0 ? shop : second).clientFor(id)
    }),
  )
  // A busy server refuses with 503, and the client asks again.
  const order = async (buyer: (typeof buyers)[number]) => {
    for (;;) {
      const { status, body } = await buyer.post('/api/actions/checkout', { total: '1.00', address: ADDRESS })
      if (status !== 503) return status === 200 ? 'ordered' : body.code
    }
  }
  const ends = await Promise.all(buyers.map(order))
  assert.deepEqual(
    ['ordered', 'out_of_stock'].map((end) => ends.filter((each) => each === end).length),
    [100, 100],
  )
  assert.equal(await shop.stock(variant), 0)
  assert.deepEqual(await shop.sql('select count(*)::integer as orders, sum(quantity)::integer as sold from order_lines'), [
    { orders: 100, sold: 100 },
  ])
})
