/** Removes what Plinth keeps about erased rows and about their person, beside the tables of the design. */

import { createHash } from 'node:crypto'
import { isObject } from '../../base/is-object.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import { ident, literal, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Value, Values } from '../../base/sql/statement.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { SYSTEM_SCHEMA } from '../../model/database.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import { personalFields } from '../../model/privacy/erasure.ts'
import { KEPT_TEXTS, type KeptText } from './kept-texts.ts'
import { type ErasureReach, idsAbout } from './person.ts'
import type { ValueReplacer } from './replace-values.ts'

/** Records of one kind that were removed or changed. */
export interface CleanedRecords {
  readonly what: string
  readonly rows: number
}

/** What is cleaned. */
export interface Cleaning {
  readonly model: Model
  readonly reach: ErasureReach
  readonly values: readonly string[]
  readonly replacer: ValueReplacer
  /** The names of the tables of the schema `plinth` that are there. */
  readonly tables: ReadonlySet<string>
}

/** Cleans all records, after the rows were erased. @throws the driver's error */
export async function cleanRecords(run: Run, cleaning: Cleaning): Promise<readonly CleanedRecords[]> {
  const cleaned: CleanedRecords[] = []
  const note = (what: string, rows: number): void => {
    if (rows > 0) cleaned.push({ what, rows })
  }
  const { tables } = cleaning
  for (const { what, table, statement, values } of ownRecords(cleaning))
    if (tables.has(table)) note(what, await counted(run, statement, values))
  for (const entity of cleaning.model.entities) {
    const ids = idsAbout(cleaning.reach, entity.name)
    const fields = personalFields(cleaning.model, entity)
    if (ids.length === 0 || fields.length === 0) continue
    for (const table of ['events', 'event_waiting'] as const)
      if (tables.has(table)) note(`${table} about ${entity.name}`, await cleanEvents(run, table, { entity, fields, ids }))
    if (tables.has('webhook_bodies')) note(`messages about ${entity.name}`, await cleanBodies(run, { entity, fields, ids }))
  }
  for (const text of KEPT_TEXTS)
    if (tables.has(text.table)) note(`${text.table}.${text.column}`, await replaceTexts(run, text, cleaning.replacer))
  return cleaned
}

const OWN = (table: string): Sql => ident(SYSTEM_SCHEMA, table)

interface OwnRecords {
  readonly what: string
  readonly table: string
  readonly statement: Sql
  readonly values: Values
}

/** Records that name the person by id or address. */
function ownRecords({ model, reach, values }: Cleaning): readonly OwnRecords[] {
  const { entity, id } = reach.person
  const isAccount = model.identity?.entity === entity
  const recipients = values.map((value) => `\\x${createHash('sha256').update(value.toLowerCase()).digest('hex')}`)
  const mails: OwnRecords = {
    what: 'mails',
    table: 'mails',
    statement: sql`delete from ${OWN('mails')} where recipient = any (${slot('recipients', 'bytea[]')})`,
    values: { recipients: arrayLiteral(recipients) },
  }
  if (!isAccount) return [mails]
  const isOwn = slot('id', 'text')
  return [
    { what: 'sessions', table: 'sessions', statement: sql`delete from ${OWN('sessions')} where user_id = ${isOwn}`, values: { id } },
    mails,
    {
      what: 'messages to the person',
      table: 'webhook_deliveries',
      statement: sql`delete from ${OWN('webhook_deliveries')} where owner = ${isOwn} and (${isGone(reach)})`,
      values: { id },
    },
    {
      what: 'uploads',
      table: 'files',
      statement: sql`update ${OWN('files')} set state = 'removed', due = now(), ticket = null
        where owner = 'account ' || ${isOwn} and state in ('awaited', 'stored')`,
      values: { id },
    },
  ]
}

/** Whether the row of the person is deleted: an emptied account keeps its subscriptions. */
function isGone({ person, rows }: ErasureReach): Sql {
  return rows.get(person.entity)?.get(person.id)?.fate === 'delete' ? sql`true` : sql`false`
}

