/**
 * The record of migrations: what was done, what Plinth owns, and the hashes that tell the next start whether the database is up to date.
 */

import { createHash } from 'node:crypto'
import { type Database, SYSTEM_SCHEMA } from '../../model/database.ts'
import type { Connection } from '../connect.ts'
import { quoted } from '../schema/ddl.ts'
import { NO_OBJECTS, objectsFromRecord, objectsToRecord, type PlinthObjects, type PlinthObjectsRecord } from '../schema/plinth-objects.ts'
import { MIGRATIONS_TABLE } from '../schema/system-schema.ts'
import { type Kept, keptColumn, keptTable, type MigrationPlan } from './migration-plan.ts'

const TABLE = quoted(SYSTEM_SCHEMA, MIGRATIONS_TABLE)

/** The last migration; `owned`: what Plinth created, by schema. */
export interface LastMigration {
  readonly finished: boolean
  readonly desiredHash: string
  readonly catalogHash: string | null
  readonly owned: ReadonlyMap<string, PlinthObjects>
}

interface Row {
  readonly finished_at: string | null
  readonly desired_hash: string
  readonly catalog_hash: string | null
  readonly owned: Readonly<Record<string, PlinthObjectsRecord>>
}

/** Reads the last migration; null when there was none. */
export async function lastMigration(client: Connection): Promise<LastMigration | null> {
  const there = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [TABLE])
  if (there.rows[0]?.there !== true) return null
  const { rows } = await client.query<Row>(
    `select finished_at::text, desired_hash, catalog_hash, owned from ${TABLE} order by id desc limit 1`,
  )
  const [row] = rows
  if (row === undefined) return null
  return {
    finished: row.finished_at !== null,
    desiredHash: row.desired_hash,
    catalogHash: row.catalog_hash,
    owned: new Map(Object.entries(row.owned).map(([schema, owned]) => [schema, objectsFromRecord(owned)])),
  }
}

/** Lists the tables and columns that Plinth created and the design no longer has. */
export function leftBehind({ owned }: LastMigration, desired: Database): readonly Kept[] {
  const { schema } = desired
  return [...ownedIn(owned, schema)].flatMap(([table, names]): readonly Kept[] => {
    const wanted = desired.tables.find((other) => other.name === table)
    if (wanted === undefined) return [keptTable(schema, table)]
    const columns = new Set(wanted.columns.map((column) => column.name))
    return [...names.columns].filter((name) => !columns.has(name)).map((name) => keptColumn({ schema, table, column: name }, 'as-it-was'))
  })
}

/** Returns what Plinth created in a schema. */
export function ownedIn(owned: ReadonlyMap<string, PlinthObjects>, schema: string): PlinthObjects {
  return owned.get(schema) ?? NO_OBJECTS
}

/** A migration that begins. */
export interface Begun {
  readonly version: string
  readonly desiredHash: string
  readonly plan: MigrationPlan
  readonly owned: ReadonlyMap<string, PlinthObjects>
}

/** Records a migration as begun, within its transaction. Returns its id. */
export async function recordBegun(client: Connection, begun: Begun): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into ${TABLE} (started_at, plinth_version, desired_hash, statements, owned)
     values (clock_timestamp(), $1, $2, $3, $4) returning id::text`,
    [begun.version, begun.desiredHash, JSON.stringify(begun.plan.statements.map((statement) => statement.sql)), spell(begun.owned)],
  )
  return rows[0]?.id ?? ''
}

/** Records a migration as finished, with the hash of the catalogue after it. */
export async function recordFinished(
  client: Connection,
  id: string,
  after: { readonly catalogHash: string; readonly owned: ReadonlyMap<string, PlinthObjects>; readonly ms: number },
): Promise<void> {
  await client.query(`update ${TABLE} set finished_at = clock_timestamp(), duration_ms = $2, catalog_hash = $3, owned = $4 where id = $1`, [
    id,
    Math.round(after.ms),
    after.catalogHash,
    spell(after.owned),
  ])
}

function spell(owned: ReadonlyMap<string, PlinthObjects>): string {
  return JSON.stringify(Object.fromEntries([...owned].map(([schema, one]) => [schema, objectsToRecord(one)])))
}

/**
 * Hashes schemas (desired, or read from the catalogue) together with the version of Plinth, because another version may compare in another
 * way.
 */
export function hashOf(databases: readonly Database[], version: string): string {
  return createHash('sha256')
    .update(JSON.stringify([version, databases]))
    .digest('hex')
}
