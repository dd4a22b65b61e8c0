/** Collects everything that is known about a person. */

import { isObject } from '../../base/is-object.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import { ident, literal, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Run } from '../../base/sql/statement.ts'
import { columnType } from '../../compile/values/column-type.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import { fileFieldsOf } from '../../model/files/file-fields.ts'
import { type Entity, fieldNamed, isToken, type Model } from '../../model/model.ts'
import { reachedReferences } from '../../model/privacy/erasure.ts'
import { clearText, type FieldCipher } from '../encryption/sealed-fields.ts'
import type { Erasing } from './erase-person.ts'
import type { Person } from './person.ts'
import { rowJson } from './person-values.ts'

/** A file of a row of the person. `key` is its name in the storage. */
export interface ExportedFile {
  readonly entity: string
  readonly id: string
  readonly field: string
  readonly name: string
  readonly key: string
}

/** What is known about a person. */
export interface PersonExport {
  readonly person: Person
  /** The rows about the person by entity, with all fields but passwords, tokens and the keys of files. */
  readonly rows: Readonly<Record<string, readonly unknown[]>>
  readonly files: readonly ExportedFile[]
  /** What Plinth keeps besides, by kind: sessions, events, jobs, messages. */
  readonly records: Readonly<Record<string, readonly unknown[]>>
}

/** Reads within one transaction, so that all parts fit together. @throws the driver's error */
export async function exportPerson(run: Run, { model, person, tables, cipher }: Erasing): Promise<PersonExport> {
  const ids = await rowsAbout(run, model, person)
  const rows: Record<string, readonly unknown[]> = {}
  const files: ExportedFile[] = []
  const records = new Map<string, readonly unknown[]>()
  const note = (kind: string, list: readonly unknown[]): void => {
    if (list.length > 0) records.set(kind, [...(records.get(kind) ?? []), ...list])
  }
  for (const entity of model.entities) {
    const own = [...(ids.get(entity.name) ?? [])]
    if (own.length === 0) continue
    rows[entity.name] = (await rowsOf(run, entity, own)).map((row) => clearRow(cipher, entity, row))
    files.push(...(await filesOf(run, entity, own)))
    for (const [kind, statement] of Object.entries(aboutRows(entity)))
      if (tables.has(kind)) note(kind, await jsonRows(run, statement, { ids: arrayLiteral(own) }))
  }
  if (model.identity?.entity === person.entity)
    for (const [kind, statement] of Object.entries(OF_ACCOUNT))
      if (tables.has(kind)) note(kind, await jsonRows(run, statement, { id: person.id }))
  return { person, rows, files, records: Object.fromEntries(records) }
}

const OWN = (table: string): Sql => ident(SYSTEM_SCHEMA, table)
const IDS = slot('ids', 'text[]')
const ID = slot('id', 'text')

/** What is kept about rows of an entity: the name of the table and a statement that gives JSON. */
function aboutRows({ name, fields }: Entity): Readonly<Record<string, Sql>> {
  const secret = sql`${literal(
    `{${fields
      .filter((field) => field.type.kind === 'password' || isToken(field))
      .map(({ column }) => `"${column}"`)
      .join(',')}}`,
  )}::text[]`
  return {
    events: sql`select jsonb_build_object('entity', e.entity, 'happening', e.happening, 'row', e.row_id, 'at', e.at,
        'after', e.after - ${secret}, 'before', e.before - ${secret})::text
      from ${OWN('events')} e where e.entity = ${literal(name)} and e.row_id = any (${IDS}) order by e.id`,
    webhook_deliveries: sql`select jsonb_build_object('type', d.type, 'to', d.endpoint, 'row', d.row_id, 'state', d.state, 'added', d.added_at)::text
      from ${OWN('webhook_deliveries')} d where d.entity = ${literal(name)} and d.row_id = any (${IDS}) order by d.id`,
  }
}

