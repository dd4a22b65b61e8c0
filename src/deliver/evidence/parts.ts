/** The six deliverables as a report sees them. */

import type { Targets } from '../../model/parts/goals.ts'
import type { VerifiedClaim } from '../../verify/report/claims-of.ts'
import type { VerifyReport } from '../../verify/report/report-of.ts'
import { claimsWhere, countAt, type DeliveredFigure, type EvidencePart, figureAt, type Untested, worstOf } from './part.ts'

/** The names of the deliverables. */
export const DELIVERABLES = ['code', 'documentation', 'performance', 'tests', 'security', 'scalability'] as const
/** The name of a deliverable. */
export type DeliverableName = (typeof DELIVERABLES)[number]

/** Families of claims about security, besides the classes of faults. */
const SECURITY: ReadonlySet<string> = new Set(['security', 'identity', 'supply'])
/** The beginnings of the claims about performance that say how it changes with load and rows. */
const SCALE = ['performance/growth/', 'performance/scaling', 'performance/limits']

/** What a report says about each deliverable. @param targets of the design. */
export function evidenceOf(report: VerifyReport, targets: Targets): Readonly<Record<DeliverableName, EvidencePart>> {
  const { only } = report
  const whole = only === null ? (part: EvidencePart) => part : (part: EvidencePart) => ofChosen(part, only)
  return {
    code: whole(codePart(report)),
    documentation: whole(documentationPart(report)),
    performance: whole(performancePart(report, targets)),
    tests: whole(testsPart(report)),
    security: whole(securityPart(report)),
    scalability: whole(scalePart(report)),
  }
}

/** A run of chosen cases says nothing about the others, so no part holds. @param only what was chosen. */
function ofChosen(part: EvidencePart, only: string): EvidencePart {
  const verdict = part.verdict === 'holds' ? 'undecided' : part.verdict
  return { ...part, verdict, limits: [`only the cases ${only} were asked`, ...part.limits] }
}

function codePart(report: VerifyReport): EvidencePart {
  const claims = claimsWhere(report, ({ family }) => family === 'review' || family === 'tests')
  // The code is what was asked: if any claim fails, so does it.
  const verdict = worstOf(report.claims.map(({ result }) => result.verdict))
  return {
    verdict,
    summary: `The code that was verified, in ${count(report.claims.length, 'claim')}, with its own tests.`,
    figures: [
      countAt(report, 'claims that hold', '/claims', { '/result/verdict': 'holds' }),
      ...figureAt(report, 'own tests that passed', { from: '/tests/passed' }),
      ...figureAt(report, 'own tests that failed', { from: '/tests/failed' }),
    ],
    limits: [],
    notTested: [{ what: 'the installation of the delivered folder', why: 'not run here; `npm ci && npm test` in code/ tries it' }],
    claims,
  }
}

function documentationPart(report: VerifyReport): EvidencePart {
  const claims = claimsWhere(report, ({ family }) => family === 'answers')
  const i = report.totals.families.findIndex(({ family }) => family === 'answers')
  const why = 'no answer was held against the OpenAPI document and the GraphQL schema'
  return {
    verdict: worstOf(claims.map(({ verdict }) => verdict)),
    summary: 'Every answer was held against the OpenAPI document and the GraphQL schema that are delivered.',
    figures:
      i === -1
        ? []
        : figureAt(report, 'statuses of operations seen', {
            from: `/totals/families/${i}/reached`,
            of: `/totals/families/${i}/total`,
          }),
    limits: [],
    notTested: claims.length === 0 ? [{ what: 'the documents', why }] : [],
    claims,
  }
}

function performancePart(report: VerifyReport, targets: Targets): EvidencePart {
  const claims = claimsWhere(report, (claim) => claim.family === 'performance' && !isScale(claim))
  const { performance } = report
  if (performance === null || performance.operations.length === 0) return without(report, claims, 'performance')
  const p99 = targets.p99Ms === null ? undefined : { value: targets.p99Ms, path: 'targets.p99' }
  const throughput = targets.throughput === null ? undefined : { value: targets.throughput, path: 'targets.throughput' }
  const { mix } = performance
  return {
    verdict: worstOf(claims.map(({ verdict }) => verdict)),
    summary: 'Measured under load, with requests that arrive by themselves.',
    figures: [
      ...(mix?.operations ?? []).flatMap(({ id }, i) =>
        figureAt(report, `p99 of ${id}`, { from: `/performance/mix/operations/${i}/p99/ms`, unit: 'ms', target: p99 }),
      ),
      ...figureAt(report, 'requests a second, all operations', { from: '/performance/mix/phase/rate', unit: '/s', target: throughput }),
      ...performance.operations.flatMap(({ id }, i) =>
        figureAt(report, `ceiling of ${id}`, { from: `/performance/operations/${i}/ceiling/perSecond`, unit: '/s' }),
      ),
    ],
    limits: [
      oneMachine(report),
      ...(performance.durable ? [] : ['the database did not wait for the disk, so writes were faster than in production']),
      ...fewRows(report),
    ],
    notTested: untested(report, (what) => what.startsWith('performance')),
    claims,
  }
}

