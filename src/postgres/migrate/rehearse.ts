/** Tries out a migration before it runs, in schemas of its own and in a transaction that is rolled back. */

import type { Column, Constraint, Database, Table } from '../../model/database.ts'
import type { Connection } from '../connect.ts'
import { readDatabase } from '../schema/catalog.ts'
import type { Change } from '../schema/change.ts'
import { constraintDefinition, createIndex, createLog, createTable, quoted, setFiles, setTrigger } from '../schema/ddl.ts'
import { diffDatabase } from '../schema/diff.ts'
import type { PlinthObjects } from '../schema/plinth-objects.ts'
import { applyRenames, findRenames, type Rename, renameObjects } from '../schema/renames.ts'
import { explainError } from '../sqlstate.ts'
import { HAZARDS } from './migration-plan.ts'
import { planMigration } from './plan-migration.ts'

/** The result of a rehearsal. */
export interface Rehearsed {
  /** The changes, renames first, with expressions as PostgreSQL prints them. */
  readonly changes: readonly Change[]
  /** What Plinth created, under the names after all renames. */
  readonly owned: PlinthObjects
  /** The desired schema, as the catalogue prints it. */
  readonly desired: Database
}

const SCRATCH = 'plinth_rehearsal'
const SCRATCH_BEFORE = 'plinth_rehearsal_before'

/**
 * Compares `actual` with `desired`: builds both in scratch schemas and reads them back, so that expressions are compared in one normal
 * form; then runs the plan there and reads again. Must be called within a transaction that the caller rolls back.
 *
 * @throws RehearsalError when the plan does not lead to the desired schema. This is a defect of Plinth; nothing has been changed.
 */
export async function rehearse(
  client: Connection,
  { actual, desired, owned }: { actual: Database; desired: Database; owned: PlinthObjects },
): Promise<Rehearsed> {
  const wanted = await inScratch(client, SCRATCH, desired)
  const renames = findRenames(actual, wanted)
  const current = renames.length === 0 ? actual : await renamed(client, actual, renames)
  const ownedNow = renameObjects(owned, renames)
  const changes = [...renames, ...diffDatabase(current, wanted, ownedNow)]
  if (changes.some((change) => touchesExisting(change))) await prove(client, { actual, wanted, changes, owned: ownedNow })
  await dropSchema(client, SCRATCH)
  return { changes, owned: ownedNow, desired: wanted }
}

/** The plan does not lead to the desired schema. */
export class RehearsalError extends Error {
  override readonly name = 'RehearsalError'
}

function touchesExisting(change: Change): boolean {
  return change.kind !== 'create-table' && change.kind !== 'create-schema' && change.kind !== 'create-function'
}

/**
 * Builds a schema under the name `scratch` and reads it back. `was`, `filledBy` and `partitions`, which the catalogue lacks, come from
 * `database`.
 */
async function inScratch(client: Connection, scratch: string, database: Database): Promise<Database> {
  await build(client, scratch, database)
  const read = await readDatabase(client, scratch)
  const asked = new Map(database.tables.map((table) => [table.name, table]))
  const tables = database.tables.flatMap((table) => read.tables.find((other) => other.name === table.name) ?? [])
  return {
    schema: database.schema,
    tables: tables.map((table) => {
      const before = asked.get(table.name)
      const written = new Map(before?.columns.map((column) => [column.name, column]))
      return {
        ...table,
        columns: table.columns.map((column) => ({ ...column, ...writtenOnly(written.get(column.name)) })),
        constraints: table.constraints.map((constraint) => withTree(constraint, before)),
        ...withWas(before?.was),
        ...(before?.partitions === undefined ? {} : { partitions: before.partitions }),
      }
    }),
    ...(database.functions === undefined ? {} : { functions: database.functions }),
    ...(database.missing === undefined ? {} : { missing: database.missing }),
  }
}

/** The facts about a column that PostgreSQL's catalogue does not have. */
function writtenOnly(column: Column | undefined): Pick<Column, 'was' | 'filledBy' | 'numbered'> {
  return {
    ...withWas(column?.was),
    ...(column?.filledBy === undefined ? {} : { filledBy: column.filledBy }),
    ...(column?.numbered === undefined ? {} : { numbered: column.numbered }),
  }
}

function withTree(constraint: Constraint, asked: Table | undefined): Constraint {
  const before = asked?.constraints.find((other) => other.name === constraint.name)
  if (constraint.kind !== 'check' || before?.kind !== 'check' || before.tree === undefined) return constraint
  return { ...constraint, tree: before.tree }
}

function withWas(was: readonly string[] | undefined): { readonly was?: readonly string[] } {
  return was === undefined ? {} : { was }
}

