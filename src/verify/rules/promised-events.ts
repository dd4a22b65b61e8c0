/** The events that writes must log, from the author's reactions and the rows before and after. */

import { type AllRows, isLive } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'

/** What happens to a row, and is logged because the design reacts to it. */
export interface PromisedEvent {
  readonly entity: string
  /** `created`, `updated`, `deleted`, or the name of an action or of an event of the design. */
  readonly happening: string
  readonly rowId: string
}

/** The events of writes. */
const WRITES = ['created', 'updated', 'deleted'] as const

/** The happenings of an entity to which the design reacts. */
export function reactedTo({ on = {} }: WrittenDesign, entity: string): readonly string[] {
  return Object.keys(on).flatMap((key) => (key.startsWith(`${entity}.`) ? [key.slice(entity.length + 1)] : []))
}

/** Whether an event is one of a write, and not of an action. */
export function isOfWrite({ happening }: Pick<PromisedEvent, 'happening'>): boolean {
  return WRITES.some((one) => one === happening)
}

/** One event for each row that is new, changed or gone, if the design reacts to it. A row that is marked as deleted is gone. */
export function promisedEvents(design: WrittenDesign, before: AllRows, after: AllRows): readonly PromisedEvent[] {
  return Object.keys(design.entities).flatMap((entity) => {
    const wanted = new Set(reactedTo(design, entity))
    if (!WRITES.some((one) => wanted.has(one))) return []
    const [was, is] = [before.get(entity) ?? [], after.get(entity) ?? []].map((rows) => new Map(rows.map((row) => [String(row.id), row])))
    const ids = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])]
    return ids.flatMap((rowId): readonly PromisedEvent[] => {
      const [old, now] = [was?.get(rowId), is?.get(rowId)]
      // A row that was deleted softly is gone already, so what becomes of it is no event.
      const happening =
        old === undefined
          ? 'created'
          : now === undefined || (isLive(old) && !isLive(now))
            ? 'deleted'
            : JSON.stringify(old) === JSON.stringify(now)
              ? null
              : 'updated'
      if (happening === null || !wanted.has(happening) || (old !== undefined && !isLive(old) && now === undefined)) return []
      return [{ entity, happening, rowId }]
    })
  })
}
