/** The log of deliveries for the accounts of subscriptions: what they see, what they do not, and how they send a message again. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { deliveriesTo, deliveryTo } from '../../src/services/webhooks/log/delivery-log.ts'
import { until } from '../events/events-world.ts'
import { countingBlocks } from '../support/blocks-used.ts'
import { PATIENCE } from '../support/patience.ts'
import { subscribedShop } from './subscribed-shop.ts'

type Shop = Awaited<ReturnType<typeof subscribedShop>>

/** Waits until so many messages have this state, or turn. */
function inState({ sql }: Shop, what: string, count: number): Promise<true> {
  return until(`${count} ${what}`, async () =>
    (await sql('select from plinth.webhook_deliveries where $1 in (state, turn)', [what])).length === count ? true : null,
  )
}

test('the account of a subscription sees its messages with their attempts, and neither secrets nor answers of the receiver', async (t) => {
  const shop = await subscribedShop(t)
  const { receiver, account, subscribe, order, ask } = shop
  const [ann, staff] = [await account('ann'), await account('staff', 'staff')]
  const own = await subscribe(ann, '/ann')
  await subscribe(staff, '/staff')
  receiver.answer = { status: 500, body: 'canary of the receiver' }
  await order(ann)
  await inState(shop, 'later', 2)
  const list = await ask('GET', `/api/hooks/${own.id}/deliveries`, { token: ann.token })
  assert.equal(list.status, 200, list.text)
  const [one] = list.json.data
  const { id, createdAt, nextAttemptAt, attempts, ...rest } = one
  assert.deepEqual([list.json.data.length, list.json.page], [1, { next: null }])
  assert.deepEqual(rest, { type: 'Order.created', state: 'waiting', waitsFor: 'later', endedAt: null, lastStatus: 500 })
  assert.equal(id, receiver.arrived.find(({ path }) => path === '/ann')?.headers['webhook-id'])
  assert.ok(Date.parse(nextAttemptAt) > Date.parse(createdAt))
  const [{ at, durationMs, ...attempt }] = attempts
  assert.deepEqual([attempts.length, attempt], [1, { status: 500, error: 'the receiver answered 500' }])
  assert.ok(Date.parse(at) >= Date.parse(createdAt) - 1_000 && durationMs >= 0)

  const shown = await ask('GET', `/api/hooks/${own.id}/deliveries/${id}`, { token: ann.token })
  const { content, ...seen } = shown.json
  assert.deepEqual(seen, one)
  assert.deepEqual([content.type, content.data.buyer, 'margin' in content.data], ['Order.created', ann.id, false])
  for (const { text } of [list, shown]) for (const secret of ['canary', own.secret, '4711']) assert.ok(!text.includes(secret), secret)
})

test('the content of a message is what its account may read now', async (t) => {
  const shop = await subscribedShop(t)
  const { account, subscribe, order, ask, sql } = shop
  const [ann, boss] = [await account('ann'), await account('boss', 'staff')]
  const { id } = await subscribe(boss, '/boss')
  await order(ann)
  await inState(shop, 'sent', 1)
  const [{ id: delivery }] = (await ask('GET', `/api/hooks/${id}/deliveries`, { token: boss.token })).json.data
  const content = async () => (await ask('GET', `/api/hooks/${id}/deliveries/${delivery}`, { token: boss.token })).json.content
  assert.equal((await content()).data.margin, 4711)
  await sql(`update users set role = 'user' where id = $1`, [boss.id])
  assert.equal(await content(), null)
})

