/** The rows of the database of a run: inserted once, read after every write, and put back. */

import { type Entity, type Field, type Model, storedScalar } from '../../model/model.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import type { Connection } from '../../postgres/connect.ts'
import { quoted } from '../../postgres/schema/ddl.ts'
import type { AllRows } from '../expected/reference.ts'
import { durationText } from '../oracle/oracle-duration.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { clearRow, storedValue } from '../worlds/encrypted-values.ts'

/** Inserts rows into empty tables. Optional references to later entities are set after all rows exist. */
export async function insertRows(client: Connection, model: Model, rows: AllRows): Promise<void> {
  if (model.entities.length === 0) return
  await client.query(`truncate ${model.entities.map(tableOf).join(', ')}`)
  const order = parentsFirst(model)
  for (const entity of order)
    await client.query(
      insertSql(entity, (field) => !isLater(order, entity, field)),
      [recordsText(entity, rows)],
    )
  for (const entity of model.entities) {
    const columns = entity.fields.filter((field) => isLater(order, entity, field)).map((field) => quoted(field.column))
    if (columns.length === 0) continue
    const changes = columns.map((column) => `${column} = r.${column}`).join(', ')
    await client.query(`update ${tableOf(entity)} t set ${changes} from ${recordsOf(entity)} r where t.id = r.id`, [
      recordsText(entity, rows),
    ])
  }
  await numberFurther(client, model)
}

/** Lets the numbers that the database gives to rows begin behind those that are there. */
async function numberFurther(client: Connection, model: Model): Promise<void> {
  for (const entity of model.entities) {
    const id = entity.fields.find(({ name }) => name === 'id')
    if (id === undefined || storedScalar(id.type) !== 'integer') continue
    const text = `select setval(pg_get_serial_sequence($1, $2), (select coalesce(max(id), 0) + 1 from ${tableOf(entity)}), false)`
    await client.query(text, [tableOf(entity), id.column])
  }
}

/** Removes one row. */
export async function removeRow(client: Connection, entity: Entity, id: string): Promise<void> {
  await client.query(`delete from ${tableOf(entity)} t where t.id::text = $1`, [id])
}

/** Inserts one row, or changes it back: one that was deleted softly is still there. @param text its text in a snapshot. */
export async function returnRow(client: Connection, entity: Entity, text: string): Promise<void> {
  const insert = insertSql(entity, () => true)
  const columns = fieldsInTable(entity).map((field) => quoted(field.column))
  const changes = columns.map((column) => `${column} = excluded.${column}`).join(', ')
  await client.query(`${insert} on conflict (id) do update set ${changes}`, [`[${text}]`])
}

/** The text of a row as a snapshot has it; null for a row that is not there. */
export async function rowText(client: Connection, entity: Entity, id: string): Promise<string | null> {
  const { rows } = await client.query<{ row: string }>(`select to_json(t)::text as row from ${tableOf(entity)} t where t.id::text = $1`, [
    id,
  ])
  return rows[0]?.row ?? null
}

/** Whether a reference leads to rows that are inserted after its own. A check may need any other reference from the beginning. */
export function isLater(order: readonly Entity[], entity: Entity, { type, optional }: Field): boolean {
  return type.kind === 'ref' && optional && order.findIndex(({ name }) => name === type.entity) > order.indexOf(entity)
}

/** Inserts the rows of the parameter, with some fields. */
export function insertSql(entity: Entity, which: (field: Field) => boolean): string {
  const columns = fieldsInTable(entity)
    .filter(which)
    .map((field) => quoted(field.column))
    .join(', ')
  return `insert into ${tableOf(entity)} (${columns}) overriding system value select ${columns} from ${recordsOf(entity)} r`
}

/** The table of an entity, as SQL. */
export function tableOf({ table }: Entity): string {
  return `public.${quoted(table)}`
}

/** The fields that the table has. */
export function fieldsInTable({ fields }: Entity): readonly Field[] {
  return fields.filter(({ type }) => type.kind !== 'computed')
}

/** The rows of the parameter `$1`, as SQL. */
export function recordsOf(entity: Entity): string {
  return `json_populate_recordset(null::${tableOf(entity)}, $1::json)`
}

/** The parameter with rows. */
export function recordsText(entity: Entity, rows: AllRows): string {
  const values = (rows.get(entity.name) ?? []).map((row) =>
    Object.fromEntries(fieldsInTable(entity).map((f) => [f.column, storedValue(f, row, row[f.name] ?? null)])),
  )
  return JSON.stringify(values)
}

/** Every row of the database in the form of answers, by entity, in the order of ids. */
export async function readRows(client: Connection, model: Model): Promise<AllRows> {
  const tables = model.entities.map((entity, i) => {
    const columns = entity.fields.map((field) => `${columnSql(field)} as ${quoted(field.name)}`).join(', ')
    return `(select coalesce(json_agg(r order by r.id), '[]') from (select ${columns} from ${tableOf(entity)} t) r) as "${i}"`
  })
  const { rows } = await client.query(`select ${tables.join(', ')}`)
  const [all] = rows as readonly Readonly<Record<string, readonly PlainRow[]>>[]
  return new Map(
    model.entities.map((entity, i) => [entity.name, (all?.[String(i)] ?? []).map((row) => clearRow(entity, ordered(entity, row)))]),
  )
}

function ordered(entity: Entity, row: PlainRow): PlainRow {
  return Object.fromEntries(
    entity.fields.map(({ name, type }) => [name, type.kind === 'file' ? null : shown(storedScalar(type), row[name] ?? null)]),
  )
}

