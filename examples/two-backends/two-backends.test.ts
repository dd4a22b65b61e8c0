// Both backends on ports of this machine. Run with `node --test`: each test gets databases of its own.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { openTestBackend, type TestBackend } from 'plinth/testing'

let orders: TestBackend
let billing: TestBackend
before(async () => {
  const [ordersPort, billingPort] = [await freePort(), await freePort()]
  const [ordersUrl, billingUrl] = [`http://127.0.0.1:${ordersPort}`, `http://127.0.0.1:${billingPort}`]
  billing = await openTestBackend(new URL('./billing/', import.meta.url), { publicUrl: billingUrl, variables: { ORDERS_URL: ordersUrl } })
  orders = await openTestBackend(new URL('./orders/', import.meta.url), { publicUrl: ordersUrl, variables: { BILLING_URL: billingUrl } })
  await billing.app.listen({ port: billingPort, host: '127.0.0.1' })
  await orders.app.listen({ port: ordersPort, host: '127.0.0.1' })
})
after(() => Promise.all([orders.close(), billing.close()]))

test('an order is charged to the account of its customer', async () => {
  const ada = await orders.signIn()
  const { body: order } = await ada.post('/api/orders', { cents: 1250 })
  const paid = await ada.post(`/api/orders/${order.id}/pay`)
  assert.equal(paid.status, 200)
  assert.deepEqual(await billing.sql('select a.customer, c."order", c.cents::int from charges c join accounts a on a.id = c.account_id'), [
    { customer: ada.id, order: order.id, cents: 1250 },
  ])
  const second = await ada.post('/api/orders', { cents: 300 })
  assert.equal((await ada.post(`/api/orders/${second.body.id}/pay`)).status, 200)
  assert.equal((await ada.post(`/api/orders/${second.body.id}/pay`)).body.code, 'already_paid')
  assert.deepEqual(await billing.sql('select count(*)::int from accounts'), [{ count: 1 }])
})

test('billing gives orders no account of a clerk, and no charges', async () => {
  const bob = await orders.signIn()
  await billing.insert('Account', { role: 'clerk', customer: bob.id })
  const { body: order } = await bob.post('/api/orders', { cents: 100 })
  // The account exists, but orders may not act for it; and the account of another customer cannot be opened under the same id.
  assert.equal((await bob.post(`/api/orders/${order.id}/pay`)).status, 502)
  assert.deepEqual(await billing.sql('select 1 from charges where "order" = $1', [order.id]), [])
})

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
