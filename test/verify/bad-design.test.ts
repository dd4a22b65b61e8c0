/** A design with defects: the review of `plinth verify` names each of them with its fix, and its own tests are run and counted. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import { loadDesign } from '../../src/commands/setup/load-design.ts'
import { isTestName, testProject } from '../../src/commands/verifying/own-tests.ts'
import { ownLogic } from '../../src/commands/verifying/review/own-logic.ts'
import type { VerifyReport } from '../../src/verify/report/report-of.ts'
import { REPORT_SCHEMA } from '../../src/verify/report/report-schema.ts'
import { PLINTH, ROOT, run, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

const ajv = new Ajv2020({ strict: false })
const addFormats = formatsPlugin as unknown as (ajv: Ajv2020) => void
addFormats(ajv)

const BAD = join(ROOT, 'test/verify/designs/bad')

/** What each finding is about, and what it says to do. */
const DEFECTS = [
  ['PLN-D414', 'entities.Story.fields.author', /set: 'auth\.id'/],
  ['PLN-D529', 'actions.titled.steps[0].where', /add \['title'\] to the indexes of Story/],
  ['open-writes', 'entities.Story.access', /Say in the rule who may/],
  ['statement-in-a-loop', 'actions.digest', /Read the rows at once, before the loop/],
  ['slow-code', 'entities.Story.hooks.beforeCreate', /into a job or a reaction/],
  ['secret-in-log', 'actions.confirm', /Leave password out of what the code logs/],
  ['unused-function', 'logic.ts', /Name it in the design/],
] as const

const database = await testDatabase()
after(() => database.drop())

test('open writes, a missing index, a statement in a loop, a slow hook, a secret in the log and a forged author are named, each with its fix', async (t) => {
  const out = temporaryFolder(t)
  const command = [...PLINTH, 'verify', 'test/verify/designs/bad', '--only', 'review', '--out', out] as const
  const { code, stdout } = await run(t, command, { cwd: ROOT, env: { DATABASE_URL: database.url } })
  assert.equal(code, 1)
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as VerifyReport
  const isReport = ajv.compile(REPORT_SCHEMA)
  assert.ok(isReport(report), JSON.stringify(isReport.errors))
  const { review } = report
  assert.ok(review !== null)
  assert.deepEqual(
    report.claims.map(({ id, result }) => [id, result.verdict]),
    [['review', 'fails']],
  )
  assert.deepEqual(
    review.findings.map(({ name, path, file }) => [name, path === '' ? file : path]).sort(),
    DEFECTS.map(([name, place]) => [name, place]).sort(),
  )
  const page = readFileSync(join(out, 'report.html'), 'utf8')
  for (const [name, , fix] of DEFECTS) {
    const found = review.findings.find((one) => one.name === name)
    assert.match(found?.fix ?? '', fix)
    // In the terminal an error is named as a case.
    assert.match(stdout, new RegExp(`^(WARNS   |FAILS   review/costs/)${name} `, 'm'))
    assert.ok(page.includes(`<code>${name}</code>`))
  }
  assert.match(stdout, fixes(review.findings[0]?.fix))
  assert.deepEqual(
    review.parts.map(({ check, why }) => [check, why]),
    ['plan', 'types', 'linter', 'logic', 'costs'].map((check) => [check, null]),
  )
  assert.match(review.findings.find(({ name }) => name === 'statement-in-a-loop')?.what ?? '', /select of members.*grows with the rows/)
  assert.deepEqual(
    review.costs.map((cost) => [cost.code, cost.statements > 5, cost.ms > 100]),
    [
      ['action digest', true, false],
      ['action confirm', false, false],
      ['hook Story.beforeCreate', false, true],
    ],
  )
})

function fixes(text = ''): RegExp {
  return new RegExp(`fix +${text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')}`)
}

test('own tests are counted; one that fails fails the claim, and logic that none runs is named', async () => {
  const loaded = await loadDesign(BAD, ROOT)
  const { model } = loaded
  assert.ok(model !== null)
  const io = {
    env: { ...process.env, DATABASE_URL: database.url },
    self: { command: [process.execPath, '--conditions=source', 'src/cli.ts', 'verify'], supervisor: null },
  }
  const asked = { model, logic: ownLogic(loaded), mode: 'quick', file: 'design.yaml', command: 'plinth verify --only tests' } as const
  assert.equal(await testProject({ ...asked, only: 'access/Story' }, io), null)
  const tested = await testProject({ ...asked, only: 'tests' }, io)
  assert.ok(tested !== null)
  const { report, claim, notTested } = tested
  assert.deepEqual([report.passed, report.failed, report.skipped, report.ended, notTested], [1, 1, 1, null, []])
  assert.deepEqual(report.files, [{ file: 'own.test.mts', passed: 1, failed: 1, skipped: 1 }])
  // `confirm` and `forgotten` are not called; the hook runs with the create that should fail.
  const [logic] = report.logic
  const lines = readFileSync(join(BAD, 'logic.ts'), 'utf8').split('\n')
  assert.equal(logic?.file, 'logic.ts')
  assert.ok(logic.lines.covered > 10 && logic.lines.covered < logic.lines.total)
  assert.ok(logic.branches.total > 0 && logic.branches.covered <= logic.branches.total)
  const missed = logic.missed.split(', ').map((range) => Number(range.split('-')[0]))
  assert.ok(missed.includes(lines.findIndex((line) => line.includes("log.info('confirmed'")) + 1), logic.missed)
  assert.equal(report.named, 4)
  assert.deepEqual(
    report.untested.map(({ kind, name, file }) => `${kind} ${name} ${file}`),
    ['action titled titled.test.ts', 'action confirm confirm.test.ts'],
  )
  assert.deepEqual([claim.result.verdict, claim.result.reached, claim.denominator.total, claim.denominator.untested], ['fails', 1, 3, 1])
  const [failed] = claim.evidence
  assert.equal(failed?.case, 'tests/own.test.mts/nobody writes a story for another member')
  assert.match(failed.wrong ?? '', /^line 16: [\s\S]*201 !== 400/)
})

test('names of own tests are told from those of other cases', () => {
  assert.deepEqual(['tests', 'tests/own.test.mts', 'access/tests', undefined].map(isTestName), [true, true, false, false])
})
