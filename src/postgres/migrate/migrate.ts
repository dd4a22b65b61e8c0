/** A database brought to what a design asks for: read, compare, plan, refuse or apply, record. */

import { setTimeout as sleep } from 'node:timers/promises'
import { EnvironmentError } from '../../base/environment-error.ts'
import type { Database } from '../../model/database.ts'
import { type Connection, withClient } from '../connect.ts'
import { readDatabase } from '../schema/catalog.ts'
import type { Change } from '../schema/change.ts'
import { diffDatabase } from '../schema/diff.ts'
import { allOf, type Owned, ownPart, union, within } from '../schema/plinth-objects.ts'
import { explainError } from '../sqlstate.ts'
import { applyMigration } from './apply-migration.ts'
import type { MigrationEvent } from './migration-event.ts'
import { type Hazard, joinPlans, type Kept, type MigrationPlan } from './migration-plan.ts'
import { hashOf, type LastMigration, lastMigration, leftBehind, ownedIn, recordBegun, recordFinished } from './migration-record.ts'
import { planMigration } from './plan-migration.ts'
import { rehearse, rehearseFunctions } from './rehearse.ts'
import { askRows, type RowProblem } from './row-problems.ts'

export interface MigrateOptions {
  readonly url: string
  /** What each schema should be: Plinth's own first, as constraints elsewhere call its functions. */
  readonly databases: readonly Database[]
  /** Of Plinth. */
  readonly version: string
  readonly allow?: ReadonlySet<Hazard>
  /** `dry` plans and changes nothing. */
  readonly run: 'apply' | 'dry'
  readonly onProgress?: (event: MigrationEvent) => void
}

export type MigrationOutcome =
  /** Nothing is to do. `kept` is what the design does not have any more. */
  | { readonly kind: 'current'; readonly kept: readonly Kept[] }
  /** What would be done; with the rows that are in its way. */
  | { readonly kind: 'planned'; readonly plan: MigrationPlan; readonly problems: readonly RowProblem[] }
  /** Nothing was done, because a step needs leave or rows are in the way: `plan.blocked` and `problems` hold every reason. */
  | { readonly kind: 'refused'; readonly plan: MigrationPlan; readonly problems: readonly RowProblem[] }
  | { readonly kind: 'applied'; readonly plan: MigrationPlan; readonly ms: number }

/**
 * Migrates the database at `url`. Instances that start together migrate once; the others wait. Killed at any moment, it leaves a database that the next
 * run completes.
 *
 * @throws EnvironmentError when the database cannot be used.
 * @throws MigrationError when a statement fails; RehearsalError when the plan is wrong (nothing has been done then).
 */
export async function migrate(options: MigrateOptions): Promise<MigrationOutcome> {
  return withClient(options.url, async (client) => {
    await client.query("set search_path = 'pg_catalog'; set idle_in_transaction_session_timeout = 0; set statement_timeout = '1h'")
    const first = await look(client, options)
    if (isCurrent(first, options)) return { kind: 'current', kept: keptBy(first, options) }
    if (options.run === 'dry') return dryRun(client, options, first)
    await takeLock(client, options)
    // whoever had the lock before may have done it all
    const seen = await look(client, options)
    return isCurrent(seen, options) ? { kind: 'current', kept: keptBy(seen, options) } : bringUp(client, options, seen)
  })
}

interface Seen {
  readonly last: LastMigration | null
  readonly actual: readonly Database[]
}

/** Reads the record and, of the catalogue, what the design or the record names. */
async function look(client: Connection, { databases }: MigrateOptions): Promise<Seen> {
  const last = await lastMigration(client)
  const actual: Database[] = []
  for (const desired of databases) {
    const names = desired.tables.flatMap((table) => [table.name, ...(table.was ?? [])])
    const owned = last === null ? [] : [...ownedIn(last.owned, desired.schema).keys()]
    actual.push(await readDatabase(client, desired.schema, [...new Set([...names, ...owned])]))
  }
  return { last, actual }
}

function isCurrent(seen: Seen, options: MigrateOptions): boolean {
  const { last, actual } = seen
  // What has stayed for want of leave is to be done once there is leave.
  if (options.allow?.has('deletes-data') === true && keptBy(seen, options).length > 0) return false
  if (last?.finished !== true || last.desiredHash !== hashOf(options.databases, options.version)) return false
  return last.catalogHash === catalogHash(actual, last.owned, options)
}

/** Of what is Plinth's own: an index that somebody has added is no reason to compare everything. */
function catalogHash(actual: readonly Database[], owned: ReadonlyMap<string, Owned>, { databases, version }: MigrateOptions): string {
  const parts = databases.map((desired, i) => {
    const own = union(ownedIn(owned, desired.schema), allOf(desired))
    return ownPart(actual[i] ?? { schema: desired.schema, tables: [] }, own)
  })
  return hashOf(parts, version)
}

function keptBy({ last }: Seen, { databases }: MigrateOptions): readonly Kept[] {
  return last === null ? [] : databases.flatMap((desired) => leftBehind(last, desired))
}

/** `plinth` and `migr` as numbers: a lock of this database, held by the session, so it goes with the connection. */
const LOCK = 'select pg_try_advisory_lock(1886153070, 1835624306) as taken'
const POLL_MS = 150
const SAY_EVERY_MS = 1_000

/** Asks again and again rather than waiting in the server: a waiting statement would hold up the very index that the other instance builds. */
async function takeLock(client: Connection, { onProgress }: MigrateOptions): Promise<void> {
  const began = performance.now()
  let said = began
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(LOCK)
    if (rows[0]?.taken === true) return
    if (performance.now() - said >= SAY_EVERY_MS || said === began) {
      said = performance.now()
      onProgress?.({ kind: 'waiting-for-another', ms: Math.round(said - began) })
    }
    await sleep(POLL_MS * (0.5 + Math.random()))
  }
}

