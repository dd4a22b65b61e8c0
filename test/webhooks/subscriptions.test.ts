/** Subscriptions of users: what they get, rotation of their secrets, and their end. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { receiversOf } from '../../src/services/webhooks/receivers.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { LOOPBACK, startReceiver, verified } from './receiver.ts'

const DESIGN = {
  name: 'shop',
  rules: { signedIn: 'auth.id != null' },
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['user', 'staff'], default: 'user', write: 'false' },
      },
      access: { read: 'id == auth.id', create: 'true' },
    },
    Order: {
      fields: {
        number: { type: 'integer' },
        buyer: { type: 'ref', entity: 'User' },
        margin: { type: 'integer', default: 4711, read: 'auth.role == "staff"' },
      },
      access: { read: 'buyer == auth.id || auth.role == "staff"', create: 'true', update: 'true', delete: 'true' },
    },
    Hook: {
      fields: {
        owner: { type: 'ref', entity: 'User', set: 'auth.id', onDelete: 'cascade' },
        url: { type: 'url' },
        events: { type: 'list', of: { type: 'choice', values: ['Order.created', 'Order.updated', 'Order.deleted'] } },
        active: { type: 'boolean', default: true },
        secret: { type: 'text', read: 'owner == auth.id', write: 'false', default: { expression: "'whsec_' + random(24) + random(24)" } },
        previousSecret: { type: 'text', read: 'owner == auth.id', write: 'false', optional: true },
      },
      access: { read: 'owner == auth.id', create: 'signedIn', update: 'owner == auth.id', delete: 'owner == auth.id' },
      actions: {
        rotate: {
          as: 'system',
          allow: 'owner == auth.id',
          steps: [{ update: 'row', set: { previousSecret: 'secret', secret: "'whsec_' + random(24) + random(24)" } }],
          answer: { secret: 'row.secret' },
        },
      },
    },
  },
  on: {
    'Order.created': [{ webhook: 'partners' }],
    'Order.updated': [{ webhook: 'partners' }],
    'Order.deleted': [{ webhook: 'partners' }],
  },
  integrations: { webhooks: { partners: { subscriptions: 'Hook', account: 'owner' } } },
}

async function world(t: TestContext, mode: 'development' | 'production' = 'development') {
  const receiver = await startReceiver(t)
  const model = modelFrom(DESIGN)
  const receivers = receiversOf(model, { networks: LOOPBACK, variables: {} }, { mode })
  const backend = await testBackend(t, model, { receivers })
  const account = async (name: string, role = 'user') => {
    const [row] = await backend.sql(
      `insert into users (id, created_at, updated_at, version, email, password, role)
        values (gen_random_uuid(), now(), now(), 1, $1, 'x', $2) returning id`,
      [`${name}@example.com`, role],
    )
    return { id: String(row?.id), token: await backend.tokenFor(String(row?.id)) }
  }
  /** Subscribes; the path tells the messages apart. */
  const subscribe = async ({ token }: { token: string }, path: string, events = ['Order.created']) => {
    const answer = await backend.ask('POST', '/api/hooks', { token, body: { url: new URL(path, receiver.url).href, events } })
    assert.equal(answer.status, 201, answer.text)
    return answer.json as { id: string; secret: string }
  }
  const order = (buyer: { id: string }) =>
    backend.sql(
      `insert into orders (id, created_at, updated_at, version, number, buyer_id, margin)
        values (gen_random_uuid(), now(), now(), 1, 1, $1, 4711)`,
      [buyer.id],
    )
  const paths = () => receiver.arrived.map(({ path }) => path).toSorted()
  return { receiver, account, subscribe, order, paths, ...backend }
}

