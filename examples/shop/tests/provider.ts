/**
 * A payment provider: an HTTP server that makes payments, takes the money of customers, pays it back, and sends signed webhooks. It can
 * also be started as a program, for a walk through the shop.
 */

import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ProviderPayment {
  readonly id: string
  readonly amount: string
  readonly reference: string
  state: 'open' | 'paid' | 'failed' | 'refunded'
}

export interface Provider {
  readonly url: string
  readonly payments: readonly ProviderPayment[]
  /** How often money of a customer was taken. */
  readonly charges: number
  /** How often money was given back. */
  readonly refunds: number
  /** Messages to webhooks that were taken, by the id of the payment and the event. */
  readonly delivered: readonly string[]
  /** The receivers of webhooks. One that fails is followed by the next one, until one of them takes the message. */
  webhooks: readonly string[]
  /** Called before the answer to a new payment. */
  beforeAnswer: () => Promise<void> | void
  /** The customer pays, or the card is declined. Gives the status of the provider. */
  pay(id: string, card?: 'good' | 'declined'): Promise<number>
  /** Signs a message as the provider does. */
  sign(id: string, body: string, at?: number): Record<string, string>
  /** Sends a message until it is taken. */
  send(type: string, data: object, id?: string): Promise<void>
  close(): Promise<void>
}

export interface ProviderOptions {
  /** The token that the shop must send. */
  readonly key: string
  /** The secret of the webhooks: `whsec_…`. */
  readonly secret: string
  readonly port?: number
}

/** Milliseconds between two attempts to deliver a message. */
const PAUSE_MS = 100

/** Starts the provider on this machine. */
export async function startProvider({ key, secret, port = 0 }: ProviderOptions): Promise<Provider> {
  const payments: ProviderPayment[] = []
  const answers = new Map<string, { readonly status: number; readonly body: object }>()
  const delivered: string[] = []
  let charges = 0
  let refunds = 0
  const closing = new AbortController()

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => respond(response, status, body),
      (error: unknown) => respond(response, 500, { error: String(error) }),
    )
  })

  async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://provider')
    const paid = /^\/pay\/(\w+)$/.exec(pathname)
    if (paid !== null) {
      const status = await provider.pay(paid[1] ?? '', searchParams.get('card') === 'declined' ? 'declined' : 'good')
      return { status, body: { state: payments.find(({ id }) => id === paid[1])?.state ?? 'unknown' } }
    }
    if (request.headers.authorization !== `Bearer ${key}`) return { status: 401, body: { error: 'wrong key' } }
    const once = request.headers['idempotency-key']
    if (request.method !== 'POST' || typeof once !== 'string') return { status: 400, body: { error: 'an Idempotency-Key is needed' } }
    const body = await bodyOf(request)
    const known = answers.get(once)
    const given = known ?? (pathname === '/payments' ? make(body) : giveBack(pathname))
    answers.set(once, given)
    if (pathname === '/payments') await provider.beforeAnswer()
    // A payment is shown as it is now.
    const payment = payments.find(({ id }) => id === (given.body as { id?: string }).id)
    return { status: given.status, body: { ...given.body, ...(payment === undefined ? {} : { state: payment.state }) } }
  }

  function make(body: Record<string, unknown>): { status: number; body: object } {
    const payment: ProviderPayment = {
      id: `pay_${randomBytes(8).toString('hex')}`,
      amount: String(body.amount),
      reference: String(body.reference),
      state: 'open',
    }
    payments.push(payment)
    return { status: 201, body: { ...payment, url: `${provider.url}/pay/${payment.id}` } }
  }

  function giveBack(pathname: string): { status: number; body: object } {
    const payment = payments.find(({ id }) => pathname === `/payments/${id}/refunds`)
    if (payment === undefined) return { status: 404, body: { error: 'no such payment' } }
    if (payment.state !== 'paid') return { status: 409, body: { error: `the payment is ${payment.state}` } }
    payment.state = 'refunded'
    refunds++
    return { status: 201, body: { refunded: payment.amount } }
  }

  const provider: Provider = {
    url: '',
    payments,
    get charges() {
      return charges
    },
    get refunds() {
      return refunds
    },
    delivered,
    webhooks: [],
    beforeAnswer: () => {},
    async pay(id, card = 'good') {
      const payment = payments.find((one) => one.id === id)
      if (payment === undefined) return 404
      if (payment.state !== 'open') return 409
      payment.state = card === 'good' ? 'paid' : 'failed'
      if (card === 'good') charges++
      void provider.send(`payment.${payment.state}`, { id, amount: payment.amount, reference: payment.reference })
      return 200
    },
    sign(id, body, at = Math.floor(Date.now() / 1_000)) {
      const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
      const digest = createHmac('sha256', bytes).update(`${id}.${at}.${body}`).digest('base64')
      return {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(at),
        'webhook-signature': `v1,${digest}`,
      }
    },
    async send(type, data, id = `msg_${randomBytes(8).toString('hex')}`) {
      const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data })
      for (let attempt = 0; !closing.signal.aborted; attempt++) {
        const to = provider.webhooks[attempt % provider.webhooks.length]
        const taken = to !== undefined && (await isTaken(to, body, provider.sign(id, body)))
        if (taken) {
          delivered.push(`${(data as { id?: string }).id} ${type}`)
          return
        }
        await sleep(PAUSE_MS, undefined, { ref: false })
      }
    },
    close: async () => {
      closing.abort()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return Object.assign(provider, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

async function isTaken(url: string, body: string, headers: Record<string, string>): Promise<boolean> {
  return fetch(url, { method: 'POST', body, headers, redirect: 'error', signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? {} : JSON.parse(text)
}

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

if (import.meta.main) {
  const { PAYMENTS_KEY = '', PAYMENTS_SECRET = '', WEBHOOKS = 'http://localhost:3000/hooks/payments', PORT = '4000' } = process.env
  const provider = await startProvider({ key: PAYMENTS_KEY, secret: PAYMENTS_SECRET, port: Number(PORT) })
  provider.webhooks = WEBHOOKS.split(',')
  console.log(`the payment provider is at ${provider.url}`)
}
