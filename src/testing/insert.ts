/** Inserts rows for tests without checking the access rules. Constraints of the database still apply. */

import { render } from '../base/sql/render.ts'
import { ident, join, type Sql, slot, sql } from '../base/sql/sql.ts'
import type { Value } from '../base/sql/statement.ts'
import { suggest } from '../base/suggest.ts'
import { unreachable } from '../base/unreachable.ts'
import { uuidv7 } from '../base/uuid.ts'
import { outputSql } from '../compile/statements/output-sql.ts'
import { needsCaller } from '../compile/tables/columns.ts'
import { columnType } from '../compile/values/column-type.ts'
import { encodeJson } from '../compile/values/encode.ts'
import { boundTicket } from '../compile/values/file-tickets.ts'
import { sampleValue } from '../compile/values/sample.ts'
import { ALWAYS } from '../model/expression.ts'
import type { EntityFile } from '../model/files/file-fields.ts'
import { type Entity, entityNamed, type Field, type Model } from '../model/model.ts'
import { isSealed } from '../model/privacy/sealed.ts'
import { explainError } from '../postgres/sqlstate.ts'
import type { FieldCipher } from '../services/encryption/sealed-fields.ts'
import type { Connect } from './connections.ts'
import { type Storing, storeSample } from './files.ts'

/** A row in the form of the API, with all fields except passwords. */
export interface TestRow {
  // biome-ignore lint/suspicious/noExplicitAny: the design decides whether ids are texts or numbers
  readonly id: any
  // biome-ignore lint/suspicious/noExplicitAny: a test reads fields of any type
  readonly [field: string]: any
}

/** Values by field name, as in a request. A reference takes an id, or an object with an `id`, such as a row or a signed-in client. */
export type TestValues = Readonly<Record<string, unknown>>

/** What is needed to insert rows. */
export interface Inserting {
  readonly model: Model
  readonly connect: Connect
  /** A different number for each row, so that sample values of unique fields differ. */
  readonly next: () => number
  readonly hashPassword: (password: string) => Promise<string>
  /** Null for a design without files. */
  readonly files: Storing | null
  /** Null for a design without encrypted fields. */
  readonly cipher: FieldCipher | null
}

/**
 * Inserts a row. Required fields without a value and without a default get a sample value; a required
 * reference gets a new row of its target, and a required file a small one.
 *
 * @throws Error for an unknown entity or field, a value that the field does not accept, or a violated constraint.
 */
export async function insertRow(inserting: Inserting, name: string, values: TestValues): Promise<TestRow> {
  const { model, connect } = inserting
  const entity = entityCalled(model, name)
  for (const key of Object.keys(values)) fieldCalled(entity, key)
  const n = inserting.next()
  const cells: Cell[] = []
  for (const field of entity.fields) {
    const given = values[field.name]
    const value =
      given === undefined ? await missingValue(inserting, { entity, field, n }) : await givenValue(inserting, { entity, field, given })
    if (value !== undefined) cells.push({ field, value })
  }
  const clear = cells.filter(({ field }) => isSealed(field)).map(({ field, value }) => [field.name, value] as const)
  const { text, slots } = render(insertSql(model, entity, cells))
  const bound = new Map(cells.map((cell) => [cell.field.name, storedValue(inserting, cell)]))
  const parameters = slots.map(({ key }) => bound.get(key) ?? null)
  try {
    const { rows } = await connect((client) => client.query<{ row: string }>(text, parameters))
    return { ...JSON.parse(rows[0]?.row ?? ''), ...Object.fromEntries(clear) } as TestRow
  } catch (error) {
    const { sqlState, message, detail } = explainError(error)
    if (sqlState === null) throw error
    throw new Error(`the ${entity.name} was not inserted: ${message}${detail === null ? '' : ` (${detail})`}`, { cause: error })
  }
}

interface Cell {
  readonly field: Field
  readonly value: Value
}

/** The value for the column: that of an encrypted field is encrypted. */
function storedValue({ cipher }: Inserting, { field, value }: Cell): Value {
  const { type } = field
  if (value === null || type.kind !== 'scalar' || type.boundTo === undefined || cipher === null) return value
  // The database may make the id, so the value is bound to its field alone.
  return cipher.seal(String(value), { context: type.boundTo, row: null })
}

const ROW = 'inserted'

