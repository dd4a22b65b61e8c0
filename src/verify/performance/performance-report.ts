/** What a load has shown, as the report has it. */

import type { Percentile } from './statistics/quantiles.ts'
import type { Estimate } from './statistics/robust.ts'

/** The part of the report about performance. */
export interface PerformanceReport {
  /** The rows that were loaded; `target` is what the design expects, `why` there are none. */
  readonly rows: readonly { readonly entity: string; readonly rows: number; readonly target: number | null; readonly why: string | null }[]
  /** Seconds that it took to load them. */
  readonly rowsSeconds: number
  /** Whether the database waits for the disk at each commit. Without it, writes are faster than in production. */
  readonly durable: boolean
  /** Seconds of an open measurement. */
  readonly seconds: number
  /** A bare `node:http` on the same machine, that sends the same bytes: before, between and after. */
  readonly bare: BareSpeed
  readonly operations: readonly MeasuredOperation[]
  /** All operations together; null if none was measured. */
  readonly mix: MeasuredMix | null
  /** How throughput grows with callers; null without a mix. */
  readonly sweep: MeasuredSweep | null
  /** What one, two and four serving processes cost; null if it was not asked. */
  readonly instances: MeasuredInstances | null
  /** How the work of reads grows with the rows; null if it was not asked, or if there are too few rows. */
  readonly growth: MeasuredGrowth | null
  /** What breaks first with more load or more rows; null without a mix. */
  readonly breaking: BreakingPoints | null
}

/** What the machine did at most. */
export interface BareSpeed {
  /** Requests a second. */
  readonly perSecond: readonly number[]
  /** The largest difference, as a part of the mean. */
  readonly drift: number
}

/** One operation under load. */
export interface MeasuredOperation {
  /** `Post.list-author`. */
  readonly id: string
  /** `GET /api/posts?filter[author]=…`. */
  readonly what: string
  /** The kinds of caller who sent requests. */
  readonly callers: readonly string[]
  readonly ceiling: Ceiling
  readonly cost: Cost
  readonly phases: readonly LoadPhase[]
}

/** What callers get who each wait for their answers: the most requests a second. It says nothing about latency. */
export interface Ceiling {
  readonly callers: number
  readonly perSecond: number
  readonly failed: number
  /** The part of what the bare server does. */
  readonly ofBare: number
}

/** What a request costs. Null where it cannot be seen. */
export interface Cost {
  /** Statements, and rows and index entries that they read, in requests one after the other. */
  readonly statements: number | null
  readonly rowsRead: number | null
  /** Bytes of the answer, and rows in it with those that are included. */
  readonly bytes: number | null
  readonly answerRows: number | null
  /** Milliseconds of processor time, at half the ceiling. */
  readonly serverMs: number | null
  readonly databaseMs: number | null
  /** Memory afterwards, in MB: of the serving process, and of its sessions in the database. */
  readonly serverMb: number | null
  readonly databaseMb: number | null
}

/** Requests that arrived by themselves at a steady rate. */
export interface LoadPhase {
  /** The part of the ceiling; null for a rate of its own. */
  readonly part: number | null
  /** Requests a second. */
  readonly rate: number
  readonly requests: number
  readonly failed: number
  /** Statuses of failed answers; 0 for none. */
  readonly statuses: readonly number[]
  readonly p50: Percentile
  readonly p95: Percentile
  readonly p99: Percentile
  /** The part of the requests that the generator sent late, and of a processor that it used. */
  readonly late: number
  readonly busy: number
  /** Why the generator makes the phase worthless; null if it does not. */
  readonly doubt: string | null
}

/** All operations together: reads four times as often as writes, and new accounts a tenth as often as other writes. */
export interface MeasuredMix {
  readonly ceiling: Ceiling
  readonly phase: LoadPhase
  /** Each operation in the mix. `rare`: new accounts, of which there are too few to judge their latency. */
  readonly operations: readonly {
    readonly id: string
    readonly rare: boolean
    readonly requests: number
    readonly failed: number
    readonly p99: Percentile
  }[]
}

/** Throughput by how many callers wait for their answers at once, and the scalability law that was fitted. */
export interface MeasuredSweep {
  /** Each load twice or three times. Throughput is in requests a second. */
  readonly points: readonly { readonly load: number; readonly throughput: number }[]
  /** Null without enough points. */
  readonly fit: FittedLaw | null
  /** Why the fit says nothing; empty if it does. */
  readonly doubts: readonly string[]
}

/** The Universal Scalability Law of this arrangement: X(N) = λN ÷ (1 + σ(N − 1) + κN(N − 1)). `within`: half an interval of 95 %. */
export interface FittedLaw {
  readonly lambda: { readonly value: number; readonly within: number }
  readonly sigma: { readonly value: number; readonly within: number }
  readonly kappa: { readonly value: number; readonly within: number }
  /** How many callers give the most throughput; null if that is beyond the loads that were measured. */
  readonly peak: number | null
  /** By which part a fit of the other loads misses one, at most. */
  readonly unseen: number
}

/**
 * All operations together, by the same callers, with more serving processes on one database. Where they share processors, this is no
 * throughput.
 */