function shown(scalar: ScalarKind, value: PlainValue): PlainValue {
  return scalar === 'duration' && typeof value === 'number' ? durationText(value) : value
}

/** A column as answers show its value. */
function columnSql({ column, type }: Field): string {
  const name = `t.${quoted(column)}`
  if (type.kind === 'list') return name
  switch (storedScalar(type)) {
    case 'timestamp':
      return `to_char(${name} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
    case 'decimal':
      return `${name}::text`
    case 'duration':
      return `extract(epoch from ${name})::double precision`
    default:
      return name
  }
}

/** The rows as the database has them, to put them back. */
export type Snapshot = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Takes a snapshot of all rows: the text of each row by id. */
export async function takeSnapshot(client: Connection, model: Model): Promise<Snapshot> {
  const taken = new Map<string, ReadonlyMap<string, string>>()
  for (const entity of model.entities) {
    const { rows } = await client.query<{ id: string; row: string }>(
      `select t.id::text as id, to_json(t)::text as row from ${tableOf(entity)} t`,
    )
    taken.set(entity.name, new Map(rows.map(({ id, row }) => [id, row])))
  }
  return taken
}

/**
 * Puts back the rows in which `after` differs from `before`: removes new rows, adds missing rows, and gives all others their values.
 *
 * @param last is run before the commit; nothing unless given
 * @returns the ids of the rows that differ, by entity.
 */
export async function restoreRows(
  client: Connection,
  model: Model,
  { snapshot, before, after }: { readonly snapshot: Snapshot; readonly before: AllRows; readonly after: AllRows },
  last: () => Promise<unknown> = async () => {},
): Promise<ReadonlyMap<string, readonly string[]>> {
  const changed = new Map(model.entities.map(({ name }) => [name, changedIds(before.get(name) ?? [], after.get(name) ?? [])]))
  if ([...changed.values()].every((ids) => ids.length === 0)) return changed
  const all = parentsFirst(model)
  const order = all.filter(({ name }) => changed.get(name)?.length !== 0)
  await client.query('begin')
  try {
    for (const entity of order.toReversed()) {
      const known = snapshot.get(entity.name)
      const added = (changed.get(entity.name) ?? []).filter((id) => known?.has(id) !== true)
      if (added.length > 0) await release(client, model, { entity, ids: added })
      if (added.length > 0) await client.query(`delete from ${tableOf(entity)} t where t.id::text = any($1)`, [added])
    }
    for (const entity of order) {
      const there = new Set((after.get(entity.name) ?? []).map(({ id }) => String(id)))
      const missing = (changed.get(entity.name) ?? []).filter((id) => !there.has(id))
      if (missing.length > 0)
        await client.query(
          insertSql(entity, (field) => !isLater(all, entity, field)),
          [textsOf(snapshot, entity, missing)],
        )
    }
    for (const entity of order) {
      const columns = fieldsInTable(entity).filter(({ name }) => name !== 'id')
      const changes = columns.map(({ column }) => `${quoted(column)} = r.${quoted(column)}`).join(', ')
      const text = `update ${tableOf(entity)} t set ${changes} from ${recordsOf(entity)} r where t.id = r.id`
      await client.query(text, [textsOf(snapshot, entity, changed.get(entity.name) ?? [])])
    }
    await last()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
  return changed
}

interface Released {
  readonly entity: Entity
  readonly ids: readonly string[]
}

/** Takes rows out of the optional references of other rows, which get their values back afterwards. */
async function release(client: Connection, model: Model, { entity, ids }: Released): Promise<void> {
  for (const other of model.entities) {
    for (const { type, optional, column } of other.fields) {
      if (type.kind !== 'ref' || type.entity !== entity.name || !optional) continue
      await client.query(`update ${tableOf(other)} t set ${quoted(column)} = null where t.${quoted(column)}::text = any($1)`, [ids])
    }
  }
}

function textsOf(snapshot: Snapshot, { name }: Entity, ids: readonly string[]): string {
  return `[${ids.flatMap((id) => snapshot.get(name)?.get(id) ?? []).join(',')}]`
}

/** Entities after those that they must refer to, and after those that they may refer to, unless these need them. */
export function parentsFirst({ entities }: Model): readonly Entity[] {
  const order: Entity[] = []
  const targets = ({ fields }: Entity, isOptional: boolean): readonly Entity[] =>
    fields.flatMap(({ type, optional }) =>
      type.kind === 'ref' && optional === isOptional ? entities.filter(({ name }) => name === type.entity) : [],
    )
  const needed = (entity: Entity): ReadonlySet<Entity> => {
    const found = new Set<Entity>()
    const look = (one: Entity): void => {
      for (const target of targets(one, false)) {
        if (found.has(target)) continue
        found.add(target)
        look(target)
      }
    }
    look(entity)
    return found
  }
  const place = (entity: Entity, trail: readonly Entity[]): void => {
    if (order.includes(entity) || trail.includes(entity)) return
    const within = [...trail, entity]
    for (const target of targets(entity, false)) place(target, within)
    for (const target of targets(entity, true)) if (!within.some((one) => needed(target).has(one))) place(target, within)
    order.push(entity)
  }
  for (const entity of entities) place(entity, [])
  return order
}

function changedIds(before: readonly PlainRow[], after: readonly PlainRow[]): readonly string[] {
  const texts = (rows: readonly PlainRow[]) => new Map(rows.map((row) => [String(row.id), JSON.stringify(row)]))
  const [was, is] = [texts(before), texts(after)]
  return [...new Set([...was.keys(), ...is.keys()])].filter((id) => was.get(id) !== is.get(id))
}
