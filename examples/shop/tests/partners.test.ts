// Webhooks to partners, and the accounts of each day.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { type Message, openShop, startPartner, until } from './world.ts'

test('a partner gets signed messages about the orders that it has brought, and no others', async (t) => {
  const shop = await openShop(t)
  const partner = await startPartner(t)
  const { variant } = await shop.article()
  const ann = await shop.signIn({ role: 'customer' })
  const [teas, cups] = [await shop.signIn({ role: 'partner', code: 'teas' }), await shop.signIn({ role: 'partner', code: 'cups' })]
  const events = ['Order.confirm', 'Order.ship']
  const subscribe = (client: typeof teas, path: string) => client.post('/api/webhooks', { url: partner.url + path, events })
  const { body: subscription } = await subscribe(teas, '/teas')
  await subscribe(cups, '/cups')
  assert.equal((await subscribe(ann, '/ann')).status, 403)
  assert.equal((await cups.get(`/api/webhooks/${subscription.id}`)).status, 404)
  const { id } = await shop.paid(ann, variant, { partner: 'teas' })
  await shop.paid(ann, variant)
  await shop.staff.post(`/api/orders/${id}/ship`, { tracking: 'DE-1' })
  await until('both messages', () => partner.messages.length === 2)
  assert.deepEqual(
    partner.messages.map(({ path, body }) => [path, body.type, body.data]),
    [
      ['/teas', 'Order.confirm', { id, number: 1, status: 'paid', total: '12.50' }],
      ['/teas', 'Order.ship', { id, number: 1, status: 'shipped', total: '12.50' }],
    ],
  )
  for (const message of partner.messages) assert.ok(isSigned(message, subscription.secret))
  // While a secret is changed, both are good.
  assert.equal((await teas.post(`/api/webhooks/${subscription.id}/rotate`)).status, 200)
  const { body: rotated } = await teas.get(`/api/webhooks/${subscription.id}`)
  assert.notEqual(rotated.secret, subscription.secret)
  const next = await shop.paid(ann, variant, { partner: 'teas' })
  await until('the third message', () => partner.messages.length === 3)
  const third = partner.messages[2]
  assert.ok(third !== undefined && third.body.data.id === next.id)
  assert.ok(isSigned(third, subscription.secret) && isSigned(third, rotated.secret))
})

test('a partner has at most five subscriptions', async (t) => {
  const shop = await openShop(t)
  const teas = await shop.signIn({ role: 'partner', code: 'teas' })
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => teas.post('/api/webhooks', { url: `https://partner.example.com/${i}`, events: ['Order.ship'] })),
  )
  assert.equal(answers.filter(({ status }) => status === 201).length, 5)
  assert.ok(answers.every(({ status, body }) => status === 201 || body.code === 'check_failed'))
})

test('the accounts of a day count each payment and each refund once, and are sent', async (t) => {
  const shop = await openShop(t)
  const { variant } = await shop.article()
  const ann = await shop.signIn({ role: 'customer' })
  const [first] = [await shop.paid(ann, variant), await shop.paid(ann, variant)]
  const close = (client = shop.staff) => client.post('/api/actions/closeDay', { before: new Date(Date.now() + 60_000).toISOString() })
  assert.equal((await close(ann)).status, 403)
  const { body: day } = await close()
  assert.deepEqual([day.received, day.returned], ['25.00', '0.00'])
  await ann.post(`/api/orders/${first.id}/cancel`)
  await until('the refund', () => shop.provider.refunds === 1)
  await until('its note', async () => (await shop.sql("select 1 from payments where state = 'refunded'")).length === 1)
  await shop.paid(ann, variant)
  const { body: next } = await close()
  assert.deepEqual([next.received, next.returned], ['12.50', '-12.50'])
  const accounts = () => shop.mails().filter(({ to }) => to === 'accounts@example.com')
  await until('the mails', () => accounts().length === 2)
  assert.match(accounts()[1]?.text ?? '', /12\.50 € were received, and -12\.50 € given back/)
  assert.deepEqual((await ann.get('/api/days')).body.data ?? [], [])
  assert.equal((await shop.staff.get('/api/days')).body.data.length, 2)
})

test('the accounts are closed each night at five past midnight in Berlin', async (t) => {
  const shop = await openShop(t)
  const [time] = await shop.sql<{ name: string; next: string }>(
    `select name, to_char(next_at at time zone 'Europe/Berlin', 'HH24:MI') as next from plinth.schedule_times`,
  )
  assert.deepEqual(time, { name: 'closeDay', next: '00:05' })
})

/** Whether a message has a signature with a secret, per Standard Webhooks. */
function isSigned({ headers, text }: Message, secret: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' } = headers
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const digest = createHmac('sha256', key).update(`${id}.${at}.${text}`).digest('base64')
  return signatures.split(' ').includes(`v1,${digest}`)
}
