/** Messages of other systems become jobs: each once by its source and id, in the order of its subject, and never lost. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import type { Observation } from '../../src/server/http/observe.ts'
import { brokerService } from '../../src/services/broker/service.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { cloudEvent, type NatsServer, skip, startNats } from './nats-server.ts'

const CLOSED = { read: 'true', create: 'false', update: 'false', delete: 'false' }

function designOf(subscription: object = {}, job: object = {}) {
  return {
    name: 'shop',
    entities: {
      Payment: {
        fields: { reference: { type: 'text', max: 50 }, cents: { type: 'integer', min: 0 }, at: { type: 'timestamp', optional: true } },
        access: CLOSED,
      },
    },
    jobs: {
      settle: {
        as: 'system',
        input: { reference: 'Payment.reference', cents: 'Payment.cents', at: 'timestamp?' },
        retry: { attempts: 3, first: '10ms', most: '20ms' },
        ...('run' in job ? {} : { steps: [{ create: 'Payment', set: 'input' }] }),
        ...job,
      },
    },
    integrations: {
      broker: {
        nats: 'NATS_URL',
        subscribe: {
          settled: {
            subject: 'payments.*',
            type: 'payment.settled',
            job: 'settle',
            input: { reference: 'data.payment.reference', at: 'time' },
            start: 'all',
            ...subscription,
          },
        },
      },
    },
  }
}

async function world(t: TestContext, nats: NatsServer, design: object = designOf(), more: { readonly databaseUrl?: string } = {}) {
  const observed: Observation[] = []
  const variables = new Map([['NATS_URL', nats.url]])
  const backend = await testBackend(t, modelFrom(design), { ...more, variables, observe: (one) => observed.push(one), eventLeaseMs: 2_000 })
  const payments = async (): Promise<readonly string[]> =>
    (await backend.sql('select reference from payments order by created_at, id')).map(({ reference }) => String(reference))
  const paid = (count: number) => until(`${count} payments`, async () => ((await payments()).length >= count ? await payments() : null))
  const idle = () => until('the end of all jobs', async () => ((await backend.sql('select from plinth.jobs')).length === 0 ? true : null))
  return { ...backend, payments, paid, idle, observed }
}

const payment = (reference: string, cents: unknown = 5): object => ({ payment: { reference }, cents, unknown: true })

test('a message takes effect once, however often it comes, and again under another id or source', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  const { paid, idle, payments, sql } = await world(t, nats)
  await nats.send('payments.a', cloudEvent('1', payment('one'), { time: '2026-11-29T10:00:00+01:00' }))
  await nats.send('payments.b', cloudEvent('1', payment('one again')))
  await nats.send('payments.a', cloudEvent('1', payment('of another system'), { source: '/other' }))
  await nats.send('payments.a', cloudEvent('2', payment('not wanted'), { type: 'payment.failed' }))
  await nats.send('payments.a', cloudEvent('2', payment('two')))
  await paid(3)
  await idle()
  assert.deepEqual((await payments()).toSorted(), ['of another system', 'one', 'two'])
  const [first] = await sql("select cents::int, at from payments where reference = 'one'")
  assert.deepEqual(first, { cents: 5, at: new Date('2026-11-29T09:00:00Z') })
  assert.equal((await sql('select from plinth.broker_messages')).length, 3)
})

test('attributes in headers are read, too', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  const { paid } = await world(t, nats)
  const attributes = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/payments', 'ce-type': 'payment.settled' }
  await nats.send('payments.a', JSON.stringify(payment('one')), { ...attributes, 'content-type': 'application/json' })
  assert.deepEqual(await paid(1), ['one'])
})

test('what is no CloudEvent or does not fit becomes a dead job with the reason, and the messages behind it go on', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  const { paid, sql, idle, observed } = await world(t, nats)
  const about = { subject: 'order-1' }
  await nats.send('payments.a', 'no json')
  await nats.send('payments.a', new Uint8Array([0xff, 0xfe]))
  await nats.send('payments.a', `{"specversion":"1.0","data":${'['.repeat(100)}${']'.repeat(100)}}`)
  await nats.send('payments.a', JSON.stringify({ specversion: '1.0', id: '', source: 's', type: 't' }))
  await nats.send('payments.a', 'no json')
  await nats.send('payments.a', cloudEvent('1', payment('bad', 'five'), about))
  await nats.send('payments.a', cloudEvent('2', { cents: 5 }, about))
  await nats.send('payments.a', cloudEvent('3', payment('good'), about))
  assert.deepEqual(await paid(1), ['good'])
  await idle()
  const dead = (await sql('select error, attempt from plinth.dead_jobs order by id')).map(({ error, attempt }) => `${attempt} ${error}`)
  assert.deepEqual(dead.toSorted(), [
    '0 the CloudEvent needs id, source and type, texts of at most 1000 characters',
    '0 the message is not JSON',
    '0 the message is not UTF-8',
    '0 the message nests more than 64 levels deep',
    '1 FinalJobError: the job does not take this input: /cents must be a number',
    '1 FinalJobError: the job does not take this input: /reference is required',
  ])
  assert.equal(observed.filter((one) => one.kind === 'broker' && one.of.kind === 'message-refused').length, 5)
})

test('messages about one subject run in their order, also behind one that fails for a while; others do not wait', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  let failures = 2
  const job = {
    run: async (ctx: {
      input: { reference: string; cents: number }
      db: { system: { Payment: { create: (row: object) => Promise<unknown> } } }
    }) => {
      if (ctx.input.reference === 'a1' && failures-- > 0) throw new Error('not yet')
      await ctx.db.system.Payment.create({ reference: ctx.input.reference, cents: ctx.input.cents })
    },
  }
  const { idle, payments } = await world(t, nats, designOf({}, job))
  for (let n = 1; n <= 20; n++)
    for (const row of ['a', 'b', 'c']) await nats.send(`payments.${row}`, cloudEvent(`${row}${n}`, payment(`${row}${n}`), { subject: row }))
  await until('all payments', async () => ((await payments()).length === 60 ? true : null))
  await idle()
  const all = await payments()
  for (const row of ['a', 'b', 'c']) {
    const own = all.filter((reference) => reference.startsWith(row))
    assert.deepEqual(
      own,
      Array.from({ length: 20 }, (_, n) => `${row}${n + 1}`),
    )
  }
})

test('one that always fails is dead after its attempts, and those behind it go on', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  const steps = [
    { require: 'input.cents != 666', else: 'refused' },
    { create: 'Payment', set: 'input' },
  ]
  const { paid, sql, idle } = await world(t, nats, {
    ...designOf({}, { steps }),
    errors: { codes: { refused: { status: 409, message: 'no' } } },
  })
  for (const [id, cents] of [
    ['1', 666],
    ['2', 5],
    ['3', 6],
  ] as const)
    await nats.send('payments.a', cloudEvent(id, payment(id, cents), { subject: 's' }))
  assert.deepEqual(await paid(2), ['2', '3'])
  await idle()
  const [dead] = await sql('select attempt, payload from plinth.dead_jobs')
  assert.deepEqual(dead, { attempt: 3, payload: '{"reference":"1","cents":666}' })
})

test('what comes while no process is there is taken later, and a new subscription begins where it says', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  await nats.send('payments.a', cloudEvent('0', payment('before')))
  const first = await world(t, nats, designOf({ start: 'new' }))
  await until('the consumer', () => nats.manage((manager) => manager.consumers.info('PAY', 'shop-settled').catch(() => null)))
  await nats.send('payments.a', cloudEvent('1', payment('one')))
  await first.paid(1)
  await first.backend.close()
  await nats.send('payments.a', cloudEvent('2', payment('two')))
  const second = await world(t, nats, designOf({ start: 'new' }), { databaseUrl: first.databaseUrl })
  assert.deepEqual(await second.paid(2), ['one', 'two'])
})

test('messages go on after the server was killed and started again, and each takes effect once', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  const { paid, idle, payments } = await world(t, nats)
  for (let n = 0; n < 5; n++) await nats.send('payments.a', cloudEvent(`a${n}`, payment(`a${n}`)))
  await paid(5)
  await nats.stop('hard')
  await nats.start()
  for (let n = 0; n < 5; n++) await nats.send('payments.a', cloudEvent(`b${n}`, payment(`b${n}`)))
  await paid(10)
  await idle()
  assert.equal(new Set(await payments()).size, 10)
  assert.equal((await payments()).length, 10)
})

test('no more than a thousand messages wait in the database; the broker keeps the others', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  const { sql } = await world(
    t,
    nats,
    designOf({}, { retry: { attempts: 100, first: '30d', most: '30d' }, steps: [{ require: 'false', else: 'refused' }] }),
  )
  await sql("insert into plinth.jobs (kind, payload, run_at) select 'settle', '{}', now() + interval '1 day' from generate_series(1, 1000)")
  await nats.send('payments.a', cloudEvent('1', payment('one')))
  await until('the message at the process', () =>
    nats.manage(async (manager) =>
      (await manager.consumers.info('PAY', 'shop-settled').catch(() => null))?.num_ack_pending === 1 ? true : null,
    ),
  )
  assert.equal((await sql('select from plinth.broker_messages')).length, 0)
  await sql('delete from plinth.jobs where id <= 500')
  await until('the message in the database', async () => ((await sql('select from plinth.broker_messages')).length === 1 ? true : null))
})

const JOB = 'insert into plinth.jobs (kind, payload, chain, run_at) select \'settle\', \'{"reference":"behind","cents":5}\', \'s\''

test('thousands of messages behind one that fails leave the room of the others free', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  const { sql, paid, payments } = await world(t, nats)
  await sql(`${JOB}, now() + interval '1 day'`)
  await sql(`${JOB}, 'infinity' from generate_series(1, 2000)`)
  await nats.send('payments.a', cloudEvent('1', payment('one'), { subject: 'other' }))
  assert.deepEqual(await paid(1), ['one'])
  await sql(`${JOB}, 'infinity' from generate_series(1, 8000)`)
  await nats.send('payments.a', cloudEvent('2', payment('two'), { subject: 'other' }))
  await until('the message at the process', () =>
    nats.manage(async (manager) => ((await manager.consumers.info('PAY', 'shop-settled')).num_ack_pending === 1 ? true : null)),
  )
  assert.deepEqual(await payments(), ['one'])
  await sql("delete from plinth.jobs where run_at = 'infinity'")
  assert.deepEqual(await paid(2), ['one', 'two'])
})

test('messages that are stored go on while the broker is away', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  const { sql, paid } = await world(t, nats)
  await nats.send('payments.a', cloudEvent('1', payment('one')))
  await paid(1)
  await nats.stop()
  // As if the end of the job before it had missed it.
  await sql(`${JOB}, 'infinity'`)
  assert.deepEqual(await paid(2), ['one', 'behind'])
})

test('the ids of messages are forgotten after seven days', { skip }, async (t) => {
  const nats = await startNats(t)
  await nats.stream('PAY', ['payments.>'])
  const { sql, databaseUrl } = await world(t, nats)
  await sql(`insert into plinth.broker_messages values
    ('settled', '\\x01', now() - interval '8 days'), ('settled', '\\x02', now() - interval '6 days')`)
  const executor = openExecutor({ url: databaseUrl, connections: 1, statementTimeoutMs: 5_000 })
  t.after(() => executor.close())
  assert.equal(await brokerService.sweep({ run: executor.run, now: Date.now }), 1)
  assert.deepEqual(await sql("select encode(key, 'hex') as key from plinth.broker_messages"), [{ key: '02' }])
})
