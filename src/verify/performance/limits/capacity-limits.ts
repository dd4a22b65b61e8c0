/** Limits by processors, connections and memory, from what requests cost. Pure. */

import type { ResourceLimit } from '../performance-report.ts'
import { type MeasuredLimits, meanOf, type WeighedOperation } from './measured-limits.ts'

/** An included relation is the limit if requests without it cost less by this factor. */
const MOVED = 1.5
/** PostgreSQL keeps some connections for administrators. */
const RESERVED = 10
/** From this part of the memory on, reads wait for the disk. */
const OF_MEMORY = 0.75

/** The processor of one serving process; null where its time cannot be seen. */
export function serverLimit({ operations, expected }: MeasuredLimits): ResourceLimit | null {
  const seen = meanOf(operations, ({ cost }) => cost.serverMs)
  if (seen === null) return null
  return loadLimit(expected.perSecond, 1_000 / seen.mean, {
    ...{ resource: 'the processor of one serving process', isProven: true, where: seen.most.operation.what },
    why: `a request takes ${digits(seen.mean)} ms of it, of which ${partText(seen.most)}`,
    change: `another instance for each ${Math.floor(1_000 / seen.mean).toLocaleString('en')} requests a second`,
    ...includeText(seen.most, operations, 'serverMs'),
  })
}

/** The processors of the database; null where its time cannot be seen. */
export function databaseLimit({ operations, expected, cores }: MeasuredLimits): ResourceLimit | null {
  const seen = meanOf(operations, ({ cost }) => cost.databaseMs)
  if (seen === null) return null
  const most = (cores * 1_000) / seen.mean
  return loadLimit(expected.perSecond, most, {
    ...{ resource: 'the processors of the database', isProven: true, where: seen.most.operation.what },
    why: `a request takes ${digits(seen.mean)} ms of them, of which ${partText(seen.most)}; there are ${cores}`,
    change: `more processors for PostgreSQL; read replicas for reads from about ${Math.floor(most).toLocaleString('en')} requests a second on; a distributed PostgreSQL when writes alone need more than one machine`,
    ...includeText(seen.most, operations, 'databaseMs'),
  })
}

/** The connections of one process, if others would get more; null where they were not seen. */
export function connectionLimit({ operations, expected, mostConnections }: MeasuredLimits): ResourceLimit | null {
  const sessions = Math.max(0, ...operations.map(({ waits }) => waits.sessions))
  const seen = meanOf(operations, ({ waits, ceiling }) => (ceiling.perSecond === 0 ? null : (waits.inUse * 1_000) / ceiling.perSecond))
  if (seen === null || sessions === 0) return null
  const instances = Math.floor((mostConnections - RESERVED) / sessions)
  return loadLimit(expected.perSecond, (sessions * 1_000) / seen.mean, {
    ...{ resource: 'the connections of one process', isProven: false, where: seen.most.operation.what },
    why: `under full load a request holds one of ${sessions} connections for ${digits(seen.mean)} ms, of which ${partText(seen.most)}`,
    change: `another instance; PostgreSQL has ${mostConnections} connections, so from ${instances + 1} instances on PgBouncer in front of it`,
  })
}

/** The memory of this machine, by the size of the database. */
export function sizeLimit({ databaseBytes, memoryBytes }: MeasuredLimits): ResourceLimit | null {
  if (databaseBytes === 0) return null
  const times = (memoryBytes * OF_MEMORY) / databaseBytes
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024).toLocaleString('en')} MB`
  return {
    ...{ resource: 'the memory for the database', axis: 'rows', where: 'all tables', basis: 'extrapolated', isProven: false },
    ...{ at: Math.round((memoryBytes * OF_MEMORY) / 1024 / 1024), unit: 'MB', times: digits(times) },
    why: `tables and indexes have ${megabytes(databaseBytes)}, and this machine ${megabytes(memoryBytes)}; reads of rows that do not fit wait for the disk`,
    change: 'more memory, or old rows in another table',
  }
}

type Text = Pick<ResourceLimit, 'resource' | 'isProven' | 'where' | 'why' | 'change'>

function loadLimit(expected: number, at: number, text: Text): ResourceLimit {
  return { axis: 'load', unit: 'requests a second', basis: 'extrapolated', at: digits(at), times: digits(at / expected), ...text }
}

/** What to say if an included relation makes most of the cost, and the requests would cost less by the factor without it. */
function includeText(
  { operation, part }: { readonly operation: WeighedOperation; readonly part: number },
  operations: readonly WeighedOperation[],
  cost: 'serverMs' | 'databaseMs',
): Partial<Text> {
  const plain = operations.find(({ id }) => id === operation.without)
  const [own, bare] = [operation.cost[cost], plain?.cost[cost] ?? null]
  if (own === null || bare === null) return {}
  // The whole mix, if these requests cost as little as those without it.
  if (1 / (1 - part + (part * bare) / own) < MOVED) return {}
  return {
    resource: 'an included relation',
    why: `a request with it takes ${digits(own)} ms of ${cost === 'serverMs' ? 'a serving process' : 'the database'} and reads ${operation.cost.rowsRead ?? 'unknown'} rows, one without it ${digits(bare)} ms; it is ${percent(part)} of the load`,
    change: 'a page of its own for the related rows, or fewer of their fields (fields[…]); an answer has up to 100 of them for each row',
  }
}

function partText({ operation, part }: { readonly operation: WeighedOperation; readonly part: number }): string {
  return `${percent(part)} for ${operation.what}`
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`
}

function digits(value: number): number {
  return Number(value.toPrecision(3))
}
