/** The digest of an encrypted value, by which equal values are found. */

import { type Sql, sql } from '../../../base/sql/sql.ts'

/**
 * The keyed digest in an encrypted value; an empty text in a value without one. Conditions on an encrypted text have it in place of the
 * text: it is equal where the texts are, and missing where they are.
 */
export function digestSql(value: Sql): Sql {
  return sql`split_part(${value}, '.', 3)`
}
