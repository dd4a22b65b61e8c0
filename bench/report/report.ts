/** Writes the results of a comparison as text and tables. */

import { loadsOf, type Machine, type Median, medianOf, type Results } from '../measure/results.ts'
import type { Load } from '../measure/slot.ts'
import { OPERATIONS, type Operation } from '../requests/operations.ts'
import type { ServerName } from '../servers/servers.ts'
import { behindOf, outcomesOf } from './targets.ts'

/** The generated part of docs/performance.md about the comparison, in Markdown. */
export function comparisonOf(results: Results): string {
  const closed = loadsOf(results).filter((load) => load.rate === null)
  return [
    about(results),
    '![Requests a second at 32 connections](performance.svg)',
    `**Requests a second at 32 connections** (median of ${roundsOf(results)} rounds):`,
    throughput(results, 32),
    '**Alone and in a crowd**: requests a second, and latency in milliseconds (median / 99th percentile):',
    ...crowds(results, closed),
    [
      '**What a request costs**: microseconds of processor time, of the server and of PostgreSQL, at 32 connections;',
      'memory of the server process:',
    ].join(' '),
    costs(results),
    ...equal(results),
    [
      '**Targets** (requests a second of Plinth ÷ those of the peer; and processor time a request of the peer ÷ that of Plinth,',
      'which a busy machine disturbs less):',
    ].join(' '),
    targets(results),
    behind(results, closed),
  ].join('\n\n')
}

/** A short summary for a terminal. */
export function summaryOf(results: Results): string {
  const connections = [
    ...new Set(
      loadsOf(results)
        .filter((load) => load.rate === null)
        .map((load) => load.connections),
    ),
  ]
  const tables = connections.flatMap((many) => [`requests a second at ${many} connections`, throughput(results, many)])
  return ['', ...tables, costs(results), ...equal(results), targets(results)].join('\n')
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}

/** Describes the machine and its software in one sentence. */
export function machineLine({ processor, cores, memoryBytes, kernel, node, postgres, settings }: Machine): string {
  const chosen = Object.entries(settings).map(([name, value]) => `\`${name} = ${value}\``)
  const hardware = `${processor}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB`
  return `${hardware}, Linux ${kernel}; Node ${node}; PostgreSQL ${postgres} with ${chosen.join(', ')}.`
}

function about(results: Results): string {
  const { date, commit, machine, data, times, servers } = results
  const versions = Object.entries(servers).flatMap(([name, { packages }]) => {
    const listed = Object.entries(packages).map(([one, version]) => `${one} ${version}`)
    return listed.length === 0 ? [] : [`${name}: ${listed.join(', ')}`]
  })
  return [
    `Measured on ${date.slice(0, 10)} at commit \`${commit}\`: ${machineLine(machine)}`,
    `${count(data.users)} users, ${count(data.posts)} posts; slots of ${times.slotSeconds} s after ${times.warmSeconds} s of warming up.`,
    disturbance(results),
    `Versions — ${versions.join('; ')}.`,
  ].join(' ')
}

function disturbance({ slots }: Results): string {
  const others = slots.map((slot) => slot.others ?? 0).toSorted((a, b) => a - b)
  const [middle, most] = [others[Math.floor(others.length / 2)] ?? 0, others.at(-1) ?? 0]
  return `Meanwhile other processes of the machine took ${middle.toFixed(2)} processors (median of all slots; ${most.toFixed(2)} at most).`
}

function roundsOf(results: Results): number {
  return Math.max(...results.slots.map((slot) => slot.round))
}

function namesOf(results: Results): readonly ServerName[] {
  return Object.keys(results.servers) as ServerName[]
}

function operationsOf(results: Results): readonly Operation[] {
  const present = new Set(results.slots.map((slot) => slot.operation))
  return (Object.keys(OPERATIONS) as Operation[]).filter((operation) => present.has(operation))
}

function titleOf(results: Results, name: ServerName): string {
  return results.servers[name]?.title ?? name
}