interface PersonalRows {
  readonly entity: Entity
  readonly fields: readonly Field[]
  readonly ids: readonly string[]
}

/** Private columns of logged rows become null. */
function cleanEvents(run: Run, table: 'events' | 'event_waiting', { entity, fields, ids }: PersonalRows): Promise<number> {
  const nulls = literal(JSON.stringify(Object.fromEntries(fields.map(({ column }) => [column, null]))))
  const part = (column: string): Sql =>
    sql`${ident(column)} = case when jsonb_typeof(${ident(column)}) = 'object' then ${ident(column)} || ${nulls}::jsonb else ${ident(column)} end`
  const statement = sql`update ${OWN(table)} set ${part('after')}, ${part('before')}
    where entity = ${literal(entity.name)} and row_id = any (${slot('ids', 'text[]')})`
  return counted(run, statement, { ids: arrayLiteral(ids) })
}

/** Private fields in the bodies of messages about the rows. A message that was not sent yet is sent without them. */
async function cleanBodies(run: Run, { entity, fields, ids }: PersonalRows): Promise<number> {
  const names = new Set(fields.flatMap(({ name, column }) => [name, column]))
  const bodies = await run(
    {
      name: 'privacy.bodies',
      sql: sql`select b.event::text, b.reaction, b.digest, b.body from ${OWN('webhook_bodies')} b where exists (
        select from ${OWN('webhook_deliveries')} d where d.event = b.event and d.reaction = b.reaction and d.digest = b.digest
          and d.entity = ${literal(entity.name)} and d.row_id = any (${slot('ids', 'text[]')}))`,
    },
    { ids: arrayLiteral(ids) },
  )
  let changed = 0
  for (const [event, reaction, digest, body] of bodies) {
    const cleaned = withoutFields(body ?? '', names)
    if (cleaned === body) continue
    const statement = sql`update ${OWN('webhook_bodies')} set body = ${slot('body', 'text')} where event = ${slot('event', 'bigint')}
      and reaction = ${slot('reaction', 'text')} and digest = ${slot('digest', 'text')}`
    changed += await counted(run, statement, { body: cleaned, event: event ?? '', reaction: reaction ?? '', digest: digest ?? '' })
  }
  return changed
}

function withoutFields(body: string, names: ReadonlySet<string>): string {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean)
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, names.has(name) ? null : clean(member)]))
  }
  try {
    return JSON.stringify(clean(parseJson(body)))
  } catch {
    return body
  }
}

/** Replaces the values of the person in the texts of a column. */
async function replaceTexts(run: Run, { table, column, form }: KeptText, replacer: ValueReplacer): Promise<number> {
  if (replacer.patterns.length === 0) return 0
  const found = await run(
    {
      name: `privacy.search ${table}.${column}`,
      sql: sql`select t.tableoid::text, t.ctid::text, t.${ident(column)}::text from ${OWN(table)} t
        where t.${ident(column)}::text ilike any (${slot('patterns', 'text[]')}) for update`,
    },
    { patterns: arrayLiteral(replacer.patterns) },
  )
  let changed = 0
  for (const [part, ctid, text] of found) {
    const cleaned = form === 'text' ? replacer.inText(text ?? '') : replacer.inJson(text ?? '')
    if (cleaned === text) continue
    const value = form === 'jsonb' ? sql`${slot('text', 'jsonb')}` : sql`${slot('text', 'text')}`
    const statement = sql`update ${OWN(table)} set ${ident(column)} = ${value}
      where tableoid = ${slot('part', 'oid')} and ctid = ${slot('ctid', 'tid')}`
    changed += await counted(run, statement, { text: cleaned, part: part ?? '', ctid: ctid ?? '' })
  }
  return changed
}

/** Runs a statement that changes rows, and returns how many. */
async function counted(run: Run, statement: Sql, values: Readonly<Record<string, Value>>): Promise<number> {
  const rows = await run(
    { name: 'privacy.clean', sql: sql`with changed as (${statement} returning 1) select count(*) from changed` },
    values,
  )
  return Number(rows[0]?.[0] ?? 0)
}
