/** The report of `plinth verify` as text for a terminal. */

import type { ClaimVerdict, VerifiedClaim } from '../../verify/report/claims-of.ts'
import type { Evidence } from '../../verify/report/evidence-of.ts'
import { commandOfCase, shellWord } from '../../verify/report/repeat-command.ts'
import type { AskedThere, Comparison, ServedRole, VerifyReport } from '../../verify/report/report-of.ts'
import { count, plainText, seconds } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'
import { mutationText } from './mutation-text.ts'
import { buildsText } from './parts/builds-text.ts'
import { notTestedText } from './parts/not-tested-text.ts'
import { performanceText } from './parts/performance-text.ts'
import { reviewText } from './review-text.ts'
import { testsText } from './tests-text.ts'

const WORDS: Readonly<Record<ClaimVerdict, string>> = { holds: 'HOLDS', fails: 'FAILS', undecided: 'UNDECIDED', 'not-tested': 'NOT TESTED' }

const SHOWN_FAILURES = 20
const SHOWN_PER_CLAIM = 5

/** The findings, the verdict and what was not tested. @param files the paths of the written files. */
export function reportText(report: VerifyReport, style: Style, files: readonly string[]): string {
  return [
    ...findings(report, style),
    ...reviewText(report.review, style),
    verdictLine(report, style),
    ...roleLine(report.role, style),
    ...thereLine(report.against),
    ...coverage(report),
    ...requirementsText(report.requirements),
    ...testsText(report.tests, style),
    ...performanceText(report.performance),
    ...buildsText(report.builds),
    ...(report.mutants === null ? [] : mutationText(report.mutants, style)),
    ...notTestedText(report.notTested, { style, files }),
    ...comparison(report.compared),
    ...repeat(report, files),
  ].join('\n')
}

/** How many requirements hold, and those of which this was not seen. */
function requirementsText(rows: VerifyReport['requirements']): readonly string[] {
  if (rows.length === 0) return []
  const met = rows.filter(({ status }) => status === 'met')
  const others = met.filter(({ verdict }) => verdict !== 'holds').map(({ id, verdict }) => `${id} ${verdict}`)
  const left = rows.length - met.length
  const more = [...others.slice(0, SHOWN_FAILURES), ...(left === 0 ? [] : [`${left} without a part that meets them`])]
  return [`  requirements ${met.length - others.length} of ${rows.length} hold${more.length === 0 ? '' : `; ${more.join(', ')}`}`]
}

/** The first line: what is verified, and on what. */
export function headline(
  report: Omit<
    VerifyReport,
    | 'verdict'
    | 'totals'
    | 'notTested'
    | 'claims'
    | 'matrix'
    | 'mutants'
    | 'tests'
    | 'review'
    | 'performance'
    | 'builds'
    | 'compared'
    | 'security'
    | 'requirements'
    | 'asvs'
    | 'schema'
    | 'seconds'
  >,
  entities: number,
): string {
  const { design, machine, seed } = report
  return `${design.name}   ${count(entities, 'entity', 'entities')}   design ${design.sha256.slice(0, 6)}   seed ${seed}   PostgreSQL ${machine.postgres}, ${count(machine.cores, 'core')}`
}

/** The line about the role as which the backend was seen in its database; none if it was not seen. */
export function roleLine(role: ServedRole | null, style: Style): readonly string[] {
  if (role === null) return []
  if (role.ordinary) return ['  role         owns nothing, and may only read and write rows']
  const owned = role.owns === 0 ? [] : [`owns ${count(role.owns, 'object')}`]
  return [`  ${style.yellow('role')}         ${[...owned, ...role.powers].join(', ')}: the backend needs none of this`]
}

function thereLine(against: AskedThere | null): readonly string[] {
  if (against === null) return []
  const { url, callers, requests, writes } = against
  return [
    `  against      ${plainText(url)}: ${requests} requests as ${callers.join(', ')}${writes ? ', writes allowed' : ', which only read'}; its rows are not known`,
  ]
}