/** A table with a row for each server and a column for each operation, filled by `cell`. Rows without any figure are left out. */
function byOperation(results: Results, connections: number, cell: (median: Median) => string): string {
  const operations = operationsOf(results)
  const rows = namesOf(results).map((name) => [
    titleOf(results, name),
    ...operations.map((operation) => {
      const median = medianOf(results, name, { operation, connections, rate: null })
      return median === null ? '' : cell(median)
    }),
  ])
  return table(
    ['server', ...operations.map((operation) => OPERATIONS[operation].title)],
    rows.filter((row) => row.slice(1).some((text) => text !== '')),
  )
}

function throughput(results: Results, connections: number): string {
  return byOperation(results, connections, (median) => `${rate(median.perSecond)}${median.failed > 0 ? ` (${median.failed} failed)` : ''}`)
}

function costs(results: Results): string {
  return byOperation(results, 32, ({ serverCpu, postgresCpu, serverMemory }) =>
    serverCpu === null || postgresCpu === null
      ? ''
      : `${Math.round(serverCpu)} + ${Math.round(postgresCpu)}, ${Math.round((serverMemory ?? 0) / 1e6)} MB`,
  )
}

/** A table for each operation that was run at more than one number of connections. */
function crowds(results: Results, loads: readonly Load[]): readonly string[] {
  return operationsOf(results).flatMap((operation) => {
    const own = loads.filter((load) => load.operation === operation)
    if (own.length < 2) return []
    const head = [OPERATIONS[operation].title, ...own.map(connectionsText)]
    const rows = namesOf(results).map((name) => [
      titleOf(results, name),
      ...own.map((load) => {
        const median = medianOf(results, name, load)
        return median === null ? '' : `${rate(median.perSecond)}, ${ms(median.p50)} / ${ms(median.p99)}`
      }),
    ])
    return [
      table(
        head,
        rows.filter((row) => row.slice(1).every((text) => text !== '')),
      ),
    ]
  })
}

function equal(results: Results): readonly string[] {
  const loads = loadsOf(results).filter((load) => load.rate !== null)
  if (loads.length === 0) return []
  const head = ['server', ...loads.map((load) => `${OPERATIONS[load.operation].title}, ${count(load.rate ?? 0)}/s`)]
  const rows = namesOf(results).map((name) => [
    titleOf(results, name),
    ...loads.map((load) => {
      const median = medianOf(results, name, load)
      return median === null ? '' : `${ms(median.p50)} / ${ms(median.p99)}`
    }),
  ])
  return [
    [
      '**At equal load** (requests due at even intervals; milliseconds, median / 99th percentile, waiting included;',
      'a server that cannot do that much is left out):',
    ].join(' '),
    table(
      head,
      rows.filter((row) => row.slice(1).some((text) => text !== '')),
    ),
  ]
}

/** The number of connections of a load, in words. */
export function connectionsText({ connections }: { readonly connections: number }): string {
  return connections === 1 ? '1 connection' : `${connections} connections`
}

function targets(results: Results): string {
  const rows = outcomesOf(results).map(({ target, ratio, costRatio }) => [
    `${OPERATIONS[target.operation].title}, ${connectionsText(target)}${target.of === 'plinth' ? '' : ' (GraphQL)'}`,
    titleOf(results, target.over),
    `≥ ${target.atLeast}`,
    ratio.toFixed(2),
    ratio >= target.atLeast ? 'met' : '**missed**',
    costRatio === null ? '' : costRatio.toFixed(2),
  ])
  return table(['operation', 'over', 'target', 'measured', '', 'in processor time'], rows)
}

function behind(results: Results, loads: readonly Load[]): string {
  const all = behindOf(results, loads)
  if (all.length === 0) return 'No peer was faster than Plinth under any load.'
  const lines = all.map(({ server, operation, connections, own, peer }) => {
    const less = Math.round((1 - own.perSecond / peer.perSecond) * 100)
    const rates = `${rate(own.perSecond)} to ${rate(peer.perSecond)}`
    return `- ${OPERATIONS[operation].title} at ${connections}: ${less} % slower than ${titleOf(results, server)} (${rates})`
  })
  return ['**Where Plinth is slower than a peer:**', '', ...lines].join('\n')
}

function rate(perSecond: number): string {
  return count(perSecond >= 100 ? Math.round(perSecond / 10) * 10 : Math.round(perSecond))
}

function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** Rounds a number and writes its digits in groups of three. */
export function count(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
}
