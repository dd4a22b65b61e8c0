/** The JSON Schema of `report.json`, for programs that read it. */

import type { ClaimUnit } from './claims-of.ts'
import { BUILDS, COMPARED_LOADS, PERFORMANCE } from './schema/performance-schema.ts'
import { amount, orNull as nullable, object, textual as text, listOfTexts as texts, whole } from './schema/schema-parts.ts'

const VERDICT = { enum: ['holds', 'fails', 'undecided', 'not-tested'] } as const

const ATOM_VALUES = { total: whole, impossible: whole, unreachable: whole, open: whole, reachable: whole }

/** What claims count; each unit of claims, so that none is forgotten. */
const UNITS = {
  'atom values': true,
  values: true,
  answers: true,
  'orders and pages': true,
  'references and deletes': true,
  races: true,
  'kinds of sign-in': true,
  'conditions and states': true,
  'steps and conditions': true,
  'writes and their events': true,
  'declared indexes': true,
  calls: true,
  attacks: true,
  reads: true,
  messages: true,
  mutants: true,
  tests: true,
  checks: true,
  components: true,
  requests: true,
  measurements: true,
} satisfies Record<ClaimUnit, true>

const EVIDENCE = object({
  case: text,
  caller: { ...text, description: '`anonymous`, or the id of the account.' },
  request: text,
  body: { description: 'The body of the request; texts of more than 2,000 characters are cut. Null without one.' },
  status: whole,
  expected: { type: 'array', items: whole },
  because: text,
  atoms: { type: 'object', additionalProperties: { type: ['boolean', 'null'] } },
  wrong: { ...nullable('string'), description: 'What differs; null for a case that passed.' },
  answer: nullable('string'),
  ms: amount,
})

const CLAIM = object({
  id: text,
  family: text,
  claim: text,
  from: object({ file: text, line: nullable('integer'), path: text, rule: text }),
  method: object({ kind: { enum: ['cases', 'mutants', 'tests', 'review', 'components', 'load'] }, oracle: text, doors: texts, text }),
  denominator: object({ what: { enum: Object.keys(UNITS) }, ...ATOM_VALUES, untested: whole }),
  result: object({ verdict: VERDICT, reached: whole, cases: whole, failed: whole, undecided: whole }),
  unreachable: texts,
  open: texts,
  untested: texts,
  evidence: { type: 'array', items: EVIDENCE, description: 'Every case that failed, and one that passed for each atom value.' },
  passed: { ...texts, description: 'The names of the other cases, which passed.' },
  reproduce: object({ command: text }),
})

const CELL = object({
  entity: text,
  operation: { enum: ['read', 'create', 'update', 'delete'] },
  caller: text,
  relation: { enum: ['own', 'other', 'new', 'list'] },
  allowed: whole,
  refused: whole,
  failed: whole,
  cases: texts,
})

const COUNTS = { total: whole, caught: whole, equivalent: whole, survived: whole, unreached: whole, broken: whole, left: whole }

const MUTANTS = object({
  ...COUNTS,
  kinds: { type: 'array', items: object({ kind: text, what: text, ...COUNTS }), description: 'Worst first.' },
  uncaught: {
    type: 'array',
    items: object({
      name: text,
      kind: text,
      what: text,
      fate: { enum: ['survived', 'unreached', 'broken', 'left'] },
      cases: whole,
      why: text,
    }),
  },
  equivalents: { type: 'array', items: object({ name: text, states: whole }) },
  catches: { type: 'array', items: object({ name: text, by: text }), description: 'The case that caught each mutant.' },
  control: {
    ...object({ cases: whole, failed: texts, overHttp: whole, same: whole }),
    description: 'The backend without a mutant, in the same process; `overHttp` of the cases were also asked over HTTP.',
  },
  idle: {
    type: 'array',
    items: object({ family: text, cases: whole, idle: whole, names: texts }),
    description: 'The cases that have caught no mutant, by family.',
  },
  unplanted: { ...whole, description: 'Mutants of the same kinds that were not planted, and are in no other number.' },
  casesToCatch: object({ median: whole, most95: whole }),
  seconds: amount,
})

const SHARE = object({ covered: whole, total: whole })

const OWN_TESTS = object({
  passed: whole,
  failed: whole,
  skipped: whole,
  files: { type: 'array', items: object({ file: text, passed: whole, failed: whole, skipped: whole }) },
  logic: {
    type: 'array',
    items: object({ file: text, lines: SHARE, branches: SHARE, missed: text }),
    description: 'The files of the logic; `missed` are the lines that no test runs.',
  },
  lines: SHARE,
  branches: SHARE,
  named: { ...whole, description: 'Actions, hooks and other code that the design names.' },
  untested: { type: 'array', items: object({ kind: text, name: text, file: text }), description: 'Logic that no test runs.' },
  ended: { ...nullable('string'), description: 'Why it is not known of all tests whether they pass; null if it is.' },
  seconds: amount,
})

const REVIEW = object({
  parts: {
    type: 'array',
    items: object({ check: text, looked: text, why: nullable('string') }),
    description: 'The checks; `why` one was left out.',
  },
  findings: {
    type: 'array',
    items: object({
      check: text,
      name: text,
      level: { enum: ['error', 'warning', 'note'] },
      path: text,
      file: nullable('string'),
      line: nullable('integer'),
      what: text,
      fix: text,
    }),
  },
  costs: {
    type: 'array',
    items: object({ code: text, runs: whole, ms: amount, statements: whole }),
    description: 'The fastest run of each piece of code, and its most statements.',
  },
})

