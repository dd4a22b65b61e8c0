/** The page of a report: its figures, its escapes, and how it looks in Chromium; and the other forms of the report. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Ajv } from 'ajv'
import formatsPlugin from 'ajv-formats'
import { type Browser, chromium } from 'playwright-core'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { reportText } from '../../src/commands/verifying/report-text.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { ALWAYS } from '../../src/model/expression.ts'
import { casesOf } from '../../src/verify/cases/cases-of.ts'
import type { WrittenDesign } from '../../src/verify/expected/written-design.ts'
import { withEntity } from '../../src/verify/mutants/rules/rule-places.ts'
import { mutantsOf } from '../../src/verify/mutants/run/mutants-of.ts'
import { scoreOf } from '../../src/verify/mutants/run/score.ts'
import { accessMatrix } from '../../src/verify/report/access-matrix.ts'
import { claimsOfRun } from '../../src/verify/report/claims-of.ts'
import { compareReports } from '../../src/verify/report/compare-reports.ts'
import { ctrfOf } from '../../src/verify/report/forms/ctrf.ts'
import { sarifOf } from '../../src/verify/report/forms/sarif.ts'
import { mutationClaim } from '../../src/verify/report/mutation-claim.ts'
import { pointedAt } from '../../src/verify/report/page/figures.ts'
import { reportPage } from '../../src/verify/report/page/report-page.ts'
import { reportOf, type VerifyReport } from '../../src/verify/report/report-of.ts'
import { supplyClaims } from '../../src/verify/report/supply-claims.ts'
import { runCases } from '../../src/verify/run/run-cases.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'
import { stageFor } from './in-process.ts'
import { sampleBuilds, samplePerformance } from './load/sample-performance.ts'

const CHROMIUM = '/usr/bin/chromium'
const skip = !existsSync(CHROMIUM) && process.env.CI !== 'true' && `there is no ${CHROMIUM}; apt-get install chromium`

const HOSTILE = '</code><script>alert(1)</script><img src=x onerror=alert(1)>"\'\u202e&amp;'

const ends: (() => Promise<unknown>)[] = []
after(async () => {
  for (const end of ends.reverse()) await end()
})

/** A run against a blog whose posts anybody reads. Names from the backend are hostile. */
async function failedReport(): Promise<VerifyReport> {
  const read = await readDesign(join(ROOT, 'examples/blog'))
  assert.ok(read.ok)
  const { model } = resolveDesign(read.design, read.source)
  assert.ok(model !== null)
  const design = read.design as WrittenDesign
  const plan = casesOf(design, model, 'x')
  const served = withEntity(model, 'Post', ({ access }) => ({ access: { ...access, read: ALWAYS } }))
  const stage = await stageFor({ after: (end) => void ends.push(async () => (end as () => unknown)()) }, served)
  const cases = plan.cases.filter(({ claim }) => claim === 'access/Post.read' || claim === 'access/Post.delete')
  const results = (await runCases(stage, { design, model, plan, cases })).map((result) => ({
    ...result,
    answer: `${HOSTILE}${result.answer}`,
  }))
  const mutants = mutantsOf(model, plan)
  const judged = mutants.slice(0, 30).map((mutant, i) => ({
    mutant,
    fate:
      i % 3 === 0
        ? ({ kind: 'survived', cases: i, why: HOSTILE } as const)
        : i % 3 === 1
          ? ({ kind: 'caught', by: 'access/Post.read/published/true/get', cases: i } as const)
          : ({ kind: 'equivalent', states: 40 } as const),
  }))
  const score = scoreOf({
    run: {
      judged,
      left: mutants.slice(30, 32),
      control: results,
      caught: new Set(['access/Post.read/published/true/get']),
    },
    questions: cases,
    overHttp: results,
    seconds: 12.5,
  })
  const claims = claimsOfRun(plan, results, {
    file: 'examples/blog/design.ts',
    lineOf: () => 31,
    commandFor: (name) => `plinth verify --only ${name}`,
  })
  const weak = supplyClaims({
    ...{ file: 'package-lock.json', locked: ['left-pad@1.0.0'], listed: null, by: 'npm sbom', command: 'plinth verify' },
    advisories: [{ component: 'left-pad', severity: 'high', about: HOSTILE }],
  })
  return reportOf({
    model,
    results,
    facts: {
      design: { name: `blog ${HOSTILE}`, file: 'examples/blog/design.ts', sha256: 'a'.repeat(64) },
      plinth: '0.2.0',
      seed: 1,
      mode: 'quick',
      only: null,
      load: { rows: null, seconds: null },
      machine: { cores: 2, memoryMb: 4_096, node: '24.1.0', postgres: '18.1' },
      role: { ordinary: false, owns: 34, powers: ['may create tables', HOSTILE] },
      against: {
        url: 'https://api.example.com',
        callers: ['anonymous', HOSTILE],
        rowsKnown: false,
        writes: false,
        requests: 1_234,
        perSecond: 20,
      },
      startedAt: '2026-11-28T10:00:00.000Z',
      seconds: 54.2,
    },
    claims: [...claims, mutationClaim(score, { file: 'examples/blog/design.ts', command: 'plinth verify --mutants' }), ...weak],
    notTested: [
      { what: 'cases', count: 12, why: HOSTILE, kind: 'excluded' },
      { what: 'races', count: null, why: 'this version has no cases for them', kind: 'missing' },
    ],
    accepted: 12,
    matrix: accessMatrix(model, plan, results),
    mutants: score,
    tests: {
      ...{ passed: 3, failed: 1, skipped: 1, ended: HOSTILE, seconds: 4.2, named: 3 },
      files: [{ file: `${HOSTILE}.test.ts`, passed: 3, failed: 1, skipped: 1 }],
      logic: [{ file: 'pay.ts', lines: { covered: 8, total: 12 }, branches: { covered: 1, total: 2 }, missed: '4-7' }],
      ...{ lines: { covered: 8, total: 12 }, branches: { covered: 1, total: 2 } },
      untested: [{ kind: 'action', name: HOSTILE, file: 'pay.test.ts' }],
    },
    performance: samplePerformance(HOSTILE),
    builds: sampleBuilds(HOSTILE),
    review: {
      parts: [{ check: 'types', looked: '1 of 1 files', why: HOSTILE }],
      findings: (['error', 'warning', 'note'] as const).map((level) => ({
        ...{ check: 'linter', name: HOSTILE, level, path: '', file: HOSTILE, line: 3, what: HOSTILE, fix: HOSTILE },
      })),
      costs: [{ code: `action ${HOSTILE}`, runs: 4, ms: 1.5, statements: 12 }],
    },
  })
}

