/** Designs as schemas, and databases as plain text to compare: for tests of migrations. */

import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { desiredDatabase } from '../../src/compile/tables/tables.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Database, Table } from '../../src/model/database.ts'
import type { Model } from '../../src/model/model.ts'
import { type Connection, withClient } from '../../src/postgres/connect.ts'
import { type MigrateOptions, type MigrationOutcome, migrate } from '../../src/postgres/migrate/migrate.ts'
import type { Hazard } from '../../src/postgres/migrate/migration-plan.ts'
import { readDatabase } from '../../src/postgres/schema/catalog.ts'
import { systemDatabase } from '../../src/postgres/schema/system-schema.ts'
import { servicesOf } from '../../src/server/services.ts'

/** Entities in the form of a design. */
export type Entities = Readonly<Record<string, unknown>>

/** A design that the resolver refuses, with every diagnostic. */
export class UnsoundDesign extends Error {}

/** The model of a design with these entities. @throws UnsoundDesign */
export function modelOfEntities(entities: Entities): Model {
  const { model, diagnostics } = resolveDesign({ name: 'test', entities }, NO_SOURCE)
  if (model === null) throw new UnsoundDesign(diagnostics.map(formatDiagnostic).join('\n'))
  return model
}

/** The desired schemas of a design with these entities, including Plinth's own. */
export function schemasOf(entities: Entities): readonly Database[] {
  const model = modelOfEntities(entities)
  return [systemDatabase(servicesOf(model).flatMap((service) => service.tables)), desiredDatabase(model)]
}

/** Migrates to a design with these entities. */
export async function migrateTo(
  url: string,
  entities: Entities,
  more: Partial<MigrateOptions> & { allowed?: readonly Hazard[] } = {},
): Promise<MigrationOutcome> {
  const { allowed = [], ...options } = more
  return migrate({ url, databases: schemasOf(entities), version: '1.0.0', run: 'apply', allow: new Set(allowed), ...options })
}

/** The content of `public` in a fixed order, without the order of columns and former names. */
export async function schemaIn(url: string): Promise<readonly Table[]> {
  const { tables } = await withClient(url, (client) => readDatabase(client, 'public'))
  return tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) => ({ ...column, uses: [...(column.uses ?? [])].sort() })).sort(byName),
    constraints: table.constraints.map((constraint) =>
      constraint.kind === 'check' ? { ...constraint, uses: [...(constraint.uses ?? [])].sort() } : constraint,
    ),
  }))
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1
}

/** Drops everything that a migration made. */
export async function empty(url: string): Promise<void> {
  await execute(url, ['drop schema public cascade', 'drop schema if exists plinth cascade', 'create schema public'])
}

/** Runs statements one by one. */
export async function execute(url: string, statements: readonly string[]): Promise<void> {
  await withClient(url, async (client) => {
    for (const statement of statements) await client.query(statement)
  })
}

/** The rows of a query. */
export async function rowsOf(url: string, query: string): Promise<readonly Record<string, unknown>[]> {
  return withClient(url, async (client: Connection) => (await client.query<Record<string, unknown>>(query)).rows)
}
