/**
 * Two backends that exchange events: a shop places orders, and billing sends invoices for them, which the shop settles. Meanwhile each
 * calls the other one, with tokens that it signs for itself: the shop makes charges at billing, and billing leaves notes at the shop.
 */

import type { Model } from '../../src/model/model.ts'
import { modelFrom } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

function brokerOf(stream: string, subscribe: object) {
  return { broker: { nats: 'NATS_URL', tls: 'preferred', prefix: stream.toLowerCase(), stream: { name: stream }, subscribe } }
}

/** What each has to accept calls of the other one. */
function accepting(other: 'shop' | 'billing', variable: string) {
  return {
    user: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['clerk', other], default: 'clerk', write: 'false' },
      },
      access: { read: 'false', create: 'false', update: 'false', delete: 'false' },
    },
    received: { fields: { number: { type: 'integer' } }, access: { ...OPEN, create: `auth.role == "${other}"` } },
    integrations: {
      backends: { [other]: { issuer: variable, role: other } },
      // The calls begin again soon after an outage.
      http: { [other]: { baseUrl: variable, auth: { as: 'system' }, circuitBreaker: { failures: 5, pause: '1s' } } },
    },
  }
}

interface Calling {
  readonly input: { readonly number: number }
  readonly services: Readonly<Record<string, { post(path: string, options: object): Promise<{ id: string }> }>>
}

/** An action that calls the other backend, with a key that is the same for each repetition. */
function calling(other: string, path: string) {
  const run = async ({ input: { number }, services }: Calling) => {
    const made = await services[other]?.post(path, { body: { number }, idempotencyKey: `number-${number}` })
    return { id: made?.id }
  }
  return { allow: 'true', as: 'system', transaction: 'own', input: { number: 'integer' }, output: { id: 'uuid' }, run }
}

const SHOP = accepting('billing', 'BILLING_URL')
const BILLING = accepting('shop', 'SHOP_URL')

/** The models. No constraint keeps either from having something twice. */
export const MODELS: Readonly<Record<'shop' | 'billing', () => Model>> = {
  shop: () =>
    modelFrom({
      name: 'shop',
      entities: {
        User: SHOP.user,
        Note: SHOP.received,
        Order: { fields: { number: { type: 'integer' } }, access: OPEN },
        Settlement: { fields: { order: { type: 'ref', entity: 'Order' }, invoice: { type: 'text', max: 50 } }, access: OPEN },
      },
      on: { 'Order.created': [{ publish: 'placed' }] },
      jobs: {
        settle: {
          as: 'system',
          input: { order: { ref: 'Order' }, invoice: { type: 'text', max: 50 } },
          steps: [{ create: 'Settlement', set: { order: 'input.order', invoice: 'input.invoice' } }],
        },
      },
      actions: { charge: calling('billing', '/api/charges') },
      integrations: {
        ...SHOP.integrations,
        ...brokerOf('SHOP', {
          invoiced: { subject: 'billing.invoiced', job: 'settle', input: { order: 'data.order', invoice: 'subject' }, start: 'all' },
        }),
      },
    }),
  billing: () =>
    modelFrom({
      name: 'billing',
      entities: {
        User: BILLING.user,
        Charge: BILLING.received,
        Invoice: { fields: { order: { type: 'uuid' }, number: { type: 'integer' } }, access: OPEN },
      },
      on: { 'Invoice.created': [{ publish: 'invoiced' }] },
      jobs: {
        bill: {
          as: 'system',
          input: { order: 'uuid', number: 'integer' },
          steps: [{ create: 'Invoice', set: { order: 'input.order', number: 'input.number' } }],
        },
      },
      actions: { note: calling('shop', '/api/notes') },
      integrations: {
        ...BILLING.integrations,
        ...brokerOf('BILLING', { placed: { subject: 'shop.placed', job: 'bill', input: { order: 'subject' }, start: 'all' } }),
      },
    }),
}