async function build(client: Connection, scratch: string, database: Database): Promise<void> {
  const present = new Set(database.tables.map((table) => table.name))
  const statements = [
    `create schema ${quoted(scratch)}`,
    ...database.tables.flatMap((table) => [
      createTable(scratch, table),
      ...table.indexes.map((index) => createIndex({ schema: scratch, table: table.name, how: 'at-once' }, index)),
    ]),
    ...database.tables.flatMap((table) =>
      table.constraints
        .filter((constraint) => constraint.kind === 'foreign-key' && present.has(constraint.table))
        .map((constraint) => `alter table ${quoted(scratch, table.name)} add ${constraintDefinition(scratch, constraint)}`),
    ),
    ...database.tables.flatMap((table) => (table.nulled === undefined ? [] : [setTrigger(scratch, table.name, table.nulled)])),
    ...database.tables.flatMap((table) => (table.logged === undefined ? [] : createLog(scratch, table.name, table.logged))),
    ...database.tables.flatMap((table) => (table.files === undefined ? [] : setFiles(scratch, table.name, table.files))),
  ]
  try {
    await client.query(statements.join(';\n'))
  } catch (error) {
    const { kind, message } = explainError(error)
    throw kind === 'not-allowed' ? error : new RehearsalError(`PostgreSQL does not accept the schema: ${message}`, { cause: error })
  }
}

async function dropSchema(client: Connection, scratch: string): Promise<void> {
  await client.query(`drop schema ${quoted(scratch)} cascade`)
}

/** Renames in a scratch schema, because PostgreSQL itself rewrites the expressions that name a renamed column. */
async function renamed(client: Connection, actual: Database, renames: readonly Rename[]): Promise<Database> {
  await build(client, SCRATCH_BEFORE, actual)
  for (const rename of renames) {
    const table = quoted(SCRATCH_BEFORE, rename.kind === 'rename-table' ? rename.from : rename.table)
    const what = rename.kind === 'rename-table' ? '' : ` column ${quoted(rename.from)}`
    await client.query(`alter table ${table} rename${what} to ${quoted(rename.to)}`)
  }
  const read = await readDatabase(client, SCRATCH_BEFORE)
  await dropSchema(client, SCRATCH_BEFORE)
  return withStates({ ...read, schema: actual.schema }, applyRenames(actual, renames))
}

/** Copies the states `unvalidated` and `invalid`, which a rebuilt schema does not have. */
function withStates(read: Database, actual: Database): Database {
  return {
    ...read,
    ...(actual.functions === undefined ? {} : { functions: actual.functions }),
    tables: read.tables.map((table) => {
      const before = actual.tables.find((other) => other.name === table.name)
      const unvalidated = new Set(before?.constraints.filter((c) => 'unvalidated' in c && c.unvalidated).map((c) => c.name))
      const invalid = new Set(before?.indexes.filter((index) => index.invalid === true).map((index) => index.name))
      return {
        ...table,
        constraints: table.constraints.map((c) =>
          unvalidated.has(c.name) && (c.kind === 'check' || c.kind === 'foreign-key') ? { ...c, unvalidated: true as const } : c,
        ),
        indexes: table.indexes.map((index) => (invalid.has(index.name) ? { ...index, invalid: true as const } : index)),
      }
    }),
  }
}

/** Runs the plan on a copy of the actual schema, with all hazards allowed, and checks that no difference is left. */
async function prove(
  client: Connection,
  { actual, wanted, changes, owned }: { actual: Database; wanted: Database; changes: readonly Change[]; owned: PlinthObjects },
): Promise<void> {
  await build(client, SCRATCH_BEFORE, actual)
  const plan = planMigration(
    changes.filter((change) => change.kind !== 'create-schema' && change.kind !== 'create-function'),
    { schema: SCRATCH_BEFORE, sizes: new Map(), owned, allow: new Set(HAZARDS), run: 'rehearsal' },
  )
  for (const statement of plan.statements) {
    await client.query(statement.sql).catch((error: unknown) => {
      throw new RehearsalError(`could not ${statement.description}: ${explainError(error).message}`, { cause: error })
    })
  }
  const read = await readDatabase(client, SCRATCH_BEFORE)
  const after: Database = { ...read, schema: wanted.schema, ...(wanted.functions === undefined ? {} : { functions: wanted.functions }) }
  const missing = diffDatabase(after, wanted, owned).filter((change) => change.kind !== 'create-schema')
  if (missing.length > 0) throw new RehearsalError(`the plan leaves differences: ${JSON.stringify(missing)}`)
  await dropSchema(client, SCRATCH_BEFORE)
}

/** Creates the functions that constraints call, if they are missing, for the rehearsal of other schemas. They are rolled back with it. */
export async function rehearseFunctions(
  client: Connection,
  { actual, desired, owned }: { actual: Database; desired: Database; owned: PlinthObjects },
): Promise<void> {
  await rehearseChanges(client, { actual: { ...actual, tables: [] }, desired: { ...desired, tables: [] }, owned })
}

/** Makes the functions, and the tables that are missing. Those that are there stay as they are, so that nobody waits for a lock of them. */
export async function rehearseMissing(client: Connection, { actual, desired }: { actual: Database; desired: Database }): Promise<void> {
  const present = new Set(actual.tables.map(({ name }) => name))
  const missing = desired.tables.filter(({ name }) => !present.has(name))
  await rehearseChanges(client, { actual: { ...actual, tables: [] }, desired: { ...desired, tables: missing }, owned: new Map() })
}

async function rehearseChanges(
  client: Connection,
  { actual, desired, owned }: { actual: Database; desired: Database; owned: PlinthObjects },
): Promise<void> {
  const changes = diffDatabase(actual, desired, owned)
  const plan = planMigration(changes, { schema: desired.schema, sizes: new Map(), owned, allow: new Set(), run: 'rehearsal' })
  for (const statement of plan.statements) await client.query(statement.sql)
}
