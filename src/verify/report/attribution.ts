/**
 * Which classes of faults a case is about. A case is counted by what it asked: its claim, its request, its caller and what it had to lead
 * to. So a case of any family counts for each class that it could have shown.
 */

import type { Case, NamedCase } from '../cases/case.ts'
import type { CaseResult } from '../run/case-result.ts'
import type { SecurityClass } from '../security/classes.ts'

/** A kind of cases that is about a class. */
export interface Fact {
  /** What these cases ask, for people. */
  readonly what: string
  readonly asks: (result: CaseResult) => boolean
  /** Whether a case shows the fault; unless given, a case that failed. */
  readonly fails?: (result: CaseResult) => boolean
  /** Whether the class is undecided where a claim of these cases is. */
  readonly whole?: true
}

const caseOf = (one: NamedCase): Case | null => ('request' in one ? (one as Case) : null)
const familyOf = ({ case: { claim } }: CaseResult): string => claim.split('/', 1)[0] ?? ''
const isOf =
  (...families: readonly string[]) =>
  (result: CaseResult): boolean =>
    families.includes(familyOf(result))
const claimIs =
  (pattern: RegExp) =>
  ({ case: { claim } }: CaseResult): boolean =>
    pattern.test(claim)
const hasGoal =
  (pattern: RegExp) =>
  ({ case: { goals } }: CaseResult): boolean =>
    goals.some((goal) => pattern.test(goal))
const isRefused = ({ expected: { statuses } }: CaseResult): boolean => statuses.every((status) => status >= 400)
const isAnonymous = ({ case: { user } }: CaseResult): boolean => user === null
/** Answers of all cases, by the family that watches them. */
const isEvery = (family: string) => (result: CaseResult) => isEveryAnswer(result) && isOf(family)(result)
const isEveryAnswer = ({ case: { door } }: CaseResult): boolean => door === 'every answer'

/** Whether a case writes, as its request says; a probe, as its method says. */
function writes({ case: one, sent }: CaseResult): boolean {
  const request = caseOf(one)?.request
  return request === undefined ? !['GET', 'HEAD', 'OPTIONS'].includes(sent.method) : request.kind !== 'get' && request.kind !== 'list'
}

/** Whether the caller must be refused, or the answer must leave rows out. */
function withholds(result: CaseResult): boolean {
  const request = caseOf(result.case)?.request
  const isPart = request?.kind === 'list' || (request?.kind === 'get' && request.selected.include.size > 0)
  return isRefused(result) || isPart
}

const DECIDED_BY_RULES = isOf('access', 'actions')

/** A claim of the family `security` about this class. */
function own(of: SecurityClass): Fact {
  return { what: 'own cases', asks: ({ case: { claim } }) => claim === `security/${of}` || claim.startsWith(`security/${of}/`) }
}

const isDefect = ({ status, wrong }: CaseResult): boolean =>
  status >= 500 || /^(?:status 5\d\d|the backend logged a defect)/.test(wrong ?? '')

