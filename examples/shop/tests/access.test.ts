// What customers, partners and strangers must not see or do.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openShop } from './world.ts'

test('a cart is its owner’s alone', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article()
  const [ann, bob] = [await shop.signIn({ role: 'customer' }), await shop.signIn({ role: 'customer' })]
  await ann.post('/api/actions/addToCart', { variant, quantity: 2 })
  const [cart] = (await ann.get('/api/carts')).body.data
  const [item] = (await ann.get('/api/cart-items')).body.data
  for (const other of [bob, shop.staff, shop.anonymous]) {
    for (const url of [`/api/carts/${cart.id}`, `/api/cart-items/${item.id}`])
      assert.equal((await other.get(url)).status, other === shop.anonymous ? 401 : 404)
    assert.ok([403, 404, 401].includes((await other.patch(`/api/cart-items/${item.id}`, { quantity: 9 })).status))
    assert.ok([403, 404, 401].includes((await other.delete(`/api/cart-items/${item.id}`)).status))
    const added = await other.post('/api/cart-items', { cart: cart.id, variant, quantity: 9 })
    assert.ok([400, 401, 403].includes(added.status), String(added.status))
  }
  // Neither is a cart made for somebody else, nor does an item move to another cart.
  assert.equal((await bob.post('/api/carts', { owner: ann.id })).status, 400)
  await bob.post('/api/actions/addToCart', { variant, quantity: 1 })
  const [own] = (await bob.get('/api/cart-items')).body.data
  assert.equal((await bob.patch(`/api/cart-items/${own.id}`, { cart: cart.id })).status, 400)
  assert.equal((await ann.get('/api/carts', { query: { include: 'items' } })).body.data[0].items[0].quantity, 2)
  assert.equal((await shop.anonymous.post('/api/actions/addToCart', { variant, quantity: 1 })).status, 401)
})

test('an order is seen by its customer and staff, and nobody else pays, cancels or ships it', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article()
  const [ann, bob, partner] = [
    await shop.signIn({ role: 'customer' }),
    await shop.signIn({ role: 'customer' }),
    await shop.signIn({ role: 'partner', code: 'teas' }),
  ]
  const { id } = await shop.order(ann, variant)
  await shop.pay(ann, id)
  const [line] = (await ann.get('/api/order-lines')).body.data
  const [payment] = (await ann.get('/api/payments')).body.data
  for (const other of [bob, partner, shop.anonymous]) {
    for (const url of [`/api/orders/${id}`, `/api/order-lines/${line.id}`, `/api/payments/${payment.id}`])
      assert.equal((await other.get(url)).status, other === shop.anonymous ? 401 : 404, url)
    for (const list of ['/api/orders', '/api/order-lines', '/api/payments', '/api/days']) {
      const { body } = await other.get(list)
      assert.deepEqual(body.data ?? [], [], list)
    }
    for (const action of ['pay', 'cancel', 'ship', 'takeBack', 'confirm', 'giveBack'])
      assert.ok([401, 403, 404].includes((await other.post(`/api/orders/${id}/${action}`)).status), action)
  }
  // Their customer does not move them on, nor do staff without a payment.
  for (const action of ['ship', 'takeBack', 'confirm', 'giveBack'])
    assert.ok([403, 404].includes((await ann.post(`/api/orders/${id}/${action}`)).status), action)
  for (const action of ['confirm', 'giveBack'])
    assert.ok([403, 404].includes((await shop.staff.post(`/api/orders/${id}/${action}`)).status), action)
  assert.equal((await shop.staff.post(`/api/orders/${id}/ship`)).body.code, 'illegal_transition')
  for (const caller of [ann, shop.staff]) {
    const written = [
      await caller.patch(`/api/orders/${id}`, { total: '0.01' }),
      await caller.patch(`/api/orders/${id}`, { status: 'paid' }),
      await caller.patch(`/api/order-lines/${line.id}`, { price: '0.01' }),
      await caller.patch(`/api/payments/${payment.id}`, { state: 'paid' }),
      await caller.post(`/api/payments/${payment.id}/settle`, { amount: '12.50' }),
      await caller.post('/api/payments', { order: id, provider: 'x', amount: '12.50', state: 'paid' }),
      await caller.delete(`/api/orders/${id}`),
    ]
    for (const { status } of written) assert.ok([400, 403, 404, 405].includes(status), String(status))
  }
  assert.equal((await ann.get(`/api/orders/${id}`)).body.status, 'placed')
  const graphql = await bob.graphql('{ orders { nodes { id total lines { nodes { name } } } } payments { nodes { id } } }')
  assert.deepEqual(graphql.body.data, { orders: { nodes: [] }, payments: { nodes: [] } })
})

