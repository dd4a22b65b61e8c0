/**
 * Tries the comparison with another build on pairs of builds whose difference is known: `npm run test:verify-gate`. Ten runs compare a
 * build with an equal one, and ten with one in which requests of one operation cost 15 % more processor time. In at least nine of ten the
 * planted one must be called regressed, and an operation without a difference in none. RUNS makes it shorter. RESULTS names a file that
 * keeps each run: those that it has are not repeated, so a trial can be made in parts.
 */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BuildComparison } from '../../../../src/verify/performance/performance-report.ts'
import { PLINTH, ROOT } from '../../../support/command-line.ts'
import { type GateRun, summaryOf, textOf } from './judge-gate.ts'
import { workMs } from './planted-work.ts'

const RUNS = Number(process.env.RUNS ?? 10)
const RESULTS = process.env.RESULTS
const SECONDS = process.env.SECONDS ?? '4'
const PLANTED = 0.15
const OPERATION = { id: 'Note.get', path: 'GET /api/notes/' }

const folder = await mkdtemp(join(tmpdir(), 'plinth-gate-'))
const builds = { old: join(folder, 'before'), new: join(folder, 'now') }
for (const build of Object.values(builds)) {
  await mkdir(build)
  await cp(join(import.meta.dirname, 'design.yaml'), join(build, 'design.yaml'))
}

/** A comparison, and what the planted work took in the median. */
interface Compared {
  readonly operations: BuildComparison['operations']
  readonly seconds: number
  readonly plantedMs: number
}

/** Compares both builds. @param times how often requests of the operation do a piece of work in the new one. */
async function compare(times: number, seed: number): Promise<Compared> {
  const seen = join(folder, 'seen')
  await writeFile(seen, '')
  const planted = { PLANTED_DESIGN: builds.new, PLANTED_PATH: OPERATION.path, PLANTED_TIMES: String(times), PLANTED_SEEN: seen }
  const out = join(folder, 'out')
  const args = ['verify', builds.new, '--only', 'performance/builds', '--against-build', builds.old, '--seed', String(seed)]
  const [program = '', ...before] = PLINTH
  const began = performance.now()
  const options = { cwd: ROOT, env: { ...process.env, ...planted, NODE_OPTIONS: `--import ${join(import.meta.dirname, 'planted.ts')}` } }
  await promisify(execFile)(program, [...before, ...args, '--load-seconds', SECONDS, '--load-rows', '2000', '--out', out], options).catch(
    // A regression, or an operation that is too noisy, fails the command.
    (error: { readonly code?: number }) => assert.equal(error.code, 1, String(error)),
  )
  const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'))
  const took = (await readFile(seen, 'utf8')).trim().split('\n').map(Number)
  const [plantedMs = 0] = took.toSorted((a, b) => a - b).slice(Math.floor(took.length / 2))
  return { operations: report.builds.operations, seconds: Math.round((performance.now() - began) / 1_000), plantedMs }
}

const runs: GateRun[] =
  RESULTS === undefined || !existsSync(RESULTS)
    ? []
    : readFileSync(RESULTS, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
for (let seed = 1; seed <= RUNS; seed++) {
  if (runs.some((run) => run.seed === seed)) continue
  const unchanged = await compare(0, seed)
  const own = unchanged.operations.find(({ id }) => id === OPERATION.id)
  const costMs = (own?.new?.serverMs ?? 0) + (own?.new?.databaseMs ?? 0)
  assert.ok(costMs > 0, 'the cost of a request cannot be seen here')
  const planted = await compare(Math.round((costMs * PLANTED) / workMs()), seed)
  const run: GateRun = {
    ...{ seed, seconds: [unchanged.seconds, planted.seconds], operation: OPERATION.id, plantedMs: planted.plantedMs },
    ...{ unchanged: unchanged.operations, planted: planted.operations },
  }
  runs.push(run)
  if (RESULTS !== undefined) appendFileSync(RESULTS, `${JSON.stringify(run)}\n`)
  console.log(textOf(run))
}
await rm(folder, { recursive: true, force: true })
const { text, isKept } = summaryOf(runs)
console.log(text)
process.exitCode = isKept ? 0 : 1
