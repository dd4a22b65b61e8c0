/** Webhooks of the design: signed, in order, repeated, and never with a hidden value. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { receiversOf } from '../../src/services/webhooks/receivers.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { LOOPBACK, secretOf, startReceiver, verified } from './receiver.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const DESIGN = {
  name: 'shop',
  entities: {
    Order: {
      fields: {
        number: { type: 'integer' },
        status: { type: 'choice', values: ['open', 'paid'], default: 'open' },
        price: { type: 'decimal', precision: 10, scale: 2, default: '0.00' },
        placedAt: { type: 'timestamp', optional: true },
        note: { type: 'text', default: 'canary-note', read: 'status == "paid"' },
        card: { type: 'text', default: 'canary-card', private: true },
      },
      access: OPEN,
    },
  },
  on: {
    'Order.created': [{ webhook: 'crm' }],
    'Order.updated': [{ webhook: 'crm' }, { webhook: 'audit', fields: ['note', 'id'], when: 'status == "paid"' }],
    'Order.deleted': [{ webhook: 'crm' }],
  },
  integrations: { webhooks: { crm: { url: 'CRM_URL', secret: 'CRM_SECRET' }, audit: { url: 'AUDIT_URL', secret: 'CRM_SECRET' } } },
}

async function world(t: TestContext, secrets = secretOf('a')) {
  const [crm, audit] = [await startReceiver(t), await startReceiver(t)]
  const model = modelFrom(DESIGN)
  const variables = { CRM_URL: crm.url, AUDIT_URL: audit.url, CRM_SECRET: secrets }
  const receivers = receiversOf(model, { networks: LOOPBACK, variables }, { mode: 'production' })
  const backend = await testBackend(t, model, { receivers })
  const create = async (number: number): Promise<string> => (await backend.ask('POST', '/api/orders', { body: { number } })).json.id
  /** Lets the time pass until the next attempts of all messages. */
  const later = (): Promise<unknown> =>
    backend.sql(`update plinth.webhook_deliveries set run_at = run_at - interval '1 day' where state = 'waiting'`)
  const states = async (): Promise<readonly unknown[]> =>
    (await backend.sql('select type, state, attempt from plinth.webhook_deliveries order by id')).map(({ type, state, attempt }) => [
      type,
      state,
      attempt,
    ])
  return { crm, audit, create, later, states, receivers, ...backend }
}

