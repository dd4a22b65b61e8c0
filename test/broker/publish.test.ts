/** Reactions that publish: CloudEvents in the stream, each once, in the order of their row, whether the broker is there or not. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Observation } from '../../src/server/http/observe.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { type NatsServer, skip, startNats } from './nats-server.ts'

const DESIGN = {
  name: 'shop',
  entities: {
    Order: {
      fields: {
        number: { type: 'integer' },
        status: { type: 'choice', values: ['open', 'paid'], default: 'open' },
        price: { type: 'decimal', precision: 12, scale: 2, default: '10.50' },
        note: { type: 'text', max: 2_000_000, default: 'canary-note', read: 'status == "paid"' },
        card: { type: 'text', default: 'canary-card', private: true },
      },
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
    },
  },
  on: {
    'Order.created': [{ publish: 'orders' }],
    'Order.updated': [
      { publish: 'orders' },
      { publish: 'paid', type: 'com.example.paid', fields: ['id', 'note'], when: 'status == "paid"' },
    ],
    'Order.deleted': [{ publish: 'orders' }],
  },
  integrations: { broker: { nats: 'NATS_URL', prefix: 'berlin', source: '/shops/berlin', stream: { name: 'SHOP' } } },
}

async function world(t: TestContext, nats: NatsServer, design: object = DESIGN) {
  const observed: Observation[] = []
  const model = modelFrom(design)
  const variables = new Map([['NATS_URL', nats.url]])
  const backend = await testBackend(t, model, { variables, observe: (one) => observed.push(one) })
  const create = async (number: number): Promise<string> => (await backend.ask('POST', '/api/orders', { body: { number } })).json.id
  const stored = (count: number) =>
    until(`${count} messages`, async () => {
      const all = await nats.stored('SHOP').catch(() => [])
      return all.length >= count ? all : null
    })
  const told = (): readonly unknown[] => observed.flatMap((one) => (one.kind === 'broker' ? [one.of] : []))
  return { ...backend, create, stored, told }
}

test('each event is one CloudEvent with the row and without its hidden values', { skip }, async (t) => {
  const nats = await startNats(t)
  const { create, ask, stored } = await world(t, nats)
  const id = await create(7)
  await ask('PATCH', `/api/orders/${id}`, { body: { status: 'paid' } })
  await ask('DELETE', `/api/orders/${id}`)
  const all = await stored(4)
  const orders = all.filter(({ subject }) => subject === 'berlin.orders')
  assert.deepEqual(
    orders.map(({ event }) => event.type),
    ['shop.Order.created', 'shop.Order.updated', 'shop.Order.deleted'],
  )
  for (const { event, id: messageId } of all) {
    assert.deepEqual(Object.keys(event), ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'data'])
    assert.deepEqual([event.specversion, event.source, event.subject, event.id], ['1.0', '/shops/berlin', id, messageId])
    assert.match(event.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.match(event.id, /^evt_\d+_[0-9a-f]{16}$/)
  }
  const { createdAt, updatedAt, ...data } = orders[1]?.event.data ?? {}
  assert.deepEqual(data, { id, number: 7, status: 'paid', price: '10.50', version: 2 })
  assert.ok(!JSON.stringify(orders).includes('canary'))
  const paid = all.find(({ subject }) => subject === 'berlin.paid')
  assert.deepEqual([paid?.event.type, paid?.event.data], ['com.example.paid', { id, note: 'canary-note' }])
  assert.equal(new Set(all.map(({ id }) => id)).size, 4)
})

test('a stream that somebody deletes is made again by the next event', { skip }, async (t) => {
  const nats = await startNats(t)
  const { create, stored } = await world(t, nats)
  await create(0)
  await stored(1)
  await nats.manage((manager) => manager.streams.delete('SHOP'))
  await create(1)
  assert.deepEqual(
    (await stored(1)).map(({ event }) => event.data.number),
    [1],
  )
})

test('while the broker is down nothing is lost and requests are answered; afterwards all goes out, in order for each row', {
  skip,
}, async (t) => {
  const nats = await startNats(t)
  const { create, ask, stored, sql, told } = await world(t, nats)
  await create(0)
  await stored(1)
  await nats.stop()
  const ids = [await create(1), await create(2), await create(3)]
  for (const id of [...ids, ...ids]) assert.equal((await ask('PATCH', `/api/orders/${id}`, { body: { number: 9 } })).status, 200)
  await until('waiting events', async () => ((await sql('select from plinth.event_waiting')).length === 9 ? true : null))
  await nats.start()
  const all = await stored(10)
  for (const id of ids) {
    const versions = all.filter(({ event }) => event.subject === id).map(({ event }) => event.data.version)
    assert.deepEqual(versions, [1, 2, 3])
  }
  await until('the end', async () => ((await sql('select from plinth.event_waiting')).length === 0 ? true : null))
  assert.equal((await nats.stored('SHOP')).length, 10)
  const kinds = told().map((one) => (one as { kind: string }).kind)
  assert.ok(kinds.includes('disconnected') && kinds.filter((kind) => kind === 'connected').length === 2, String(kinds))
  assert.ok(kinds.length <= 5, `an outage is told in few lines: ${kinds}`)
})

test('events wait without an end while no stream takes them, and the cause is told once', { skip }, async (t) => {
  const nats = await startNats(t)
  const { broker, ...others } = DESIGN.integrations
  const without = { ...DESIGN, integrations: { ...others, broker: { nats: broker.nats } } }
  const { create, sql, told } = await world(t, nats, without)
  await create(1)
  await create(2)
  await until('waiting events', async () =>
    (await sql('select from plinth.event_waiting where error is not null')).length === 2 ? true : null,
  )
  await sql("update plinth.event_waiting set attempt = 9, run_at = now() - interval '1 s'")
  await until('another attempt', async () =>
    (await sql('select from plinth.event_waiting where run_at > now()')).length === 2 ? true : null,
  )
  assert.deepEqual(await sql('select dead, attempt from plinth.event_waiting'), [
    { dead: false, attempt: 9 },
    { dead: false, attempt: 9 },
  ])
  assert.deepEqual(
    told().filter((one) => (one as { kind: string }).kind === 'publishing-failed'),
    [
      {
        kind: 'publishing-failed',
        error:
          'the broker does not store messages: no stream takes the subject orders; create one at the broker, or declare stream in the design',
      },
    ],
  )
  await nats.stream('SHOP', ['orders', 'paid'])
  await sql('update plinth.event_waiting set run_at = now()')
  await until('the end', async () => ((await sql('select from plinth.event_waiting')).length === 0 ? true : null))
})

test('a message that is too large for the broker is given up at once, and the later events of its row go on', { skip }, async (t) => {
  const nats = await startNats(t)
  const { ask, stored, sql } = await world(t, nats, {
    ...DESIGN,
    on: { 'Order.created': [{ publish: 'orders', fields: ['id', 'note'] }], 'Order.updated': [{ publish: 'orders', fields: ['id'] }] },
  })
  const [{ id } = {}] = await sql(`insert into orders (id, created_at, updated_at, version, number, note)
    values (gen_random_uuid(), now(), now(), 1, 1, repeat('x', 1100000)) returning id`)
  await ask('PATCH', `/api/orders/${id}`, { body: { number: 2 } })
  const [only] = await stored(1)
  assert.equal(only?.event.type, 'shop.Order.updated')
  const letter = await until('the letter', async () => (await sql('select dead, attempt, error from plinth.event_waiting'))[0] ?? null)
  assert.deepEqual([letter.dead, letter.attempt], [true, 1])
  assert.match(String(letter.error), /^the message has 1\d{6} bytes, and the broker takes 1047552/)
})

test('a stream that Plinth has made gets the subjects that a later design adds, and keeps the others', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('SHOP', ['berlin.orders', 'other.>'])
  const { create, ask, stored } = await world(t, nats)
  const id = await create(1)
  await ask('PATCH', `/api/orders/${id}`, { body: { status: 'paid' } })
  await stored(3)
  const { config } = await nats.manage((manager) => manager.streams.info('SHOP'))
  assert.deepEqual(config.subjects, ['berlin.orders', 'other.>', 'berlin.paid'])
})

test('a message that was stored without an answer is stored once', { skip }, async (t) => {
  const nats = await startNats(t)
  const { create, stored, sql } = await world(t, nats)
  await create(1)
  const [first] = await stored(1)
  // The attempt whose answer was lost is made again.
  await sql(`insert into plinth.event_waiting (reaction, event, entity, happening, row_id, version, at, after, run_at)
    select 'Order publish orders', id, entity, happening, row_id, version, at, after, now() from plinth.events`)
  await until('the second attempt', async () => ((await sql('select from plinth.event_waiting')).length === 0 ? true : null))
  await sleep(100)
  assert.deepEqual(
    (await nats.stored('SHOP')).map(({ id }) => id),
    [first?.id],
  )
})
