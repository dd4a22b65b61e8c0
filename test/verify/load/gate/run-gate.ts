/**
 * Tries the comparison with another build on pairs of builds whose difference is known: `npm run test:verify-gate`. Ten runs compare a
 * build with an equal one, and ten with one in which requests of one operation cost 15 % more processor time. In at least nine of ten the
 * planted one must be called regressed, and an operation without a difference in none. RUNS makes it shorter, and RUNS=3 FROM=4 goes on
 * after the first three.
 */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BuildComparison } from '../../../../src/verify/performance/performance-report.ts'
import { PLINTH, ROOT } from '../../../support/command-line.ts'

const RUNS = Number(process.env.RUNS ?? 10)
const FROM = Number(process.env.FROM ?? 1)
const SECONDS = process.env.SECONDS ?? '4'
const PLANTED = 0.15
const OPERATION = { id: 'Note.get', path: 'GET /api/notes/' }
/** At least this part of the planted runs must be noticed. */
const NOTICED = 0.9

const folder = await mkdtemp(join(tmpdir(), 'plinth-gate-'))
const builds = { old: join(folder, 'before'), new: join(folder, 'now') }
for (const build of Object.values(builds)) {
  await mkdir(build)
  await cp(join(import.meta.dirname, 'design.yaml'), join(build, 'design.yaml'))
}

/** Compares both builds. @param ms what requests of the operation cost more in the new one. */
async function compare(ms: number, seed: number): Promise<{ readonly builds: BuildComparison; readonly seconds: number }> {
  const planted = { PLANTED_DESIGN: builds.new, PLANTED_PATH: OPERATION.path, PLANTED_MS: String(ms) }
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
  return { builds: report.builds, seconds: Math.round((performance.now() - began) / 1_000) }
}

function textOf({ operations }: BuildComparison): string {
  return operations.map(({ id, verdict, ratio }) => `${id} ${verdict} ${ratio?.value} (${ratio?.low} to ${ratio?.high})`).join(' · ')
}

const seen = { unchanged: 0, planted: 0, noticed: 0, falseAlarms: 0, noisy: 0, verdicts: 0 }
for (let run = FROM; run < FROM + RUNS; run++) {
  const unchanged = await compare(0, run)
  console.log(`${run} unchanged  ${unchanged.seconds} s  ${textOf(unchanged.builds)}`)
  const own = unchanged.builds.operations.find(({ id }) => id === OPERATION.id)
  const costMs = (own?.new?.serverMs ?? 0) + (own?.new?.databaseMs ?? 0)
  assert.ok(costMs > 0, 'the cost of a request cannot be seen here')
  const planted = await compare(costMs * PLANTED, run)
  console.log(
    `${run} planted    ${planted.seconds} s  ${textOf(planted.builds)}  (+${(costMs * PLANTED).toFixed(3)} ms of ${costMs.toFixed(3)})`,
  )
  const regressed = (of: BuildComparison): readonly string[] =>
    of.operations.filter((one) => one.verdict === 'regressed').map(({ id }) => id)
  seen.unchanged++
  seen.planted++
  if (regressed(planted.builds).includes(OPERATION.id)) seen.noticed++
  if (regressed(unchanged.builds).length > 0 || regressed(planted.builds).some((id) => id !== OPERATION.id)) seen.falseAlarms++
  for (const { operations } of [unchanged.builds, planted.builds]) {
    seen.verdicts += operations.length
    seen.noisy += operations.filter(({ verdict }) => verdict === 'noisy').length
  }
}
await rm(folder, { recursive: true, force: true })
console.log(
  `planted regressions noticed in ${seen.noticed} of ${seen.planted}; runs with a false alarm ${seen.falseAlarms} of ${seen.unchanged}; too noisy to say ${seen.noisy} of ${seen.verdicts}`,
)
process.exitCode = seen.noticed >= seen.planted * NOTICED && seen.falseAlarms === 0 ? 0 : 1
