/** The steps of a migration, and their order. */

import { owns, type PlinthObjects } from '../schema/plinth-objects.ts'
import type { Hazard, MigrationStatement, Probe } from './migration-plan.ts'
import type { Before } from './scan-probes.ts'

/**
 * The order of steps. Those up to `link` run in one transaction, which changes the catalogue but scans and writes no large table. The
 * others may take long, run one by one and hold no lock that blocks readers or writers.
 */
const PHASES = [
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

/** When a step runs. */
export type Phase = (typeof PHASES)[number]

const LAST_TRANSACTIONAL: Phase = 'link'

/** Milliseconds that a statement may wait for a lock that other sessions queue behind. */
const LOCK_TIMEOUT_MS = 1_000

/** Milliseconds that a statement may take; only a validation or an index of a very large table takes that long. */
const STATEMENT_TIMEOUT_MS = 3_600_000

/** A statement with its phase and table. */
export interface Step {
  readonly phase: Phase
  readonly statement: MigrationStatement
  /** The existing table that it alters, under its name after all renames; null for others. */
  readonly table: string | null
}

interface StepParts {
  readonly sql: string
  readonly description: string
  readonly table?: string | null
  readonly hazards?: readonly Hazard[]
  readonly probe?: Probe | undefined
  /** `no-queue`: its lock conflicts with no reader and no writer, so no session queues behind it. */
  readonly waits?: 'no-queue'
}

/** Makes a step. The caller gives only the hazards that apply; `may-fail-on-data` is added for a step with a probe. */
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

/** Sorts steps by phase; within a phase they keep their order. */
export function inOrder(steps: readonly Step[]): readonly Step[] {
  return PHASES.flatMap((phase) => steps.filter((s) => s.phase === phase))
}

/** Rewriting a smaller table takes less than a second (about 100 MB a second, with its indexes) and is no hazard. */
const NOTABLE_BYTES = 64 * 1024 * 1024

/** The context of a plan. Tables have their names after all renames. */
export interface MigrationContext {
  readonly schema: string
  /** Bytes of each existing table. */
  readonly sizes: ReadonlyMap<string, number>
  readonly owned: PlinthObjects
  readonly allow: ReadonlySet<Hazard>
  /** A rehearsal runs everything in one transaction, where `concurrently` is impossible. */
  readonly run: 'live' | 'rehearsal'
}

/** The context of a part of a plan: with the schema before the changes. */
export interface MigrationPlanning extends MigrationContext {
  readonly before: Before
}

/** Returns the hazards of rewriting a table. */
export function rewriting(context: MigrationContext, table: string): readonly Hazard[] {
  return (context.sizes.get(table) ?? 0) > NOTABLE_BYTES ? ['rewrites-table'] : []
}

/** Returns the hazards of altering a table at all. */
export function foreign(context: MigrationContext, table: string | null): readonly Hazard[] {
  return table === null || owns(context.owned, { table }) ? [] : ['alters-foreign-table']
}