/** The failed cases: the claims with most of them first, which are nearest to the cause, and some of each claim. */
function findings({ claims }: VerifyReport, style: Style): readonly string[] {
  const failed = claims
    .toSorted((a, b) => b.result.failed - a.result.failed)
    .map((claim) => claim.evidence.filter(({ wrong }) => wrong !== null).map((evidence) => ({ claim, evidence })))
  const shown = failed.flatMap((of) => of.slice(0, SHOWN_PER_CLAIM)).slice(0, SHOWN_FAILURES)
  const more = failed.reduce((sum, of) => sum + of.length, 0) - shown.length
  const lines = shown.flatMap(({ claim, evidence }) => [
    `${style.red('FAILS')}   ${plainText(evidence.case)}            ${place(claim)}`,
    ...linesOf(claim, evidence),
    '',
  ])
  return more > 0 ? [...lines, `and ${more} more: see report.json`, ''] : lines
}

function linesOf(claim: VerifiedClaim, evidence: Evidence): readonly string[] {
  switch (claim.family) {
    case 'tests':
      return testLines(evidence)
    case 'review':
    case 'supply':
      return fixLines(evidence)
    default:
      return caseLines(claim, evidence)
  }
}

/** A finding about no request: where it is, what it is, and what to do. */
function fixLines({ wrong, request, because }: Evidence): readonly string[] {
  return [`  ${plainText(request)}: ${plainText(wrong ?? '')}`, `  fix       ${plainText(because)}`]
}

function testLines({ wrong, request }: Evidence): readonly string[] {
  return [...(wrong ?? '').split('\n').map((line) => `  ${plainText(line)}`), `  again     ${plainText(request)}`]
}

function caseLines(claim: VerifiedClaim, evidence: Evidence): readonly string[] {
  return [
    `  ${evidence.caller === 'anonymous' ? 'Anonymous' : `As ${evidence.caller}`}, ${shortened(plainText(evidence.request))}: ${shortened(plainText(evidence.wrong ?? ''))}`,
    `  expected  ${evidence.expected.join(' or ')} because ${evidence.because}; the answer was ${evidence.status}`,
    ...(claim.from.rule === '' ? [] : [`  rule      ${claim.from.rule}   ${atoms(evidence.atoms)}`]),
    `  again     ${commandOfCase(claim.reproduce.command, claim.id, evidence.case)}`,
  ]
}

/** The most characters of a request in a terminal. The report has it whole. */
const MOST_SHOWN = 400

function shortened(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}… (${text.length} characters)`
}

function place({ from }: VerifiedClaim): string {
  return `${from.file}${from.line === null ? '' : `:${from.line}`} ${from.path}`
}

function atoms(values: Readonly<Record<string, boolean | null>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value === null ? 'unknown' : value}`)
    .join(', ')
}

function verdictLine({ verdict, totals, seconds: took }: VerifyReport, style: Style): string {
  const paint = verdict === 'holds' ? style.green : style.red
  return `${paint(WORDS[verdict])}   ${count(totals.cases, 'case')}, ${count(totals.failed, 'finding')}, ${seconds(took * 1_000)}`
}

function coverage({ totals, claims, security, asvs }: VerifyReport): readonly string[] {
  const { reached, reachable, impossible, unreachable, open, total } = totals.atomValues
  const rules = claims.filter(({ family }) => family === 'access')
  const tested = rules.filter(({ result }) => result.verdict !== 'not-tested').length
  const { values } = totals
  const covered = `  covered      atom values ${reached} of ${reachable} (${total} in all: ${impossible} impossible, ${unreachable} unreachable, ${open} open) · rules ${tested} of ${rules.length} · values ${values.reached} of ${values.total}`
  return [
    ...(total + rules.length + values.total === 0 ? [] : [covered]),
    ...totals.families
      .filter(({ cases }) => cases > 0)
      .map(({ family, what, reached, total }) => `  ${family.padEnd(11)}  ${what} ${reached} of ${total}`),
    ...classes(security),
    ...requirements(asvs),
    ...claims
      .filter((claim) => claim.family !== 'mutants' && claim.unreachable.length > 0)
      .map((claim) => `  unreachable  ${claim.id}: ${claim.unreachable.join(', ')}`),
    ...claims
      .filter((claim) => !['mutants', 'performance'].includes(claim.family) && claim.open.length > 0)
      .map((claim) => `  open         ${claim.id}: ${claim.open.join(', ')}`),
    ...openPerformance(claims),
  ]
}

