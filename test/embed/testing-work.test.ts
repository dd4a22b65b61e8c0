/** `plinth/testing` with what happens after the commit: mails, webhooks in both directions, and several instances. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { backend, email, file, integer, password, text } from 'plinth'
import { openTestBackend } from 'plinth/testing'
import { Webhook } from 'standardwebhooks'
import { until } from '../events/events-world.ts'
import { secretOf, startReceiver, verified } from '../webhooks/receiver.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-testing-'))
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }))

const design = backend({
  name: 'desk',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { name: text({ max: 50 }), email: email({ unique: true }), password: password({ min: 12 }), photo: file({ optional: true }) },
      access: { read: 'id == auth.id', create: 'true', update: 'id == auth.id', delete: 'false' },
    },
    Payment: {
      fields: { cents: integer({ min: 1 }) },
      access: { read: 'auth.id != null', create: 'false', update: 'false', delete: 'false' },
    },
  },
  actions: {
    paid: {
      as: 'system',
      endpoint: { at: 'POST /hooks/payments', signed: { secret: 'PAY_SECRET' } },
      input: { cents: 'Payment.cents' },
      steps: [{ create: 'Payment', set: 'input' }],
    },
  },
  on: { 'User.created': [{ email: 'welcome', to: 'email' }], 'Payment.created': [{ webhook: 'books' }] },
  integrations: {
    webhooks: { books: { url: 'BOOKS_URL', secret: 'BOOKS_SECRET' } },
    email: {
      from: 'Desk <desk@example.com>',
      templates: {
        welcome: {
          subject: 'Welcome, {name}',
          blocks: [{ text: 'Hello!' }],
          attachments: [{ name: 'you.csv', content: 'name\n{name}\n' }],
        },
      },
    },
  },
})

for (const mode of ['development', 'production'] as const)
  test(`a test reads the mails that were sent in ${mode}, the oldest first`, async () => {
    await using desk = await openTestBackend(design, { folder, mode })
    for (const name of ['Ada', 'Bob']) {
      await desk.insert('User', { name, email: `${name}@example.com` })
      await until('the mail', () => (desk.mails().some(({ to }) => to === `${name.toLowerCase()}@example.com`) ? true : null))
    }
    assert.deepEqual(
      desk.mails().map(({ to, subject }) => [to, subject]),
      [
        ['ada@example.com', 'Welcome, Ada'],
        ['bob@example.com', 'Welcome, Bob'],
      ],
    )
    const [mail] = desk.mails()
    assert.match(mail?.text ?? '', /Hello!/)
    assert.match(mail?.html ?? '', /<p.*Hello!/s)
    const [attached] = mail?.attachments ?? []
    assert.deepEqual(
      [attached?.name, attached?.type, Buffer.from(attached?.content ?? []).toString()],
      ['you.csv', 'text/csv', 'name\nAda\n'],
    )
  })

test('the variables of a test are the secrets of webhooks in both directions', async (t) => {
  const receiver = await startReceiver(t)
  const variables = { PAY_SECRET: secretOf('p'), BOOKS_SECRET: secretOf('b'), BOOKS_URL: receiver.url }
  await using desk = await openTestBackend(design, { folder, variables, outgoingNetworks: '127.0.0.1' })
  const body = JSON.stringify({ cents: 5 })
  const sign = (secret: string) => {
    const at = new Date()
    const seconds = String(Math.floor(at.getTime() / 1_000))
    return { 'webhook-id': 'm1', 'webhook-timestamp': seconds, 'webhook-signature': new Webhook(secret).sign('m1', at, body) }
  }
  const send = async (secret: string) => (await desk.anonymous.post('/hooks/payments', body, { headers: sign(secret) })).status
  assert.deepEqual([await send(secretOf('x')), await send(secretOf('p'))], [401, 204])
  const [message] = await receiver.received(1)
  assert.ok(message !== undefined)
  verified(secretOf('b'), message)
  assert.equal(message.data.cents, 5)
})

test('without variables, nothing is taken and nothing is sent', async (t) => {
  const receiver = await startReceiver(t)
  const variables = { BOOKS_SECRET: secretOf('b'), BOOKS_URL: receiver.url }
  await using desk = await openTestBackend(design, { folder, variables })
  assert.equal((await desk.anonymous.post('/hooks/payments', { cents: 5 })).status, 401)
  await desk.insert('Payment', { cents: 5 })
  // The address is not in outgoingNetworks.
  await until('the attempt', async () =>
    (await desk.sql('select 1 from plinth.webhook_deliveries where attempt > 0')).length > 0 ? true : null,
  )
  assert.equal(receiver.arrived.length, 0)
})

test('a second instance has the rows, accounts and files of the first, and leaves them there when it closes', async () => {
  await using first = await openTestBackend(design, { folder })
  const second = await openTestBackend(design, { folder, beside: first })
  const ann = await first.signIn()
  const elsewhere = await second.clientFor(ann.id)
  const sent = await ann.put(`/api/users/${ann.id}/photo?name=a.txt`, Buffer.from('hello'), { headers: { 'content-type': 'text/plain' } })
  assert.equal((await elsewhere.get(sent.body.photo.url)).text, 'hello')
  await second.close()
  assert.equal((await ann.get(sent.body.photo.url)).text, 'hello')
  await first.close()
  await assert.rejects(openTestBackend(design, { folder, beside: first }), /beside takes what openTestBackend returns, before it is closed/)
})

test('a test may insert many rows at once', async () => {
  await using desk = await openTestBackend(design, { folder })
  const inserts = Array.from({ length: 300 }, (_, i) => desk.insert('Payment', { cents: i % 100 === 7 ? 0 : 1 }))
  const ended = await Promise.allSettled(inserts)
  // One that is refused does not disturb the others.
  assert.equal(ended.filter(({ status }) => status === 'rejected').length, 3)
  assert.deepEqual(await desk.sql('select count(*)::integer as rows from payments'), [{ rows: 297 }])
})
