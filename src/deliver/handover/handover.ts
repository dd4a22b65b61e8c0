/** `handover.json`: what was delivered, what it was measured to do, what is open, and how to repeat it. */

import type { ClaimVerdict } from '../../verify/report/claims-of.ts'
import type { VerifyReport } from '../../verify/report/report-of.ts'
import type { RequirementRow } from '../../verify/report/requirements-of.ts'
import type { DeliveredFigure, EvidencePart, Untested } from '../evidence/part.ts'
import { DELIVERABLES, type DeliverableName } from '../evidence/parts.ts'
import { type DeliveredFile, digestOf } from '../files/delivered-file.ts'

/** `complete`: all holds and nothing is open. `partial`: nothing fails, but something is open or not tested. `blocked`: a claim fails. */
export type HandoverStatus = 'complete' | 'partial' | 'blocked'

/** A deliverable of the hand-over. */
export interface Deliverable {
  /** Relative to the folder of the hand-over. */
  readonly path: string
  readonly digest: string
  readonly verdict: ClaimVerdict
  readonly summary: string
  readonly figures: readonly DeliveredFigure[]
  readonly limits: readonly string[]
  readonly notTested: readonly Untested[]
}

/** A question to the people of the design, and what holds until they answer. */
export interface OpenQuestion {
  readonly id: string
  readonly ask: string
  readonly taken: string
}

/** A requirement with what the report says about it. */
export interface DeliveredRequirement extends Pick<RequirementRow, 'id' | 'text' | 'source' | 'status'> {
  /** The parts of the design, scenarios and tests that meet it. */
  readonly by: readonly string[]
  readonly result: ClaimVerdict
  /** How many cases passed, and of how many. */
  readonly cases: readonly [passed: number, of: number]
}

/** What is known apart from the report. */
export interface HandoverParts {
  readonly name: string
  /** A sentence about the backend, of the design; null for none. */
  readonly description: string | null
  readonly evidence: Readonly<Record<DeliverableName, EvidencePart>>
  readonly assumptions: readonly { readonly id: string; readonly text: string; readonly by: 'default' | 'design' }[]
  readonly openQuestions: readonly OpenQuestion[]
  readonly deviations: readonly { readonly id: string; readonly asked: string; readonly done: string; readonly offer: string }[]
  /** What nothing here has tried, apart from verify. */
  readonly notTested: readonly Untested[]
  /** The design as a word of a command in `code/`; empty if commands find it by themselves. */
  readonly design: string
}

/** The hand-over; `handover.schema.json` is its JSON Schema. */
export interface Handover {
  readonly $schema: './handover.schema.json'
  readonly version: 1
  readonly name: string
  readonly description: string | null
  readonly status: HandoverStatus
  readonly summary: string
  readonly made: {
    readonly plinth: string
    readonly design: string
    readonly verifiedAt: string
    readonly report: 'verification/report.json'
  }
  readonly deliverables: Readonly<Record<DeliverableName, Deliverable>>
  readonly requirements: readonly DeliveredRequirement[]
  readonly assumptions: HandoverParts['assumptions']
  readonly openQuestions: HandoverParts['openQuestions']
  readonly deviations: HandoverParts['deviations']
  readonly notTested: readonly Untested[]
  /** To be run in `code/`. */
  readonly commands: Readonly<Record<'install' | 'test' | 'run' | 'verify' | 'migrate' | 'repeat', string>>
}

/** Where each deliverable stands. */
export const PATHS = {
  code: 'code',
  documentation: 'docs',
  performance: 'verification/performance.json',
  tests: 'verification/tests.json',
  security: 'verification/security.json',
  scalability: 'verification/scale.json',
} as const satisfies Record<DeliverableName, string>

/** Makes the hand-over. @param files all its other files. */
export function handoverOf(parts: HandoverParts, report: VerifyReport, files: readonly DeliveredFile[]): Handover {
  const { evidence, design } = parts
  const deliverables = Object.fromEntries(
    DELIVERABLES.map((name) => {
      const { claims: _, ...part } = evidence[name]
      return [name, { path: PATHS[name], digest: digestOf(files, PATHS[name]), ...part }]
    }),
  ) as unknown as Handover['deliverables']
  const { name, description, assumptions, openQuestions, deviations } = parts
  const status = statusOf(parts, report)
  const named = design === '' ? '' : ` ${design}`
  return {
    $schema: './handover.schema.json',
    version: 1,
    ...{ name, description, status, summary: summaryOf(report) },
    made: {
      plinth: report.plinth,
      design: `sha256:${report.design.sha256}`,
      verifiedAt: report.startedAt,
      report: 'verification/report.json',
    },
    deliverables,
    requirements: report.requirements.map(deliveredRequirement),
    ...{ assumptions, openQuestions, deviations },
    notTested: [...parts.notTested, ...report.notTested.map(({ what, why }) => ({ what, why }))],
    commands: {
      install: 'npm ci',
      test: 'npm test',
      run: 'npm start',
      verify: 'npm run verify',
      migrate: 'npm run migrate',
      repeat: `npx plinth verify${named === '' ? ' .' : named} --from ../verification/report.json`,
    },
  }
}

function deliveredRequirement({ id, text, source, status, parts, verdict, cases, failed }: RequirementRow): DeliveredRequirement {
  return { id, text, source, status, by: parts.map(({ name }) => name), result: verdict, cases: [cases - failed, cases] }
}

function statusOf({ evidence, openQuestions, deviations }: HandoverParts, { notTested, requirements }: VerifyReport): HandoverStatus {
  const verdicts = DELIVERABLES.map((name) => evidence[name].verdict)
  if (verdicts.includes('fails')) return 'blocked'
  const isUnmet = requirements.some(({ status, verdict }) => (status === 'met' ? verdict !== 'holds' : status !== 'given'))
  const isOpen = isUnmet || openQuestions.length + deviations.length > 0 || notTested.some(({ kind }) => kind === 'excluded')
  return isOpen || verdicts.some((verdict) => verdict !== 'holds') ? 'partial' : 'complete'
}

function summaryOf({ claims, totals }: VerifyReport): string {
  const of = (verdict: ClaimVerdict): number => claims.filter(({ result }) => result.verdict === verdict).length
  const others = [
    [of('fails'), 'fail'],
    [of('undecided'), 'are undecided'],
    [of('not-tested'), 'were not tested'],
  ] as const
  const more = others.filter(([n]) => n > 0).map(([n, what]) => `, ${n} ${what}`)
  return `${of('holds')} of ${claims.length} claims hold${more.join('')}, in ${totals.cases.toLocaleString('en')} cases of which ${totals.failed} failed`
}
