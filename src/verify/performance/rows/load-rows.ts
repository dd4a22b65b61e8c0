/** Fills the tables of a database for a load. */

import type { Entity, Model } from '../../../model/model.ts'
import type { Connection } from '../../../postgres/connect.ts'
import { copyRows } from '../../../postgres/copy-rows.ts'
import { quoted } from '../../../postgres/schema/ddl.ts'
import { parentsFirst } from '../../run/rows.ts'
import { columnFields, type ManyRows, NoRows, rowChunks } from './many-rows.ts'

/** The rows of an entity as they were loaded. */
export interface LoadedRows {
  readonly entity: string
  readonly rows: number
  /** How many the design expects; null if it does not say. */
  readonly target: number | null
  /** Why there are none; null if there are. */
  readonly why: string | null
}

/** Rows of an entity for which the design has no target. */
const WITHOUT_TARGET = 10_000
/** The most rows of all entities together. */
const MOST_ROWS = 4_000_000

/**
 * How many rows of each entity are loaded: the targets of the design, or fewer.
 *
 * @param most of one entity; null for as many as the design expects.
 */
export function rowCounts({ entities, targets }: Model, most: number | null): ReadonlyMap<string, number> {
  const wanted = entities.map(({ name }) => targets.rows.get(name) ?? WITHOUT_TARGET)
  const all = wanted.reduce((sum, count) => sum + count, 0)
  const part = Math.min(1, MOST_ROWS / Math.max(1, all))
  const limit = most ?? Number.POSITIVE_INFINITY
  return new Map(entities.map(({ name }, i) => [name, Math.max(1, Math.min(limit, Math.floor((wanted[i] ?? 0) * part)))]))
}

/**
 * Empties all tables and fills them. Constraints stay, so the database judges the rows; indexes are made afterwards. Triggers do not run,
 * so no event is logged.
 */
export async function loadRows(client: Connection, making: ManyRows): Promise<readonly LoadedRows[]> {
  const { model } = making
  await client.query(`truncate ${model.entities.map(tableOf).join(', ')}`)
  const made = new Map<string, number>()
  const reasons = new Map<string, string>()
  for (const entity of parentsFirst(model)) {
    const why = await fill(client, making, entity, made)
    if (why === null) made.set(entity.name, await countOf(client, entity))
    else reasons.set(entity.name, why)
  }
  const loaded: LoadedRows[] = []
  for (const entity of model.entities) {
    await client.query(`vacuum (analyze) ${tableOf(entity)}`)
    const target = model.targets.rows.get(entity.name) ?? null
    loaded.push({ entity: entity.name, rows: made.get(entity.name) ?? 0, target, why: reasons.get(entity.name) ?? null })
  }
  await client.query('checkpoint').catch(() => {})
  return loaded
}

/**
 * Adds rows to a filled table, to which no other row leads. Returns the number of the first one and how many there are.
 *
 * @throws Error where the database refuses them.
 */
export async function addRows(
  client: Connection,
  making: ManyRows,
  { entity, count }: { readonly entity: Entity; readonly count: number },
): Promise<{ readonly first: number; readonly added: number }> {
  const table = tableOf(entity)
  const made = new Map<string, number>()
  for (const one of making.model.entities) made.set(one.name, await countOf(client, one))
  const before = made.get(entity.name) ?? 0
  // Numbers of rows that were left out, because their values were taken, are free.
  const first = Math.max(before, making.counts.get(entity.name) ?? 0)
  const adding = { ...making, first, counts: new Map([[entity.name, count]]) }
  await client.query(`alter table ${table} disable trigger user`)
  try {
    const columns = columnFields(entity).map(({ column }) => column)
    await copyRows(client, { table: entity.table, columns }, rowChunks(adding, entity, made))
    await continueNumbers(client, entity)
  } finally {
    await client.query(`alter table ${table} enable trigger user`)
  }
  return { first, added: (await countOf(client, entity)) - before }
}

async function countOf(client: Connection, entity: Entity): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`select count(*) from ${tableOf(entity)}`)
  return Number(rows[0]?.count ?? 0)
}

/** Fills a table. Returns why it could not. */
async function fill(client: Connection, making: ManyRows, entity: Entity, made: ReadonlyMap<string, number>): Promise<string | null> {
  const table = tableOf(entity)
  const { rows: indexes } = await client.query<{ make: string; name: string }>(
    `select indexdef as make, format('%I.%I', schemaname, indexname) as name from pg_indexes i
      where schemaname = 'public' and tablename = $1 and not exists (
        select from pg_constraint c where c.conindid = format('%I.%I', schemaname, indexname)::regclass)
        and not exists (select from pg_index x where x.indexrelid = format('%I.%I', schemaname, indexname)::regclass and x.indisunique)`,
    [entity.table],
  )
  await client.query(`alter table ${table} disable trigger user`)
  for (const { name } of indexes) await client.query(`drop index ${name}`)
  try {
    await copyRows(
      client,
      { table: entity.table, columns: columnFields(entity).map(({ column }) => column) },
      rowChunks(making, entity, made),
    )
    await continueNumbers(client, entity)
    return null
  } catch (error) {
    return error instanceof NoRows
      ? error.message
      : `PostgreSQL refused the rows: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    for (const { make } of indexes) await client.query(make)
    await client.query(`alter table ${table} enable trigger user`)
  }
}

/** Ids that the database counts go on after those of the rows. */
async function continueNumbers(client: Connection, entity: Entity): Promise<void> {
  const { rows } = await client.query<{ sequence: string | null }>('select pg_get_serial_sequence($1, $2) as sequence', [
    tableOf(entity),
    'id',
  ])
  const sequence = rows[0]?.sequence ?? null
  if (sequence !== null) await client.query(`select setval($1, (select coalesce(max(id), 1) from ${tableOf(entity)}))`, [sequence])
}

function tableOf({ table }: Entity): string {
  return `public.${quoted(table)}`
}
