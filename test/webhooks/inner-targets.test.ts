/** Messages to addresses inside: of users and of the design, through the whole sender. Listeners count connections: there are none. */

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { ResolveHost } from '../../src/services/outgoing/reach.ts'
import { type Receivers, receiversOf } from '../../src/services/webhooks/receivers.ts'
import { until } from '../events/events-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { canaries, INNER_HOSTS, INNER_NAMES, MORE_INNER_HOSTS } from '../support/inner-hosts.ts'
import { secretOf } from './receiver.ts'
import { subscribedShop } from './subscribed-shop.ts'

const ALL = [...INNER_HOSTS, ...MORE_INNER_HOSTS]

/** A resolver that knows the names of the test, and says to which of them it was asked. */
const resolve: ResolveHost = async (host) =>
  (INNER_NAMES[host] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }) as const)

const REASON = /is not a public address|has no address/

/** The errors of messages with their number of attempts, by receiver. */
async function errorsOf(sql: (text: string) => Promise<readonly Record<string, unknown>[]>, count: number) {
  return until(`${count} attempts`, async () => {
    const rows = await sql(`select endpoint, attempts -> 0 ->> 'error' as error from plinth.webhook_deliveries where attempts <> '[]'`)
    return rows.length >= count ? rows : null
  })
}

for (const mode of ['development', 'production'] as const)
  test(`subscriptions of addresses inside get no connection (${mode})`, async (t) => {
    const { port, connections } = await canaries(t)
    const { account, order, ask, sql } = await subscribedShop(t, { mode, networks: '', reach: { resolve, ports: 'any' } })
    const owner = await account('owner')
    const hosts = [...ALL, ...Object.keys(INNER_NAMES)]
    const refused: string[] = []
    for (const host of hosts) {
      const body = { url: `https://${host}:${port}/hook`, events: ['Order.created'] }
      const { status } = await ask('POST', '/api/hooks', { token: owner.token, body })
      // Some spellings are no URL for the field already.
      if (status !== 201) refused.push(host)
    }
    assert.ok(refused.length < 10 && refused.every((host) => /[^ -~]|%/.test(host)), refused.join())
    await order(owner)
    const rows = await errorsOf(sql, hosts.length - refused.length)
    for (const { error } of rows) assert.match(String(error), REASON)
    assert.equal(connections(), 0)
  })

/** A design with a receiver for each of these addresses. */
async function designTo(t: TestContext, addresses: readonly string[], { networks = '' } = {}) {
  const names = addresses.map((_, n) => `r${n}`)
  const webhooks = Object.fromEntries(names.map((name, n) => [name, { url: `URL_${n}`, secret: 'SECRET' }]))
  const model = modelFrom({
    name: 'notes',
    entities: {
      Note: { fields: { text: { type: 'text' } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } },
    },
    on: { 'Note.created': names.map((webhook) => ({ webhook })) },
    integrations: { webhooks },
  })
  const variables = { SECRET: secretOf('a'), ...Object.fromEntries(addresses.map((address, n) => [`URL_${n}`, address])) }
  const read = receiversOf(model, { networks, variables }, { mode: 'development' })
  const fixed = [...read.fixed].map(([name, receiver]) => {
    return [name, typeof receiver === 'string' ? receiver : { ...receiver, reach: { ...receiver.reach, resolve } }] as const
  })
  const receivers: Receivers = { ...read, fixed: new Map(fixed) }
  const backend = await testBackend(t, model, { receivers })
  assert.equal((await backend.ask('POST', '/api/notes', { body: { text: 'x' } })).status, 201)
  return backend
}

test('receivers of the design inside get no connection without OUTGOING_NETWORKS', async (t) => {
  const { port, connections } = await canaries(t)
  const hosts = [...ALL, ...Object.keys(INNER_NAMES)]
  // An event has at most 50 reactions.
  for (const some of [hosts.slice(0, 40), hosts.slice(40)]) {
    const { sql } = await designTo(
      t,
      some.map((host) => `http://${host}:${port}/hook`),
    )
    const rows = await errorsOf(sql, some.length)
    for (const { endpoint, error } of rows) assert.match(String(error), REASON, String(some[Number(String(endpoint).slice(1))]))
  }
  assert.equal(connections(), 0)
})

test('no answer of a receiver leads inside', async (t) => {
  const { port, connections } = await canaries(t)
  const inside = `http://127.0.0.1:${port}/`
  const answers = [301, 302, 303, 307, 308].map((status) => [status, { location: inside }] as const)
  const more = [
    [200, { refresh: `0; url=${inside}` }],
    [200, { 'alt-svc': `h2="127.0.0.1:${port}"` }],
    [200, { link: `<${inside}>; rel=preload` }],
  ] as const
  const all: readonly (readonly [status: number, headers: Record<string, string>])[] = [...answers, ...more]
  const server = createServer((request, response) => {
    const [status, headers] = all[Number(request.url?.slice(1))] ?? [500, {}]
    response.writeHead(status, headers).end(inside)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.9', done))
  t.after(() => server.close())
  const own = (server.address() as AddressInfo).port
  const count = all.length
  const { sql } = await designTo(
    t,
    Array.from({ length: count }, (_, n) => `http://127.0.0.9:${own}/${n}`),
    { networks: '127.0.0.9' },
  )
  const rows = await errorsOf(sql, count)
  assert.equal(rows.filter(({ error }) => /redirects \(30\d\), which is not followed/.test(String(error))).length, answers.length)
  assert.equal(connections(), 0)
  // The listener does notice connections.
  await fetch(inside).catch(() => {})
  assert.ok(connections() > 0)
})