test('for everybody else there is no such subscription, and no message of one leads to another one', async (t) => {
  const shop = await subscribedShop(t)
  const { account, subscribe, order, ask } = shop
  const [ann, bob, staff] = [await account('ann'), await account('bob'), await account('staff', 'staff')]
  const [own, other] = [await subscribe(ann, '/ann'), await subscribe(bob, '/bob')]
  await order(ann)
  await inState(shop, 'sent', 1)
  const [{ id: delivery }] = (await ask('GET', `/api/hooks/${own.id}/deliveries`, { token: ann.token })).json.data
  const asked = (method: string, path: string, token?: string) => ask(method, `/api/hooks/${path}`, token === undefined ? {} : { token })
  for (const [method, path] of [
    ['GET', 'deliveries'],
    ['GET', `deliveries/${delivery}`],
    ['POST', `deliveries/${delivery}/replay`],
  ] as const) {
    for (const { token } of [bob, staff]) assert.equal((await asked(method, `${own.id}/${path}`, token)).json.code, 'not_found')
    assert.equal((await asked(method, `${own.id}/${path}`)).json.code, 'not_signed_in')
    assert.equal((await asked(method, `no-id/${path}`, ann.token)).json.code, 'not_found')
  }
  for (const wrong of [delivery.replace(/.$/, 'x'), 'evt_1', `evt_${'9'.repeat(30)}_0123456789abcdef`, 'evt_1_0123456789abcdef'])
    assert.equal((await asked('GET', `${own.id}/deliveries/${wrong}`, ann.token)).json.code, 'not_found', wrong)
  assert.equal((await asked('GET', `${other.id}/deliveries/${delivery}`, bob.token)).json.code, 'not_found')
  assert.deepEqual((await asked('GET', `${other.id}/deliveries`, bob.token)).json.data, [])
  assert.equal((await asked('GET', `${own.id}/deliveries?state=sent`, ann.token)).json.code, 'unknown_parameter')
  assert.equal((await asked('GET', `${own.id}/deliveries?page[after]=x`, ann.token)).json.code, 'invalid_cursor')
  assert.equal((await asked('GET', `${own.id}/deliveries?page[size]=1000`, ann.token)).json.code, 'invalid_parameter')
})

test('the account sends a message again: one that was given up, one that waits and one that was sent', async (t) => {
  const shop = await subscribedShop(t)
  const { receiver, account, subscribe, order, ask, sql } = shop
  const ann = await account('ann')
  const { id } = await subscribe(ann, '/ann')
  receiver.answer = { status: 500 }
  await order(ann)
  await inState(shop, 'later', 1)
  const { token } = ann
  const [{ id: delivery }] = (await ask('GET', `/api/hooks/${id}/deliveries`, { token })).json.data
  const replay = () => ask('POST', `/api/hooks/${id}/deliveries/${delivery}/replay`, { token })

  await sql("update plinth.webhook_deliveries set state = 'failed', turn = null, run_at = null, ended_at = now()")
  const again = await replay()
  assert.deepEqual([again.status, again.json.state, again.json.id], [202, 'waiting', delivery])
  await receiver.received(2)
  await inState(shop, 'later', 1)
  receiver.answer = { status: 204 }
  assert.equal((await replay()).status, 202)
  await inState(shop, 'sent', 1)
  assert.equal((await replay()).status, 202)
  await receiver.received(4)
  assert.deepEqual([...new Set(receiver.arrived.map(({ headers }) => headers['webhook-id']))], [delivery])
  const { json } = await ask('GET', `/api/hooks/${id}/deliveries/${delivery}`, { token })
  assert.deepEqual(
    json.attempts.map(({ status }: { status: number }) => status),
    [500, 500, 204, 204].slice(0, json.attempts.length),
  )

  await ask('PATCH', `/api/hooks/${id}`, { token, body: { active: false } })
  const refused = await replay()
  assert.deepEqual([refused.status, refused.json.code], [409, 'subscription_inactive'])
})

test('the log does not say where a name of the own network leads', async (t) => {
  const resolve = async () => [{ address: '10.11.12.13', family: 4 as const }]
  const shop = await subscribedShop(t, { reach: { resolve } })
  const { account, order, ask } = shop
  const { token, id: buyer } = await account('ann')
  const made = await ask('POST', '/api/hooks', { token, body: { url: 'https://db.internal.example/', events: ['Order.created'] } })
  await order({ id: buyer })
  await inState(shop, 'later', 1)
  const { json, text } = await ask('GET', `/api/hooks/${made.json.id}/deliveries`, { token })
  assert.deepEqual(
    [json.data[0].attempts[0].status, json.data[0].attempts[0].error],
    [null, 'the address of the subscription may not be reached'],
  )
  assert.ok(!text.includes('10.11.12.13'))
})

