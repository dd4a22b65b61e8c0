/** A job that a worker has leased. */

import type { Row } from '../../base/sql/statement.ts'

/** One run of a job. */
export interface LeasedJob {
  readonly id: string
  readonly kind: string
  /** The number of this run, from 1. */
  readonly attempt: number
  /** The input as JSON. */
  readonly payload: string
  /** The id of the account that added it; null if nobody was signed in. */
  readonly caller: string | null
  /** When it should have run first, as PostgreSQL prints it. */
  readonly dueAt: string
  /** Where it stands among the waiting jobs of its kind, as PostgreSQL prints it. */
  readonly runAt: string
  /** How many reactions and jobs are between it and the request that began them. */
  readonly depth: number
  /** The jobs of the kind with the same one run one after the other; null for any order. */
  readonly chain: string | null
}

/** Reads a row of `LEASE` or `LEASE_LIMITED`. */
export function leasedJob(row: Row): LeasedJob {
  const [id, kind, attempt, payload, caller, dueAt, runAt, depth, chain] = row
  return {
    id: id ?? '',
    kind: kind ?? '',
    attempt: Number(attempt),
    payload: payload ?? '{}',
    caller: caller ?? null,
    dueAt: dueAt ?? '',
    runAt: runAt ?? '',
    depth: Number(depth ?? 0),
    chain: chain ?? null,
  }
}
