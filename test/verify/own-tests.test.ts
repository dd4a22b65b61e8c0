/** The own tests of a project in `plinth verify`: they are run and counted, with the logic that they run, and what has none is named. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import type { VerifyReport } from '../../src/verify/report/report-of.ts'
import { REPORT_SCHEMA } from '../../src/verify/report/report-schema.ts'
import { PLINTH, ROOT, run, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

const ajv = new Ajv2020({ strict: false })
const addFormats = formatsPlugin as unknown as (ajv: Ajv2020) => void
addFormats(ajv)

const database = await testDatabase()
after(() => database.drop())

test('own tests are counted; one that fails fails the run, and logic that none runs is named', async (t) => {
  const out = temporaryFolder(t)
  const command = [...PLINTH, 'verify', 'test/verify/designs/bad', '--only', 'tests', '--out', out] as const
  const { code, stdout } = await run(t, command, { cwd: ROOT, env: { DATABASE_URL: database.url } })
  assert.equal(code, 1)
  assert.match(stdout, /^FAILS {3}2 cases, 1 finding/m)
  assert.match(stdout, /tests {8}tests 1 of 3/)
  assert.match(stdout, /^FAILS {3}tests\/own\.test\.mts\/nobody writes a story for another member/m)
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as VerifyReport
  const isReport = ajv.compile(REPORT_SCHEMA)
  assert.ok(isReport(report), JSON.stringify(isReport.errors))
  const { tests } = report
  assert.ok(tests !== null)
  assert.deepEqual([tests.passed, tests.failed, tests.skipped, tests.ended], [1, 1, 1, null])
  assert.deepEqual(tests.files, [{ file: 'own.test.mts', passed: 1, failed: 1, skipped: 1 }])
  // `confirm` and `forgotten` are not called; the hook runs with the create that fails.
  const [logic] = tests.logic
  const lines = readFileSync(join(ROOT, 'test/verify/designs/bad/logic.ts'), 'utf8').split('\n')
  assert.equal(logic?.file, 'logic.ts')
  assert.ok(logic.lines.covered > 10 && logic.lines.covered < logic.lines.total)
  assert.ok(logic.branches.total > 0 && logic.branches.covered <= logic.branches.total)
  const missed = logic.missed.split(', ').map((range) => Number(range.split('-')[0]))
  assert.ok(missed.includes(lines.findIndex((line) => line.includes("log.info('confirmed'")) + 1), logic.missed)
  assert.equal(tests.named, 4)
  assert.deepEqual(
    tests.untested.map(({ kind, name, file }) => `${kind} ${name} ${file}`),
    ['action titled titled.test.ts', 'action confirm confirm.test.ts'],
  )
  assert.match(readFileSync(join(out, 'junit.xml'), 'utf8'), /<testsuite name="tests" tests="2" failures="1"/)
  assert.match(readFileSync(join(out, 'ctrf.json'), 'utf8'), /"name": "tests",\s+"status": "failed"/)
  const page = readFileSync(join(out, 'report.html'), 'utf8')
  assert.match(page, /Logic without a test/)
  assert.match(page, /data-from="\/tests\/passed" value="1"/)
})