test('each event is sent once, signed, with the row and without its hidden values', async (t) => {
  const { crm, audit, ask, create } = await world(t)
  const id = await create(7)
  await ask('PATCH', `/api/orders/${id}`, { body: { status: 'paid', placedAt: '2026-11-29T10:05:00+01:00' } })
  await ask('DELETE', `/api/orders/${id}`)
  const messages = await crm.received(3)
  assert.deepEqual(
    messages.map(({ type }) => type),
    ['Order.created', 'Order.updated', 'Order.deleted'],
  )
  for (const message of messages) {
    const content = verified(secretOf('a'), message) as { timestamp: string }
    assert.deepEqual(Object.keys(content), ['type', 'timestamp', 'data'])
    assert.match(content.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.equal(message.headers['content-type'], 'application/json')
    assert.ok(!message.body.includes('canary'), message.body)
    assert.throws(() => verified(secretOf('b'), message))
  }
  const { createdAt, updatedAt, ...data } = messages[1]?.data ?? {}
  assert.deepEqual(data, { id, number: 7, status: 'paid', price: '0.00', placedAt: '2026-11-29T09:05:00.000Z', version: 2 })
  assert.deepEqual(
    [typeof createdAt, typeof updatedAt, new Set(messages.map(({ headers }) => headers['webhook-id'])).size],
    ['string', 'string', 3],
  )
  assert.deepEqual(
    (await audit.received(1)).map(({ data }) => data),
    [{ id, note: 'canary-note' }],
  )
})

test('a receiver that is down gets everything afterwards, in order for each row and with the same ids', async (t) => {
  const { crm, ask, create, later, states, sql } = await world(t)
  await crm.close()
  const [one, two] = [await create(1), await create(2)]
  for (const id of [one, two, one]) await ask('PATCH', `/api/orders/${id}`, { body: { number: 3 } })
  await until('the first attempts', async () =>
    (await states()).filter((state) => String(state).endsWith('waiting,1')).length === 2 ? true : null,
  )
  await until('all messages', async () => ((await states()).length === 5 ? true : null))
  const turns = await sql(`select turn, run_at > now() + interval '2 s' as pauses from plinth.webhook_deliveries order by event`)
  assert.deepEqual(
    turns.map(({ turn, pauses }) => [turn, pauses]),
    [['later', true], ['later', true], ...Array.from({ length: 3 }, () => ['behind', null])],
  )
  await crm.open()
  await later()
  const messages = await crm.received(5)
  for (const id of [one, two]) {
    const own = messages.filter(({ data }) => data.id === id).map(({ data }) => data.version)
    assert.deepEqual(
      own,
      own.toSorted((a, b) => a - b),
    )
  }
  await until('the end', async () => ((await states()).every((state) => String(state).includes('sent')) ? true : null))
  assert.deepEqual(new Set(messages.map(({ headers }) => headers['webhook-id'])).size, 5)
})

test('two processes send each message once and in order, and one takes over what another left', async (t) => {
  const { crm, create, ask, sql, databaseUrl, model, receivers } = await world(t)
  const other = await testBackend(t, model, { receivers, databaseUrl })
  const ids = await Promise.all([1, 2, 3].map(create))
  for (let n = 0; n < 8; n++)
    await Promise.all(ids.map((id, i) => (i === 0 ? other : { ask }).ask('PATCH', `/api/orders/${id}`, { body: { number: n } })))
  const messages = await crm.received(27)
  for (const id of ids) {
    const own = messages.filter(({ data }) => data.id === id).map(({ data }) => data.version)
    assert.deepEqual(own, [1, 2, 3, 4, 5, 6, 7, 8, 9])
  }
  assert.equal(new Set(messages.map(({ headers }) => headers['webhook-id'])).size, 27)
  // A process that has ended during an attempt: its lease goes by.
  await until('the end', async () =>
    (await sql(`select from plinth.webhook_deliveries where state = 'waiting'`)).length === 0 ? true : null,
  )
  await sql(
    `update plinth.webhook_deliveries set state = 'waiting', turn = 'sending', attempt = 1, run_at = now(), ended_at = null where id = 1`,
  )
  await crm.received(28)
})

test('a message has its id at each attempt, and a time and a signature of its own', async (t) => {
  const { crm, create, later } = await world(t)
  crm.answer = { status: 500, body: 'no' }
  await create(1)
  await crm.received(1)
  crm.answer = { status: 200 }
  await until('the second attempt', async () => {
    await later()
    return crm.arrived.length > 1 ? true : null
  })
  const [first, second] = crm.arrived
  assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id'])
  assert.equal(first?.body, second?.body)
  for (const message of crm.arrived) verified(secretOf('a'), message)
})

test('while secrets are rotated, receivers with the old and the new one accept each message', async (t) => {
  const { crm, create } = await world(t, `${secretOf('b')} ${secretOf('a')}`)
  await create(1)
  const [message] = await crm.received(1)
  assert.ok(message !== undefined)
  for (const letter of ['a', 'b']) verified(secretOf(letter), message)
  assert.throws(() => verified(secretOf('c'), message))
})

test('a receiver is not asked again after 410, after ten attempts, or before its Retry-After', async (t) => {
  const { crm, create, later, states, sql } = await world(t)
  crm.answer = { status: 410 }
  await create(1)
  await until('the end', async () => (String(await states()) === 'Order.created,failed,1' ? true : null))
  crm.answer = { status: 503, headers: { 'retry-after': '7200' } }
  await create(2)
  await until('an attempt', async () => (String((await states())[1]) === 'Order.created,waiting,1' ? true : null))
  const pauseOf = `select extract(epoch from run_at - now())::int as seconds from plinth.webhook_deliveries where state = 'waiting'`
  await until('a pause of two hours', async () => {
    const [{ seconds } = {}] = await sql(pauseOf)
    return Math.abs(Number(seconds) - 7_200) < 600 ? true : null
  })
  crm.answer = { status: 302, headers: { location: '/elsewhere' } }
  await until('the last attempt', async () => {
    await later()
    return String((await states())[1]) === 'Order.created,failed,10' ? true : null
  })
  assert.ok(crm.arrived.every(({ path }) => path === '/hook'))
  const [{ attempts } = {}] = await sql('select attempts from plinth.webhook_deliveries order by id desc limit 1')
  assert.equal((attempts as { error: string }[]).at(-1)?.error, 'the receiver redirects (302), which is not followed')
})

test('in development, a message waits while a variable is missing, and uses up no attempt', async (t) => {
  const model = modelFrom(DESIGN)
  const receivers = receiversOf(model, { networks: LOOPBACK, variables: {} }, { mode: 'development' })
  const { ask, sql } = await testBackend(t, model, { receivers })
  await ask('POST', '/api/orders', { body: { number: 1 } })
  const look = () => sql(`select attempt, attempts, run_at from plinth.webhook_deliveries where turn = 'later'`)
  for (let n = 0; n < 3; n++) {
    const [row] = await until('a pause', async () => {
      const rows = await look()
      return rows.length === 1 ? rows : null
    })
    const attempts = row?.attempts as { error: string }[]
    assert.deepEqual([row?.attempt, attempts.map(({ error }) => error)], [0, ['CRM_URL is not set']])
    await sql(`update plinth.webhook_deliveries set run_at = now()`)
    await until('the next look', async () => ((await look()).every(({ run_at: at }) => Number(at) > Date.now() + 10_000) ? true : null))
  }
})

test('production does not start without secrets or with weak ones, and says no value', () => {
  const model = modelFrom(DESIGN)
  const start = (variables: Record<string, string>, networks: string | null = null) =>
    receiversOf(model, { networks, variables }, { mode: 'production' })
  const urls = { CRM_URL: 'https://crm.example.com/s3cret', AUDIT_URL: 'https://audit.example.com' }
  const refused = [
    [{}, /CRM_URL is not set\nCRM_SECRET is not set\nAUDIT_URL is not set/],
    [urls, /CRM_SECRET is not set/],
    [{ ...urls, CRM_SECRET: 'hunter2' }, /CRM_SECRET is not a secret/],
    [{ ...urls, CRM_SECRET: `whsec_${Buffer.alloc(23).toString('base64')}` }, /CRM_SECRET is not a secret/],
    [{ ...urls, CRM_SECRET: `${secretOf('a')} whsec_` }, /CRM_SECRET is not a secret/],
    [
      { ...urls, CRM_URL: 'http://crm.example.com/hook', CRM_SECRET: secretOf('a') },
      /CRM_URL: the address begins with http:, and is in no network/,
    ],
    [{ ...urls, CRM_URL: 'https://user:pw@crm.example.com', CRM_SECRET: secretOf('a') }, /CRM_URL: the address contains a user name/],
  ] as const
  for (const [variables, message] of refused)
    assert.throws(
      () => start(variables),
      (error: Error) => message.test(error.message) && !/hunter2|s3cret|pw/.test(error.message),
      String(message),
    )
  const plain = (host: string) => ({ ...urls, CRM_URL: `http://${host}/hook`, CRM_SECRET: secretOf('a') })
  assert.throws(() => start(plain('10.2.0.1'), '10.1.0.0/16'), /begins with http:/)
  for (const host of ['10.1.0.1', 'crm.internal']) assert.equal(start(plain(host), '10.1.0.0/16').fixed.size, 2)
  assert.throws(() => start({ ...urls, CRM_SECRET: secretOf('a') }, 'everywhere'), /OUTGOING_NETWORKS is not a list/)
  assert.equal(start({ ...urls, CRM_SECRET: secretOf('a') }).fixed.size, 2)
})
