/** Migrates a database to a design: read, compare, plan, refuse or apply, record. */

import { setTimeout as sleep } from 'node:timers/promises'
import { EnvironmentError } from '../../base/environment-error.ts'
import type { Database } from '../../model/database.ts'
import { type Connection, withClient } from '../connect.ts'
import { readDatabase } from '../schema/catalog.ts'
import type { Change } from '../schema/change.ts'
import { diffDatabase } from '../schema/diff.ts'
import { allObjects, mergeObjects, type PlinthObjects, plinthPart, presentObjects } from '../schema/plinth-objects.ts'
import { explainError } from '../sqlstate.ts'
import { applyMigration } from './apply-migration.ts'
import type { MigrationEvent } from './migration-event.ts'
import { type Hazard, joinPlans, type Kept, type MigrationPlan } from './migration-plan.ts'
import { hashOf, type LastMigration, lastMigration, leftBehind, ownedIn, recordBegun, recordFinished } from './migration-record.ts'
import { planMigration } from './plan-migration.ts'
import { rehearse, rehearseFunctions } from './rehearse.ts'
import { askRows, type RowProblem } from './row-problems.ts'

/** What to migrate, and how. */
export interface MigrateOptions {
  readonly url: string
  /** The desired schemas. Plinth's own comes first, because constraints of the others call its functions. */
  readonly databases: readonly Database[]
  /** The version of Plinth. */
  readonly version: string
  /** Hazards that steps may have; none unless given. */
  readonly allow?: ReadonlySet<Hazard>
  /** `dry` plans and changes nothing. */
  readonly run: 'apply' | 'dry'
  readonly onProgress?: (event: MigrationEvent) => void
}

/** How a migration ended. */
export type MigrationOutcome =
  /** The database is up to date. `kept`: tables and columns that the design no longer has. */
  | { readonly kind: 'current'; readonly kept: readonly Kept[] }
  /** The plan, and the rows that it would fail on. */
  | { readonly kind: 'planned'; readonly plan: MigrationPlan; readonly problems: readonly RowProblem[] }
  /** Nothing was changed. `plan.blocked` has each step that is not allowed, `problems` the rows that a step would fail on. */
  | { readonly kind: 'refused'; readonly plan: MigrationPlan; readonly problems: readonly RowProblem[] }
  | { readonly kind: 'applied'; readonly plan: MigrationPlan; readonly ms: number }

/**
 * Migrates the database at `url`. When several instances start together, one migrates and the others wait. After a crash at any moment, the
 * next run completes the migration.
 *
 * @throws EnvironmentError when the database cannot be used.
 * @throws MigrationError when a statement fails; RehearsalError when the plan is wrong (nothing has been done then).
 */
export async function migrate(options: MigrateOptions): Promise<MigrationOutcome> {
  return withClient(options.url, async (client) => {
    await client.query("set search_path = 'pg_catalog'; set statement_timeout = '1h'")
    const first = await observe(client, options)
    if (isCurrent(first, options)) return { kind: 'current', kept: keptBy(first, options) }
    if (options.run === 'dry') return dryRun(client, options, first)
    await takeLock(client, options)
    // another instance may have migrated before this one got the lock
    const seen = await observe(client, options)
    return isCurrent(seen, options) ? { kind: 'current', kept: keptBy(seen, options) } : applyTo(client, options, seen)
  })
}

interface Seen {
  readonly last: LastMigration | null
  readonly actual: readonly Database[]
}

/** Reads the record of migrations, and from the catalogue the tables that the design or the record names. */
async function observe(client: Connection, { databases }: MigrateOptions): Promise<Seen> {
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
  // Objects that were kept only because dropping them was not allowed are dropped now if it is allowed.
  if (options.allow?.has('deletes-data') === true && keptBy(seen, options).length > 0) return false
  if (last?.finished !== true || last.desiredHash !== hashOf(options.databases, options.version)) return false
  return last.catalogHash === catalogHash(actual, last.owned, options)
}

