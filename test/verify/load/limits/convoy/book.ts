/** Code that keeps the lock of a row while it waits for something else. */

import { setTimeout as wait } from 'node:timers/promises'

interface Booking {
  readonly db: { readonly system: { readonly Room: { update(id: string, changes: object): Promise<unknown> } } }
  readonly row: { readonly id: string }
}

/** Books a room. Its row is locked from the beginning. */
export async function book({ db, row }: Booking): Promise<void> {
  await db.system.Room.update(row.id, { booked: { increment: 1 } })
  await wait(200)
}