test('GraphQL has the same messages, and sends them again', async (t) => {
  const shop = await subscribedShop(t)
  const { receiver, account, subscribe, order, ask } = shop
  const [ann, bob] = [await account('ann'), await account('bob')]
  const { id } = await subscribe(ann, '/ann')
  receiver.answer = { status: 503 }
  for (let n = 0; n < 3; n++) await order(ann)
  await inState(shop, 'later', 3)
  const graphql = async (query: string, token = ann.token, headers = {}) =>
    (await ask('POST', '/graphql', { token, headers, body: { query, variables: { id } } })).json
  const LIST = `query ($id: UUID!, $after: String) { log: listHookDeliveries(id: $id, first: 2, after: $after) {
    __typename nodes { id state last: lastStatus attempts { status } } pageInfo { hasNextPage endCursor hasPreviousPage } } }`
  const { log } = (await graphql(LIST)).data
  const rest = (await ask('GET', `/api/hooks/${id}/deliveries?page[size]=2`, { token: ann.token })).json
  assert.deepEqual(
    log.nodes,
    rest.data.map(({ id: delivery, state }: { id: string; state: string }) => ({
      id: delivery,
      state,
      last: 503,
      attempts: [{ status: 503 }],
    })),
  )
  assert.deepEqual([log.__typename, log.nodes.length], ['HookDeliveryPage', 2])
  assert.deepEqual(log.pageInfo, { hasNextPage: true, endCursor: rest.page.next, hasPreviousPage: false })
  const next = (await ask('GET', `/api/hooks/${id}/deliveries?page[size]=2&page[after]=${rest.page.next}`, { token: ann.token })).json
  assert.deepEqual([next.data.length, next.page.next], [1, null])
  const [{ id: delivery }] = next.data
  const one = `getHookDelivery(id: $id, delivery: "${delivery}") { id content }`
  const shown = (await graphql(`query ($id: UUID!) { ${one} }`)).data.getHookDelivery
  assert.deepEqual([shown.id, shown.content.data.buyer], [delivery, ann.id])
  receiver.answer = { status: 204 }
  const REPLAY = `mutation ($id: UUID!) { replayHookDelivery(id: $id, delivery: "${delivery}") { id state waitsFor } }`
  const replayed = (await graphql(REPLAY, ann.token, { 'idempotency-key': 'k' })).data.replayHookDelivery
  assert.deepEqual([replayed.id, replayed.state], [delivery, 'waiting'])
  await inState(shop, 'sent', 1)
  // A repetition with the same key sends nothing.
  assert.deepEqual((await graphql(REPLAY, ann.token, { 'idempotency-key': 'k' })).data.replayHookDelivery, replayed)
  await inState(shop, 'sent', 1)
  for (const query of [LIST, `query ($id: UUID!) { ${one} }`, REPLAY]) {
    const { data, errors } = await graphql(query, bob.token)
    assert.deepEqual([Object.values(data ?? { none: null })[0], errors[0].extensions.code], [null, 'not_found'])
  }
  const anonymous = (await ask('POST', '/graphql', { body: { query: LIST, variables: { id } } })).json
  assert.ok(anonymous.errors.length > 0 && anonymous.data == null)
})

test('a page costs the same with 20,000 messages to the subscription and to others', async (t) => {
  const { sql, databaseUrl } = await subscribedShop(t)
  await sql(`insert into plinth.webhook_deliveries (endpoint, host, reaction, event, entity, row_id, type, message, digest, hold, state, ended_at)
    select 'partners:' || (n % 2), '', 'r', n, 'Order', n, 'Order.created', 'evt_' || n || '_0123456789abcdef', '', false, 'sent', now()
    from generate_series(1, 40000) n`)
  await sql('analyze plinth.webhook_deliveries')
  const executor = openExecutor({ url: databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
  t.after(() => executor.close())
  const { run, blocks } = countingBlocks(executor)
  const after = 'evt_20000_0123456789abcdef'
  const page = await deliveriesTo(run, ['partners:0'], { after, size: 20 })
  assert.deepEqual(
    [page.deliveries.length, page.deliveries[0]?.id, page.next],
    [20, 'evt_19998_0123456789abcdef', 'evt_19960_0123456789abcdef'],
  )
  assert.equal((await deliveryTo(run, ['partners:1'], 'evt_7_0123456789abcdef'))?.seen.id, 'evt_7_0123456789abcdef')
  for (const [name, used] of blocks()) assert.ok(used <= 60, `${name}: ${used} blocks`)
})
