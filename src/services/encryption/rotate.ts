/**
 * Encrypts stored values again with the first key, while callers write: those of other keys, those that are not encrypted yet, and those
 * whose digest is missing or not wanted any more. Rows are locked for one batch only. Rows that somebody else has locked are left to the
 * next round, so a rotation never waits for a caller. What is done is known from the values alone, so a rotation that ended goes on.
 */

import { ident, literal, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Runner } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { ROTATING_SETTING } from '../../model/database.ts'
import { fieldNamed } from '../../model/model.ts'
import { clearText, type FieldCipher, type SealedField } from './sealed-fields.ts'

/** The rows of one batch. */
const BATCH = 200

/** How many values of a field have a key; `null`: they are not encrypted. */
export interface KeyUse {
  readonly field: string
  readonly key: string | null
  readonly values: number
}

/** Counts the values of a field by key. @throws the driver's error */
export async function keyUses(run: Run, sealed: SealedField): Promise<readonly KeyUse[]> {
  const column = columnOf(sealed)
  const key = sql`case when ${column} ~ ${STORED} then split_part(${column}, '.', 2) end`
  const statement = sql`select ${key} as key, count(*) from ${tableOf(sealed)} t where ${column} is not null group by 1 order by 1`
  const rows = await run({ name: 'keys.uses', sql: statement }, {})
  return rows.map(([id, values]) => ({ field: sealed.context, key: id ?? null, values: Number(values) }))
}

/** What a round has done. */
export interface Round {
  readonly rotated: number
  /** Values that still have to be encrypted again: their rows were locked by others. */
  readonly left: number
}

/**
 * Goes once through the rows of a field.
 *
 * @param told is told after each batch how many values it has encrypted.
 * @throws EnvironmentError for a value that no key decrypts: nothing of its batch is changed. The driver's error.
 */
export async function rotateRound(
  transaction: Runner['transaction'],
  sealed: SealedField,
  { cipher, told }: { readonly cipher: FieldCipher; readonly told: (values: number) => void },
): Promise<Round> {
  let [rotated, after] = [0, null as string | null]
  for (;;) {
    const batch = await transaction((runner) => rotateBatch(runner.run, sealed, { cipher, after }), { setting: QUIET })
    if (batch.rows === 0) break
    rotated += batch.rows
    after = batch.last
    told(batch.rows)
  }
  return { rotated, left: await transaction((runner) => countLeft(runner.run, sealed, cipher)) }
}

/** An encryption with another key is no change of the row: no event is logged. */
const QUIET = { name: ROTATING_SETTING, value: 'on' } as const
const STORED = literal('^pln1\\.[A-Za-z0-9_-]{1,32}\\.[A-Za-z0-9_-]*\\.[rf]\\.')

interface Batch {
  readonly rows: number
  readonly last: string | null
}

async function rotateBatch(
  run: Run,
  sealed: SealedField,
  by: { readonly cipher: FieldCipher; readonly after: string | null },
): Promise<Batch> {
  const { cipher, after } = by
  const [column, id] = [columnOf(sealed), idOf(sealed)]
  const next = sql`${slot('after', 'text')} is null or ${id} > ${slot('after', 'text')}::${idType(sealed)}`
  const found = await run(
    {
      name: 'keys.next',
      sql: sql`select ${id}::text, ${column} from ${tableOf(sealed)} t where ${isOld(sealed, cipher)} and (${next})
        order by ${id} limit ${numberLiteral(BATCH)} for no key update skip locked`,
    },
    { after },
  )
  const rows = found.map(([row, stored]) => [row ?? '', stored ?? ''] as const)
  if (rows.length === 0) return { rows: 0, last: null }
  const { context } = sealed
  const values = rows.map(([row, stored]) => cipher.seal(clearText(cipher, stored, { context, row }), { context, row }))
  await run(
    {
      name: 'keys.rotate',
      sql: sql`update ${tableOf(sealed)} t set ${ident(sealed.field.column)} = n.value
        from unnest(${slot('ids', 'text[]')}, ${slot('values', 'text[]')}) n(id, value) where ${id} = n.id::${idType(sealed)}`,
    },
    { ids: arrayLiteral(rows.map(([row]) => row)), values: arrayLiteral(values) },
  )
  return { rows: rows.length, last: rows.at(-1)?.[0] ?? null }
}

async function countLeft(run: Run, sealed: SealedField, cipher: FieldCipher): Promise<number> {
  const [[count] = []] = await run(
    { name: 'keys.left', sql: sql`select count(*) from ${tableOf(sealed)} t where ${isOld(sealed, cipher)}` },
    {},
  )
  return Number(count ?? 0)
}

/** Whether the value is not as the first key would encrypt it now. */
function isOld(sealed: SealedField, { current }: FieldCipher): Sql {
  const digest = sealed.equality ? sql`{22}` : sql`{0}`
  const expected = sql`'^pln1\\.' || ${literal(current)} || '\\.[A-Za-z0-9_-]${digest}\\.r\\.'`
  return sql`(${columnOf(sealed)} is not null and ${columnOf(sealed)} !~ (${expected}))`
}

function tableOf({ entity }: SealedField): Sql {
  return ident('public', entity.table)
}

function columnOf({ field }: SealedField): Sql {
  return ident('t', field.column)
}

function idOf({ entity }: SealedField): Sql {
  return ident('t', fieldNamed(entity, 'id').column)
}

function idType({ entity }: SealedField): Sql {
  const { type } = fieldNamed(entity, 'id')
  if (type.kind !== 'scalar') return sql`uuid`
  return type.scalar === 'integer' ? sql`bigint` : type.scalar === 'text' ? sql`text` : sql`uuid`
}