function insertSql(model: Model, entity: Entity, cells: readonly Cell[]): Sql {
  const shown = entity.fields
    .filter((field) => field.type.kind !== 'password' && !isSealed(field))
    .map((field) => ({ field, visible: ALWAYS }))
  const row = outputSql(model, { entity, fields: shown, includes: [] }, ROW)
  const columns = join(
    cells.map(({ field }) => ident(field.column)),
    ', ',
    sql``,
  )
  const slots = join(
    cells.map(({ field }) => slot(field.name, columnType(field.type))),
    ', ',
    sql``,
  )
  const what = cells.length === 0 ? sql`default values` : sql`(${columns}) values (${slots})`
  return sql`insert into ${ident('public', entity.table)} as ${ident(ROW)} ${what} returning ${row} as row`
}

/** @throws Error with the name of the most similar entity. */
function entityCalled(model: Model, name: string): Entity {
  const names = model.entities.map((entity) => entity.name)
  if (!names.includes(name)) throw new Error(`the design has no entity ${JSON.stringify(name)}${meant(name, names)}`)
  return entityNamed(model, name)
}

function fieldCalled(entity: Entity, name: string): void {
  const names = entity.fields.map((field) => field.name)
  if (!names.includes(name)) throw new Error(`${entity.name} has no field ${JSON.stringify(name)}${meant(name, names)}`)
}

function meant(name: string, names: readonly string[]): string {
  const near = suggest(name, names)
  return near === undefined ? `; it has ${names.join(', ')}` : `, did you mean ${JSON.stringify(near)}?`
}

interface Given {
  readonly entity: Entity
  readonly field: Field
  readonly given: unknown
}

/** @throws Error when the field does not accept the value. */
async function givenValue({ hashPassword }: Inserting, { entity, field, given }: Given): Promise<Value> {
  const place = `${entity.name}.${field.name}`
  const { type } = field
  if (type.kind === 'computed') throw new Error(`${place} is computed and takes no value`)
  if (given === null && field.optional) return null
  const encoded = encodeJson(type, type.kind === 'ref' ? idOf(given) : given)
  if (!encoded.ok) throw new Error(encoded.problems.map(({ pointer, message }) => `${place}${pointer} ${message}`).join('\n'))
  return type.kind === 'password' ? hashPassword(String(encoded.value)) : encoded.value
}

function idOf(given: unknown): unknown {
  return typeof given === 'object' && given !== null && 'id' in given ? given.id : given
}

interface Missing {
  readonly entity: Entity
  readonly field: Field
  readonly n: number
}

/** The value of a field that the test leaves out. With undefined, the column gets its default or null. */
async function missingValue(inserting: Inserting, { entity, field, n }: Missing): Promise<Value | undefined> {
  const { type } = field
  if (type.kind === 'computed' || isFilledByDatabase(field)) return undefined
  // These ids are in order of time, like the ids that the server makes.
  if (field.default?.kind === 'generated' && field.default.by === 'uuidv7') return uuidv7(Date.now())
  if (field.optional) return undefined
  // The recursion ends, because resolution refuses a design in which every row requires another row first.
  if (type.kind === 'ref') return (await insertRow(inserting, type.entity, {})).id
  if (type.kind === 'file') return boundTicket(await sampleUpload(inserting, { entity, field: { ...field, type } }))
  // All samples use one password, because every other password needs another hash.
  const encoded = encodeJson(type, sampleValue(type, type.kind === 'password' ? 0 : n))
  if (!encoded.ok) throw new Error(`no sample value was found for ${entity.name}.${field.name}; give one`)
  return type.kind === 'password' ? inserting.hashPassword(String(encoded.value)) : encoded.value
}

async function sampleUpload({ files }: Inserting, place: EntityFile): Promise<string> {
  if (files === null) throw new Error('a design with files has a storage')
  return storeSample(files, place)
}

/** Whether the database fills in the field's default when an insert leaves the column out. */
function isFilledByDatabase(field: Field): boolean {
  const preset = field.default
  if (preset === null) return false
  switch (preset.kind) {
    case 'value':
      return field.type.kind !== 'password'
    case 'expression':
    case 'set':
      return !needsCaller(preset.term)
    case 'sequence':
      return false
    case 'generated':
      return preset.by !== 'uuidv7'
    default:
      return unreachable(preset)
  }
}