test('a partner sees the orders that it has brought, but neither the customer nor the address', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article()
  const ann = await shop.signIn({ role: 'customer' })
  const [teas, cups] = [await shop.signIn({ role: 'partner', code: 'teas' }), await shop.signIn({ role: 'partner', code: 'cups' })]
  const { id, payment } = await shop.paid(ann, variant, { partner: 'teas' })
  assert.ok(payment !== '')
  const { body } = await teas.get(`/api/orders/${id}`)
  assert.deepEqual([body.status, body.total, body.customer ?? null, body.address ?? null], ['paid', '12.50', null, null])
  assert.equal((await cups.get(`/api/orders/${id}`)).status, 404)
  assert.equal((await teas.get(`/api/users/${ann.id}`)).status, 404)
  assert.deepEqual((await teas.get('/api/order-lines')).body.data, [])
  assert.equal((await teas.get('/api/orders', { query: { 'filter[customer]': ann.id } })).body.data?.length ?? 0, 0)
  // A customer is no partner, and an unknown code is refused.
  await ann.post('/api/actions/addToCart', { variant, quantity: 1 })
  const refused = await ann.post('/api/actions/checkout', { total: '12.50', address: 'Station Road 1, Bonn', partner: 'nobody' })
  assert.deepEqual([refused.status, refused.body.errors[0].pointer], [400, '/partner'])
})

test('accounts neither choose their role nor read others, and staff do not take accounts over', async (t) => {
  const shop = await openShop(t)
  const sent = { name: 'Eve', email: 'eve@example.com', password: 'Lantern-Otter-42' }
  assert.equal((await shop.anonymous.post('/api/auth/register', { ...sent, role: 'staff' })).status, 400)
  assert.equal((await shop.anonymous.post('/api/auth/register', { ...sent, code: 'teas' })).status, 400)
  const eve = await shop.signIn({ role: 'customer' })
  for (const change of [{ role: 'staff' }, { role: 'partner' }, { code: 'mine' }])
    assert.equal((await eve.patch(`/api/users/${eve.id}`, change)).status, 400)
  assert.deepEqual(
    (await eve.get('/api/users')).body.data.map(({ id }: { id: string }) => id),
    [eve.id],
  )
  for (const change of [{ password: 'Another-Otter-42' }, { email: 'staff@example.com' }])
    assert.equal((await shop.staff.patch(`/api/users/${eve.id}`, change)).status, 403)
  assert.equal((await shop.staff.patch(`/api/users/${eve.id}`, { role: 'partner', code: 'eve' })).status, 200)
})

test('customers read what is for sale; the catalogue and the stock are staff’s, and categories are a tree', async (t) => {
  const shop = await openShop(t)
  const { product, variant } = await shop.article()
  const hidden = await shop.insert('Product', { name: 'Secret', forSale: false })
  const secret = await shop.insert('Variant', { product: hidden, sku: 'SECRET-1', price: '1.00', stock: 5 })
  const ann = await shop.signIn({ role: 'customer' })
  for (const caller of [ann, shop.anonymous]) {
    assert.deepEqual((await caller.get('/api/products')).body.data.length, 1)
    assert.equal((await caller.get(`/api/products/${hidden.id}`)).status, 404)
    assert.equal((await caller.get(`/api/variants/${secret.id}`)).status, 404)
    assert.ok(!('stock' in (await caller.get(`/api/variants/${variant}`)).body))
    for (const url of [`/api/products/${product}`, `/api/variants/${variant}`]) {
      assert.ok([400, 401, 403].includes((await caller.patch(url, { price: '0.01' })).status))
      assert.ok([401, 403].includes((await caller.delete(url)).status))
    }
    assert.ok(
      [401, 403].includes((await caller.put(`/api/products/${product}/photo`, PNG, { headers: { 'content-type': 'image/png' } })).status),
    )
  }
  assert.equal((await ann.post('/api/actions/addToCart', { variant: secret.id, quantity: 1 })).status, 400)
  assert.equal((await shop.staff.patch(`/api/variants/${variant}`, { stock: -1 })).status, 400)
  const below = await shop.staff.patch(`/api/variants/${variant}`, { stock: { increment: -11 } })
  assert.ok([400, 409].includes(below.status))
  assert.equal(await shop.stock(variant), 10)
  const { body: top } = await shop.staff.post('/api/categories', { name: 'Drinks', slug: 'drinks' })
  const { body: sub } = await shop.staff.post('/api/categories', { name: 'Hot', slug: 'hot', parent: top.id })
  assert.equal((await shop.staff.patch(`/api/categories/${top.id}`, { parent: sub.id })).body.code, 'circular_reference')
  const { body: tree } = await shop.anonymous.get(`/api/categories/${top.id}`, { query: { include: 'children' } })
  assert.deepEqual(
    tree.children.map(({ slug }: { slug: string }) => slug),
    ['hot'],
  )
})

test('a photo is an image by its content, and is read where its product is', async (t) => {
  const shop = await openShop(t)
  const { product } = await shop.article()
  const send = (body: Buffer) =>
    shop.staff.put(`/api/products/${product}/photo?name=tea.png`, body, { headers: { 'content-type': 'image/png' } })
  assert.equal((await send(Buffer.from('<script>alert(1)</script>'))).body.code, 'file_type_refused')
  const { status, body } = await send(PNG)
  assert.deepEqual([status, body.photo.type, body.photo.name], [200, 'image/png', 'tea.png'])
  assert.equal((await shop.anonymous.get(body.photo.url)).status, 200)
  await shop.staff.patch(`/api/products/${product}`, { forSale: false })
  assert.equal((await shop.anonymous.get(body.photo.url)).status, 404)
})

/** An image of one pixel. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
