/** Finds the rows that a migration would fail on, before it changes anything. */

import type { Connection } from '../connect.ts'
import { explainError } from '../sqlstate.ts'
import type { MigrationPlan, Probe } from './migration-plan.ts'

/** A reason not to start: how many rows (at most 1,000 are counted), what is wrong with them and how to fix them. */
export interface RowProblem {
  readonly description: string
  /** Null where a value could not be converted: the first such value ends the count. */
  readonly rows: number | null
  readonly complaint: string
  readonly remedy: string
}

/** Runs every probe of a plan. Only reads, and takes no lock that blocks other sessions. */
export async function askRows(client: Connection, plan: MigrationPlan): Promise<readonly RowProblem[]> {
  const problems: RowProblem[] = []
  for (const { probe, description } of plan.statements) {
    if (probe === undefined) continue
    const problem = await askOne(client, probe)
    if (problem !== null) problems.push({ description, complaint: problem.complaint, rows: problem.rows, remedy: probe.remedy })
  }
  return problems
}

async function askOne(client: Connection, probe: Probe): Promise<{ readonly rows: number | null; readonly complaint: string } | null> {
  try {
    const { rows } = await client.query<{ rows: number; named?: readonly string[] | null }>(probe.sql)
    const count = Number(rows[0]?.rows ?? 0)
    const named = rows[0]?.named ?? []
    const which = named.length === 0 ? '' : `: ${named.join(', ')}${count > named.length ? ', …' : ''}`
    return count === 0 ? null : { rows: count, complaint: `${counted(count, probe)} ${probe.complaint}${which}` }
  } catch (error) {
    const { kind, message } = explainError(error)
    // `invalid-value`: a value cannot be converted to the new type. Other errors mean that the probe does not fit the tables; the statement
    // itself will report.
    return kind === 'invalid-value' ? { rows: null, complaint: `rows ${probe.complaint}: ${message}` } : null
  }
}

function counted(count: number, { counted }: Probe): string {
  const noun = count === 1 ? 'row' : 'rows'
  const number = count >= 1000 ? '1000 or more' : String(count)
  return counted === 'groups' ? `${number} ${count === 1 ? 'group' : 'groups'} of rows` : `${number} ${noun}`
}