export type MeasuredInstances = readonly {
  readonly instances: number
  readonly callers: number
  readonly perSecond: number
  readonly failed: number
  /** Milliseconds of processor time of a request; null where they cannot be seen. */
  readonly serverMs: number | null
  readonly databaseMs: number | null
  /** Connections to PostgreSQL, of all processes. */
  readonly connections: number
  /** The part of the looks at which a session waited for a lock of another one. */
  readonly waiting: number
  /** Memory of all processes, and of all their sessions, in MB. */
  readonly serverMb: number | null
  readonly databaseMb: number | null
}[]

/** How the work of reads grows with the rows of all tables. */
export interface MeasuredGrowth {
  /** The parts of the rows at which was measured, from the smallest: `0.001` to `1`. */
  readonly parts: readonly number[]
  readonly operations: readonly GrowingOperation[]
}

/** An operation at several numbers of rows. */
export interface GrowingOperation {
  /** `Post.list-author`. */
  readonly id: string
  readonly what: string
  /** Milliseconds of a request of a lone caller, several times for each number of rows of its table. */
  readonly times: readonly { readonly rows: number; readonly ms: number }[]
  /** Rows and index entries that a request reads, at the fewest and the most rows. Null where they cannot be seen. */
  readonly reads: readonly { readonly rows: number; readonly rowsRead: number | null }[]
  /** The power of the rows by which time grows, with an interval of 95 %: 0 for none, 1 for in proportion. Null without an answer. */
  readonly slope: Estimate | null
  /** The same for the rows that are read. */
  readonly readSlope: number | null
  readonly growth: 'flat' | 'grows' | 'unclear'
  /** Milliseconds at ten times the most rows, extrapolated; null without an answer. */
  readonly tenfold: Estimate | null
  /** What an index changes that was tried because the operation grows; null if none helps or none was tried. */
  readonly remedy: TriedIndex | null
}

/** An index that was made on the most rows, measured, and dropped. */
export interface TriedIndex {
  /** `declared`: the design has it and the database lacks it. `advised`: the design could declare it. */
  readonly from: 'declared' | 'advised'
  /** `create index …`, or the fields that the design would name. */
  readonly index: string
  /** Milliseconds of a request without it and with it. */
  readonly beforeMs: number
  readonly ms: number
  readonly rowsRead: number | null
}

/** This build and another one under the same requests, in turns. */
export interface BuildComparison {
  /** The other build, as it was named. */
  readonly with: string
  /** The version of Plinth that serves it. */
  readonly plinth: string
  readonly operations: readonly ComparedOperation[]
}

/** An operation of both builds. */
export interface ComparedOperation {
  /** `Post.list-author`. */
  readonly id: string
  readonly what: string
  /** How many requests a slice has for each build, how many slices were measured, and with how many pairs of processes. */
  readonly requests: number
  readonly pairs: number
  readonly processes: number
  /** `processor`: judged by the processor time of server and database; `elapsed`: by the time that passed, where that cannot be seen. */
  readonly measure: 'processor' | 'elapsed'
  /** New ÷ old of this measure, with an interval of 99 %; null where nothing was compared. */
  readonly ratio: Estimate | null
  /** New ÷ old of the time that passed. */
  readonly elapsed: Estimate | null
  readonly old: BuildCost | null
  readonly new: BuildCost | null
  readonly verdict: 'regressed' | 'faster' | 'unchanged' | 'noisy' | 'not compared'
  readonly why: string
}

/** Milliseconds of a request. Processor time is null where it cannot be seen. */
export interface BuildCost {
  readonly serverMs: number | null
  readonly databaseMs: number | null
  readonly elapsedMs: number
}

/** What breaks first when the load or the rows grow. */
export interface BreakingPoints {
  /** The load that is expected, in requests a second of all operations together. */
  readonly expected: { readonly perSecond: number; readonly from: 'targets.throughput' | 'half of the most' }
  /** The one that comes first at the front. */
  readonly limits: readonly ResourceLimit[]
  /** What comes when one machine is not enough, in the order in which it comes. */
  readonly next: readonly NextStep[]
  /** What could not be judged, and why. */
  readonly left: readonly { readonly what: string; readonly why: string }[]
}

/** What to add, and from which figure on. */
export interface NextStep {
  readonly step: 'another instance' | 'PgBouncer' | 'read replicas' | 'a distributed PostgreSQL'
  readonly at: number
  readonly unit: 'requests a second' | 'instances' | 'writes a second'
  readonly why: string
}

/** A resource that ends. */
export interface ResourceLimit {
  readonly resource:
    | 'one row'
    | 'locks of rows'
    | 'a lock that is held for long'
    | 'an included relation'
    | 'the processor of one serving process'
    | 'the processors of the database'
    | 'the connections of one process'
    | 'the memory for the database'
    | 'rows that a read goes through'
  /** Whether it comes with more requests or with more rows. */
  readonly axis: 'load' | 'rows'
  /** The operation that uses most of it. */
  readonly where: string
  /** The figure at which it comes. */
  readonly at: number
  readonly unit: 'requests a second' | 'rows' | 'MB'
  /** The same as a multiple of the load that is expected, or of the rows that were loaded. */
  readonly times: number
  /** Whether the figure was reached, or follows from what was measured below it. */
  readonly basis: 'measured' | 'extrapolated'
  /** Whether a second measurement shows that nothing else is the limit. */
  readonly isProven: boolean
  readonly why: string
  readonly change: string
}
