/** The columns of the log, as reading statements take them. */

import { isoText } from '../../base/sql/iso-text.ts'
import { ident, join, type Sql, sql } from '../../base/sql/sql.ts'
import type { Row } from '../../base/sql/statement.ts'
import { EVENTS_TABLE, SYSTEM_SCHEMA } from '../../model/database.ts'
import type { LoggedEvent } from './delivery.ts'

/** The most events of a page, and of a batch that is read at once. */
export const PAGE_EVENTS = 2_000
/** After an event with which a page has this many bytes in the table, the page ends. */
export const PAGE_BYTES = 8_388_608

/** The log. */
export const EVENTS: Sql = ident(SYSTEM_SCHEMA, EVENTS_TABLE)

/** The bytes of the event `e` in the table. */
export const SIZE: Sql = sql`coalesce(pg_column_size(e.after), 0) + coalesce(pg_column_size(e.before), 0)`

/** Whether any event waits or was given up. */
export const HAS_WAITING: Sql = sql`exists (select from ${ident(SYSTEM_SCHEMA, 'event_waiting')})`

/** The columns of the event with this alias, as `eventOf` takes them. `id` is the column of its number. */
export function eventColumns(alias: string, id: 'id' | 'event'): Sql {
  const [at, ...plain] = ['at', id, 'entity', 'happening', 'row_id', 'version'].map((column) => ident(alias, column))
  const json = ['after', 'before', 'input'].map((column) => sql`${ident(alias, column)}::text`)
  return join([...plain, isoText(at ?? sql``), ...json, ident(alias, 'depth')], ', ', sql``)
}

/** The event in the columns of a row; null for a row without an event. */
export function eventOf([id, entity, happening, rowId, version, at, after, before, input, depth]: Row): LoggedEvent | null {
  if (id === null || id === undefined) return null
  const text = (value: string | null | undefined): string => value ?? ''
  return {
    id,
    entity: text(entity),
    happening: text(happening),
    rowId: text(rowId),
    version: text(version),
    at: text(at),
    row: after ?? '{}',
    before: before ?? null,
    input: input ?? null,
    depth: Number(depth ?? 0),
  }
}
