/** A shop whose users subscribe to the events of orders. */

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Reach } from '../../src/services/outgoing/reach.ts'
import { receiversOf } from '../../src/services/webhooks/receivers.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { LOOPBACK, startReceiver } from './receiver.ts'

/** The design. */
const SUBSCRIBED_SHOP = {
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

/** How the shop sends. */
export interface ShopOptions {
  readonly mode?: 'development' | 'production'
  /** The networks of receivers. */
  readonly networks?: string
  /** Seconds for an attempt. */
  readonly timeout?: string
  /** What may be reached, where it differs from that of the mode. */
  readonly reach?: Partial<Reach>
}

/** The shop, with a receiver for subscriptions. */
export async function subscribedShop(
  t: TestContext,
  { mode = 'development', networks = LOOPBACK, timeout = '10s', reach = {} }: ShopOptions = {},
) {
  const receiver = await startReceiver(t)
  const partners = { ...SUBSCRIBED_SHOP.integrations.webhooks.partners, timeout }
  const model = modelFrom({ ...SUBSCRIBED_SHOP, integrations: { webhooks: { partners } } })
  const read = receiversOf(model, { networks, variables: {} }, { mode })
  const receivers = { ...read, reach: { ...read.reach, ...reach } }
  const backend = await testBackend(t, model, { receivers, mode })
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