/** Open claims about performance, by their reason, because many have the same. */
function openPerformance(claims: readonly VerifiedClaim[]): readonly string[] {
  const open = claims.filter((claim) => claim.family === 'performance' && claim.open.length > 0)
  return [...Map.groupBy(open, (claim) => claim.open.join(', '))].map(
    ([why, own]) => `  open         ${own[0]?.id}${own.length === 1 ? '' : ` and ${own.length - 1} more`}: ${plainText(why)}`,
  )
}

/** How many classes of faults hold, and which do not. */
function classes(security: VerifyReport['security']): readonly string[] {
  const tested = security.filter(({ cases }) => cases > 0)
  if (tested.length === 0) return []
  const others = security.filter(({ verdict }) => verdict !== 'holds')
  const names = others.map(
    (row) => ` · ${row.class} ${WORDS_OF_CLASSES[row.verdict]}${row.failed > 0 ? ` (${row.failed} of ${row.cases} cases)` : ''}`,
  )
  return [`  classes      ${security.length - others.length} of ${security.length} classes of faults hold${names.join('')}`]
}

/** How many requirements of ASVS are done, and which failed. */
function requirements(asvs: VerifyReport['asvs']): readonly string[] {
  const of = (verdict: string) => asvs.filter((row) => row.verdict === verdict)
  if (of('done').length + asvs.filter(({ cases }) => cases > 0).length === 0) return []
  const failed = of('failed').map(({ requirement }) => requirement)
  return [
    `  ASVS 5.0     ${of('done').length} of ${asvs.length} requirements done, ${failed.length} failed${failed.length === 0 ? '' : ` (${failed.join(', ')})`}, ${of('undecided').length} undecided, ${of('not-tested').length} not tested, ${of('not-applicable').length} not applicable`,
  ]
}

const WORDS_OF_CLASSES = {
  holds: 'holds',
  fails: 'fails',
  undecided: 'undecided',
  'not-tested': 'not tested',
  'not-applicable': 'not applicable',
} as const

function comparison(compared: Comparison | null): readonly string[] {
  if (compared === null) return []
  const { with: path, compared: both, changed, sameDesign, loads } = compared
  const how = sameDesign ? '' : '; the design is another one'
  return [
    `  compared     with ${path}: ${changed.length === 0 ? `${both} of ${both} verdicts as before` : `${count(changed.length, 'verdict')} changed`}${how}`,
    ...changed.map(({ claim, before, after }) => `  CHANGED      ${claim}: ${before ?? 'not there'} → ${after ?? 'not there'}`),
    ...loadsText(loads),
  ]
}

/** Requests that need more than in the earlier run. */
function loadsText(loads: Comparison['loads']): readonly string[] {
  if (loads.length === 0) return []
  const more = loads.filter((one) => one.more)
  const counts = (of: { readonly before: number; readonly after: number } | null): string =>
    of === null ? 'unknown' : `${of.before} → ${of.after}`
  return [
    `  load then    ${more.length === 0 ? `none of ${loads.length} operations has more statements or reads more rows` : `${more.length} of ${loads.length} operations need more`}`,
    ...more.map(
      ({ what, statements, rowsRead }) =>
        `  MORE         ${plainText(what)}: statements ${counts(statements)}, rows read ${counts(rowsRead)}`,
    ),
  ]
}

function repeat({ against }: VerifyReport, files: readonly string[]): readonly string[] {
  const json = files.find((file) => file.endsWith('report.json')) ?? 'report.json'
  const there = against === null ? '' : ` --token …${against.writes ? ' --allow writes' : ''}`
  return [`  report       ${files.join(', ')}     again: plinth verify --from ${shellWord(json)}${there}`]
}