/** The same run as a repetition of one whose requests had fewer statements. */
function repeated(later: VerifyReport): VerifyReport {
  const { performance } = later
  const operations = (performance?.operations ?? []).map((one) => ({ ...one, cost: { ...one.cost, statements: 0 } }))
  const earlier = { ...later, performance: performance === null ? null : { ...performance, operations } }
  return { ...later, compared: compareReports(HOSTILE, earlier, later) }
}

const report = repeated(await failedReport())
const page = reportPage(report)

test('the page of a run with findings says so first, and shows each finding with its request and fix', () => {
  assert.match(page, /<h1><span class="verdict fails">fails<\/span>/)
  assert.ok(report.totals.failed > 5)
  assert.match(page, /<dt>Fix<\/dt>/)
  assert.match(page, /plinth verify --only access\/Post\.read\//)
})

test('a repetition shows the requests that need more statements than before', () => {
  const section = /<section[^>]*aria-labelledby="compared-title".*?<\/section>/s.exec(page)?.[0] ?? ''
  assert.match(section, /<h3>What requests cost<\/h3>/)
  assert.match(section, /<span class="tag fails">more<\/span>/)
  assert.equal(report.compared?.loads.length, report.performance?.operations.length)
})

test('a weak component is a finding with what to do, and no request of a caller', () => {
  const text = reportText({ ...report, claims: report.claims.filter(({ family }) => family === 'supply') }, PLAIN, [])
  assert.match(text, /^FAILS {3}supply\/advisories\/left-pad +package-lock\.json/m)
  assert.match(text, /^ {2}fix +Update left-pad, or what needs it: npm audit fix/m)
  assert.match(page, /Update left-pad, or what needs it/)
  assert.doesNotMatch(`${text} ${page}`, /As the lock file|As nobody|account <code>the lock file/)
})

test('no text of a backend or a design becomes markup, and the page loads and runs nothing', () => {
  assert.doesNotMatch(page, /<script|<img|onerror=alert\(1\)>"|\u202e/)
  assert.match(page, /&lt;script&gt;alert\(1\)/)
  assert.doesNotMatch(page, /(?:src|href)="(?!#)/)
  assert.doesNotMatch(page, /url\(|@import/)
})

test('each figure of the page is the one of the report that it names', () => {
  const figures = [...page.matchAll(/<data data-from="([^"]*)" value="([^"]*)">([^<]*)<\/data>/g)]
  assert.ok(figures.length > 100, String(figures.length))
  assert.equal(figures.length, page.split('data-from=').length - 1)
  for (const [, pointer = '', value, text] of figures) {
    const expected = pointedAt(JSON.parse(JSON.stringify(report)), pointer)
    assert.equal(value, String(expected), pointer)
    if (typeof expected !== 'number') assert.equal(text, expected, pointer)
    else if (Number.isInteger(expected)) assert.equal(text, expected.toLocaleString('en'), pointer)
    else assert.ok(Math.abs(Number(text?.replaceAll(',', '')) - expected) <= 0.005 * Math.abs(expected), `${pointer}: ${text}`)
  }
  // No digit of the first screen is written without its place in the report, but dates and versions.
  const tiles = /<ul class="tiles">.*?<\/ul>/s.exec(page)?.[0] ?? assert.fail('no key figures')
  assert.doesNotMatch(tiles.replaceAll(/<data.*?<\/data>/g, '').replaceAll(/<[^>]*>/g, ''), /\d(?!xx)/)
})

test('the page is readable in Chromium, dark and light, wide and narrow, and without violations of axe', { skip }, async (t) => {
  const file = join(temporaryFolder(t), 'report.html')
  writeFileSync(file, page)
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  t.after(() => browser.close())
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true })
      const shown = await context.newPage()
      const requests: string[] = []
      shown.on('request', (request) => requests.push(request.url()))
      await shown.goto(pathToFileURL(file).href)
      assert.deepEqual(
        requests.filter((url) => !url.startsWith('file:')),
        [],
      )
      const overflow = await shown.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
      assert.equal(overflow, 0, `${width} pixels: the page is wider than the window`)
      // Half of the pages are looked at with everything open.
      if ((colorScheme === 'light') === (width === 1280))
        await shown.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
      await shown.addScriptTag({ path: axe })
      const found = (await shown.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as {
        readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
      }
      assert.deepEqual(
        found.violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .slice(0, 3)
              .map((node) => node.html)
              .join(' ')}`,
        ),
        [],
        `${colorScheme} ${width}`,
      )
      const folder = process.env.SCREENSHOTS
      if (folder !== undefined) await shown.screenshot({ path: join(folder, `report-${colorScheme}-${width}.png`), fullPage: true })
      await context.close()
    }
  }
})

test('SARIF has a result with file and line for each failed claim, and none for others', () => {
  const log = sarifOf(report)
  const [run] = log.runs
  const failed = report.claims.filter(({ result }) => result.verdict === 'fails').map(({ id }) => id)
  assert.equal(log.version, '2.1.0')
  assert.ok(failed.length > 0)
  assert.deepEqual(
    run.results.map(({ ruleId }) => ruleId),
    failed,
  )
  for (const [i, result] of run.results.entries()) {
    assert.equal(run.tool.driver.rules[result.ruleIndex]?.id, result.ruleId, String(i))
    // Sections 3.27.11, 3.29.3 and 3.30.5 of the specification.
    const [location] = JSON.parse(JSON.stringify(result.locations))
    const from = report.claims.find(({ id }) => id === result.ruleId)?.from
    const region = from?.line === null ? {} : { region: { startLine: 31 } }
    assert.deepEqual(location.physicalLocation, { artifactLocation: { uri: from?.file }, ...region })
    assert.ok(result.message.text.length > 0)
  }
})

test('CTRF has its schema, a test for each claim, and the sums of the tests', () => {
  const schema = join(dirname(createRequire(import.meta.url).resolve('ctrf')), 'ctrf-schema-0.0.json')
  const ajv = new Ajv({ strict: false })
  ;(formatsPlugin as unknown as (ajv: Ajv) => void)(ajv)
  const isCtrf = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')))
  assert.ok(isCtrf(JSON.parse(JSON.stringify(ctrfOf(report)))), JSON.stringify(isCtrf.errors))
  const { results } = ctrfOf(report)
  assert.equal(results.summary.tests, report.claims.length)
  assert.equal(results.summary.passed + results.summary.failed + results.summary.skipped + results.summary.other, report.claims.length)
  assert.equal(results.tests.filter(({ status }) => status === 'failed').length, results.summary.failed)
  assert.ok(results.tests.some(({ rawStatus, status }) => rawStatus === 'undecided' && status === 'other'))
})
