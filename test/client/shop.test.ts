/** The client of the shop in Node, on a backend that runs: actions, transitions, files and accounts in silence. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openShop } from '../../examples/shop/tests/world.ts'
import { createClient, isApiError } from '../golden/client/shop.ts'

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

test('a customer buys, staff ship and photograph, and each failure has its code', async (t) => {
  const shop = await openShop(t)
  const { variant, product } = await shop.article({ price: '12.50', stock: 2 })
  const url = String(shop.provider.webhooks[0]).replace('/hooks/payments', '')
  const ann = createClient(url)
  const account = { name: 'Ann', email: 'ann@example.com', password: 'correct horse battery' }
  // The answer does not tell whether the login is taken.
  for (const _ of [1, 2]) assert.equal(await ann.auth.register(account), null)
  await ann.auth.login({ email: account.email, password: account.password })
  const empty = await ann.actions.cart().outcome()
  assert.ok(!empty.ok && empty.error.code === 'cart_empty')
  assert.deepEqual(await ann.actions.addToCart({ variant, quantity: 2 }), { total: '25.00' })
  await assert.rejects(ann.actions.checkout({ total: '1.00', address: 'Station Road 1, Bonn' }), (error) =>
    isApiError(error, 'price_changed'),
  )
  const { order, number } = await ann.actions.checkout({ total: '25.00', address: 'Station Road 1, Bonn' })
  assert.ok(order !== null)
  const placed = await ann.orders.get(order, { include: { lines: { fields: ['name', 'quantity'] }, customer: { fields: ['name'] } } })
  assert.deepEqual([placed.number, placed.lines, placed.customer], [number, [{ name: 'Tea, small', quantity: 2 }], { name: 'Ann' }])
  const paid = await ann.orders.pay(order)
  assert.match(paid.url, /^http/)

  const staff = createClient(url)
  await staff.auth.useTokens(shop.staff)
  await assert.rejects(staff.orders.ship(order, { tracking: 'X1' }), (error) => isApiError(error, 'illegal_transition'))
  await assert.rejects(ann.orders.cancel(order, {}, { ifVersion: 99 }), (error) => isApiError(error, 'stale_version'))
  const cancelled = await ann.orders.cancel(order)
  assert.equal(cancelled?.status, 'cancelled')

  // Files: to the row, before the row, back, a link, and away.
  const file = new Blob([PNG], { type: 'image/png' })
  const row = await staff.products.photo.upload(product, file, { name: 'tea.png' })
  assert.deepEqual([row.photo?.name, row.photo?.size, row.photo?.type], ['tea.png', PNG.length, 'image/png'])
  assert.deepEqual(Buffer.from(await (await staff.products.photo.download(product)).arrayBuffer()), PNG)
  const { url: link } = await staff.products.photo.link(product, { seconds: 60 })
  assert.deepEqual(Buffer.from(await (await fetch(link)).arrayBuffer()), PNG)
  const category = await staff.categories.first()
  assert.ok(category !== null)
  const photo = await staff.products.photo.stage(file)
  const second = await staff.products.create({ name: 'Coffee', category: category.id, photo })
  assert.equal(second.photo?.size, PNG.length)
  assert.equal(await staff.products.photo.remove(product), undefined)
  assert.equal((await staff.products.get(product)).photo, null)
  const words = new Blob(['no image'], { type: 'image/png' })
  await assert.rejects(staff.products.photo.upload(product, words), (error) => isApiError(error, 'file_type_refused'))
  await assert.rejects(createClient(url).products.photo.upload(product, file), (error) => isApiError(error, 'not_signed_in'))
})
