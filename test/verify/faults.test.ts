/** All families against correct backends, and the families `access` and `values` against ones with a seeded defect. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ALWAYS, type Predicate } from '../../src/model/expression.ts'
import type { ScalarType } from '../../src/model/field-type.ts'
import type { Access, Entity, Field, Model } from '../../src/model/model.ts'
import { casesOf } from '../../src/verify/cases/cases-of.ts'
import { answerBook } from '../../src/verify/contract/answer-book.ts'
import { allCasesOf } from '../../src/verify/families/all-cases.ts'
import type { CaseResult } from '../../src/verify/run/case-result.ts'
import { runCases } from '../../src/verify/run/run-cases.ts'
import type { SentRequest, Stage } from '../../src/verify/run/stage.ts'
import { stageFor, stageOfTwo, stageWithFault } from './in-process.ts'
import { type Loaded, load, passwordHash } from './loaded.ts'
import { firstOfEach, IS_FULL } from './planted/first-of-each.ts'

const plans = new WeakMap<Model, ReturnType<typeof casesOf>>()

/** The cases of a design, which are planned once for all its faults. */
function planOf({ design, model }: Loaded): ReturnType<typeof casesOf> {
  const known = plans.get(model) ?? casesOf(design, model, 'x')
  plans.set(model, known)
  return known
}

/** Runs the cases whose names begin with `only` against a backend that serves `served`, at the requests that `where` names. */
async function failures(t: TestContext, loaded: Loaded, fault: Fault): Promise<readonly CaseResult[]> {
  const { design, model } = loaded
  const plan = planOf(loaded)
  const stage = await stageOf(t, model, fault)
  const cases = plan.cases.filter(({ name }) => name.startsWith(fault.claim))
  const results = await runCases(stage, { design, model, plan, cases })
  assert.equal(results.length, cases.length)
  return results.filter(({ wrong }) => wrong !== null)
}

const ACTIONS = ['bank', 'helpdesk', 'press', 'saas', 'school', 'shop'].map((name) => `test/actions/designs/${name}.yaml`)
const LIBRARY = 'test/verify/designs/library.yaml'
const USUAL = [LIBRARY, 'examples/blog']
const CORRECT = IS_FULL ? [...USUAL, 'examples/shop', 'examples/two-backends/billing', 'examples/two-backends/orders', ...ACTIONS] : USUAL

/** These families take long, so they are asked with `PLINTH_FULL=1`. */
const LONG = /^(lists|identity|races|answers|security)\//

/** Of the other families, every sixth case is asked, and all with `PLINTH_FULL=1`. */
const isAskedAt = (place: number): boolean => IS_FULL || place % 6 === 0

for (const file of CORRECT) {
  test(`a correct backend of ${file} answers every question as expected`, async (t) => {
    const { design, model } = await load(file)
    const plan = allCasesOf(design, model, await passwordHash())
    const isShort = ({ name }: { readonly name: string }): boolean => IS_FULL || !LONG.test(name)
    const cases = plan.cases.filter(isShort).filter((_, place) => isAskedAt(place))
    const probes = plan.probes.filter(isShort).filter((_, place) => isAskedAt(place))
    const stage = await stageOfTwo(t, model)
    const results = await runCases(stage, { design, model, plan, cases, probes, book: answerBook(model) })
    assert.ok(results.length > cases.length + probes.length)
    const wrong = results.filter((result) => result.wrong !== null)
    assert.deepEqual(
      wrong.map((result) => `${result.case.name}: ${result.wrong}`),
      [],
    )
  })
}

/** Without `where`, the database is also made for the defective model, so that its constraints do not hide the defect. */
function stageOf(t: TestContext, model: Model, fault: Fault): Promise<Stage> {
  if (fault.where === undefined) return stageFor(t, fault.served(model))
  return stageWithFault(t, { model, faulty: fault.served(model), where: fault.where })
}

interface Fault {
  readonly what: string
  /** The claim whose cases are run. */
  readonly claim: string
  readonly served: (model: Model) => Model
  /** The requests that reach the faulty backend; all unless given. */
  readonly where?: (asked: SentRequest) => boolean
  /** What the name of a failed case must match. */
  readonly named: RegExp
}

function withEntity(model: Model, name: string, change: (entity: Entity) => Entity): Model {
  return { ...model, entities: model.entities.map((entity) => (entity.name === name ? change(entity) : entity)) }
}

const access =
  (entity: string, change: (access: Access) => Partial<Access>) =>
  (model: Model): Model =>
    withEntity(model, entity, (own) => ({ ...own, access: { ...own.access, ...change(own.access) } }))

const field =
  (entity: string, name: string, change: (field: Field) => Partial<Field>) =>
  (model: Model): Model =>
    withEntity(model, entity, (own) => ({
      ...own,
      fields: own.fields.map((one) => (one.name === name ? { ...one, ...change(one) } : one)),
    }))

