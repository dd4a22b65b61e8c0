/** Reads which design a database was last migrated to. */

import { ident, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { MIGRATIONS_TABLE } from '../schema/system-schema.ts'

/** The `hashOf` the schemas that the last migration makes, even if it has not finished. No row when nothing was ever migrated. */
export const RECORDED_HASH: Statement = {
  name: 'recorded hash',
  sql: sql`select desired_hash from ${ident(SYSTEM_SCHEMA, MIGRATIONS_TABLE)} order by id desc limit 1`,
}
