import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { loadDesign } from './setup/load-design.ts'
import type { Io } from './terminal/command.ts'
import { PLAIN } from './terminal/style.ts'
import { verify } from './verify.ts'
import { programOf } from './verifying/ask-backend.ts'
import { NO_LOAD } from './verifying/parts/measured-performance.ts'
import type { VerifyInput } from './verifying/parts/verify-input.ts'
import { planRun } from './verifying/planned-run.ts'
import { lookAtProject } from './verifying/project.ts'

const DESIGN = `name: notes
entities:
  Note:
    fields: { text: { type: text, max: 9 } }
    access: { read: 'true', create: 'true' }
`

/** A project with a test, and a run of `plinth verify` there that asks no backend. */
function project() {
  const folder = mkdtempSync(join(tmpdir(), 'verify-'))
  writeFileSync(join(folder, 'design.yaml'), DESIGN)
  writeFileSync(join(folder, 'own.test.mjs'), "import { test } from 'node:test'\ntest('one', () => {})\n")
  const self = { command: [process.execPath, 'cli.ts', 'verify'], supervisor: null }
  const around = { style: PLAIN, terminal: 'plain', observe: () => {}, stop: new AbortController().signal, self } as const
  const io: Io = { cwd: process.cwd(), env: process.env, ...around }
  const usual = { design: undefined, mode: 'quick', only: undefined, seed: undefined, from: undefined } as const
  const run = (given: Partial<VerifyInput>) => verify({ ...usual, out: join(folder, 'out'), mutants: false, allow: [], ...given }, io)
  return { io, run, design: join(folder, 'design.yaml'), report: join(folder, 'out', 'report.json') }
}

test('a run of own tests alone is compared with the one that it repeats, and says nothing about a role in a database', async () => {
  const { run, design, report } = project()
  const first = await run({ design, only: 'tests' })
  assert.ok(first.exit === 0, JSON.stringify(first))
  assert.match(first.text, /again: plinth verify --from \S+\/report\.json$/m)
  assert.doesNotMatch(first.text, /role/)
  assert.match(first.text, /NOT TESTED {3}.*the review of the code, components and their advisories: left out by --only/)
  writeFileSync(join(dirname(report), 'cut.json'), '{"schema":"plinth-verify/1"}')
  await assert.rejects(run({ from: join(dirname(report), 'cut.json') }), /cut\.json is no report of plinth verify/)
  const again = await run({ from: report })
  assert.ok(again.exit === 0)
  assert.match(again.text, /compared +with \S+\/report\.json: 1 of 1 verdicts as before/)
})

test('a run of chosen mutants asks all cases, and no tests and no review of the project', async () => {
  const { io, run, design } = project()
  const loaded = await loadDesign(design, io.cwd)
  const { model } = loaded
  assert.ok(model !== null)
  const options = { mode: 'quick', only: 'mutants/limit-moved', seed: 1, mutants: true, load: NO_LOAD, commandFor: String } as const
  const planned = await planRun(loaded, model, options)
  assert.equal(planned.cases.length, planned.plan.cases.length)
  const looked = await lookAtProject({ ...planned, onDone: () => assert.fail('the project was looked at') }, io)
  assert.deepEqual(looked, { tested: null, review: null })
  await assert.rejects(run({ design, only: 'tests', mutants: true }), /no case of tests notices mutants/)
  await assert.rejects(run({ design, only: 'mutants/5-of-4', mutants: true }), /there is no part 5 of 4/)
})

test('the program without its command is that of verify, and of deliver, which verifies', () => {
  const of = (...command: readonly string[]) => programOf({ self: { command, supervisor: null } })
  for (const name of ['verify', 'deliver']) assert.deepEqual(of('node', 'cli.js', name, 'blog', '--out', 'verify'), ['node', 'cli.js'])
})