const withoutFirst = (rule: Predicate): Predicate => (rule.kind === 'any' ? { ...rule, of: rule.of.slice(1) } : ALWAYS)
const lostReads = access('Post', () => ({ read: ALWAYS }))
const isGraphql = ({ url }: SentRequest): boolean => url === '/graphql'

const FAULTS: readonly Fault[] = [
  {
    what: 'a condition of a rule is dropped',
    claim: 'access/Post.read',
    served: access('Post', ({ read }) => ({ read: withoutFirst(read) })),
    named: /published\/true\/get/,
  },
  { what: 'a rule is lost', claim: 'access/Post.read', served: lostReads, named: /false\/list/ },
  { what: 'a rule is lost in GraphQL only', claim: 'access/Post.read', served: lostReads, where: isGraphql, named: /graphql-list/ },
  {
    what: 'a rule is lost in includes only',
    claim: 'access/Post.read',
    served: lostReads,
    where: ({ url }) => url.includes('include='),
    named: /include-many/,
  },
  {
    what: 'a rule is lost in transactions only',
    claim: 'access/Post.read',
    served: lostReads,
    where: ({ url }) => url.includes('/transaction'),
    named: /\/transaction$/,
  },
  {
    what: 'a rule is lost for counts only',
    claim: 'access/Post.read',
    served: lostReads,
    where: ({ url }) => url.includes('count=true'),
    named: /\/count$/,
  },
  {
    what: 'deletes are judged by the rule of updates',
    claim: 'access/Post.delete',
    served: access('Post', ({ update }) => ({ delete: update.from })),
    named: /delete/,
  },
  {
    what: 'the row before an update is not judged',
    claim: 'access/Post.update.from',
    served: access('Post', ({ update }) => ({ update: { ...update, from: ALWAYS, to: ALWAYS } })),
    named: /patch/,
  },
  { what: 'anybody deletes', claim: 'access/User.delete', served: access('User', () => ({ delete: ALWAYS })), named: /false\/delete/ },
  {
    what: 'the read rule of a field is dropped',
    claim: 'access/User.email.read',
    served: field('User', 'email', () => ({ read: ALWAYS })),
    named: /get/,
  },
  {
    what: 'the write rule of a field is dropped',
    claim: 'access/User.role.write',
    served: field('User', 'role', () => ({ write: ALWAYS })),
    named: /false\/patch/,
  },
  { what: 'a missing value of the caller counts as true', claim: 'access/Post.update.from', served: unknownAllows, named: /unknown/ },
]

const title = (change: (type: ScalarType) => Partial<ScalarType>) =>
  field('Post', 'title', ({ type }) => (type.kind === 'scalar' ? { type: { ...type, ...change(type) } } : {}))

const roleToo = field('User', 'role', ({ type }) =>
  type.kind === 'choice' ? { type: { ...type, values: [...type.values, 'user-moderator-admin-x'] } } : {},
)

const VALUE_FAULTS: readonly Fault[] = [
  { what: 'a limit is off by one', claim: 'values/Post.title', served: title(() => ({ max: 201 })), named: /above-max\/create/ },
  { what: 'a limit is one too small', claim: 'values/Post.title', served: title(() => ({ max: 199 })), named: /max\/patch/ },
  { what: 'a limit is dropped', claim: 'values/Post.title', served: title(() => ({ max: 400 })), named: /above-max\/graphql-create/ },
  {
    what: 'a required field may be missing',
    claim: 'values/Post.title',
    served: field('Post', 'title', () => ({ optional: true })),
    named: /absent\/create/,
  },
  { what: 'a choice has one value more', claim: 'values/User.role', served: roleToo, named: /another\/create/ },
  {
    what: 'another default is set',
    claim: 'values/Post.published',
    served: field('Post', 'published', () => ({ default: { kind: 'value', value: true } })),
    named: /absent\/create/,
  },
]

/** Callers without an id may change every row that they can read. */
function unknownAllows(model: Model): Model {
  const nobody: Predicate = { kind: 'missing', of: { kind: 'auth', type: { scalar: 'uuid', list: false }, claim: 'id' } }
  const or = (rule: Predicate): Predicate => ({ kind: 'any', of: [rule, nobody] })
  return access('Post', ({ update }) => ({ update: { from: or(update.from), to: or(update.to) } }))(model)
}

const blog = await load('examples/blog')

for (const fault of firstOfEach([...FAULTS, ...VALUE_FAULTS], ({ claim }) => claim)) {
  test(`it is found that ${fault.what}`, async (t) => {
    const found = await failures(t, blog, fault)
    const names = found.map((result) => result.case.name)
    assert.ok(
      names.some((name) => fault.named.test(name)),
      `found ${names.length === 0 ? 'nothing' : names.join(', ')}`,
    )
  })
}
