/** A file as answers and expressions show it. */

import { literal, type Sql, sql } from '../../../base/sql/sql.ts'
import type { FieldType, FileType } from '../../../model/field-type.ts'

/**
 * The name, size, media type and address of a file, as `jsonb`, from its column; null without a file. The column has more, such as where
 * the bytes are, which nobody sees.
 */
export function fileSql({ address }: FileType, column: Sql): Sql {
  const url = sql`${literal(address.before)} || (${column} ->> 'at') || ${literal(address.after)}`
  const shown = sql`jsonb_build_object('name', ${column} -> 'name', 'size', ${column} -> 'size', 'type', ${column} -> 'type', 'url', ${url})`
  return sql`case when ${column} is not null then ${shown} end`
}

/** The value of a field as expressions see it. Of a file they see what answers show. */
export function shownValue(type: FieldType, value: Sql): Sql {
  return type.kind === 'file' ? sql`(${fileSql(type, value)})` : value
}