test('a subscription gets the events that it names, and of their rows what its account may read', async (t) => {
  const { receiver, account, subscribe, order, paths, ask, sql } = await world(t)
  const [ann, bob, staff] = [await account('ann'), await account('bob'), await account('staff', 'staff')]
  const own = await subscribe(ann, '/ann', ['Order.created', 'Order.deleted'])
  await subscribe(bob, '/bob')
  const all = await subscribe(staff, '/staff')
  await subscribe(staff, '/others', ['Order.updated'])
  assert.match(own.secret, /^whsec_[a-z0-9]{48}$/)
  await order(ann)
  await receiver.received(2)
  assert.deepEqual(paths(), ['/ann', '/staff'])
  const [forAnn, forStaff] = ['/ann', '/staff'].map((path) => receiver.arrived.find((message) => message.path === path))
  assert.ok(forAnn !== undefined && forStaff !== undefined)
  verified(own.secret, forAnn)
  verified(all.secret, forStaff)
  assert.deepEqual([forAnn.data.buyer, 'margin' in forAnn.data, forStaff.data.margin], [ann.id, false, 4711])
  assert.ok(!forAnn.body.includes('4711'))
  await sql('delete from orders')
  await receiver.received(3)
  assert.deepEqual([paths()[1], receiver.arrived[2]?.type, receiver.arrived[2]?.data.number], ['/ann', 'Order.deleted', 1])
  assert.equal((await ask('GET', `/api/hooks/${own.id}`, { token: bob.token })).status, 404)
})

test('a secret is changed while messages wait, and none is lost', async (t) => {
  const { receiver, account, subscribe, order, ask, sql } = await world(t)
  const ann = await account('ann')
  const { id, secret: old } = await subscribe(ann, '/ann')
  receiver.answer = { status: 500 }
  await order(ann)
  await receiver.received(1)
  const { secret } = (await ask('POST', `/api/hooks/${id}/rotate`, { token: ann.token })).json
  assert.notEqual(secret, old)
  receiver.answer = { status: 204 }
  await order(ann)
  await until('the second attempt', async () => {
    await sql(
      `update plinth.webhook_deliveries set run_at = now() where state = 'waiting' and attempt = 1 and run_at < now() + interval '10 s'`,
    )
    return receiver.arrived.length >= 3 ? true : null
  })
  const [first, ...after] = receiver.arrived
  assert.ok(first !== undefined)
  verified(old, first)
  assert.throws(() => verified(secret, first))
  for (const message of after) for (const each of [old, secret]) verified(each, message)
})

test('410 ends a subscription with all of its messages; an inactive or deleted one gets nothing', async (t) => {
  const { receiver, account, subscribe, order, ask, sql } = await world(t)
  const ann = await account('ann')
  const [gone, off, deleted] = [await subscribe(ann, '/gone'), await subscribe(ann, '/off'), await subscribe(ann, '/deleted')]
  const states = async () => (await sql('select state from plinth.webhook_deliveries order by id')).map(({ state }) => state)
  receiver.answer = { status: 500 }
  await order(ann)
  await receiver.received(3)
  await until('three failures', async () =>
    (await sql(`select from plinth.webhook_deliveries where attempts <> '[]'`)).length === 3 ? true : null,
  )
  receiver.answer = { status: 410 }
  await ask('PATCH', `/api/hooks/${off.id}`, { token: ann.token, body: { active: false } })
  await ask('DELETE', `/api/hooks/${deleted.id}`, { token: ann.token })
  await sql(`update plinth.webhook_deliveries set run_at = now()`)
  await until('the end', async () => ((await states()).every((state) => state === 'failed') ? true : null))
  assert.equal(receiver.arrived.length, 4)
  const hook = (await ask('GET', `/api/hooks/${gone.id}`, { token: ann.token })).json
  assert.deepEqual([hook.active, hook.version], [false, 2])
})

test('in production, a subscription of addresses inside gets nothing, and its log says why', async (t) => {
  const { account, order, ask, sql, receiver } = await world(t, 'production')
  const ann = await account('ann')
  // The network of the receiver is allowed, for receivers of the design alone.
  for (const url of ['http://169.254.169.254/latest/meta-data/', receiver.url])
    assert.equal((await ask('POST', '/api/hooks', { token: ann.token, body: { url, events: ['Order.created'] } })).status, 201, url)
  await order(ann)
  const errors = await until('two attempts', async () => {
    const rows = await sql(`select attempts -> 0 ->> 'error' as error from plinth.webhook_deliveries where attempts <> '[]'`)
    return rows.length === 2 ? rows.map(({ error }) => String(error)) : null
  })
  for (const error of errors) assert.match(error, /is not a public address/)
  assert.equal(receiver.arrived.length, 0)
})
