/** Rows that a probe has made, and takes away again. */

import type { Entity } from '../../../model/model.ts'
import type { AllRows } from '../../expected/reference.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import type { ProbeTools } from '../probe.ts'

/** New rows of an entity. */
export interface RemovedRows {
  readonly rows: readonly PlainRow[]
  /** Whether they are gone, so that their unique values are free. Other rows may refer to them. */
  readonly isGone: boolean
}

/** Removes the rows of an entity that were not there before. */
export async function takeNewRows(tools: ProbeTools, { name }: Entity, before: AllRows): Promise<RemovedRows> {
  const known = new Set((before.get(name) ?? []).map(({ id }) => id))
  const rows = ((await tools.rows()).get(name) ?? []).filter(({ id }) => !known.has(id))
  try {
    for (const { id } of rows) await tools.removeRow(name, String(id))
    return { rows, isGone: true }
  } catch {
    return { rows, isGone: false }
  }
}
