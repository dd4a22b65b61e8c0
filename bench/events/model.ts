/** The design of the measurement of events: two equal entities, of which one has a reaction that does nothing but tell when it runs. */

import type { Model } from '../../src/model/model.ts'
import { modelFrom } from '../../test/support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const FIELDS = { title: { type: 'text' }, body: { type: 'text' }, likes: { type: 'integer', default: 0 } }

/** The model. `handled` is called with the likes of each row of `Logged` for which the reaction runs. */
export function eventsModel(handled: (likes: number) => void): Model {
  return modelFrom({
    name: 'events',
    on: { 'Logged.created': [{ run: ({ row }: { readonly row: { readonly likes: number } }) => handled(row.likes), as: 'system' }] },
    entities: { Plain: { fields: FIELDS, access: OPEN }, Logged: { fields: FIELDS, access: OPEN } },
  })
}
