/** The design of the crash tests: each change of a Thing is delivered to code that writes a Delivery, and fails now and then. */

import type { Model } from '../../../src/model/model.ts'
import { modelFrom } from '../../support/backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the design is made at run time
type Context = any

/** One attempt in this many fails. */
const FAILING = 10

async function deliver({ event, row, db }: Context): Promise<void> {
  await db.system.Delivery.create({ event: event.id, thing: row.id, of: row.version, attempt: event.attempt })
  // The write is undone with the transaction.
  if ((Number(event.id) * 7 + event.attempt) % FAILING === 0) throw new Error('a failure of the crash test')
}

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

/** The model. Every process of a crash test makes the same one. */
export function crashModel(): Model {
  return modelFrom({
    name: 'crashing',
    on: {
      'Thing.created': [{ run: deliver, as: 'system' }],
      'Thing.updated': [{ run: deliver, as: 'system' }],
    },
    entities: {
      Thing: { fields: { n: { type: 'integer' } }, access: OPEN },
      Delivery: {
        fields: {
          event: { type: 'text' },
          thing: { type: 'text' },
          of: { type: 'integer' },
          attempt: { type: 'integer' },
        },
        access: OPEN,
      },
    },
  })
}
