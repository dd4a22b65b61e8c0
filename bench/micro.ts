/** `npm run bench:micro` measures the parts of Plinth alone. With `--publish` it writes the figures and the page. */

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { runBench } from './base/command-line.ts'
import { BENCH } from './base/folders.ts'
import { FULL, QUICK } from './database/data.ts'
import { type Database, withDatabase } from './database/database.ts'
import { describeCommit, describeMachine, type Machine } from './measure/results.ts'
import type { CompileTimes } from './micro/compile.ts'
import { type Served, serveDesign } from './micro/served.ts'
import { blogModel, type PlanRate, planRates, type StatementRate, statementRate } from './micro/statements.ts'
import { keep, writePart } from './report/publish.ts'
import { count, machineLine, table } from './report/report.ts'
import { surroundingsOf } from './servers/surroundings.ts'

interface Micro {
  readonly date: string
  readonly commit: string
  readonly machine: Machine
  readonly compiled: readonly (CompileTimes & { readonly entities: number })[]
  readonly served: readonly Served[]
  readonly plans: readonly PlanRate[]
  readonly statements: readonly StatementRate[]
}

const ENTITIES = [10, 100, 300] as const
/** How many new processes compile each design; the median counts. A new process has no warm caches. */
const REPEATS = 3

/** Compiles in a process of its own, as at the start of a server. */
function compile(entities: number): CompileTimes & { readonly entities: number } {
  const script = join(BENCH, 'micro/compile.ts')
  const runs = Array.from({ length: REPEATS }, (): CompileTimes => {
    return JSON.parse(execFileSync(process.execPath, ['--conditions=source', script, String(entities)], { encoding: 'utf8' }))
  })
  const sorted = runs.toSorted((a, b) => totalOf(a) - totalOf(b))
  const middle = sorted[Math.floor(REPEATS / 2)]
  if (middle === undefined) throw new Error('nothing was run')
  return { entities, ...middle }
}

function totalOf({ resolve, tables, views, statements, openapi }: CompileTimes): number {
  return resolve + tables + views + statements + openapi
}

async function measure(database: Database, seconds: number): Promise<Micro> {
  const model = await blogModel()
  const compiled = ENTITIES.map(compile)
  const plans = planRates(model)
  const statements: StatementRate[] = []
  for (const operation of ['get', 'create'] as const) {
    for (const callers of [1, 32, 128]) {
      for (const merge of callers === 1 ? [true] : [true, false]) {
        statements.push(await statementRate(model, database, { operation, merge, callers, seconds }))
      }
    }
  }
  const surroundings = surroundingsOf(database.url)
  const served: Served[] = []
  for (const entities of ENTITIES) served.push(await serveDesign(entities, { database, surroundings }))
  const machine = await describeMachine(database)
  return { date: new Date().toISOString(), commit: describeCommit(), machine, compiled, served, plans, statements }
}

function report({ date, commit, machine, compiled, served, plans, statements }: Micro): string {
  const ms = (value: number) => `${Math.round(value)} ms`
  const mb = (bytes: number | null) => (bytes === null ? '' : `${Math.round(bytes / 1e6)} MB`)
  const us = (value: number | null) => (value === null ? '' : `${Math.round(value)} µs`)
  return [
    `Measured on ${date.slice(0, 10)} at commit \`${commit}\`: ${machineLine(machine)}`,
    [
      '**Compiling** a design of this many entities, each with nine fields, two references, rules, indexes and a check;',
      'in a new process, nothing warm:',
    ].join(' '),
    table(
      ['entities', 'resolve', 'tables', 'views of two callers', 'five statements each', 'OpenAPI', 'all'],
      compiled.map((c) => [String(c.entities), ...[c.resolve, c.tables, c.views, c.statements, c.openapi, totalOf(c)].map(ms)]),
    ),
    [
      '**Serving** it, as in production: the tables made on an empty database, from the start of the process to its first answer,',
      'and the memory of the process (RSS) then and after every entity was created, read, listed and changed once:',
    ].join(' '),
    table(
      ['entities', 'migrate', 'start', 'memory', 'memory after use'],
      served.map((s) => [String(s.entities), ms(s.migrateMs), ms(s.startMs), mb(s.idleMemory), mb(s.usedMemory)]),
    ),
    '**Planning** on one processor: reading and planning a request whose statement is cached:',
    table(
      plans.map((p) => p.operation),
      [plans.map((p) => `${count(p.perSecond)}/s`)],
    ),
    [
      '**The executor alone**, no HTTP: calls a second, and processor time per call of this process and of PostgreSQL;',
      'merging, and with merging switched off:',
    ].join(' '),
    table(
      ['operation, callers', 'merged', 'process', 'PostgreSQL', 'one by one', 'process', 'PostgreSQL'],
      statements
        .filter((s) => s.merge)
        .map((merged) => {
          const single = statements.find((s) => !s.merge && s.operation === merged.operation && s.callers === merged.callers)
          const cells = (s: StatementRate | undefined) =>
            s === undefined ? ['', '', ''] : [`${count(s.perSecond)}/s`, us(s.processCpu), us(s.postgresCpu)]
          return [`${merged.operation}, ${merged.callers}`, ...cells(merged), ...cells(single)]
        }),
    ),
  ].join('\n\n')
}

interface Wish {
  readonly pace: 'whole' | 'quick'
  readonly publish: boolean
}

async function run({ pace, publish }: Wish): Promise<void> {
  const { size, seconds } = pace === 'quick' ? { size: QUICK, seconds: 0.5 } : { size: FULL, seconds: 2 }
  const micro = await withDatabase(size, { say: console.log, use: 'a copy' }, (database) => measure(database, seconds))
  console.log(report(micro))
  if (!publish) return
  console.log(`wrote ${await keep(`micro-${micro.date.slice(0, 10)}.json`, micro)}`)
  console.log(`wrote ${await writePart('micro', report(micro))}`)
}

const HELP = `What each part of Plinth costs alone: compiling, planning, starting, memory, the executor alone.

  --quick      small data, short measurements
  --publish    write results/micro-<date>.json and its part of docs/performance.md

Examples:
  npm run bench:micro -- --quick
      a short trial; writes nothing
  npm run bench:micro -- --publish
      everything, and the page is written anew`

await runBench({
  name: 'npm run bench:micro',
  help: HELP,
  options: { publish: { type: 'boolean' }, quick: { type: 'boolean' } },
  read: ({ quick, publish }): Wish => ({ pace: quick === true ? 'quick' : 'whole', publish: publish === true }),
  run,
})
