/** The values of a person, by which texts that belong to no row are searched. */

import { isObject } from '../../base/is-object.ts'
import { isExactNumber, parseJson } from '../../base/number/exact-json.ts'
import { empty, ident, join, literal, slot, sql } from '../../base/sql/sql.ts'
import type { Run } from '../../base/sql/statement.ts'
import { columnType } from '../../compile/values/column-type.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { type Entity, type Field, fieldNamed, isToken, type Model } from '../../model/model.ts'
import { personalFields } from '../../model/privacy/erasure.ts'
import { isSealed } from '../../model/privacy/sealed.ts'
import { isEncrypted } from '../../model/scalar.ts'
import { clearText, type FieldCipher } from '../encryption/sealed-fields.ts'
import { type ErasureReach, idsAbout } from './person.ts'

/** Values that texts are searched for, and the fields whose values cannot be told from those of others. */
export interface PersonValues {
  readonly searched: readonly string[]
  /** Such as `User.city`: other people have the same value. */
  readonly shared: readonly string[]
  /** Such as `User.initials`: the value is too short. */
  readonly short: readonly string[]
}

/** Shorter texts and numbers occur everywhere. */
const LEAST_CHARACTERS = 3
const LEAST_DIGITS = 6

/** The design, and what decrypts its fields. */
export interface Searching {
  readonly model: Model
  readonly cipher: FieldCipher | null
}

/** Reads the private values of the rows about a person. Choices, booleans, passwords and files are not looked for. */
export async function personValues(run: Run, of: Searching, reach: ErasureReach): Promise<PersonValues> {
  const { model, cipher } = of
  const searched = new Set<string>()
  const [shared, short] = [new Set<string>(), new Set<string>()]
  for (const entity of model.entities) {
    const ids = idsAbout(reach, entity.name)
    const fields = personalFields(model, entity).filter(isSearchable)
    if (ids.length === 0 || fields.length === 0) continue
    for (const field of fields) {
      const name = `${entity.name}.${field.name}`
      const texts = isSealed(field) ? await clearTexts(run, { entity, field, cipher }, ids) : await valuesOf(run, { entity, field }, ids)
      const long = texts.filter((text) => isLong(text))
      if (long.length < texts.length) short.add(name)
      const others = new Set(isComparable(field) ? await valuesOfOthers(run, { entity, field }, { ids, values: long }) : [])
      if (others.size > 0) shared.add(name)
      for (const text of long) if (!others.has(text)) searched.add(text)
    }
  }
  return { searched: [...searched], shared: [...shared], short: [...short] }
}

function isSearchable(field: Field): boolean {
  const { kind } = field.type
  if (isToken(field)) return false
  if (kind === 'scalar') return field.type.scalar !== 'boolean'
  return kind === 'list' ? field.type.of.kind === 'scalar' : kind === 'file'
}

/** Whether equal values of two rows are equal texts in SQL. */
function isComparable({ type }: Field): boolean {
  return type.kind === 'scalar' && type.scalar !== 'json' && !isEncrypted(type.scalar)
}

function isLong(text: string): boolean {
  return /^-?[\d.]+$/.test(text) ? text.replaceAll(/\D/g, '').length >= LEAST_DIGITS : [...text].length >= LEAST_CHARACTERS
}

interface Column {
  readonly entity: Entity
  readonly field: Field
}

async function valuesOf(run: Run, { entity, field }: Column, ids: readonly string[]): Promise<readonly string[]> {
  const id = fieldNamed(entity, 'id')
  const value = field.type.kind === 'file' ? sql`t.${ident(field.column)} -> 'name'` : sql`to_jsonb(t.${ident(field.column)})`
  const statement = sql`select (${value})::text from ${ident(entity.table)} t
    where t.${ident(id.column)} = any (${slot('ids', `${columnType(id.type)}[]`)}) and t.${ident(field.column)} is not null`
  const rows = await run({ name: 'privacy.values', sql: statement }, { ids: arrayLiteral(ids) })
  return [...new Set(rows.flatMap(([text]) => (text == null ? [] : leaves(parseJson(text)))))]
}

/** The values of an encrypted field. @throws EnvironmentError for a value that no key decrypts. */
async function clearTexts(
  run: Run,
  { entity, field, cipher }: Column & { readonly cipher: FieldCipher | null },
  ids: readonly string[],
): Promise<readonly string[]> {
  const { type } = field
  if (cipher === null || type.kind !== 'scalar' || type.boundTo === undefined) throw new Error('encrypted fields need keys')
  const [id, context] = [fieldNamed(entity, 'id'), type.boundTo]
  const statement = sql`select t.${ident(id.column)}::text, t.${ident(field.column)} from ${ident(entity.table)} t
    where t.${ident(id.column)} = any (${slot('ids', `${columnType(id.type)}[]`)}) and t.${ident(field.column)} is not null`
  const rows = await run({ name: 'privacy.encrypted', sql: statement }, { ids: arrayLiteral(ids) })
  return [...new Set(rows.map(([row, stored]) => clearText(cipher, stored ?? '', { context, row: row ?? '' })))]
}

/** The texts and numbers in a value. */
function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value]
  if (typeof value === 'number') return [String(value)]
  if (isExactNumber(value)) return [value.rawJSON]
  if (Array.isArray(value)) return value.flatMap(leaves)
  return isObject(value) ? Object.values(value).flatMap(leaves) : []
}

async function valuesOfOthers(
  run: Run,
  { entity, field }: Column,
  { ids, values }: { readonly ids: readonly string[]; readonly values: readonly string[] },
): Promise<readonly string[]> {
  if (values.length === 0) return []
  const id = fieldNamed(entity, 'id')
  const text = sql`to_jsonb(t.${ident(field.column)}) #>> '{}'`
  const statement = sql`select distinct ${text} from ${ident(entity.table)} t
    where ${text} = any (${slot('values', 'text[]')}) and not t.${ident(id.column)} = any (${slot('ids', `${columnType(id.type)}[]`)})`
  return (await run({ name: 'privacy.shared', sql: statement }, { ids: arrayLiteral(ids), values: arrayLiteral(values) })).map(
    ([found]) => found ?? '',
  )
}

/** Fields of the design as a JSON object of SQL: the names are those of the design. */
export function rowJson(fields: readonly Field[], alias: string) {
  const pairs = fields.map(({ name, column }) => sql`${literal(name)}, to_jsonb(${ident(alias, column)})`)
  // A function of PostgreSQL takes at most 100 arguments.
  const parts = Array.from({ length: Math.ceil(pairs.length / 40) }, (_, i) => pairs.slice(i * 40, i * 40 + 40))
  return join(
    parts.map((part) => sql`jsonb_build_object(${join(part, ', ', empty)})`),
    ' || ',
    sql`'{}'::jsonb`,
  )
}
