/** `plinth verify` as a process: exit codes, the report, and that a run can be repeated. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import type { Io, Outcome } from '../../src/commands/terminal/command.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { UsageError } from '../../src/commands/terminal/usage-error.ts'
import { verify } from '../../src/commands/verify.ts'
import type { VerifyInput } from '../../src/commands/verifying/parts/verify-input.ts'
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
function timeless(text: string): { readonly compared: unknown } {
  return JSON.parse(text, (key, value: unknown) => (['ms', 'seconds', 'startedAt'].includes(key) ? 0 : value))
}

/** A run in this process. @returns its output, and the lines of its progress. */
async function verified(
  given: Partial<VerifyInput>,
  lines: string[] = [],
): Promise<{ readonly outcome: Outcome; readonly lines: readonly string[] }> {
  const observe: Io['observe'] = (event) => void lines.push(JSON.stringify(event))
  const input = { mode: 'quick', only: undefined, seed: undefined, from: undefined, mutants: false, allow: [], out: outFolder() } as const
  const around = { cwd: ROOT, env: {}, style: PLAIN, terminal: 'plain', observe, stop: new AbortController().signal } as const
  const self = { command: [...PLINTH, 'verify'], supervisor: null }
  return { outcome: await verify({ ...input, design: undefined, ...given }, { ...around, self }), lines }
}

test('a rule of the blog holds: exit code 0, and a run that repeats it gives the same report except for times', async (t) => {
  const out = outFolder()
  const command = ['verify', 'examples/blog', '--quick', '--only', 'access/Post.delete', '--seed', '7', '--out', out]
  const { code, stdout, stderr } = await run(t, [...PLINTH, ...command], { cwd: ROOT })
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
  assert.deepEqual(countsIn(out), Array(4).fill(Number(count)))
  const again = outFolder()
  const { outcome } = await verified({ design: 'examples/blog', from: join(out, 'report.json'), out: again })
  assert.ok(outcome.exit === 0, JSON.stringify(outcome))
  assert.match(outcome.text, /compared +with .*report\.json: (\d+) of \1 verdicts as before$/m)
  assert.deepEqual(countsIn(again), Array(4).fill(Number(count)))
  const [first, second] = [out, again].map((folder) => timeless(readFileSync(join(folder, 'report.json'), 'utf8')))
  assert.equal(first?.compared, null)
  assert.notEqual(second?.compared, null)
  assert.deepEqual({ ...second, compared: null }, first)
})

/** How many cases each form of a report has. Every claim in them holds. */
function countsIn(out: string): readonly number[] {
  const texts = ['report.json', 'junit.xml', 'report.html', 'ctrf.json'].map((name) => readFileSync(join(out, name), 'utf8'))
  const [report = '', junit = '', page = '', ctrf = ''] = texts
  assert.ok(isReport(JSON.parse(report)), JSON.stringify(isReport.errors))
  assert.match(junit, /<testsuite name="access\/Post\.delete" tests="\d+" failures="0"/)
  assert.match(page, /every tested claim holds/)
  return [
    JSON.parse(report).totals.cases,
    (junit.match(/<testcase /g)?.length ?? 0) - (junit.match(/<skipped /g)?.length ?? 0),
    Number(/data-from="\/totals\/cases" value="(\d+)"/.exec(page)?.[1]),
    JSON.parse(ctrf).results.environment.extra.cases,
  ]
}

test('with --json the report is the output, and a run in which claims are undecided ends with 1', async (t) => {
  const out = outFolder()
  const { code, stdout } = await run(
    t,
    [...PLINTH, 'verify', 'test/actions/designs/saas.yaml', '--quick', '--only', 'access/User', '--json', '--out', out],
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

test('a seed that is no number is wrong usage: exit code 2', async (t) => {
  const { code, stderr } = await run(t, [...PLINTH, 'verify', 'examples/blog', '--seed', 'seven'], { cwd: ROOT })
  assert.equal(code, 2)
  assert.match(stderr, /--seed seven is not a whole number/)
})

test('a name that no case has, and what is no report, are wrong usage before anything is started', async () => {
  const wrong = [
    [{ only: 'access/Nothing' }, /no case is named access\/Nothing/],
    [{ from: 'package.json' }, /package\.json is no report of plinth verify/],
    [{ only: 'mutants/limit-moved' }, /names mutants/],
  ] as const
  for (const [given, says] of wrong) {
    const lines: string[] = []
    await assert.rejects(verified({ design: 'examples/blog', ...given }, lines), (error) => {
      assert.ok(error instanceof UsageError)
      assert.match(error.message, says)
      return true
    })
    assert.doesNotMatch(lines.join('\n'), /set up/)
  }
})

test('a design without entities can be verified', async (t) => {
  const design = join(temporaryFolder(t), 'design.yaml')
  writeFileSync(design, 'name: none\nentities: {}\n')
  const { outcome, lines } = await verified({ design, only: 'answers' })
  assert.ok(outcome.exit === 0, JSON.stringify(outcome))
  assert.match(outcome.text, /^HOLDS /m)
  assert.match(lines.join('\n'), /set up/)
})
