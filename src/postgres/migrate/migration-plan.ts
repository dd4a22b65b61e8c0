/** A migration as data: printed, refused, stored, then run. */

/**
 * What may be wrong with a step:
 *
 * - `deletes-data`: values or rows are gone afterwards;
 * - `rewrites-table`: a table of notable size is written anew while nobody can read it;
 * - `alters-foreign-table`: the table was not made by Plinth;
 * - `may-fail-on-data`: rows that are there already may not meet what is asked. They are counted before anything is changed.
 */
export type Hazard = 'deletes-data' | 'rewrites-table' | 'alters-foreign-table' | 'may-fail-on-data'

/** All hazards, for the command line. */
export const HAZARDS = ['deletes-data', 'rewrites-table', 'alters-foreign-table', 'may-fail-on-data'] as const satisfies readonly Hazard[]

/** Those that stop a migration unless they are allowed. */
export const BLOCKING: ReadonlySet<Hazard> = new Set(['deletes-data', 'rewrites-table', 'alters-foreign-table'])

/** One statement of a plan. */
export interface MigrationStatement {
  readonly sql: string
  readonly description: string
  /** How long it may wait for a lock, as everybody else waits behind it; null where waiting holds up nobody. */
  readonly lockTimeoutMs: number | null
  /** How long it may take in all. */
  readonly timeoutMs: number
  /** Part of the one transaction that the plan begins with; the others follow it one by one, each on its own. */
  readonly transactional: boolean
  readonly hazards: readonly Hazard[]
  /** Counts the rows that are in the way, before anything is done. */
  readonly probe?: Probe
}

/**
 * A query that returns one number: how many rows, or groups of rows, break what a step asks. `complaint` follows the number and its noun, and reads the same for
 * one as for many; `remedy` says what to do about them.
 */
export interface Probe {
  readonly sql: string
  readonly counted?: 'groups'
  readonly complaint: string
  readonly remedy: string
}

/** Something that the design no longer has and that stays, because dropping it was not allowed. */
export interface Kept {
  readonly schema: string
  readonly table: string
  readonly column: string | null
  /** What it needs so that rows can still be written. */
  readonly description: string
}

/** A table that stays. */
export function keptTable(schema: string, table: string): Kept {
  return { schema, table, column: null, description: `the table ${table} is not in the design any more; it stays as it is` }
}

/** A column that stays; `relaxed` when it must be filled no more, as nobody fills it. */
export function keptColumn(
  where: { readonly schema: string; readonly table: string; readonly column: string },
  state: 'relaxed' | 'as-it-was',
): Kept {
  const also = state === 'relaxed' ? ' and need not be filled any more' : ''
  return { ...where, description: `the column ${where.column} of ${where.table} is not in the design any more; it stays${also}` }
}

/** A step that needs leave. */
export interface Blocked {
  readonly description: string
  readonly hazard: Hazard
  readonly hint: string
}

/** Statements in the order in which they run, transactional ones first. Nothing may run while `blocked` is not empty. */
export interface MigrationPlan {
  readonly statements: readonly MigrationStatement[]
  readonly kept: readonly Kept[]
  readonly blocked: readonly Blocked[]
}

/** The plan of several schemas as one: each part in the order of the schemas, all that is transactional first. */
export function joinPlans(plans: readonly MigrationPlan[]): MigrationPlan {
  const statements = plans.flatMap((plan) => plan.statements)
  return {
    statements: [...statements.filter((s) => s.transactional), ...statements.filter((s) => !s.transactional)],
    kept: plans.flatMap((plan) => plan.kept),
    blocked: plans.flatMap((plan) => plan.blocked),
  }
}
