/** A shop for one test, with a payment provider, and what the tests do with them. */

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTestBackend, type SignedInClient, type TestBackend } from 'plinth/testing'
import { type Provider, startProvider } from './provider.ts'

/** The design as a file: the code beside it is found from there. */
const DESIGN = new URL('../design.ts', import.meta.url)
export const SECRET = `whsec_${Buffer.alloc(32, 'shop').toString('base64')}`
const KEY = 'key-of-the-shop'

export interface Shop extends TestBackend {
  readonly provider: Provider
  readonly staff: SignedInClient
  /** Makes a product with one variant that is for sale. */
  article(values?: {
    readonly name?: string
    readonly price?: string
    readonly stock?: number
  }): Promise<{ product: string; variant: string }>
  /** Puts an article into the cart of an account and orders it. */
  order(buyer: SignedInClient, variant: string, quantity?: number, more?: object): Promise<{ id: string; total: string }>
  /** Begins the payment of an order. Gives its id at the provider. */
  pay(buyer: SignedInClient, order: string): Promise<string>
  /** An order that is paid, with its payment at the provider. */
  paid(buyer: SignedInClient, variant: string, more?: object): Promise<{ id: string; payment: string; total: string }>
  stock(variant: string): Promise<number>
  /** Another instance on the same database. */
  second(): Promise<TestBackend>
}

/** Opens a shop that is closed after the test. `given`: its settings, in place of those of the provider. */
export async function openShop(t: TestContext, given?: Readonly<Record<string, string>>): Promise<Shop> {
  const provider = await startProvider({ key: KEY, secret: SECRET })
  const variables = given ?? { PAYMENTS_URL: provider.url, PAYMENTS_KEY: KEY, PAYMENTS_SECRET: SECRET }
  const options = { variables, outgoingNetworks: '127.0.0.1' }
  const shop = await openTestBackend(DESIGN, options)
  const others: TestBackend[] = []
  t.after(async () => {
    await provider.close()
    for (const other of others) await other.close()
    await shop.close()
  })
  provider.webhooks = [`${await shop.app.listen({ port: 0, host: '127.0.0.1' })}/hooks/payments`]
  const category = await shop.insert('Category', { name: 'Tea', slug: 'tea' })
  let articles = 0
  const made: Shop = {
    ...shop,
    provider,
    staff: await shop.signIn({ role: 'staff' }),
    async article({ name = 'Tea', price = '12.50', stock = 10 } = {}) {
      const product = await shop.insert('Product', { name, category, forSale: true })
      const variant = await shop.insert('Variant', { product, sku: `TEA-${++articles}`, name: 'small', price, stock })
      return { product: String(product.id), variant: String(variant.id) }
    },
    async order(buyer, variant, quantity = 1, more = {}) {
      const { body: cart } = await buyer.post('/api/actions/addToCart', { variant, quantity })
      const { status, body, text } = await buyer.post('/api/actions/checkout', {
        total: cart.total,
        address: 'Station Road 1, Bonn',
        ...more,
      })
      assert.equal(status, 200, text)
      return { id: body.order, total: body.total }
    },
    async pay(buyer, order) {
      const { status, body, text } = await buyer.post(`/api/orders/${order}/pay`)
      assert.equal(status, 200, text)
      return String(body.url).split('/').at(-1) ?? ''
    },
    async paid(buyer, variant, more) {
      const { id, total } = await made.order(buyer, variant, 1, more)
      const payment = await made.pay(buyer, id)
      assert.equal(await provider.pay(payment), 200)
      await until('the payment', async () => (await buyer.get(`/api/orders/${id}`)).body.status === 'paid')
      return { id, payment, total }
    },
    async stock(variant) {
      return (await made.staff.get(`/api/variants/${variant}`)).body.stock
    },
    async second() {
      const other = await openTestBackend(DESIGN, { ...options, beside: shop })
      others.push(other)
      return other
    },
  }
  return made
}

/** Waits until something is true. @throws Error when it does not become true */
export async function until(what: string, isThere: () => Promise<boolean> | boolean): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 20) {
    if (await isThere()) return
    await sleep(20)
  }
  throw new Error(`waited in vain for ${what}`)
}

/** A message that a partner has got. */
export interface Message {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into messages of any shape
  readonly body: any
}

/** Starts a server in the place of a partner. */
export async function startPartner(t: TestContext): Promise<{ readonly url: string; readonly messages: Message[] }> {
  const messages: Message[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    messages.push({ path: request.url ?? '', headers: request.headers as Message['headers'], text, body: JSON.parse(text) })
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, messages }
}
