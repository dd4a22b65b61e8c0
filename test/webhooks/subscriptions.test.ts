/** Subscriptions of users: what they get, rotation of their secrets, and their end. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../events/events-world.ts'
import { verified } from './receiver.ts'
import { subscribedShop } from './subscribed-shop.ts'

test('a subscription gets the events that it names, and of their rows what its account may read', async (t) => {
  const { receiver, account, subscribe, order, paths, ask, sql } = await subscribedShop(t)
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
  const { receiver, account, subscribe, order, ask, sql } = await subscribedShop(t)
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
  const { receiver, account, subscribe, order, ask, sql } = await subscribedShop(t)
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
  const { account, order, ask, sql, receiver } = await subscribedShop(t, { mode: 'production' })
  const ann = await account('ann')
  // The network of the receiver is allowed, for receivers of the design alone.
  const [plain, secure] = [receiver.url, receiver.url.replace('http:', 'https:')]
  const refused = await ask('POST', '/api/hooks', { token: ann.token, body: { url: plain, events: ['Order.created'] } })
  assert.deepEqual([refused.status, refused.json.errors[0].pointer, refused.json.errors[0].message], [400, '/url', 'must match ^https:'])
  for (const url of ['https://169.254.169.254/latest/meta-data/', secure])
    assert.equal((await ask('POST', '/api/hooks', { token: ann.token, body: { url, events: ['Order.created'] } })).status, 201, url)
  await order(ann)
  const errors = await until('two attempts', async () => {
    const rows = await sql(`select attempts -> 0 ->> 'error' as error from plinth.webhook_deliveries where attempts <> '[]'`)
    return rows.length === 2 ? rows.map(({ error }) => String(error)) : null
  })
  for (const error of errors) assert.match(error, /is not a public address/)
  assert.equal(receiver.arrived.length, 0)
})

test('rights that an account has lost while messages wait hold when they are sent', async (t) => {
  const { receiver, account, subscribe, order, sql } = await subscribedShop(t)
  const [ann, boss] = [await account('ann'), await account('boss', 'staff')]
  await subscribe(boss, '/boss')
  receiver.answer = { status: 500 }
  await order(ann)
  await order(boss)
  await receiver.received(2)
  assert.deepEqual(
    receiver.arrived.map(({ data }) => data.margin),
    [4711, 4711],
  )
  const paused = `select from plinth.webhook_deliveries where turn = 'later'`
  await until('two pauses', async () => ((await sql(paused)).length === 2 ? true : null))
  await sql(`update users set role = 'user' where id = $1`, [boss.id])
  receiver.answer = { status: 204 }
  const due = () => sql(`update plinth.webhook_deliveries set run_at = now() where turn = 'later'`)
  await due()
  const ended = (count: number) => async () =>
    (await sql(`select from plinth.webhook_deliveries where state <> 'waiting'`)).length === count ? true : null
  await until('the end of both', ended(2))
  // The order of somebody else is not sent; the own one without what only staff may read.
  const [, , again] = receiver.arrived
  assert.deepEqual([receiver.arrived.length, again?.data.buyer, 'margin' in (again?.data ?? {})], [3, boss.id, false])
  const errors = await sql(`select attempts -> -1 ->> 'error' as error from plinth.webhook_deliveries where state = 'failed'`)
  assert.deepEqual(errors, [{ error: 'the account of the subscription may not read the row any more' }])

  // Without the event, nobody knows what the account may read.
  receiver.answer = { status: 500 }
  await order(boss)
  await receiver.received(4)
  await until('a pause', async () => ((await sql(paused)).length === 1 ? true : null))
  await sql('truncate plinth.events')
  await due()
  await until('the end of all', ended(3))
  assert.equal(receiver.arrived.length, 4)
})

test('a message to an address that has changed goes to the new one, and counts for its host', async (t) => {
  const { receiver, account, subscribe, order, ask, sql } = await subscribedShop(t)
  const ann = await account('ann')
  const { id } = await subscribe(ann, '/old')
  receiver.answer = { status: 500 }
  await order(ann)
  await receiver.received(1)
  await until('a pause', async () => ((await sql(`select from plinth.webhook_deliveries where turn = 'later'`)).length === 1 ? true : null))
  const url = receiver.url.replace('127.0.0.1', 'localhost').replace('/hook', '/new')
  assert.equal((await ask('PATCH', `/api/hooks/${id}`, { token: ann.token, body: { url } })).status, 200)
  receiver.answer = { status: 204 }
  await sql(`update plinth.webhook_deliveries set run_at = now() where turn = 'later'`)
  await until('the end', async () => ((await sql(`select from plinth.webhook_deliveries where state = 'sent'`)).length === 1 ? true : null))
  assert.deepEqual(
    receiver.arrived.map(({ path }) => path),
    ['/old', '/new'],
  )
  assert.deepEqual(await sql('select host, attempt from plinth.webhook_deliveries'), [{ host: 'localhost', attempt: 2 }])
})