const SECURITY = object({
  class: text,
  what: text,
  owasp: text,
  verdict: { enum: [...VERDICT.enum, 'not-applicable'] },
  why: { ...text, description: 'Why it is not tested or undecided; empty otherwise.' },
  cases: { ...whole, description: 'Distinct cases; one case may be about several classes.' },
  passed: whole,
  failed: whole,
  failing: { ...texts, description: 'The names of the cases that show the fault.' },
  shares: { type: 'array', items: object({ what: text, cases: whole, failed: whole }) },
})

const ASVS = object({
  requirement: { ...text, description: 'The number in OWASP ASVS 5.0.0.' },
  level: { enum: [1, 2, 3] },
  what: text,
  verdict: { enum: ['done', 'failed', 'undecided', 'not-tested', 'not-applicable'] },
  why: { ...text, description: 'Why it is not tested or undecided, or why the design does not meet it; empty otherwise.' },
  cases: whole,
  failed: whole,
  claims: texts,
})

const SEEN = { verdict: VERDICT, cases: whole, failed: whole }

const REQUIREMENT = object({
  id: text,
  text,
  source: { ...nullable('string'), description: 'The document and the line.' },
  status: { enum: ['met', 'open', 'refused', 'given', 'outside', 'unmapped'] },
  ...SEEN,
  parts: {
    type: 'array',
    items: object({ name: text, ...SEEN, claims: texts, why: { ...text, description: 'Why it is not tested; empty otherwise.' } }),
    description: 'The parts of the design, scenarios and tests that meet it.',
  },
})

const ROLE = object({ ordinary: { type: 'boolean' }, owns: whole, powers: texts })

const AGAINST = object({
  url: text,
  callers: texts,
  rowsKnown: { const: false },
  writes: { type: 'boolean' },
  requests: whole,
  perSecond: whole,
})

const VERDICT_OR_NULL = { enum: [...VERDICT.enum, null] }

const COMPARED = object({
  with: text,
  startedAt: { type: 'string', format: 'date-time' },
  sameDesign: { type: 'boolean' },
  plinth: text,
  compared: whole,
  changed: { type: 'array', items: object({ claim: text, before: VERDICT_OR_NULL, after: VERDICT_OR_NULL }) },
  loads: COMPARED_LOADS,
})

/** JSON Schema 2020-12 of a report of `plinth verify`. */
export const REPORT_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Report of plinth verify',
  ...object({
    schema: { const: 'plinth-verify/1' },
    verdict: { ...VERDICT, description: 'The worst of the claims; not-tested only where nothing was tested.' },
    design: object({ name: text, file: text, sha256: text }),
    plinth: text,
    seed: whole,
    mode: { enum: ['quick', 'full'] },
    only: nullable('string'),
    load: {
      ...object({ rows: nullable('number'), seconds: nullable('number') }),
      description: 'The options about load; null where one was not given.',
    },
    machine: object({ cores: whole, memoryMb: whole, node: text, postgres: text }),
    role: {
      anyOf: [ROLE, { type: 'null' }],
      description:
        'The database role of the serving process: what it owns, and what it may do that serving does not need. Null if it was not seen.',
    },
    against: {
      anyOf: [AGAINST, { type: 'null' }],
      description: 'The environment that was asked, without credentials. Null for a database of its own.',
    },
    startedAt: { type: 'string', format: 'date-time' },
    seconds: amount,
    totals: object({
      claims: whole,
      cases: whole,
      failed: whole,
      atomValues: object({ ...ATOM_VALUES, reached: whole }),
      values: object({ total: whole, open: whole, reached: whole }),
      families: {
        type: 'array',
        items: object({
          family: text,
          what: text,
          claims: whole,
          cases: whole,
          failed: whole,
          total: whole,
          untested: whole,
          reached: whole,
        }),
      },
      accepted: whole,
      accessCases: whole,
    }),
    notTested: {
      type: 'array',
      items: object({ what: text, count: nullable('integer'), why: text, kind: { enum: ['excluded', 'unreachable', 'missing'] } }),
    },
    claims: { type: 'array', items: CLAIM },
    requirements: { type: 'array', items: REQUIREMENT, description: 'What was asked for; empty for a design without requirements.' },
    matrix: { type: 'array', items: CELL, description: 'Who may do what, as the cases have seen it.' },
    mutants: { anyOf: [MUTANTS, { type: 'null' }], description: 'Null if none were planted.' },
    tests: { anyOf: [OWN_TESTS, { type: 'null' }], description: "The project's own tests; null if they were left out." },
    review: { anyOf: [REVIEW, { type: 'null' }], description: 'The review of the code; null if it was left out.' },
    performance: { anyOf: [PERFORMANCE, { type: 'null' }], description: 'What a load has shown; null if it was left out.' },
    builds: { anyOf: [BUILDS, { type: 'null' }], description: 'The comparison with another build; null if none was asked.' },
    security: { type: 'array', items: SECURITY, description: 'The classes of faults of Web APIs, with what the cases say about each.' },
    asvs: { type: 'array', items: ASVS, description: 'Requirements of OWASP ASVS 5.0, with what the cases say about each.' },
    compared: { anyOf: [COMPARED, { type: 'null' }], description: 'What differs from the report that was repeated.' },
  }),
} as const
