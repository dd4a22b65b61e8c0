/** An encrypted value in the JSON of an answer, until the process decrypts it. */

import { literal, processMark, type Sql, sql } from '../../../base/sql/sql.ts'
import type { Field } from '../../../model/model.ts'

/**
 * The stored value between marks of the process, with what it is bound to: `\x02`, the mark, the field, `\x02`, the id of the row, `\x02`,
 * the value as JSON, `\x03`. The process puts the JSON of the clear text in its place (`services/encryption/sealing-executor.ts`). A value
 * of a row cannot imitate it, because only the process knows the mark. Null for a missing value.
 *
 * @throws Error for a field that is not encrypted.
 */
export function sealedJson({ name, type }: Pick<Field, 'name' | 'type'>, column: Sql, id: Sql): Sql {
  if (type.kind !== 'scalar' || type.boundTo === undefined) throw new Error(`${name} is not encrypted`)
  return sql`(E'\\x02' || ${processMark} || ${literal(type.boundTo)} || E'\\x02' || ${id}::text || E'\\x02' || to_json(${column})::text || E'\\x03')`
}