function scalePart(report: VerifyReport): EvidencePart {
  const claims = claimsWhere(report, (claim) => isScale(claim) || claim.family === 'indexes')
  const { performance } = report
  if (performance === null || performance.operations.length === 0) return without(report, claims, 'how it scales')
  return {
    verdict: worstOf(claims.map(({ verdict }) => verdict)),
    summary: 'Throughput by callers, and the work of reads by rows.',
    figures: [
      ...figureAt(report, 'ceiling, all operations', { from: '/performance/mix/ceiling/perSecond', unit: '/s' }),
      ...figureAt(report, 'callers at the most throughput', { from: '/performance/sweep/fit/peak' }),
      ...(performance.growth?.operations ?? []).flatMap(({ id }, i) =>
        figureAt(report, `time of ${id} grows with the rows by the power`, { from: `/performance/growth/operations/${i}/slope/value` }),
      ),
    ],
    limits: [oneMachine(report), 'one instance was measured', ...(performance.sweep?.doubts ?? []), ...fewRows(report)],
    notTested: [{ what: 'several machines and instances behind a proxy', why: 'one machine was measured' }],
    claims,
  }
}

function testsPart(report: VerifyReport): EvidencePart {
  const claims = claimsWhere(report, (claim) => !SECURITY.has(claim.family) && claim.family !== 'performance')
  return {
    verdict: worstOf(claims.map(({ verdict }) => verdict)),
    summary: 'Cases that follow from the design, asked of the running backend, and the tests of the project.',
    figures: [
      ...figureAt(report, 'cases that failed', { from: '/totals/failed', of: '/totals/cases' }),
      ...figureAt(report, 'values of conditions shown', { from: '/totals/atomValues/reached', of: '/totals/atomValues/reachable' }),
      ...figureAt(report, 'values of fields tried', { from: '/totals/values/reached', of: '/totals/values/total' }),
      ...figureAt(report, 'own tests that passed', { from: '/tests/passed' }),
      ...figureAt(report, 'own tests that failed', { from: '/tests/failed' }),
      ...figureAt(report, 'lines of own logic run by tests', { from: '/tests/lines/covered', of: '/tests/lines/total' }),
      ...figureAt(report, 'branches of own logic run by tests', { from: '/tests/branches/covered', of: '/tests/branches/total' }),
      ...figureAt(report, 'planted defects caught', { from: '/mutants/caught', of: '/mutants/total' }),
      ...figureAt(report, 'planted defects that change nothing', { from: '/mutants/equivalent' }),
    ],
    limits: report.mutants === null ? ['no defects were planted, so it is not known how many the cases would miss'] : [],
    notTested: untested(report, (what) => !what.startsWith('performance') && !isAboutSupply(what)),
    claims,
  }
}

function securityPart(report: VerifyReport): EvidencePart {
  const claims = claimsWhere(report, ({ family }) => SECURITY.has(family))
  const rows = report.security.flatMap(({ verdict }) => (verdict === 'not-applicable' ? [] : [verdict]))
  const untestedClasses = report.security.filter(({ verdict }) => verdict === 'not-tested')
  const worst = worstOf([...rows, ...claims.map(({ verdict }) => verdict)])
  // Classes that were not tested may have faults.
  const isWhole = untestedClasses.length === 0
  const count = (name: string, verdict: string): DeliveredFigure => countAt(report, name, '/security', { verdict })
  const requirement = (name: string, verdict: string): DeliveredFigure => countAt(report, name, '/asvs', { verdict })
  return {
    verdict: isWhole || worst !== 'holds' ? worst : 'undecided',
    summary: 'Sixteen classes of faults of Web APIs, and the requirements of OWASP ASVS 5.0 that concern a backend.',
    figures: [
      count('classes of faults that hold', 'holds'),
      count('classes that fail', 'fails'),
      count('classes undecided', 'undecided'),
      count('classes not tested', 'not-tested'),
      count('classes not applicable', 'not-applicable'),
      requirement('ASVS requirements done', 'done'),
      requirement('ASVS requirements failed', 'failed'),
      requirement('ASVS requirements not tested', 'not-tested'),
    ],
    limits: report.asvs
      .filter(({ verdict }) => verdict === 'failed')
      .map((row) => `ASVS ${row.requirement} is not met: ${row.why === '' ? row.what : row.why}`),
    notTested: [...untestedClasses.map((row) => ({ what: `${row.class}, ${row.what}`, why: row.why })), ...untested(report, isAboutSupply)],
    claims,
  }
}

function isScale({ id }: VerifiedClaim): boolean {
  return SCALE.some((beginning) => id.startsWith(beginning))
}

function isAboutSupply(what: string): boolean {
  return what.includes('components') || what.startsWith('advisories')
}

function oneMachine({ machine }: VerifyReport): string {
  return `load, server and database shared one machine of ${count(machine.cores, 'processor')} and ${machine.memoryMb} MB`
}

/** Entities that were measured with fewer rows than the design expects. */
function fewRows({ performance }: VerifyReport): readonly string[] {
  return (performance?.rows ?? []).flatMap(({ entity, rows, target }) =>
    target !== null && rows < target
      ? [`${entity} had ${rows.toLocaleString('en')} of the ${target.toLocaleString('en')} rows that the design expects`]
      : [],
  )
}

function without(report: VerifyReport, claims: EvidencePart['claims'], what: string): EvidencePart {
  const told = untested(report, (name) => name.startsWith('performance'))
  const why = report.mode === 'quick' ? 'left out by --quick' : 'the run has not measured it'
  return {
    verdict: 'not-tested',
    summary: `Not tested: ${told[0]?.why ?? why}.`,
    figures: [],
    limits: [],
    notTested: told.length > 0 ? told : [{ what, why }],
    claims,
  }
}

function untested({ notTested }: VerifyReport, isChosen: (what: string) => boolean): readonly Untested[] {
  return notTested.filter(({ what }) => isChosen(what)).map(({ what, why }) => ({ what, why }))
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
