/** A migration as data. It can be printed, refused, stored and run. */

/**
 * The risks of a step:
 *
 * - `deletes-data`: deletes values or rows;
 * - `rewrites-table`: rewrites a table larger than 64 MiB and locks it against reads meanwhile;
 * - `alters-foreign-table`: alters a table that Plinth did not create;
 * - `may-fail-on-data`: existing rows may violate what the step requires. They are counted before anything is changed.
 */
export type Hazard = 'deletes-data' | 'rewrites-table' | 'alters-foreign-table' | 'may-fail-on-data'

/** All hazards, for the command line. */
export const HAZARDS = ['deletes-data', 'rewrites-table', 'alters-foreign-table', 'may-fail-on-data'] as const satisfies readonly Hazard[]

/** The hazards that stop a migration unless they are allowed. */
export const BLOCKING: ReadonlySet<Hazard> = new Set(['deletes-data', 'rewrites-table', 'alters-foreign-table'])

/** One statement of a plan. */
export interface MigrationStatement {
  readonly sql: string
  readonly description: string
  /** Milliseconds that it may wait for a lock, because other sessions queue behind it; null where its wait blocks no other session. */
  readonly lockTimeoutMs: number | null
  /** Milliseconds that it may take in all. */
  readonly timeoutMs: number
  /** Whether it runs in the transaction at the beginning of the plan; the others follow one by one. */
  readonly transactional: boolean
  readonly hazards: readonly Hazard[]
  /** Counts the rows that the statement would fail on, before anything is changed. */
  readonly probe?: Probe
}

/**
 * A query that returns one row: in `rows`, how many rows, or groups of rows, a step would fail on; in `named`, if it has that column, some
 * of them for people. `complaint` follows the number and its noun, and
 * reads the same for one and for many rows; `remedy` says how to fix them.
 */
export interface Probe {
  readonly sql: string
  readonly counted?: 'groups'
  readonly complaint: string
  readonly remedy: string
}

/** A table or a column that the design no longer has, and that stays because dropping it was not allowed. */
export interface Kept {
  readonly schema: string
  readonly table: string
  readonly column: string | null
  /** A sentence about it for people. */
  readonly description: string
}

/** Describes a table that stays. */
export function keptTable(schema: string, table: string): Kept {
  return { schema, table, column: null, description: `the table ${table} is no longer in the design; it stays as it is` }
}

/** Describes a column that stays. `relaxed`: it was required and becomes optional, because the backend no longer fills it. */
export function keptColumn(
  where: { readonly schema: string; readonly table: string; readonly column: string },
  state: 'relaxed' | 'as-it-was',
): Kept {
  const also = state === 'relaxed' ? ' and becomes optional' : ''
  return { ...where, description: `the column ${where.column} of ${where.table} is no longer in the design; it stays${also}` }
}

/** A step that is not allowed. */
export interface Blocked {
  readonly description: string
  readonly hazard: Hazard
  readonly hint: string
}

/** The statements in the order in which they run, transactional ones first. Nothing may run unless `blocked` is empty. */
export interface MigrationPlan {
  readonly statements: readonly MigrationStatement[]
  readonly kept: readonly Kept[]
  readonly blocked: readonly Blocked[]
}

/** Joins the plans of several schemas: all transactional statements first, each part in the order of the schemas. */
export function joinPlans(plans: readonly MigrationPlan[]): MigrationPlan {
  const statements = plans.flatMap((plan) => plan.statements)
  return {
    statements: [...statements.filter((s) => s.transactional), ...statements.filter((s) => !s.transactional)],
    kept: plans.flatMap((plan) => plan.kept),
    blocked: plans.flatMap((plan) => plan.blocked),
  }
}
