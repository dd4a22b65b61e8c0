/** The results of a run, and values computed from them. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../base/folders.ts'
import type { Size } from '../database/data.ts'
import type { Database } from '../database/database.ts'
import { SERVERS, type Server, type ServerName } from '../servers/servers.ts'
import type { Load, Slot, Times } from './slot.ts'

/** The machine and software of a run. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly node: string
  readonly postgres: string
  /** Settings of PostgreSQL that affect the figures. */
  readonly settings: Readonly<Record<string, string>>
}

/** Everything that a run measured; the content of a file in `results/`. */
export interface Results {
  readonly date: string
  readonly commit: string
  readonly machine: Machine
  readonly data: Size
  readonly times: Times
  /** Title and versions by name. */
  readonly servers: Readonly<Partial<Record<ServerName, { readonly title: string; readonly packages: Readonly<Record<string, string>> }>>>
  readonly slots: readonly Slot[]
}

const SETTINGS = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'shared_buffers',
  'max_wal_size',
  'checkpoint_timeout',
  'jit',
] as const

/** Describes the machine as it is now. */
export async function describeMachine(database: Database): Promise<Machine> {
  const rows = await database.query('select name, current_setting(name) as value from pg_settings where name = any($1)', [SETTINGS])
  const [version] = await database.query('show server_version')
  const [cpu] = cpus()
  return {
    processor: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.versions.node,
    postgres: String(version?.server_version),
    settings: Object.fromEntries(rows.map((row) => [String(row.name), String(row.value)])),
  }
}

/** The commit that is measured, with `+` when files of `src` or `examples` differ from it; `unknown` outside a repository. */
export function describeCommit(): string {
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  try {
    return `${git('rev-parse', '--short=12', 'HEAD')}${git('status', '--porcelain', '--', 'src', 'examples') === '' ? '' : '+'}`
  } catch {
    return 'unknown'
  }
}

/** Returns titles of servers, and the versions of the packages that each depends on. */
export function describeServers(names: readonly ServerName[]): Results['servers'] {
  return Object.fromEntries(
    names.map((name) => {
      const server: Server = SERVERS[name]
      const { dependencies = {} } = JSON.parse(readFileSync(join(server.peer ?? ROOT, 'package.json'), 'utf8'))
      const wanted = Object.keys(dependencies).filter((one) => server.peer !== null || one === 'fastify' || one === 'pg')
      return [name, { title: server.title, packages: Object.fromEntries(wanted.map((one) => [one, versionOf(server.peer ?? ROOT, one)])) }]
    }),
  )
}

function versionOf(folder: string, name: string): string {
  return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version
}

/** Medians of all rounds for one server under one load. Processor time is per request, in microseconds. */
export interface Median {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
  readonly rounds: number
  readonly serverCpu: number | null
  readonly postgresCpu: number | null
  readonly loadCpu: number
  readonly serverMemory: number | null
}

/**
 * A slot in which other processes seem to have taken more than this many processors is left out of processor time a request: one of the two
 * readings of /proc may have missed a process of the server or of PostgreSQL.
 */
const MISSED = 0.35

/** Computes the medians; null when the server was not measured under this load. */
export function medianOf({ slots }: Pick<Results, 'slots'>, server: ServerName, load: Load): Median | null {
  const own = slots.filter(
    (s) => s.server === server && s.operation === load.operation && s.connections === load.connections && s.rate === load.rate,
  )
  if (own.length === 0) return null
  const of = (value: (slot: Slot) => number): number => median(own.map(value))
  const perRequest = (seconds: (slot: Slot) => number | null): number | null => {
    const known = own.filter((slot) => seconds(slot) !== null && (slot.others ?? 0) < MISSED)
    return known.length === 0 ? null : median(known.map((slot) => ((seconds(slot) ?? 0) * 1e6) / Math.max(1, slot.requests)))
  }
  return {
    perSecond: of((slot) => slot.perSecond),
    p50: of((slot) => slot.p50),
    p99: of((slot) => slot.p99),
    failed: own.reduce((sum, slot) => sum + slot.failed, 0),
    rounds: own.length,
    serverCpu: perRequest((slot) => slot.cpu.server),
    postgresCpu: perRequest((slot) => slot.cpu.postgres),
    loadCpu: perRequest((slot) => slot.cpu.load) ?? 0,
    serverMemory: own.every((slot) => slot.memory.server !== null) ? of((slot) => slot.memory.server ?? 0) : null,
  }
}

/** The loads of a run, in the order of the run. */
export function loadsOf({ slots }: Pick<Results, 'slots'>): readonly Load[] {
  const loads = new Map(
    slots.map(({ operation, connections, rate }) => [`${operation} ${connections} ${rate}`, { operation, connections, rate }]),
  )
  return [...loads.values()]
}

/** The median; 0 for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}
