/** What a run did not test, with the reasons. A report lists all of it. */

import { formatPath } from '../../base/diagnostic.ts'
import type { Model } from '../../model/model.ts'
import type { CasePlan } from '../../verify/cases/cases-of.ts'
import type { LeftOut } from '../../verify/cases/family-plan.ts'
import type { NotTested, ServedRole } from '../../verify/report/report-of.ts'
import { isTestName } from './own-tests.ts'
import { isAboutProject, REVIEW } from './project.ts'

/** What was planned, chosen and set up. */
export interface Ran {
  readonly model: Model
  readonly plan: CasePlan
  /** How many cases were asked. */
  readonly asked: number
  /** Answers that no case provoked. */
  readonly unprovoked: readonly LeftOut[]
  /** As which role the backend was served; null if it was not seen. */
  readonly role: ServedRole | null | 'not-served'
  /** Whether mutants were planted. */
  readonly mutants: boolean
  /** The beginning of the names of what was chosen; undefined for all. */
  readonly only: string | undefined
}

const MISSING = 'this version of verify has no cases for them'

const NO_ORDINARY_ROLE =
  'no such role could be made: DATABASE_URL names a role that may not create roles, or the embedded server has no socket'

/** Families of questions that this version cannot ask. */
const FAMILIES: readonly string[] = [
  'values in lists of rows, nested rows, PUT and transactions, and by SQL',
  'searches, and filters through relations beyond what access needs',
  'jobs, schedules and reactions that call something, files, and messages of the broker',
  'a database that stops, kill -9 while a message is being sent',
]

/** Everything that was not asked: what options left out, then what this version cannot ask, then parts of the design. */
export function notTestedOf(ran: Ran): readonly NotTested[] {
  const { plan, asked, only } = ran
  const excluded = plan.cases.length + plan.probes.length + plan.messages.length - asked
  return [
    ...(excluded === 0 ? [] : [{ what: 'cases', count: excluded, why: 'left out by --only', kind: 'excluded' } as const]),
    ...(only === undefined ? [] : [{ what: besides(only), count: null, why: 'left out by --only', kind: 'excluded' } as const]),
    ...(isAboutProject(only) ? [] : ofBackend(ran)),
  ]
}

/** What the cases for a backend leave out. */
function ofBackend({ model, plan, unprovoked, role, mutants }: Ran): readonly NotTested[] {
  const missing = (what: string, why: string): NotTested => ({ what, count: null, why, kind: 'missing' })
  const isOrdinary = role === 'not-served' || role?.ordinary === true
  return [
    ...(mutants
      ? []
      : [{ what: 'whether the cases notice defects', count: null, why: 'left out without --mutants', kind: 'excluded' } as const]),
    ...(isOrdinary ? [] : [missing('the backend as a role that owns nothing', NO_ORDINARY_ROLE)]),
    ...FAMILIES.map((what) => missing(what, MISSING)),
    ...model.pending.map(({ path, feature }) =>
      missing(`${formatPath(path)} (${feature})`, 'the design says it, this version does not act on it'),
    ),
    ...plan.left.map(({ what, why }) => missing(what, why)),
    ...unprovoked.map(({ what, why }) => missing(what, why)),
  ]
}

/** What a run of chosen cases leaves out besides other cases. */
function besides(only: string): string {
  const left = [isTestName(only) ? null : 'own tests', only === REVIEW ? null : 'the review of the code', 'components and their advisories']
  return left.filter((what) => what !== null).join(', ')
}