/** What is kept about an account. */
const OF_ACCOUNT: Readonly<Record<string, Sql>> = {
  sessions: sql`select jsonb_build_object('created', s.created_at, 'lastUsed', s.last_used_at, 'expires', s.absolute_expires_at, 'revoked', s.revoked_at)::text
    from ${OWN('sessions')} s where s.user_id = ${ID} order by s.created_at`,
  jobs: sql`select jsonb_build_object('job', j.kind, 'added', j.added_at, 'due', j.run_at, 'input', j.payload)::text
    from ${OWN('jobs')} j where j.caller = ${ID} order by j.id`,
  dead_jobs: sql`select jsonb_build_object('job', j.kind, 'added', j.added_at, 'died', j.died_at, 'input', j.payload)::text
    from ${OWN('dead_jobs')} j where j.caller = ${ID} order by j.id`,
}

/** The ids of the rows about a person, by entity. */
async function rowsAbout(run: Run, model: Model, person: Person): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>([[person.entity, new Set([person.id])]])
  const references = reachedReferences(model, person.entity).filter(({ about }) => about === 'person')
  const waiting: { readonly entity: string; readonly ids: readonly string[] }[] = [{ entity: person.entity, ids: [person.id] }]
  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    const { entity: target, ids } = batch
    for (const { entity, field } of references.filter((one) => one.target === target)) {
      const statement = sql`select t.${ident(fieldNamed(entity, 'id').column)}::text from ${ident(entity.table)} t
        where t.${ident(field.column)} = any (${slot('ids', `${columnType(field.type)}[]`)})`
      const rows = await run({ name: 'privacy.about', sql: statement }, { ids: arrayLiteral(ids) })
      const known = found.get(entity.name) ?? new Set<string>()
      const news = rows.map(([id]) => id ?? '').filter((id) => !known.has(id))
      for (const id of news) known.add(id)
      found.set(entity.name, known)
      if (news.length > 0) waiting.push({ entity: entity.name, ids: news })
    }
  }
  return found
}

async function rowsOf(run: Run, entity: Entity, ids: readonly string[]): Promise<readonly unknown[]> {
  const shown = entity.fields.filter((field) => !['password', 'file'].includes(field.type.kind) && !isToken(field))
  return jsonRows(run, sql`select (${rowJson(shown, 't')})::text from ${ident(entity.table)} t where ${isOneOf(entity)} order by 1`, {
    ids: arrayLiteral(ids),
  })
}

/** A row with clear text in its encrypted fields. @throws EnvironmentError for a value that no key decrypts. */
function clearRow(cipher: FieldCipher | null, entity: Entity, row: unknown): unknown {
  if (cipher === null || !isObject(row)) return row
  const values: Record<string, unknown> = { ...row }
  for (const { name, type } of entity.fields) {
    const stored = values[name]
    if (type.kind !== 'scalar' || type.boundTo === undefined || typeof stored !== 'string') continue
    values[name] = clearText(cipher, stored, { context: type.boundTo, row: String(values.id) })
  }
  return values
}

async function filesOf(run: Run, entity: Entity, ids: readonly string[]): Promise<readonly ExportedFile[]> {
  const id = ident('t', fieldNamed(entity, 'id').column)
  const lists = fileFieldsOf(entity).map(async ({ name: field, column }) => {
    const file = ident('t', column)
    const statement = sql`select ${id}::text, ${file} ->> 'name', ${file} ->> 'key' from ${ident(entity.table)} t
      where ${isOneOf(entity)} and ${file} is not null order by 1`
    const rows = await run({ name: 'privacy.files', sql: statement }, { ids: arrayLiteral(ids) })
    return rows.map(([row, name, key]) => ({ entity: entity.name, id: row ?? '', field, name: name ?? '', key: key ?? '' }))
  })
  return (await Promise.all(lists)).flat()
}

function isOneOf(entity: Entity): Sql {
  const { column, type } = fieldNamed(entity, 'id')
  return sql`${ident('t', column)} = any (${slot('ids', `${columnType(type)}[]`)})`
}

async function jsonRows(run: Run, statement: Sql, values: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
  return (await run({ name: 'privacy.export', sql: statement }, values)).map(([text]) => parseJson(text ?? 'null'))
}
