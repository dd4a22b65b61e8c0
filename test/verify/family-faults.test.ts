/**
 * Each family finds the defects that only it can find, by the name of a case. `PLINTH_FULL=1` tries more defects, and also runs all other
 * families; `FAULT=text` tries only the defects whose description has the text.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { memo, memoText } from '../../src/base/memo.ts'
import { ALWAYS } from '../../src/model/expression.ts'
import type { Model } from '../../src/model/model.ts'
import { withClient } from '../../src/postgres/connect.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { ARGON2ID, DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../../src/services/identity/passwords/passwords.ts'
import { answerBook } from '../../src/verify/contract/answer-book.ts'
import type { Answered } from '../../src/verify/expected/answered.ts'
import { ruleTexts } from '../../src/verify/expected/written-design.ts'
import { allCasesOf } from '../../src/verify/families/all-cases.ts'
import { SAMPLE_PASSWORD } from '../../src/verify/families/identity/signing-in.ts'
import type { CaseResult } from '../../src/verify/run/case-result.ts'
import { runCases } from '../../src/verify/run/run-cases.ts'
import type { Stage } from '../../src/verify/run/stage.ts'
import { stageOfTwo, stageWithFault } from './in-process.ts'
import { type Loaded, load, passwordHash } from './loaded.ts'
import { firstOfEach, groupOfCases, IS_FULL } from './planted/first-of-each.ts'
import { BROKEN_FAULTS } from './proxied/broken-faults.ts'
import { DOCUMENT_FAULTS } from './proxied/document-faults.ts'
import { FILTER_FAULTS } from './proxied/filter-faults.ts'
import { GUESS_FAULTS } from './proxied/guess-faults.ts'
import { HEADER_FAULTS } from './proxied/header-faults.ts'
import { LEFT_OUT_FAULTS } from './proxied/left-out-faults.ts'
import { LIMIT_FAULTS } from './proxied/limit-faults.ts'
import { defective } from './proxied/proxied.ts'
import { PROXIED_FAULTS } from './proxied/proxied-faults.ts'
import { REMEMBERED_FAULTS } from './proxied/remembered-faults.ts'
import { SHOWN_FAULTS } from './proxied/shown-faults.ts'
import { SPELLING_FAULTS } from './proxied/spelling-faults.ts'
import { VALUE_FAULTS } from './proxied/value-faults.ts'

const BLOG = 'examples/blog'
const LIBRARY = 'test/verify/designs/library.yaml'
const SEATS = 'test/verify/designs/seats.yaml'

/** The cases of a design; planning them takes seconds. */
const planned = memo((loaded: Loaded) => memoText(2, (hash) => allCasesOf(loaded.design, loaded.model, hash)))

/** The findings of the cases of which `isAsked` is true. */
async function findings(stage: Stage, loaded: Loaded, isAsked: (name: string) => boolean, hash?: string): Promise<readonly CaseResult[]> {
  const { design, model } = loaded
  const plan = planned(loaded)(hash ?? (await passwordHash()))
  const cases = plan.cases.filter(({ name }) => isAsked(name))
  const probes = plan.probes.filter(({ name }) => isAsked(name))
  assert.ok(cases.length + probes.length > 0)
  // Wrong passwords of an earlier run would lock an account.
  await withClient(stage.databaseUrl, (client) => client.query('truncate plinth.login_attempts'))
  const results = await runCases(stage, {
    design,
    model,
    plan,
    cases,
    probes,
    book: answerBook(model, { rules: ruleTexts(design), machine: 'machine-7', isAlone: true }),
  })
  return results.filter(({ wrong }) => wrong !== null)
}

/** Cases of which a few are enough to see that another family would find a defect, too. */
const SLOW = /\/size-[127]\/|logged-out-elsewhere|time-alike/

const familyOf = (name: string): string => name.split('/')[0] ?? ''

function assertFound(found: readonly CaseResult[], named: RegExp): void {
  const names = found.map((result) => `${result.case.claim} ${result.case.name}: ${result.wrong}`)
  assert.ok(
    names.some((name) => named.test(name)),
    `found ${names.length === 0 ? 'nothing' : names.join(', ')}`,
  )
}

test('defects of single answers, lists, races and sessions are found by the family that asks about them', async (t: TestContext) => {
  const stages = new Map<string, { readonly loaded: Loaded; readonly stage: Stage }>()
  for (const design of [BLOG, LIBRARY, SEATS]) {
    const loaded = await load(design)
    const settings = { rateLimits: { ...NO_RATE_LIMITS, requests: 1_000_000 } }
    stages.set(design, { loaded, stage: await stageOfTwo(t, loaded.model, settings) })
  }
  const wanted = process.env.FAULT
  const all = [
    ...PROXIED_FAULTS,
    ...BROKEN_FAULTS,
    ...REMEMBERED_FAULTS,
    ...SHOWN_FAULTS,
    ...VALUE_FAULTS,
    ...SPELLING_FAULTS,
    ...FILTER_FAULTS,
    ...HEADER_FAULTS,
    ...LIMIT_FAULTS,
    ...LEFT_OUT_FAULTS,
    ...GUESS_FAULTS,
    ...DOCUMENT_FAULTS,
  ]
  const chosen = wanted === undefined ? firstOfEach(all, ({ only }) => groupOfCases(only)) : all.filter(({ what }) => what.includes(wanted))
  for (const fault of chosen) {
    const { loaded, stage } = stages.get(fault.design ?? BLOG) ?? assert.fail(fault.design)
    await t.test(`it is found that ${fault.what}`, async () => {
      assertFound(await findings(defective(stage, fault), loaded, (name) => name.startsWith(fault.only)), fault.named)
      if (!IS_FULL) return
      const family = familyOf(fault.only)
      const others = await findings(defective(stage, fault), loaded, (name) => familyOf(name) !== family && !SLOW.test(name))
      const strangers = others.filter((result) => familyOf(result.case.claim) !== family).map((result) => result.case.name)
      console.log(`${fault.what}: ${strangers.length} findings of other families ${strangers.slice(0, 3).join(', ')}`)
    })
  }
})

