/** Erases a person: the rows of the design, and what Plinth keeps beside them, in the transaction of the caller. */

import { empty, ident, join, slot, sql } from '../../base/sql/sql.ts'
import type { Run } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { type Entity, fieldNamed, type Model } from '../../model/model.ts'
import { personalFields } from '../../model/privacy/erasure.ts'
import type { FieldCipher } from '../encryption/sealed-fields.ts'
import { type CleanedRecords, cleanRecords } from './clean-records.ts'
import { eraseRows } from './erase-rows.ts'
import { type ErasureReach, idsWith, type Person, type ReferringRows, reachOf } from './person.ts'
import { personValues, rowJson } from './person-values.ts'
import { replacerOf, type ValueReplacer } from './replace-values.ts'

/** What happened to the rows of an entity. */
export interface ErasedRows {
  readonly entity: string
  readonly deleted: number
  readonly emptied: number
  /** The private fields of the emptied rows. */
  readonly fields: readonly string[]
  /** Rows that lost a reference, by field. */
  readonly unlinked: Readonly<Record<string, number>>
}

/** Something that is still there, and why. */
export interface KeptData {
  readonly what: string
  readonly why: string
  readonly rows: number
  /** The ids of the first rows. */
  readonly ids: readonly string[]
}

/** The report of an erasure. It has no value of the person but ids. */
export interface ErasureReport {
  readonly person: Person
  readonly erased: readonly ErasedRows[]
  readonly cleaned: readonly CleanedRecords[]
  readonly kept: readonly KeptData[]
  /** What stands against the erasure; if there is anything, nothing was changed. */
  readonly refused: readonly KeptData[]
}

/** What to erase. */
export interface Erasing {
  readonly model: Model
  readonly person: Person
  /** The names of the tables of the schema `plinth` that are there. */
  readonly tables: ReadonlySet<string>
  /** Decrypts encrypted fields; null for a design without any. */
  readonly cipher: FieldCipher | null
}

/** The most ids of rows in a report. */
const SHOWN = 20

/** Erases a person within a transaction. @throws the driver's error for a row that a constraint does not take. */
export async function erasePerson(run: Run, { model, person, tables, cipher }: Erasing): Promise<ErasureReport> {
  const reach = await reachOf(run, model, person)
  const refused = reach.refused.map((rows) => keptRows(rows, 'it refers to a row that would be deleted, and the design does not say erase'))
  if (refused.length > 0) return { person, erased: [], cleaned: [], kept: [], refused }
  const values = await personValues(run, { model, cipher }, reach)
  const replacer = replacerOf(values.searched)
  await eraseRows(run, model, reach)
  const cleaned = await cleanRecords(run, { model, reach, values: values.searched, replacer, tables })
  const kept = [
    ...reach.kept.map((rows) => keptRows(rows, 'the design keeps it')),
    ...(await mentions(run, model, replacer)),
    ...values.shared.map((what) => ({
      what,
      why: 'other people have the same value, so texts were not searched for it',
      rows: 0,
      ids: [],
    })),
    ...values.short.map((what) => ({ what, why: 'a value is too short to search texts for it', rows: 0, ids: [] })),
  ]
  return { person, erased: model.entities.flatMap((entity) => erasedRows(model, entity, reach)), cleaned, kept, refused: [] }
}

function keptRows({ entity, field, ids }: ReferringRows, why: string): KeptData {
  return { what: `${entity.name}.${field.name}`, why, rows: ids.size, ids: [...ids].slice(0, SHOWN) }
}

function erasedRows(model: Model, entity: Entity, reach: ErasureReach): readonly ErasedRows[] {
  const [deleted, emptied] = [idsWith(reach, entity.name, 'delete').length, idsWith(reach, entity.name, 'empty').length]
  const unlinked = Object.fromEntries(
    reach.unlinked.filter((rows) => rows.entity === entity).map(({ field, ids }) => [field.name, ids.size] as const),
  )
  if (deleted + emptied === 0 && Object.keys(unlinked).length === 0) return []
  const fields = emptied === 0 ? [] : personalFields(model, entity).map(({ name }) => name)
  return [{ entity: entity.name, deleted, emptied, fields, unlinked }]
}

/** Rows of the design that still have a value of the person, in fields that the erasure does not reach. */
async function mentions(run: Run, model: Model, replacer: ValueReplacer): Promise<readonly KeptData[]> {
  if (replacer.patterns.length === 0) return []
  const found: KeptData[] = []
  for (const entity of model.entities) {
    const fields = entity.fields.filter(({ type, system }) => system === null && type.kind !== 'ref' && type.kind !== 'password')
    const columns = fields.map(({ column }) => sql`t.${ident(column)}::text`)
    if (columns.length === 0) continue
    const where = join(
      columns.map((column) => sql`${column} ilike any (${slot('patterns', 'text[]')})`),
      ' or ',
      empty,
    )
    const statement = sql`select t.${ident(fieldNamed(entity, 'id').column)}::text, (${rowJson(fields, 't')})::text from ${ident(entity.table)} t where ${where}`
    const rows = await run({ name: 'privacy.mentions', sql: statement }, { patterns: arrayLiteral(replacer.patterns) })
    const ids = rows.flatMap(([id, text]) => (text != null && replacer.inJson(text) !== text ? [id ?? ''] : []))
    if (ids.length > 0)
      found.push({
        what: entity.name,
        why: 'a field that is not private, or a row that is not about the person, has a value of the person',
        rows: ids.length,
        ids: ids.slice(0, SHOWN),
      })
  }
  return found
}
