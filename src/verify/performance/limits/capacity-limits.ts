/** Limits by processors, connections and memory, from what requests cost. Pure. */

import type { NextStep, ResourceLimit } from '../performance-report.ts'
import { type NeedOf, relationCause } from './included-relations.ts'
import { type FoundLimit, type MeasuredLimits, meanOf, type WeighedOperation } from './measured-limits.ts'

/** PostgreSQL keeps some connections for administrators. */
const RESERVED = 10
/** From this part of the memory on, reads wait for the disk. */
const OF_MEMORY = 0.75

/** The processor of one serving process; null where its time cannot be seen. */
export function serverLimit(measured: MeasuredLimits): FoundLimit | null {
  const needOf: NeedOf = ({ cost }) => cost.serverMs
  const seen = meanOf(measured.operations, needOf)
  if (seen === null) return null
  const limit = loadLimit(measured.expected.perSecond, 1_000 / seen.mean, {
    ...{ resource: 'the processor of one serving process', isProven: true, where: seen.most.operation.what },
    why: `a request takes ${digits(seen.mean)} ms of it, of which ${partText(seen.most)}`,
    change: `another instance for each ${Math.floor(1_000 / seen.mean).toLocaleString('en')} requests a second`,
  })
  return { limit, cause: relationCause(measured, needOf, 'a serving process') }
}

/** The processors of the database; null where its time cannot be seen. */
export function databaseLimit(measured: MeasuredLimits): FoundLimit | null {
  const { expected, cores } = measured
  const needOf: NeedOf = ({ cost }) => cost.databaseMs
  const seen = meanOf(measured.operations, needOf)
  if (seen === null) return null
  const most = (cores * 1_000) / seen.mean
  const limit = loadLimit(expected.perSecond, most, {
    ...{ resource: 'the processors of the database', isProven: true, where: seen.most.operation.what },
    why: `a request takes ${digits(seen.mean)} ms of them, of which ${partText(seen.most)}; there are ${cores}`,
    change: `more processors for PostgreSQL; read replicas for reads from about ${Math.floor(most).toLocaleString('en')} requests a second on; a distributed PostgreSQL when writes alone need more than one machine`,
  })
  return { limit, cause: relationCause(measured, needOf, 'the database') }
}

/** The connections of one process, if others would get more; null where they were not seen. */
export function connectionLimit(measured: MeasuredLimits): FoundLimit | null {
  const { operations, expected, mostConnections } = measured
  const sessions = sessionsOf(measured)
  const needOf: NeedOf = ({ waits, ceiling }) => (ceiling.perSecond === 0 ? null : (waits.inUse * 1_000) / ceiling.perSecond)
  const seen = meanOf(operations, needOf)
  if (seen === null || sessions === 0) return null
  const limit = loadLimit(expected.perSecond, (sessions * 1_000) / seen.mean, {
    ...{ resource: 'the connections of one process', isProven: false, where: seen.most.operation.what },
    why: `under full load a request holds one of ${sessions} connections for ${digits(seen.mean)} ms, of which ${partText(seen.most)}`,
    change: `another instance, or more connections of this one; PostgreSQL has ${mostConnections}`,
  })
  return { limit, cause: relationCause(measured, needOf, 'a connection') }
}

/** The connections of one process. */
function sessionsOf({ operations }: MeasuredLimits): number {
  return Math.max(0, ...operations.map(({ waits }) => waits.sessions))
}

/** What comes when one process, or one database server, is not enough, with the figure at which it comes. */
export function nextSteps(measured: MeasuredLimits): readonly NextStep[] {
  const { operations, cores, mostConnections } = measured
  const server = meanOf(operations, ({ cost }) => cost.serverMs)
  const database = meanOf(operations, ({ cost }) => cost.databaseMs)
  const ofWrites = meanOf(
    operations.filter(({ kind }) => kind === 'write'),
    ({ cost }) => cost.databaseMs,
  )
  const sessions = sessionsOf(measured)
  const perInstance = server === null ? null : Math.floor(1_000 / server.mean)
  const instances = sessions === 0 ? null : Math.floor((mostConnections - RESERVED) / sessions) + 1
  const processors = `${cores} processors that do nothing else`
  return [
    ...(perInstance === null || server === null
      ? []
      : [step('another instance', perInstance, 'requests a second', `a request takes ${digits(server.mean)} ms of one processor`)]),
    ...(instances === null
      ? []
      : [step('PgBouncer', instances, 'instances', `each has ${sessions} connections, and PostgreSQL ${mostConnections}`)]),
    ...(database === null
      ? []
      : [
          step(
            'read replicas',
            Math.floor((cores * 1_000) / database.mean),
            'requests a second',
            `a request takes ${digits(database.mean)} ms of the database, which then uses ${processors}`,
          ),
        ]),
    ...(ofWrites === null
      ? []
      : [
          step(
            'a distributed PostgreSQL',
            Math.floor((cores * 1_000) / ofWrites.mean),
            'writes a second',
            `a write takes ${digits(ofWrites.mean)} ms of the database; writes alone then use ${processors}, so replicas no longer help`,
          ),
        ]),
  ]
}

function step(name: NextStep['step'], at: number, unit: NextStep['unit'], why: string): NextStep {
  return { step: name, at, unit, why }
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

function partText({ operation, part }: { readonly operation: WeighedOperation; readonly part: number }): string {
  return `${percent(part)} for ${operation.what}`
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`
}

function digits(value: number): number {
  return Number(value.toPrecision(3))
}
