/** What the role of a serving process needs in the database: to read and write rows, and to define nothing. */

import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { quoted } from './ddl.ts'
import { MIGRATIONS_TABLE } from './system-schema.ts'

/** The schema of the tables of designs. */
const DESIGN_SCHEMA = 'public'

/**
 * The statements that give a role all that `plinth serve` needs on the existing tables. Events and ids that are numbers come from
 * sequences, and old events go with `truncate`. The record of migrations is only read.
 *
 * @param role its name, not quoted.
 */
export function servingPrivileges(role: string): readonly string[] {
  const to = `to ${quoted(role)}`
  return [
    `grant usage on schema ${DESIGN_SCHEMA}, ${SYSTEM_SCHEMA} ${to}`,
    `grant select, insert, update, delete on all tables in schema ${DESIGN_SCHEMA} ${to}`,
    `grant select, insert, update, delete, truncate on all tables in schema ${SYSTEM_SCHEMA} ${to}`,
    `grant usage on all sequences in schema ${DESIGN_SCHEMA}, ${SYSTEM_SCHEMA} ${to}`,
    `revoke insert, update, delete, truncate on ${SYSTEM_SCHEMA}.${MIGRATIONS_TABLE} from ${quoted(role)}`,
  ]
}
