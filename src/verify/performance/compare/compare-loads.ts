/** What requests cost in two runs that were made at different times. Pure. */

import type { MeasuredOperation, PerformanceReport } from '../performance-report.ts'

/** An operation of both runs. Null where a figure cannot be seen in one of them. */
export interface ComparedLoad {
  /** `Post.list-author`. */
  readonly id: string
  readonly what: string
  /** Exact: the same requests on the same rows have the same figures. */
  readonly statements: BeforeAndAfter | null
  readonly rowsRead: BeforeAndAfter | null
  /** Processor time of server and database, as a multiple of what a request to a bare `node:http` took in the same run. */
  readonly cost: BeforeAndAfter | null
  /** Whether a request has more statements, or reads more rows. Times have no verdict: they were taken at different times. */
  readonly more: boolean
}

/** A figure of both runs. */
export interface BeforeAndAfter {
  readonly before: number
  readonly after: number
}

/** Caches may hold an answer now and then, so the mean of some requests may differ by as much. */
const STATEMENTS = 0.5
const ROWS = { part: 1.1, count: 1 } as const

/** Compares the operations that both have. */
export function compareLoads(earlier: PerformanceReport, later: PerformanceReport): readonly ComparedLoad[] {
  return later.operations.flatMap((operation) => {
    const before = earlier.operations.find(({ id }) => id === operation.id)
    if (before === undefined) return []
    const statements = both(before.cost.statements, operation.cost.statements)
    const rowsRead = both(before.cost.rowsRead, operation.cost.rowsRead)
    return [
      {
        ...{ id: operation.id, what: operation.what, statements, rowsRead },
        cost: both(costOf(earlier, before), costOf(later, operation)),
        more:
          (statements !== null && statements.after > statements.before + STATEMENTS) ||
          (rowsRead !== null && rowsRead.after > rowsRead.before * ROWS.part + ROWS.count),
      },
    ]
  })
}

function both(before: number | null, after: number | null): BeforeAndAfter | null {
  return before === null || after === null ? null : { before, after }
}

function costOf({ bare: { perSecond } }: PerformanceReport, { cost: { serverMs, databaseMs } }: MeasuredOperation): number | null {
  const mean = perSecond.reduce((sum, one) => sum + one, 0) / Math.max(1, perSecond.length)
  return serverMs === null || databaseMs === null || mean === 0 ? null : Number((((serverMs + databaseMs) * mean) / 1_000).toPrecision(3))
}
