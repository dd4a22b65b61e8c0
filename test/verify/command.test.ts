/** `plinth verify` as a process: exit codes, the report, and that a run can be repeated. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import { REPORT_SCHEMA } from '../../src/verify/report/report-schema.ts'
import { PLINTH, ROOT, run, temporaryFolder } from '../support/command-line.ts'

const ajv = new Ajv2020({ strict: false })
const addFormats = formatsPlugin as unknown as (ajv: Ajv2020) => void
addFormats(ajv)
const isReport = ajv.compile(REPORT_SCHEMA)

function outFolder(): string {
  return mkdtempSync(join(tmpdir(), 'verify-'))
}

/** A report without what differs between two runs: times. */
function timeless(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => (['ms', 'seconds', 'startedAt'].includes(key) ? 0 : value))
}

test('a rule of the blog holds: exit code 0, and a run that repeats it gives the same report except for times', async (t) => {
  const first = ['verify', 'examples/blog', '--quick', '--only', 'access/Post.delete', '--seed', '7']
  const reports: unknown[] = []
  let args = first
  for (let i = 0; i < 2; i++) {
    const out = outFolder()
    const { code, stdout, stderr } = await run(t, [...PLINTH, ...args, '--out', out], { cwd: ROOT })
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^HOLDS {3}\d+ cases, 0 findings/m)
    assert.match(stdout, /NOT TESTED {3}.*\d+ cases.*: left out by --only/)
    assert.match(stdout, /^ {2}role +owns nothing, and may only read and write rows$/m)
    assert.doesNotMatch(stdout, /as a role that owns nothing/)
    const [, count] = /^HOLDS {3}(\d+) cases/m.exec(stdout) ?? []
    const families = [...stderr.matchAll(/^ {2}\w+ +(\d+) of \1 cases/gm)]
    assert.match(stderr, /access +\d+ of \d+ cases/)
    assert.equal(
      families.reduce((sum, [, passed]) => sum + Number(passed), 0),
      Number(count),
    )
    const text = readFileSync(join(out, 'report.json'), 'utf8')
    assert.ok(isReport(JSON.parse(text)), JSON.stringify(isReport.errors))
    const [junit, page, ctrf] = ['junit.xml', 'report.html', 'ctrf.json'].map((name) => readFileSync(join(out, name), 'utf8'))
    assert.match(junit ?? '', /<testsuite name="access\/Post\.delete" tests="\d+" failures="0"/)
    assert.match(page ?? '', /every tested claim holds/)
    const counted = [
      JSON.parse(text).totals.cases,
      (junit?.match(/<testcase /g)?.length ?? 0) - (junit?.match(/<skipped /g)?.length ?? 0),
      Number(/data-from="\/totals\/cases" value="(\d+)"/.exec(page ?? '')?.[1]),
      JSON.parse(ctrf ?? '').results.environment.extra.cases,
    ]
    assert.deepEqual(counted, Array(4).fill(Number(count)))
    const { compared, ...report } = timeless(text) as { readonly compared: unknown }
    reports.push(report)
    assert.equal(compared === null, i === 0)
    if (i === 1) assert.match(stdout, /compared +with .*report\.json: (\d+) of \1 verdicts as before$/m)
    args = ['verify', 'examples/blog', '--from', join(out, 'report.json')]
  }
  assert.deepEqual(reports[0], reports[1])
})

test('with --json the report is the output, and a run in which claims are undecided ends with 1', async (t) => {
  const out = outFolder()
  const { code, stdout } = await run(
    t,
    [...PLINTH, 'verify', 'test/actions/designs/saas.yaml', '--only', 'access', '--json', '--out', out],
    { cwd: ROOT },
  )
  assert.equal(code, 1)
  const { error, ...report } = JSON.parse(stdout) as {
    readonly error: { readonly message: string }
    readonly verdict: string
    readonly notTested: readonly { readonly what: string }[]
  }
  assert.match(error.message, /undecided/)
  assert.equal(report.verdict, 'undecided')
  assert.ok(isReport(report), JSON.stringify(isReport.errors))
  assert.ok(report.notTested.some(({ what }) => what === 'creates of User'))
})

test('a name that no case has, and a seed that is no number, are wrong usage: exit code 2 before anything is started', async (t) => {
  const wrong = [
    ['--only', 'access/Nothing', /no case is named access\/Nothing/],
    ['--seed', 'seven', /--seed seven is not a whole number/],
    ['--from', 'package.json', /package\.json is no report of plinth verify/],
    ['--only', 'mutants/limit-moved', /names mutants/],
  ] as const
  for (const [option, value, says] of wrong) {
    const { code, stderr } = await run(t, [...PLINTH, 'verify', 'examples/blog', option, value], { cwd: ROOT })
    assert.equal(code, 2)
    assert.match(stderr, says)
    assert.doesNotMatch(stderr, /set up/)
  }
})

test('a design without entities can be verified', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), 'name: none\nentities: {}\n')
  const { code, stdout, stderr } = await run(
    t,
    [...PLINTH, 'verify', join(folder, 'design.yaml'), '--quick', '--only', 'answers', '--out', join(folder, 'out')],
    { cwd: ROOT },
  )
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^HOLDS /m)
})
