/** Rows that a load may delete: they are added for it, and nothing leads to them. */

import type { Entity } from '../../../model/model.ts'
import type { LoadStage } from '../measure/load-stage.ts'
import type { RunningLoad } from '../measure/running-load.ts'
import type { SampledRow } from '../operations/load-operations.ts'
import { rowsById } from '../operations/sample-rows.ts'
import { addRows } from '../rows/load-rows.ts'
import { idAt } from '../rows/row-ids.ts'

/** For each second of a measurement, and the part of the rows of a table that is added at most: more would make it another table. */
const PER_SECOND = 12_500
const OF_ROWS = 0.1

/** Adds rows to a table when they are asked for. @param counts the rows of each entity. */
export function rowsToDelete(
  { client }: Pick<LoadStage, 'client'>,
  running: RunningLoad,
  counts: ReadonlyMap<string, number>,
): (entity: Entity) => Promise<readonly SampledRow[]> {
  return async (entity) => {
    const count = Math.floor(Math.min(running.times.seconds * PER_SECOND, (counts.get(entity.name) ?? 0) * OF_ROWS))
    const { first, added } = await addRows(client, { ...running, counts }, { entity, count })
    const ids = Array.from({ length: added }, (_, i) => idAt(running.model, entity, first + i))
    return rowsById(client, entity, ids)
  }
}
