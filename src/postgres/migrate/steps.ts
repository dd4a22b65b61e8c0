/** The steps of a migration before they are in order. */

import { type Owned, owns } from '../schema/plinth-objects.ts'
import type { Hazard, MigrationStatement, Probe } from './migration-plan.ts'
import type { Before } from './scan-probes.ts'

/**
 * The order of steps. Those up to `link` make one transaction, which alters the catalogue but scans and writes no large table; the rest may take long, hold
 * no lock that readers or writers notice, and run one by one.
 */
export const PHASES = [
  'schema',
  'functions',
  'lock',
  'rename',
  'unlink',
  'drop',
  'rename-object',
  'reshape',
  'create',
  'extend',
  'identify',
  'link',
  'validate',
  'require',
  'settle',
  'build',
  'attach',
  'clear',
] as const

export type Phase = (typeof PHASES)[number]

const LAST_TRANSACTIONAL: Phase = 'link'

/** How long a statement may wait for a lock that others queue up behind. */
export const LOCK_TIMEOUT_MS = 1_000

/** No statement is meant to take this long; but a proof or an index over a very large table may. */
const STATEMENT_TIMEOUT_MS = 3_600_000

export interface Step {
  readonly phase: Phase
  readonly statement: MigrationStatement
  /** The table that it alters, if it was there before; its name after all renames. */
  readonly table: string | null
}

interface StepParts {
  readonly sql: string
  readonly description: string
  readonly table?: string | null
  readonly hazards?: readonly Hazard[]
  readonly probe?: Probe | undefined
  /** `no-queue`: the lock that it waits for conflicts with no reader and no writer. */
  readonly waits?: 'no-queue'
}

/** A step of a phase; hazards that do not apply are left out by the caller. */
export function step(phase: Phase, parts: StepParts): Step {
  const transactional = PHASES.indexOf(phase) <= PHASES.indexOf(LAST_TRANSACTIONAL)
  return {
    phase,
    table: parts.table ?? null,
    statement: {
      sql: parts.sql,
      description: parts.description,
      lockTimeoutMs: parts.waits === 'no-queue' ? null : LOCK_TIMEOUT_MS,
      timeoutMs: phase === 'lock' ? LOCK_TIMEOUT_MS : STATEMENT_TIMEOUT_MS,
      transactional,
      hazards: [...(parts.probe === undefined ? [] : (['may-fail-on-data'] as const)), ...(parts.hazards ?? [])],
      ...(parts.probe === undefined ? {} : { probe: parts.probe }),
    },
  }
}

/** Steps in order of phase; within a phase as they came. */
export function inOrder(steps: readonly Step[]): readonly Step[] {
  return PHASES.flatMap((phase) => steps.filter((s) => s.phase === phase))
}

/** A table rewritten in less than this time (about 100 MB a second, its indexes included) holds up nobody for long. */
const NOTABLE_BYTES = 64 * 1024 * 1024

/** What a plan is made for. Tables are named as they are after all renames. */
export interface PlanContext {
  readonly schema: string
  /** Bytes of each table that is there already. */
  readonly sizes: ReadonlyMap<string, number>
  readonly owned: Owned
  readonly allow: ReadonlySet<Hazard>
  /** A rehearsal runs everything in one transaction, where nothing can be `concurrently`. */
  readonly run: 'live' | 'rehearsal'
}

/** What every planner of a part gets: the context, and what is there before. */
export interface Planning extends PlanContext {
  readonly before: Before
}

/** The hazards of writing a table anew. */
export function rewriting(context: PlanContext, table: string): readonly Hazard[] {
  return (context.sizes.get(table) ?? 0) > NOTABLE_BYTES ? ['rewrites-table'] : []
}

/** The hazards of altering a table at all. */
export function foreign(context: PlanContext, table: string | null): readonly Hazard[] {
  return table === null || owns(context.owned, { table }) ? [] : ['alters-foreign-table']
}
