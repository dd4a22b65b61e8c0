// Tests of the access rules: `npm test`. Each test gets a new, empty database.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestBackend } from 'plinth/testing'

const design = new URL('design.yaml', import.meta.url)

test('customers see listed products, staff see all', async () => {
  await using api = await openTestBackend(design)
  const product = await api.insert('Product', { listed: false })
  const [customer, staff] = [await api.signIn(), await api.signIn({ role: 'staff' })]
  assert.equal((await customer.get(`/api/products/${product.id}`)).status, 404)
  const changed = await staff.patch(`/api/products/${product.id}`, { listed: true })
  assert.equal(changed.body.listed, true)
  assert.equal((await api.anonymous.get(`/api/products/${product.id}`)).status, 200)
})

test('an order belongs to its customer', async () => {
  await using api = await openTestBackend(design)
  const [ada, bob] = [await api.signIn(), await api.signIn()]
  const created = await ada.post('/api/orders', { note: 'Ring twice' })
  assert.deepEqual([created.status, created.body.customer], [201, ada.id])
  assert.equal((await bob.get(`/api/orders/${created.body.id}`)).status, 404)
})