/** The hash of Plinth's own objects only, so that an index added by others does not cause a full comparison. */
function catalogHash(
  actual: readonly Database[],
  owned: ReadonlyMap<string, PlinthObjects>,
  { databases, version }: MigrateOptions,
): string {
  const parts = databases.map((desired, i) => {
    const own = mergeObjects(ownedIn(owned, desired.schema), allObjects(desired))
    return plinthPart(actual[i] ?? { schema: desired.schema, tables: [] }, own)
  })
  return hashOf(parts, version)
}

function keptBy({ last }: Seen, { databases }: MigrateOptions): readonly Kept[] {
  return last === null ? [] : databases.flatMap((desired) => leftBehind(last, desired))
}

/** An advisory lock of this database; the numbers spell `plin` and `migr`. The session holds it, so it ends with the connection. */
const LOCK = 'select pg_try_advisory_lock(1886153070, 1835624306) as taken'
const POLL_MS = 150
/** Pause between reports while waiting. */
const REPORT_EVERY_MS = 1_000

/**
 * Polls for the lock instead of waiting in the server: a waiting statement would block the index that the other instance builds
 * concurrently.
 */
async function takeLock(client: Connection, { onProgress }: MigrateOptions): Promise<void> {
  const began = performance.now()
  let reported = began
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(LOCK)
    if (rows[0]?.taken === true) return
    if (performance.now() - reported >= REPORT_EVERY_MS || reported === began) {
      reported = performance.now()
      onProgress?.({ kind: 'waiting-for-another', ms: Math.round(reported - began) })
    }
    await sleep(POLL_MS * (0.5 + Math.random()))
  }
}

interface Compared {
  readonly plan: MigrationPlan
  /** What Plinth will own once the plan has run, by schema. */
  readonly owned: ReadonlyMap<string, PlinthObjects>
}

async function dryRun(client: Connection, options: MigrateOptions, seen: Seen): Promise<MigrationOutcome> {
  const { plan } = await compare(client, options, seen)
  if (plan.statements.length === 0) return { kind: 'current', kept: plan.kept }
  return { kind: 'planned', plan, problems: await ask(client, plan, options) }
}

async function applyTo(client: Connection, options: MigrateOptions, seen: Seen): Promise<MigrationOutcome> {
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
  const { actual } = await observe(client, options)
  const ms = performance.now() - began
  const still = new Map(
    [...owned].map(([schema, one]) => [schema, presentObjects(one, actual.find((a) => a.schema === schema) ?? { schema, tables: [] })]),
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

/**
 * Makes the plan for all schemas. In an empty database nothing is rehearsed: the transaction that creates everything can be rolled back.
 */
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
  return {
    plan: joinPlans(plans),
    owned: new Map(found.map(({ desired, owned }) => [desired.schema, mergeObjects(owned, allObjects(desired))])),
  }
}

interface Pair {
  readonly desired: Database
  readonly actual: Database
  readonly owned: PlinthObjects
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

/** Bytes of each table, under its name after all renames. */
async function sizesOf(client: Connection, schema: string, changes: readonly Change[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ name: string; bytes: string }>(
    `select relname as name, pg_table_size(c.oid) as bytes from pg_class c join pg_namespace n on n.oid = relnamespace
     where nspname = $1 and relkind = 'r'`,
    [schema],
  )
  const renamed = new Map(changes.flatMap((change) => (change.kind === 'rename-table' ? [[change.from, change.to] as const] : [])))
  return new Map(rows.map(({ name, bytes }) => [renamed.get(name) ?? name, Number(bytes)]))
}

/** Makes the plan for an empty database, without a connection. Expressions are spelled as in the design. Pure. */
export function createPlan(databases: readonly Database[]): MigrationPlan {
  const plans = databases.map((desired) => {
    const { schema } = desired
    const nothing: Database = { schema, tables: [], ...(schema === 'public' ? {} : { missing: true as const }) }
    const changes = diffDatabase(nothing, desired, new Map())
    return planMigration(changes, { schema, sizes: new Map(), owned: new Map(), allow: new Set(), run: 'live' })
  })
  return joinPlans(plans)
}
