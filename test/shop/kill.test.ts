/**
 * The shop in production, in two processes of which one is killed between the payment and its confirmation: nothing is lost, and nobody
 * is charged twice.
 */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startProvider } from '../../examples/shop/tests/provider.ts'
import { until } from '../events/events-world.ts'
import { newPem } from '../identity/instances.ts'
import { freePort, PLINTH, ROOT, type Started, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'
import { headerOf, readMime, startSmtp } from '../support/smtp.ts'

const SHOP = join(ROOT, 'examples/shop')
const KEY = 'key-of-the-shop'
const SECRET = `whsec_${Buffer.alloc(32, 'kill').toString('base64')}`
const ANN = { name: 'Ann', email: 'ann@example.com', password: 'Lantern-Otter-42' }

interface Instance {
  readonly url: string
  /** Kills the process, and starts another one at the same port. */
  replace(): Promise<void>
  kill(): Promise<void>
}

async function openShop(t: TestContext) {
  const database = await testDatabase()
  t.after(() => database.drop())
  const [provider, smtp] = [await startProvider({ key: KEY, secret: SECRET }), await startSmtp(t)]
  t.after(() => provider.close())
  const files = join(temporaryFolder(t), 'files')
  mkdirSync(files)
  const shared = {
    DATABASE_URL: database.url,
    HOST: '127.0.0.1',
    PUBLIC_URL: 'http://shop.example.com',
    AUTH_KEYS: newPem(),
    SMTP_URL: smtp.url,
    FILES: files,
    PAYMENTS_URL: provider.url,
    PAYMENTS_KEY: KEY,
    PAYMENTS_SECRET: SECRET,
    NODE_ENV: 'production',
  }
  const instance = async (): Promise<Instance> => {
    const port = await freePort()
    // The watchdog is a parent process, which would start the killed one again.
    const serve = (): Started =>
      start(t, [...PLINTH, 'serve', '--migrate', SHOP], { env: { ...shared, PORT: String(port), WATCHDOG_SECONDS: 'off' } })
    let server = serve()
    await server.until(/"listening"/)
    const kill = async (): Promise<void> => {
      if (server.process.exitCode !== null || server.process.signalCode !== null) return
      server.process.kill('SIGKILL')
      await once(server.process, 'exit')
    }
    const replace = async (): Promise<void> => {
      await kill()
      server = serve()
      await server.until(/"listening"/)
    }
    return { url: `http://127.0.0.1:${port}`, replace, kill }
  }
  const sql = async (text: string, values: readonly unknown[] = []) => {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      return (await client.query(text, [...values])).rows
    } finally {
      await client.end()
    }
  }
  const first = await instance()
  const second = await instance()
  provider.webhooks = [first, second].map(({ url }) => `${url}/hooks/payments`)
  return { provider, smtp, first, second, sql }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape
async function post(url: string, body: object, token?: string): Promise<any> {
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  assert.ok(answer.ok, `${url} ${answer.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

const MADE = 'id, created_at, updated_at, version'
const NEW = 'gen_random_uuid(), now(), now(), 1'

test('an instance that is killed between a payment and its confirmation loses no order, and nobody pays twice', {
  timeout: 180_000,
}, async (t) => {
  const { provider, smtp, first, second, sql } = await openShop(t)
  const [category] = await sql(`insert into categories (${MADE}, name, slug) values (${NEW}, 'Tea', 'tea') returning id`)
  const [product] = await sql(
    `insert into products (${MADE}, name, description, category_id, for_sale) values (${NEW}, 'Assam', '', $1, true) returning id`,
    [category.id],
  )
  const [variant] = await sql(
    `insert into variants (${MADE}, product_id, sku, name, price, stock) values (${NEW}, $1, 'ASSAM', '100 g', 6.50, 20) returning id`,
    [product.id],
  )
  await post(`${first.url}/api/auth/register`, ANN)
  const { token } = await post(`${second.url}/api/auth/login`, { email: ANN.email, password: ANN.password })

  const orderAt = async (url: string): Promise<string> => {
    await post(`${url}/api/actions/addToCart`, { variant: variant.id, quantity: 1 }, token)
    return (await post(`${url}/api/actions/checkout`, { total: '6.50', address: 'Station Road 1, Bonn' }, token)).order
  }
  const isPaid = async (order: string) => {
    const [row] = await sql('select status from orders where id = $1', [order])
    return row.status === 'paid' ? true : null
  }
  const paymentOf = ({ url }: { url: string }) => url.split('/').at(-1) ?? ''

  // The first instance dies when the provider has made the payment, before it knows.
  const orders = [await orderAt(first.url)]
  const answered = Promise.withResolvers<void>()
  const killed = Promise.withResolvers<void>()
  provider.beforeAnswer = () => {
    answered.resolve()
    return killed.promise
  }
  const lost = post(`${first.url}/api/orders/${orders[0]}/pay`, {}, token).then(
    () => 'answered',
    () => 'lost',
  )
  await answered.promise
  await first.kill()
  killed.resolve()
  provider.beforeAnswer = () => {}
  assert.equal(await lost, 'lost')
  const again = await post(`${second.url}/api/orders/${orders[0]}/pay`, {}, token)
  assert.equal(provider.payments.length, 1, 'one payment, although it was asked for twice')
  await provider.pay(paymentOf(again))
  await until('the first order', () => isPaid(orders[0] ?? ''))
  await first.replace()

  // It dies while it is told of a payment: at once, and after some milliseconds.
  for (const ms of [0, 4, 12]) {
    const order = await orderAt(second.url)
    orders.push(order)
    const payment = paymentOf(await post(`${first.url}/api/orders/${order}/pay`, {}, token))
    await provider.pay(payment)
    await sleep(ms)
    await first.kill()
    await until('the order', () => isPaid(order))
    await first.replace()
  }

  await until('the receipts', () => (smtp.mails.length >= orders.length ? true : null))
  await until('the messages', () => (provider.delivered.length === orders.length ? true : null))
  assert.equal(provider.charges, orders.length)
  assert.equal(provider.refunds, 0)
  assert.deepEqual(await sql('select state, count(*)::integer as payments from payments group by state'), [{ state: 'paid', payments: 4 }])
  assert.deepEqual(await sql('select stock from variants'), [{ stock: '16' }])
  // A mail that a killed process may have sent is sent again, with the same id.
  const ids = new Set(smtp.mails.map(({ raw }) => headerOf(readMime(raw), 'message-id')))
  assert.equal(ids.size, orders.length)
  assert.deepEqual(await sql('select * from plinth.dead_jobs'), [])
  assert.deepEqual(await sql('select * from plinth.event_waiting where dead'), [])
})
