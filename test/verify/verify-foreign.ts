/**
 * `npm run test:verify-foreign` runs `plinth verify --quick` on each design of `test/verify/foreign/`. These designs were written from the
 * documentation alone, and all of them are right: a finding is a false alarm, or a fault of Plinth.
 */

import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import type { VerifyReport } from '../../src/verify/report/report-of.ts'
import { PLINTH, ROOT } from '../support/command-line.ts'

const FOLDER = join(ROOT, 'test/verify/foreign')
const OUT = join(ROOT, 'node_modules/.cache/verify-foreign')
const HELP = `npm run test:verify-foreign -- [NAME…]

Runs \`plinth verify --quick\` on the designs of test/verify/foreign, about a minute each, and writes
a table: cases, verdict, findings, open values, time. Without a name it runs all of them. It exits
with 1 if a claim fails. Reports are in node_modules/.cache/verify-foreign.

  SEEDS=3      runs each design with the seeds 1 to 3; 1 unless given
  FIRST=4      begins with this seed
  ONLY=access  only the cases whose names begin with this`

/** The outcome of one run; the report is null if there is none. */
interface Run {
  readonly name: string
  readonly seed: number
  readonly report: VerifyReport | null
  /** What the command said, for a run without a report. */
  readonly output: string
}

const { values, positionals } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true })
const known = globSync(['*.yaml', '*/design.yaml'], { cwd: FOLDER })
  .map((file) => (basename(file) === 'design.yaml' ? dirname(file) : basename(file, '.yaml')))
  .sort()
const wrong = positionals.filter((name) => !known.includes(name))
if (values.help === true || wrong.length > 0) {
  console.log(wrong.length > 0 ? `unknown design: ${wrong.join(', ')}; known are ${known.join(', ')}\n\n${HELP}` : HELP)
  process.exitCode = wrong.length > 0 ? 2 : 0
} else process.exitCode = (await runAll(positionals.length === 0 ? known : positionals)) ? 0 : 1

/** Runs all designs with all seeds. Returns whether no claim fails. */
async function runAll(names: readonly string[]): Promise<boolean> {
  const first = Number(process.env.FIRST ?? 1)
  const seeds = Array.from({ length: Number(process.env.SEEDS ?? 1) }, (_, n) => first + n)
  const planned = names.flatMap((name) => seeds.map((seed) => ({ name, seed })))
  const runs: Run[] = []
  for (const [n, { name, seed }] of planned.entries()) {
    const run = await verify(name, seed)
    runs.push(run)
    console.log(`${n + 1} of ${planned.length}  ${sentence(run)}`)
  }
  const table = tableOf(runs)
  console.log(`\n${table}`)
  writeFileSync(join(OUT, 'table.md'), `${table}\n`)
  return runs.every(({ report }) => report !== null && report.verdict !== 'fails')
}

async function verify(name: string, seed: number): Promise<Run> {
  const file = existsSync(join(FOLDER, name)) ? join(FOLDER, name) : join(FOLDER, `${name}.yaml`)
  const out = join(OUT, `${name}-${seed}`)
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'report.json'), 'null')
  const only = process.env.ONLY === undefined ? [] : ['--only', process.env.ONLY]
  const args = ['verify', relative(ROOT, file), '--quick', '--seed', String(seed), '--out', out, ...only]
  const output = await outputOf([...PLINTH, ...args])
  writeFileSync(join(out, 'output.txt'), output)
  return { name, seed, output, report: JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as VerifyReport | null }
}

/** Runs a program. Returns what it writes to both outputs. */
function outputOf([program = '', ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
    const parts: string[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(String(part)))
    child.on('error', reject)
    child.on('close', () => resolve(parts.join('')))
  })
}

/** A run in one line, with the claims that fail or are undecided below it. */
function sentence({ name, seed, report, output }: Run): string {
  if (report === null) return `${name}, seed ${seed}: NO REPORT\n${output}`
  const { verdict, totals, seconds, claims } = report
  const gaps = claims
    .filter(({ result }) => result.verdict === 'fails' || result.verdict === 'undecided')
    .map(
      ({ id, result, open }) =>
        `    ${result.verdict}  ${id}: ${result.verdict === 'fails' ? `${result.failed} of ${result.cases}` : open.join(', ')}`,
    )
  return [`${name}, seed ${seed}: ${verdict}, ${totals.cases} cases, ${totals.failed} findings, ${seconds} s`, ...gaps].join('\n')
}

/** One line for each design: what its runs have in common, or the range of it. */
function tableOf(runs: readonly Run[]): string {
  const head = ['design', 'seeds', 'cases', 'verdict', 'findings', 'atom values reached', 'open', 'other gaps', 'seconds']
  const lines = [...Map.groupBy(runs, ({ name }) => name)].map(([name, own]) => {
    const reports = own.flatMap(({ report }) => report ?? [])
    const each = (value: (report: VerifyReport) => string | number): string => [...new Set(reports.map(value))].join(', ')
    return [
      name,
      `${own.length}${reports.length < own.length ? ` (${own.length - reports.length} without a report)` : ''}`,
      each(({ totals }) => totals.cases),
      each(({ verdict }) => verdict),
      reports.reduce((sum, { totals }) => sum + totals.failed, 0),
      each(({ totals: { atomValues } }) => `${atomValues.reached} of ${atomValues.reachable}`),
      each(({ totals }) => totals.atomValues.open),
      each(({ claims }) => claims.filter((claim) => claim.result.verdict === 'undecided' && claim.family !== 'access').length),
      rangeOf(reports.map(({ seconds }) => Math.round(seconds))),
    ]
  })
  const rule = head.map(() => '---')
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function rangeOf(numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)]
  return numbers.length === 0 ? '' : least === most ? `${least}` : `${least} to ${most}`
}
