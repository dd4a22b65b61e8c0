// Payments at a provider that the tests start: nobody pays twice, and nothing that was paid is lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openShop, until } from './world.ts'

test('an order is paid when the provider says so, and its customer gets one receipt', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article()
  const ann = await shop.signIn({ role: 'customer', name: 'Ann', email: 'ann@example.com' })
  const { id, payment } = await shop.paid(ann, variant)
  assert.deepEqual(
    shop.provider.payments.map(({ amount, reference }) => [amount, reference]),
    [['12.50', id]],
  )
  await until('the receipt', () => shop.mails().length === 1)
  const [receipt] = shop.mails()
  assert.deepEqual([receipt?.to, receipt?.subject], ['ann@example.com', 'Your order 1 is paid'])
  assert.match(receipt?.text ?? '', /Ann[\s\S]*12\.50 €[\s\S]*Tea, small +1 +12\.50 €/)
  // The provider repeats its message, with the same id and with another one.
  await shop.provider.send('payment.paid', { id: payment, amount: '12.50' }, 'msg_again')
  await shop.provider.send('payment.paid', { id: payment, amount: '12.50' }, 'msg_again')
  await shop.staff.post(`/api/orders/${id}/ship`, { tracking: 'DE-1' })
  await until('the second mail', () => shop.mails().length >= 2)
  assert.deepEqual(
    shop.mails().map(({ subject }) => subject),
    ['Your order 1 is paid', 'Your order 1 is on its way'],
  )
  assert.deepEqual([shop.provider.charges, shop.provider.refunds], [1, 0])
})

test('who asks for the payment again, also at once and at another instance, gets the same one', async (t) => {
  const shop = await openShop(t)
  const second = await shop.second()
  const { variant } = await shop.article()
  const ann = await shop.signIn({ role: 'customer' })
  const elsewhere = await second.clientFor(ann.id)
  const { id } = await shop.order(ann, variant)
  const answers = await Promise.all([ann, elsewhere, ann, elsewhere].map((client) => client.post(`/api/orders/${id}/pay`)))
  // A clash at the same moment is refused, and can be repeated.
  const urls = answers.filter(({ status }) => status === 200).map(({ body }) => body.url)
  assert.ok(urls.length >= 1 && new Set(urls).size === 1, JSON.stringify(answers.map(({ body }) => body)))
  assert.ok(answers.every(({ status }) => status === 200 || status === 409))
  assert.deepEqual([shop.provider.payments.length, (await ann.get('/api/payments')).body.data.length], [1, 1])
  const payment = await shop.pay(ann, id)
  assert.deepEqual([await shop.provider.pay(payment), await shop.provider.pay(payment)], [200, 409])
  await until('the payment', async () => (await ann.get(`/api/orders/${id}`)).body.status === 'paid')
  assert.equal((await ann.post(`/api/orders/${id}/pay`)).body.code, 'not_payable')
  assert.equal(shop.provider.charges, 1)
})

test('after a card was declined, the customer pays with another one', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article()
  const ann = await shop.signIn({ role: 'customer' })
  const { id } = await shop.order(ann, variant)
  const first = await shop.pay(ann, id)
  await shop.provider.pay(first, 'declined')
  await until('the failure', async () => (await ann.get('/api/payments')).body.data[0].state === 'failed')
  const next = await shop.pay(ann, id)
  assert.notEqual(next, first)
  await shop.provider.pay(next)
  await until('the payment', async () => (await ann.get(`/api/orders/${id}`)).body.status === 'paid')
})

test('messages that the provider has not signed, or that are old, copied or about nothing, pay no order', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article()
  const ann = await shop.signIn({ role: 'customer' })
  const { id } = await shop.order(ann, variant)
  const payment = await shop.pay(ann, id)
  const body = JSON.stringify({ type: 'payment.paid', data: { id: payment, amount: '12.50' } })
  const send = (headers: Record<string, string>, text = body) => ann.post('/hooks/payments', text, { headers })
  const right = shop.provider.sign('msg_1', body)
  const minutes = Math.floor(Date.now() / 1_000) - 600
  for (const headers of [
    { 'content-type': 'application/json' },
    { ...right, 'webhook-signature': 'v1,AAAA' },
    { ...right, 'webhook-id': 'msg_2' },
    shop.provider.sign('msg_1', body, minutes),
  ])
    assert.deepEqual([(await send(headers)).status, (await send(headers)).body.code], [401, 'wrong_signature'])
  assert.equal((await send(right, body.replace(payment, 'pay_other'))).status, 401)
  const unknown = body.replace(payment, 'pay_other')
  assert.equal((await send(shop.provider.sign('msg_3', unknown), unknown)).status, 400)
  const negative = body.replace('12.50', '-12.50')
  assert.equal((await send(shop.provider.sign('msg_4', negative), negative)).status, 400)
  assert.equal((await ann.get(`/api/orders/${id}`)).body.status, 'placed')
  assert.equal((await ann.post('/api/actions/paymentChanged', JSON.parse(body))).status, 404)
})

