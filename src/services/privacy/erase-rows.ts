/** Empties, unlinks and deletes the rows that an erasure reaches. */

import { randomUUID } from 'node:crypto'
import { empty, ident, join, literal, type Sql, slot, sql, typeName } from '../../base/sql/sql.ts'
import type { Run, Value } from '../../base/sql/statement.ts'
import { columnType } from '../../compile/values/column-type.ts'
import { arrayLiteral, encodeJson } from '../../compile/values/encode.ts'
import { type Entity, type Field, fieldNamed, isToken, type Model } from '../../model/model.ts'
import { ERASED_ID, erasedValue, personalFields } from '../../model/privacy/erasure.ts'
import { type ErasureReach, idsWith, type ReferringRows } from './person.ts'

/**
 * Changes the rows of the design, and nothing beside them. References are loosened before rows are deleted, and all rows are deleted by one
 * statement, so that rows that refer to each other go together.
 *
 * @throws the driver's error for a row that a constraint does not take.
 */
export async function eraseRows(run: Run, model: Model, reach: ErasureReach): Promise<void> {
  for (const entity of model.entities) {
    const ids = idsWith(reach, entity.name, 'empty')
    const fields = personalFields(model, entity)
    if (ids.length > 0 && fields.length > 0) await emptyRows(run, { entity, fields, ids })
  }
  for (const rows of reach.unlinked) await unlinkRows(run, rows)
  await deleteRows(run, model, reach)
}

interface EmptiedRows {
  readonly entity: Entity
  readonly fields: readonly Field[]
  readonly ids: readonly string[]
}

async function emptyRows(run: Run, { entity, fields, ids }: EmptiedRows): Promise<void> {
  const values: Record<string, Value> = { ids: arrayLiteral(ids) }
  const sets = fields.map((field, i) => {
    const { value, term } = replacement(field, `v${i}`)
    values[`v${i}`] = value
    return sql`${ident(field.column)} = ${term}`
  })
  await run({ name: 'privacy.empty', sql: updateSql(entity, join(sets, ', ', empty)) }, values)
}

/** The value that stands in place of a personal one, as SQL. Each row gets an id of its own. */
function replacement(field: Field, key: string): { readonly value: Value; readonly term: Sql } {
  const given = erasedValue(field) ?? null
  const type = columnType(field.type)
  if (given === null) return { value: null, term: slot(key, type) }
  const sample = randomUUID()
  const text = typeof given === 'string' ? given.replaceAll(ERASED_ID, sample) : given
  const isPlain = field.type.kind === 'password' || isToken(field)
  const encoded = isPlain ? ({ ok: true, value: String(text) } as const) : encodeJson(field.type, text)
  if (!encoded.ok) throw new Error(`${field.name} does not take its value after an erasure`)
  if (typeof given !== 'string' || !given.includes(ERASED_ID)) {
    if (!isPlain || typeof encoded.value !== 'string') return { value: encoded.value, term: slot(key, type) }
  }
  const term = sql`replace(${slot(key, 'text')}, ${literal(sample)}, gen_random_uuid()::text)::${typeName(type)}`
  return { value: String(encoded.value), term }
}

async function unlinkRows(run: Run, { entity, field, ids }: ReferringRows): Promise<void> {
  await run({ name: 'privacy.unlink', sql: updateSql(entity, sql`${ident(field.column)} = null`) }, { ids: arrayLiteral([...ids]) })
}

/** Versions grow as with every write, so that clients with an old version get a conflict. */
function updateSql(entity: Entity, sets: Sql): Sql {
  const column = (name: string): Sql => ident(fieldNamed(entity, name).column)
  return sql`update ${ident(entity.table)} set ${sets}, ${column('version')} = ${column('version')} + 1, ${column('updatedAt')} = now()
    where ${column('id')} = any (${slot('ids', `${columnType(fieldNamed(entity, 'id').type)}[]`)})`
}

async function deleteRows(run: Run, model: Model, reach: ErasureReach): Promise<void> {
  const values: Record<string, Value> = {}
  const parts = model.entities.flatMap((entity, i) => {
    const ids = idsWith(reach, entity.name, 'delete')
    if (ids.length === 0) return []
    values[`d${i}`] = arrayLiteral(ids)
    const { column, type } = fieldNamed(entity, 'id')
    return [
      sql`${ident(`gone_${i}`)} as (delete from ${ident(entity.table)} where ${ident(column)} = any (${slot(`d${i}`, `${columnType(type)}[]`)}))`,
    ]
  })
  if (parts.length > 0) await run({ name: 'privacy.delete', sql: sql`with ${join(parts, ', ', empty)} select 1` }, values)
}
