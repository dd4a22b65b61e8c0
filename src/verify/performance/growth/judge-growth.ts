/** Whether the work of an operation grows with the rows, from times and from the rows that PostgreSQL has read. Pure. */

import type { GrowingOperation } from '../performance-report.ts'
import { type Estimate, theilSen } from '../statistics/robust.ts'

/** Growth by a power of the rows above this is more than a logarithm's within three decades. */
const LEAST_POWER = 0.15
/** An operation that reads fewer rows than this at the most rows does not grow. */
const FEW_READ = 50
/** The rows for which a time is extrapolated. */
const TENFOLD = 10

/**
 * Judges an operation. It grows if the rows that it reads *and* its time do; it is flat if neither does; otherwise it is unclear, because a
 * clock alone also shows caches and neighbours, and rows alone may cost nothing.
 */
export function judgeGrowth(
  times: GrowingOperation['times'],
  reads: GrowingOperation['reads'],
): Pick<GrowingOperation, 'slope' | 'readSlope' | 'growth' | 'tenfold'> {
  const slope = theilSen(times.map(({ rows, ms }) => ({ x: Math.log(rows), y: Math.log(ms) })))
  const seen = reads.flatMap(({ rows, rowsRead }) => (rowsRead === null ? [] : [{ rows, rowsRead }]))
  const readSlope = theilSen(seen.map(({ rows, rowsRead }) => ({ x: Math.log(rows), y: Math.log(Math.max(1, rowsRead)) })))?.value ?? null
  const most = Math.max(0, ...seen.map(({ rowsRead }) => rowsRead))
  const isSlower = slope !== null && slope.low > LEAST_POWER
  const isReadingMore = readSlope === null ? null : readSlope > LEAST_POWER && most >= FEW_READ
  return {
    slope: slope === null ? null : rounded(slope),
    readSlope: readSlope === null ? null : digits(readSlope),
    growth: slope === null || isReadingMore === null ? 'unclear' : isSlower !== isReadingMore ? 'unclear' : isSlower ? 'grows' : 'flat',
    tenfold: slope === null ? null : rounded(extrapolated(times, slope)),
  }
}

/** The time at ten times the most rows, if the power stays. Time does not fall with rows, so no negative power is used. */
function extrapolated(times: GrowingOperation['times'], slope: Estimate): Estimate {
  const most = Math.max(...times.map(({ rows }) => rows))
  const last = times.filter(({ rows }) => rows === most).map(({ ms }) => ms)
  const ms = last.toSorted((a, b) => a - b)[Math.floor(last.length / 2)] ?? 0
  const at = (power: number): number => ms * TENFOLD ** Math.max(0, power)
  return { value: at(slope.value), low: at(slope.low), high: at(slope.high) }
}

function rounded({ value, low, high }: Estimate): Estimate {
  return { value: digits(value), low: digits(low), high: digits(high) }
}

/** Three digits are more than such figures know. */
function digits(value: number): number {
  return Number(value.toPrecision(3))
}