test('a payment of another amount, or of a cancelled order, goes back', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article()
  const [ann, bob] = [await shop.signIn({ role: 'customer' }), await shop.signIn({ role: 'customer' })]
  const { id: late } = await shop.order(ann, variant)
  const latePayment = await shop.pay(ann, late)
  assert.equal((await ann.post(`/api/orders/${late}/cancel`)).status, 200)
  assert.equal((await ann.post(`/api/orders/${late}/pay`)).body.code, 'not_payable')
  await shop.provider.pay(latePayment)
  await until('the refund', async () => (await ann.get('/api/payments')).body.data[0].state === 'refunded')
  const { id: less } = await shop.order(bob, variant)
  const lessPayment = shop.provider.payments.find(({ id }) => id !== latePayment)
  assert.equal(lessPayment, undefined)
  const wrong = await shop.pay(bob, less)
  const atProvider = shop.provider.payments.find(({ id }) => id === wrong)
  if (atProvider !== undefined) atProvider.state = 'paid'
  await shop.provider.send('payment.paid', { id: wrong, amount: '0.01' })
  await until('the second refund', async () => (await bob.get('/api/payments')).body.data[0].state === 'refunded')
  assert.equal((await bob.get(`/api/orders/${less}`)).body.status, 'placed')
  assert.equal(shop.provider.refunds, 2)
})

test('a cancelled or returned order is refunded once, and its articles are in stock again', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article({ stock: 2 })
  const ann = await shop.signIn({ role: 'customer' })
  const first = await shop.paid(ann, variant)
  const both = await Promise.all([1, 2].map(() => ann.post(`/api/orders/${first.id}/cancel`)))
  assert.deepEqual(both.map(({ status }) => status).toSorted(), [200, 409])
  const second = await shop.paid(ann, variant)
  await shop.staff.post(`/api/orders/${second.id}/ship`)
  assert.equal((await ann.post(`/api/orders/${second.id}/cancel`)).body.code, 'illegal_transition')
  assert.equal((await shop.staff.post(`/api/orders/${second.id}/takeBack`)).status, 200)
  await until('the refunds', async () =>
    (await ann.get('/api/payments')).body.data.every(({ state }: { state: string }) => state === 'refunded'),
  )
  assert.deepEqual([shop.provider.charges, shop.provider.refunds, await shop.stock(variant)], [2, 2, 2])
})

test('while the provider is not there, orders are placed, and paying is refused with what is wrong', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article()
  const ann = await shop.signIn({ role: 'customer' })
  await shop.provider.close()
  const { id } = await shop.order(ann, variant)
  const { status, body } = await ann.post(`/api/orders/${id}/pay`)
  assert.deepEqual([status, body.code], [502, 'service_unreachable'])
  assert.match(body.detail, /payments/)
})

test('without the settings of the provider, the answers say what to set', async (t) => {
  const shop = await openShop(t, {})
  const { variant } = await shop.article()
  const ann = await shop.signIn({ role: 'customer' })
  const { id } = await shop.order(ann, variant)
  const { status, body } = await ann.post(`/api/orders/${id}/pay`)
  assert.deepEqual([status, body.code], [503, 'service_unavailable'])
  assert.match(body.detail, /the variables PAYMENTS_URL, PAYMENTS_KEY are not set/)
  const message = JSON.stringify({ type: 'payment.paid', data: {} })
  const refused = await ann.post('/hooks/payments', message, { headers: shop.provider.sign('msg_1', message) })
  assert.deepEqual([refused.status, refused.body.code], [401, 'wrong_signature'])
  assert.match(refused.body.detail, /PAYMENTS_SECRET is not set/)
})