const skip = !IS_FULL && 'hashes passwords at their real cost: npm run test:long'

test('it is found that the sign-in of an unknown account hashes nothing', { skip }, async (t) => {
  const loaded = await load(BLOG)
  const stage = await stageOfTwo(t, loaded.model, { hashCost: ARGON2ID })
  let refusal: Answered | null = null
  const quick: Stage['ask'] = async (asked) => {
    const isUnknown = asked.url === '/api/auth/login' && JSON.stringify(asked.body).includes('nobody-')
    if (isUnknown && refusal !== null) return refusal
    const answer = await stage.ask(asked)
    if (isUnknown) refusal = answer
    return answer
  }
  const hash = await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(SAMPLE_PASSWORD)
  assertFound(
    await findings({ ...stage, ask: quick }, loaded, (name) => name.startsWith('identity/sign-in/time-alike'), hash),
    /time-alike/,
  )
})

interface ModelFault {
  readonly what: string
  readonly design?: string
  readonly only: string
  readonly named: RegExp
  readonly served: (model: Model) => Model
  readonly where: Parameters<typeof stageWithFault>[1]['where']
}

/** The model in which the deleted rows of an entity are there. */
function undeleted(model: Model, name: string): Model {
  return {
    ...model,
    entities: model.entities.map((entity) =>
      entity.name === name
        ? {
            ...entity,
            softDelete: false,
            fields: entity.fields.map((field) => (field.system === 'deletedAt' ? { ...field, system: null } : field)),
          }
        : entity,
    ),
  }
}

/** The model in which everybody may read all rows of an entity. */
function open(model: Model, name: string): Model {
  return {
    ...model,
    entities: model.entities.map((entity) =>
      entity.name === name ? { ...entity, access: { ...entity.access, read: { kind: 'const', value: true } } } : entity,
    ),
  }
}

const MODEL_FAULTS: readonly ModelFault[] = [
  {
    what: 'a deleted row is in lists',
    only: 'relations/Shelf.deleted',
    named: /Shelf\.deleted\/list/,
    served: (model) => undeleted(model, 'Shelf'),
    where: ({ method, url }) => method === 'GET' && url.startsWith('/api/shelfs?'),
  },
  {
    what: 'a change may refer to a row that the caller may not read',
    only: 'relations/Book.series',
    named: /Book\.series\/hidden\/patch/,
    served: (model) => open(model, 'Book'),
    where: ({ method }) => method === 'PATCH',
  },
  {
    what: 'a list of new rows may refer to a row that the caller may not read',
    only: 'security/F104/Loan/hidden-reference/second-of-three',
    named: /hidden-reference\/second-of-three/,
    served: (model) => open(model, 'Book'),
    where: ({ method, body }) => method === 'POST' && Array.isArray(body),
  },
  {
    what: 'a reference to a deleted row is accepted',
    only: 'relations/Book.shelf',
    named: /Book\.shelf\/deleted/,
    served: (model) => undeleted(model, 'Shelf'),
    where: ({ method }) => method === 'POST' || method === 'PATCH',
  },
  {
    what: 'GraphQL calls actions for everybody',
    design: 'test/actions/designs/helpdesk.yaml',
    only: 'security/F206/actions',
    named: /F206\/actions/,
    served: (model) => ({ ...model, actions: model.actions.map((action) => ({ ...action, allow: ALWAYS })) }),
    where: ({ url }) => url === '/graphql',
  },
  {
    what: 'rows beside a row are shown to everybody',
    design: BLOG,
    only: 'access/Post.read/published/false/include-beside',
    named: /include-beside/,
    served: (model) => open(model, 'Post'),
    where: ({ url }) => url.includes('include=author%2Cauthor.posts'),
  },
  {
    what: 'a node is read by everybody',
    design: BLOG,
    only: 'security/F204/Post/graphql-node',
    named: /graphql-node/,
    served: (model) => open(model, 'Post'),
    where: ({ body }) => JSON.stringify(body ?? '').includes('node('),
  },
  {
    what: 'a check over relations is lost',
    design: 'test/actions/designs/saas.yaml',
    only: 'relations/Org.owned',
    named: /Org\.owned\/broken-by-delete-Membership\/rest/,
    served: (model) => ({ ...model, entities: model.entities.map((entity) => ({ ...entity, relationChecks: [] })) }),
    where: ({ method, url }) => method !== 'GET' || url === '/graphql',
  },
]

for (const fault of firstOfEach(MODEL_FAULTS, ({ only }) => only.split('/', 1).join())) {
  test(`it is found that ${fault.what}`, async (t) => {
    const loaded = await load(fault.design ?? LIBRARY)
    const stage = await stageWithFault(t, { model: loaded.model, faulty: fault.served(loaded.model), where: fault.where })
    assertFound(await findings(stage, loaded, (name) => name.startsWith(fault.only)), fault.named)
  })
}