interface Compared {
  readonly plan: MigrationPlan
  /** By schema, once the plan has run. */
  readonly owned: ReadonlyMap<string, Owned>
}

async function dryRun(client: Connection, options: MigrateOptions, seen: Seen): Promise<MigrationOutcome> {
  const { plan } = await compare(client, options, seen)
  if (plan.statements.length === 0) return { kind: 'current', kept: plan.kept }
  return { kind: 'planned', plan, problems: await ask(client, plan, options) }
}

async function bringUp(client: Connection, options: MigrateOptions, seen: Seen): Promise<MigrationOutcome> {
  const report = options.onProgress ?? (() => {})
  const began = performance.now()
  const { plan, owned } = await compare(client, options, seen)
  for (const what of plan.kept) report({ kind: 'kept', what })
  const problems = await ask(client, plan, options)
  if (plan.blocked.length > 0 || problems.length > 0) return { kind: 'refused', plan, problems }
  const desiredHash = hashOf(options.databases, options.version)
  let id = ''
  const record = async () => {
    id = await recordBegun(client, { version: options.version, desiredHash, plan, owned })
  }
  await applyMigration(client, { plan, record, report })
  const { actual } = await look(client, options)
  const ms = performance.now() - began
  const still = new Map(
    [...owned].map(([schema, one]) => [schema, within(one, actual.find((a) => a.schema === schema) ?? { schema, tables: [] })]),
  )
  await recordFinished(client, id, { catalogHash: catalogHash(actual, still, options), owned: still, ms })
  if (plan.statements.length === 0) return { kind: 'current', kept: plan.kept }
  report({ kind: 'finished', statements: plan.statements.length, ms })
  return { kind: 'applied', plan, ms }
}

async function ask(client: Connection, plan: MigrationPlan, { onProgress }: MigrateOptions): Promise<readonly RowProblem[]> {
  const questions = plan.statements.filter((statement) => statement.probe !== undefined).length
  if (questions > 0) onProgress?.({ kind: 'counting-rows', questions })
  return askRows(client, plan)
}

/** The plan for all schemas. Where nothing is there yet nothing needs to be rehearsed: the transaction that creates it all is its own rehearsal. */
async function compare(client: Connection, options: MigrateOptions, { last, actual }: Seen): Promise<Compared> {
  options.onProgress?.({ kind: 'comparing' })
  const pairs = options.databases.map((desired, i) => ({
    desired,
    actual: actual[i] ?? { schema: desired.schema, tables: [] },
    owned: last === null ? new Map() : ownedIn(last.owned, desired.schema),
  }))
  const empty = pairs.every((pair) => pair.actual.tables.length === 0)
  const found = empty
    ? pairs.map((pair) => ({ ...pair, changes: diffDatabase(pair.actual, pair.desired, pair.owned) }))
    : await rehearseAll(client, pairs)
  const plans: MigrationPlan[] = []
  for (const { changes, owned, desired } of found) {
    const sizes = await sizesOf(client, desired.schema, changes)
    plans.push(planMigration(changes, { schema: desired.schema, sizes, owned, allow: options.allow ?? new Set(), run: 'live' }))
  }
  return { plan: joinPlans(plans), owned: new Map(found.map(({ desired, owned }) => [desired.schema, union(owned, allOf(desired))])) }
}

interface Pair {
  readonly desired: Database
  readonly actual: Database
  readonly owned: Owned
}

async function rehearseAll(
  client: Connection,
  pairs: readonly Pair[],
): Promise<readonly (Pair & { readonly changes: readonly Change[] })[]> {
  await client.query('begin')
  try {
    for (const pair of pairs) await rehearseFunctions(client, pair)
    const found: (Pair & { changes: readonly Change[] })[] = []
    for (const pair of pairs) found.push({ ...pair, ...(await rehearse(client, pair)) })
    return found
  } catch (error) {
    throw explainError(error).kind === 'not-allowed' ? mayNotCompare(error) : error
  } finally {
    await client.query('rollback')
  }
}

function mayNotCompare(cause: unknown): EnvironmentError {
  const hint = 'run plinth migrate with a role that owns the tables and may create schemas in the database'
  return new EnvironmentError(
    `the database is not up to date, and this role may not bring it up to date: ${explainError(cause).message}`,
    hint,
    { cause },
  )
}

/** Bytes by table, under the names after all renames. */
async function sizesOf(client: Connection, schema: string, changes: readonly Change[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ name: string; bytes: string }>(
    "select relname as name, pg_table_size(c.oid) as bytes from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = $1 and relkind = 'r'",
    [schema],
  )
  const renamed = new Map(changes.flatMap((change) => (change.kind === 'rename-table' ? [[change.from, change.to] as const] : [])))
  return new Map(rows.map(({ name, bytes }) => [renamed.get(name) ?? name, Number(bytes)]))
}

/** The plan for a database that has none of it yet, without one at hand. Pure: expressions are as the design spells them. */
export function createPlan(databases: readonly Database[]): MigrationPlan {
  const plans = databases.map((desired) => {
    const { schema } = desired
    const nothing: Database = { schema, tables: [], ...(schema === 'public' ? {} : { missing: true as const }) }
    const changes = diffDatabase(nothing, desired, new Map())
    return planMigration(changes, { schema, sizes: new Map(), owned: new Map(), allow: new Set(), run: 'live' })
  })
  return joinPlans(plans)
}
