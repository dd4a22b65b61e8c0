/** What breaks first, from a run and from what the database server says about itself. */

import { availableParallelism, totalmem } from 'node:os'
import type { Model } from '../../../model/model.ts'
import { limitsOf } from '../limits/limits-of.ts'
import type { MeasuredLimits } from '../limits/measured-limits.ts'
import type { LoadStage } from '../measure/load-stage.ts'
import type { BreakingPoints, MeasuredMix } from '../performance-report.ts'

/** What a run has measured. */
interface MeasuredRun extends Pick<MeasuredLimits, 'operations' | 'growth' | 'instances' | 'rows'> {
  readonly model: Model
  readonly mix: MeasuredMix
}

const NOT_JUDGED: BreakingPoints['left'] = [
  { what: 'the disk', why: 'the database of verify does not wait for it, or it is that of this machine' },
  { what: 'the lag of events and jobs, and memory that grows for minutes', why: 'a run is too short for them' },
]

/** Finds the limits. */
export async function breakingOf(
  { client }: LoadStage,
  { model, operations, mix, growth, instances, rows: counts }: MeasuredRun,
): Promise<BreakingPoints> {
  const { rows } = await client.query<{ bytes: string; connections: string }>(
    "select pg_database_size(current_database()) as bytes, current_setting('max_connections') as connections",
  )
  const { throughput, p99Ms } = model.targets
  return limitsOf({
    expected: {
      perSecond: Math.round(mix.phase.rate),
      from: throughput === null ? 'half of the most' : 'targets.throughput',
    },
    ...{ operations, growth, instances, rows: counts, targetMs: p99Ms, left: NOT_JUDGED },
    ...{ cores: availableParallelism(), memoryBytes: totalmem() },
    ...{ databaseBytes: Number(rows[0]?.bytes ?? 0), mostConnections: Number(rows[0]?.connections ?? 0) },
  })
}
