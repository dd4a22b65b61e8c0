/** What a run did not test, with the reasons. A report lists all of it. */

import { formatPath } from '../../base/diagnostic.ts'
import type { Model } from '../../model/model.ts'
import type { Case } from '../../verify/cases/case.ts'
import type { CasePlan } from '../../verify/cases/cases-of.ts'
import type { NotTested } from '../../verify/report/report-of.ts'
import type { OpenStage } from './open-stage.ts'

/** What was planned, chosen and set up. */
export interface Ran {
  readonly model: Model
  readonly plan: CasePlan
  readonly cases: readonly Case[]
  readonly stage: Pick<OpenStage, 'ordinaryRole'>
}

const MISSING = 'this version of verify has no cases for it'

/** Families of questions that this version cannot ask. */
const FAMILIES: readonly string[] = [
  'values in lists of rows, nested rows, PUT and transactions, and by SQL',
  'answers against the OpenAPI document and the GraphQL schema',
  'lists: orders, pages and searches beyond what access needs',
  'relations: deletes with children',
  'races, If-Match, Idempotency-Key',
  'identity: forged, expired and reused tokens',
  'actions, workflows, events, jobs, files and mails',
  'security classes, mutants, load, kill -9',
]

/** Everything that was not asked. */
export function notTestedOf({ model, plan, cases, stage }: Ran): readonly NotTested[] {
  const excluded = plan.cases.length - cases.length
  const missing = (what: string, why: string): NotTested => ({ what, count: null, why, kind: 'missing' })
  return [
    ...(excluded === 0 ? [] : [{ what: 'cases', count: excluded, why: 'left out by --only', kind: 'excluded' } as const]),
    ...plan.left.map(({ what, why }) => missing(what, why)),
    ...(stage.ordinaryRole ? [] : [missing('the backend as a role that owns nothing', 'the role of DATABASE_URL may not create roles')]),
    ...FAMILIES.map((what) => missing(what, MISSING)),
    ...model.pending.map(({ path, feature }) =>
      missing(`${formatPath(path)} (${feature})`, 'the design says it, this version does not act on it'),
    ),
  ]
}
