/** Two backends that exchange events: a shop places orders, and billing sends invoices for them, which the shop settles. */

import type { Model } from '../../src/model/model.ts'
import { modelFrom } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

function brokerOf(stream: string, subscribe: object) {
  return { broker: { nats: 'NATS_URL', tls: 'preferred', prefix: stream.toLowerCase(), stream: { name: stream }, subscribe } }
}

/** The models. No constraint keeps either from having something twice. */
export const MODELS: Readonly<Record<'shop' | 'billing', () => Model>> = {
  shop: () =>
    modelFrom({
      name: 'shop',
      entities: {
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
      integrations: brokerOf('SHOP', {
        invoiced: { subject: 'billing.invoiced', job: 'settle', input: { order: 'data.order', invoice: 'subject' }, start: 'all' },
      }),
    }),
  billing: () =>
    modelFrom({
      name: 'billing',
      entities: { Invoice: { fields: { order: { type: 'uuid' }, number: { type: 'integer' } }, access: OPEN } },
      on: { 'Invoice.created': [{ publish: 'invoiced' }] },
      jobs: {
        bill: {
          as: 'system',
          input: { order: 'uuid', number: 'integer' },
          steps: [{ create: 'Invoice', set: { order: 'input.order', number: 'input.number' } }],
        },
      },
      integrations: brokerOf('BILLING', { placed: { subject: 'shop.placed', job: 'bill', input: { order: 'subject' }, start: 'all' } }),
    }),
}