/** The kinds of cases that are about each class. */
export const ATTRIBUTION: Readonly<Record<SecurityClass, readonly Fact[]>> = {
  F100: [
    own('F100'),
    {
      what: 'every case of another class or family',
      asks: (one) => !isEveryAnswer(one) && !claimIs(/^security\/F100\b/)(one),
      fails: isDefect,
    },
    { what: 'each status of each operation', asks: isEvery('answers'), fails: ({ status }) => status >= 500 },
  ],
  F101: [
    own('F101'),
    { what: 'each status of each operation, against the documents', asks: isEvery('answers') },
    { what: 'ways to make an operation refuse', asks: (one) => isOf('answers')(one) && !isEveryAnswer(one) },
  ],
  F102: [
    own('F102'),
    { what: 'values that a field may not have', asks: (one) => isOf('values')(one) && caseOf(one.case)?.refused !== undefined },
    { what: 'values of another type that look right, at every door', asks: claimIs(/^values\/other-types$/) },
    { what: 'sizes of pages on both sides of their limits, at every door', asks: claimIs(/^values\/page-sizes$/) },
    { what: 'writes that break a check over relations', asks: (one) => isOf('relations')(one) && hasGoal(/^broken-/)(one) },
    {
      what: 'references to no row of the kind',
      asks: (one) => isOf('relations')(one) && hasGoal(/^(?:missing|other-entity|deleted)\//)(one),
    },
    { what: 'bodies and parameters of a wrong form', asks: (one) => isOf('answers')(one) && !isEveryAnswer(one) && hasGoal(/^400$/)(one) },
  ],
  F103: [
    own('F103'),
    { what: 'doors to a row that was deleted softly', asks: claimIs(/^relations\/.*\.deleted$/) },
    { what: 'deletes, with all rows afterwards', asks: claimIs(/^relations\/.*\.delete$/) },
  ],
  F104: [
    own('F104'),
    {
      what: 'creates that must be refused, with all rows afterwards',
      asks: (one) => caseOf(one.case)?.request.kind === 'create' && isRefused(one),
    },
  ],
  F200: [own('F200')],
  F201: [own('F201')],
  F202: [own('F202')],
  F203: [
    own('F203'),
    { what: 'fields that the caller may not set', asks: (one) => claimIs(/^access\/.*\.write$/)(one) && isRefused(one) },
    { what: 'states that only transitions set', asks: (one) => isOf('actions')(one) && caseOf(one.case)?.refused !== undefined },
  ],
  F204: [
    own('F204'),
    { what: 'requests that name a hidden row, and a row that does not exist', asks: ({ expected }) => expected.hidden === true },
    { what: 'rows that only other callers are shown', asks: (one) => isOf('reads')(one) && hasGoal(/\/foreign$/)(one) },
    {
      what: 'signing in to an unknown account',
      asks: (one) => isOf('identity')(one) && hasGoal(/^(?:alike|time-alike|unknown-account)$/)(one),
    },
  ],
  F205: [
    own('F205'),
    {
      what: 'requests of signed-in callers, of which none may be answered 401',
      asks: (one) =>
        isOf('access', 'values', 'lists', 'relations', 'actions')(one) && !isAnonymous(one) && !one.expected.statuses.includes(401),
      fails: ({ status }) => status === 401,
    },
    {
      what: 'valid tokens and new sessions',
      asks: (one) => isOf('identity')(one) && hasGoal(/^(?:genuine|right|rotated|registered|logged-out-alone)$/)(one),
    },
  ],
  F206: [
    own('F206'),
    {
      what: 'requests of signed-in callers that rules refuse or narrow',
      asks: (one) => DECIDED_BY_RULES(one) && !isAnonymous(one) && withholds(one),
      whole: true,
    },
    { what: 'rows that signed-in callers are shown', asks: (one) => isOf('reads')(one) && !isAnonymous(one) },
    { what: 'rights that were taken away', asks: claimIs(/^identity\/rights$/) },
  ],
  F207: [
    own('F207'),
    {
      what: 'requests of anonymous callers that rules refuse or narrow',
      asks: (one) => DECIDED_BY_RULES(one) && isAnonymous(one) && withholds(one),
      whole: true,
    },
    { what: 'rows that anonymous callers are shown', asks: (one) => isOf('reads')(one) && isAnonymous(one) },
    {
      what: 'forged and broken tokens, and those of ended sessions',
      asks: (one) =>
        claimIs(/^identity\/tokens$/)(one) ||
        (claimIs(/^identity\/sessions$/)(one) && hasGoal(/^logged-out/)(one)) ||
        (isOf('answers')(one) && hasGoal(/^401$/)(one)),
    },
  ],
  F208: [
    own('F208'),
    {
      what: 'writes of anonymous callers that rules refuse, with all rows afterwards',
      asks: (one) => DECIDED_BY_RULES(one) && isAnonymous(one) && writes(one) && isRefused(one),
      whole: true,
    },
  ],
  F209: [own('F209'), { what: 'secrets in the log', asks: claimIs(/^security\/logs$/) }],
  F210: [
    own('F210'),
    { what: 'pages of other origins', asks: claimIs(/^security\/origins$/) },
    { what: 'published keys', asks: hasGoal(/^public-keys$/) },
    { what: 'headers of every answer', asks: claimIs(/^security\/headers$/) },
  ],
}
