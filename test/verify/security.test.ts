/** The family `security` against a correct backend, and against one with a seeded fault of each class. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import { withClient } from '../../src/postgres/connect.ts'
import { answerBook } from '../../src/verify/contract/answer-book.ts'
import type { Answered } from '../../src/verify/expected/answered.ts'
import type { WrittenDesign } from '../../src/verify/expected/written-design.ts'
import { allCasesOf } from '../../src/verify/families/all-cases.ts'
import { mutantsOf } from '../../src/verify/mutants/run/mutants-of.ts'
import { runCases } from '../../src/verify/run/run-cases.ts'
import type { SentRequest, Stage } from '../../src/verify/run/stage.ts'
import { ROOT } from '../support/command-line.ts'
import { faultsEverywhere, type SecurityFault } from './faults-everywhere.ts'
import { stageFor } from './in-process.ts'
import { passwordHash } from './loaded.ts'
import { firstOfEach, IS_FULL } from './planted/first-of-each.ts'

const read = await readDesign(join(ROOT, 'examples/blog'))
assert.ok(read.ok)
const design = read.design as WrittenDesign
const model: Model = resolveDesign(read.design, read.source).model ?? assert.fail('no model')
const plan = allCasesOf(design, model, await passwordHash())

const ends: (() => Promise<unknown>)[] = []
after(async () => {
  for (const end of ends.reverse()) await end()
})
const t = { after: (end: unknown) => void ends.push(async () => (end as () => unknown)()) }
const correct = await stageFor(t, model)

/** The names of the probes of a class that find something, of which one in `every` is asked. */
async function found(stage: Stage, of: string, every = 1): Promise<readonly string[]> {
  const probes = plan.probes.filter(({ name }) => name.startsWith(`security/${of}`)).filter((_, place) => place % every === 0)
  assert.ok(probes.length > 0)
  const results = await runCases(stage, { design, model, plan, cases: [], probes })
  return results.flatMap((result) => (result.wrong === null ? [] : [`${result.case.name}: ${result.wrong}`]))
}

test('a correct backend has none of the faults', async () => {
  assert.deepEqual(await found(correct, '', IS_FULL ? 1 : 6), [])
})

const FAULTS: readonly SecurityFault[] = [
  {
    what: 'a failure shows a stack if a header asks for it',
    of: 'F209',
    named: /debug-asked: .*a stack/,
    change: ({ headers }, answered) =>
      headers?.['x-debug'] === undefined ? answered : { ...answered, text: `${answered.text} at read (/app/src/read.ts:12:3)` },
  },
  {
    what: 'a failure shows the message of PostgreSQL',
    of: 'F209',
    named: /filter-overflow: .*PostgreSQL/,
    change: ({ url }, answered) =>
      url.includes('999999') ? { ...answered, text: 'value "99999999999999999999999" is out of range for type bigint' } : answered,
  },
  {
    what: 'an address for debugging was left',
    of: 'F210',
    named: /path\/debug\/stats: status 200/,
    change: ({ url }, answered) => (url === '/debug/stats' ? { ...answered, status: 200, text: '{}' } : answered),
  },
  {
    what: 'an address below a row sets its role',
    of: 'F210',
    named: /User\/below: status 200/,
    change: ({ method, url }, answered) =>
      method === 'POST' && /\/api\/users\/[^/]+\/role$/.test(url) ? { ...answered, status: 200, text: '{}' } : answered,
  },
  {
    what: 'the problem of a taken value names the constraint',
    of: 'F209/User',
    named: /taken-email: the answer names users_email_key/,
    change: (_, answered) =>
      answered.status === 409
        ? { ...answered, text: answered.text.replace('is already taken', 'is already taken (users_email_key)') }
        : answered,
  },
  {
    what: '_method is honoured',
    of: 'F210',
    named: /Post\/override-query: status 204/,
    change: ({ url, token }, answered) =>
      url.includes('_method=DELETE') ? correct.ask({ method: 'DELETE', url: url.split('?', 1)[0] ?? '', token }) : answered,
  },
  {
    what: 'a quote in an order leads to an error of the server',
    of: 'F200/Post/sort',
    named: /Post\/sort: status 500/,
    change: ({ url }, answered) => (url.includes('sort=') && url.includes("'") ? { ...answered, status: 500 } : answered),
  },
  {
    what: 'a filter with OR finds more rows',
    of: 'F200/Post/filter-value',
    named: /Post\/filter-value: .*rows, and none/,
    change: ({ url }, answered) =>
      url.includes('%20OR%20') && url.includes('eq]') ? { ...answered, status: 200, json: { data: [{}] } } : answered,
  },
  {
    what: 'a failure is a page with a part of the request',
    of: 'F201',
    named: /path-html: the answer is HTML/,
    change: ({ headers, url }, answered) =>
      headers?.accept?.includes('html') === true
        ? { ...answered, headers: { 'content-type': 'text/html' }, text: `no ${decoded(url)}` }
        : answered,
  },
]

/** An address as a careless page shows it. */
function decoded(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}

/** The entity whose headers and documents are asked. */
const FORMED = plan.probes
  .find(({ name }) => name.endsWith('/update/headers'))
  ?.claim.split('/')
  .at(-1)

const isOfTwo = ({ url, body }: SentRequest): boolean =>
  url.endsWith('/transaction') && (body as { readonly operations?: readonly unknown[] }).operations?.length === 2

/** What a backend without transactions does with two operations of which the second is refused. */
async function firstAlone({ body, ...asked }: SentRequest, answered: Answered): Promise<Answered> {
  const [first] = (body as { readonly operations: readonly unknown[] }).operations
  if (answered.status >= 400) await correct.ask({ ...asked, body: { operations: [first] } })
  return answered
}

/** Answers of before, by caller and address. */
const remembered = new Map<string, Answered>()

const CLASS_FAULTS: readonly SecurityFault[] = [
  {
    what: 'a version of twenty digits leads to an error of the server',
    of: `F100/${FORMED}/update/headers`,
    named: /headers: status 500/,
    change: ({ headers }, answered) =>
      headers?.['if-match']?.includes('9999') === true && answered.status !== 400 ? { ...answered, status: 500 } : answered,
  },
  {
    what: 'a body that cannot be read is refused with a page',
    of: `F100/${FORMED}/update/json`,
    named: /json: status 400 with text\/html/,
    change: (_, answered) =>
      answered.status === 400 ? { ...answered, headers: { ...answered.headers, 'content-type': 'text/html' } } : answered,
  },
  {
    what: 'a cursor is read without a guard',
    of: 'F100/Post/cursors',
    named: /cursors: status 500/,
    change: ({ url }, answered) =>
      Buffer.from(url.split('after]=')[1] ?? '', 'base64url').toString() === '[null]' ? { ...answered, status: 500 } : answered,
  },
  {
    what: 'a row that is gone is answered from memory',
    of: 'F103/Post',
    named: /deleted: get/,
    change: ({ method, url, token }, answered) => {
      const key = `${token} ${url}`
      if (method === 'GET' && answered.status === 200) remembered.set(key, answered)
      return method === 'GET' && answered.status === 404 ? (remembered.get(key) ?? answered) : answered
    },
  },
  {
    what: 'a transaction keeps what it did before the refusal',
    of: 'F104/Post/limit/transaction',
    named: /limit\/transaction: rows were left/,
    change: (asked, answered) => (isOfTwo(asked) ? firstAlone(asked, answered) : answered),
  },
  {
    what: 'a refused create leaves a trace beside the rows',
    of: 'F104/Post/limit/create',
    named: /limit\/create: .* became/,
    change: async ({ method }, answered) => {
      if (method === 'POST' && answered.status === 400) await leaveKey()
      return answered
    },
  },
  {
    what: 'a change of a hidden row is forbidden in place of not found',
    of: 'F204/Post',
    named: /patch\/account: answered 403/,
    change: ({ method, url }, answered) =>
      method === 'PATCH' && answered.status === 404 && !url.includes('ffffff00') ? { ...answered, status: 403 } : answered,
  },
  {
    what: 'a refused delete asks a signed-in caller to sign in',
    of: 'F205',
    named: /delete: rest: status 401/,
    change: ({ method, token }, answered) =>
      method === 'DELETE' && token !== null && answered.status === 403 ? { ...answered, status: 401 } : answered,
  },
  {
    what: 'a transaction does what precedes an operation that the caller may not do',
    of: 'F206/Post',
    named: /transaction-(?:update|delete): .*(?:Post|User)/,
    change: (asked, answered) => (isOfTwo(asked) ? firstAlone(asked, answered) : answered),
  },
  {
    what: 'a token that is not valid counts as none',
    of: 'F207/Post',
    named: /list\/open: .*status 200/,
    change: (asked, answered) =>
      answered.status === 401 && asked.token !== null && asked.method === 'GET' ? correct.ask({ ...asked, token: null }) : answered,
  },
  {
    what: 'a transaction ignores names that nobody knows',
    of: 'F203/Post/all/transaction-update',
    named: /transaction-update: \w+: status 200/,
    change: ({ url }, answered) => (url.endsWith('/transaction') && answered.status === 400 ? { ...answered, status: 200 } : answered),
  },
  {
    what: 'a text of a body is changed before it is stored',
    of: 'F200/Post/body-change',
    named: /body-change: .*became/,
    change: ({ method }, answered) =>
      method === 'PATCH' && answered.status === 200
        ? { ...answered, json: { ...answered.json, title: `${answered.json.title}'` } }
        : answered,
  },
  {
    what: 'a replacement makes a row for an anonymous caller',
    of: 'F208/Post/replace',
    named: /replace\/rest: status 200/,
    change: ({ method, token, url }, answered) =>
      method === 'PUT' && token === null && url.includes('ffffff00') ? { ...answered, status: 200 } : answered,
  },
]

/** Leaves what a write with an `Idempotency-Key` leaves. */
async function leaveKey(): Promise<void> {
  const values = "sha256(random()::text::bytea), '', 201, '', '', '', now()"
  await withClient(correct.databaseUrl, (client) => client.query(`insert into plinth.idempotency_keys values (${values})`))
}

const ALL_FAULTS = [...FAULTS, ...CLASS_FAULTS, ...faultsEverywhere(correct, String(FORMED))]
for (const { what, of, named, change } of firstOfEach(ALL_FAULTS, (fault) => fault.of.split('/', 2).join('/'))) {
  test(`it is found that ${what}`, async () => {
    const faulty: Stage = { ...correct, ask: async (asked) => change(asked, await correct.ask(asked)) }
    const names = await found(faulty, of)
    assert.ok(
      names.some((name) => named.test(name)),
      names.join('\n') || 'nothing is found',
    )
  })
}

test('answers without the headers that protect browsers, with ids that name the machine, and refusals that show SQL, are found whatever was asked', async () => {
  const faulty: Stage = {
    ...correct,
    async ask(asked) {
      const answered = await correct.ask(asked)
      const { 'x-content-type-options': _, ...headers } = answered.headers
      if (answered.status === 404) return { ...answered, headers: { ...headers, 'x-request-id': `web-1-${headers['x-request-id']}` } }
      return answered.status === 405 ? { ...answered, text: `${answered.text} syntax error at or near "x"` } : answered
    },
  }
  const probes = plan.probes.filter(({ name }) => name.startsWith('security/F210/Post') || name === 'security/F204/Post/get/anonymous')
  const results = await runCases(faulty, { design, model, plan, cases: [], probes, book: answerBook(model) })
  const wrong = results.filter(
    (result) => result.wrong !== null && result.case.door === 'every answer' && result.case.claim.startsWith('security/'),
  )
  const goals = wrong.map((result) => `${result.case.claim} ${result.case.goals.join()}`).toSorted()
  assert.deepEqual(goals, ['security/F209 every-answer/405', 'security/headers nosniff/404', 'security/headers request-id/404'])
})

test('it is found that a body sets a field that the server sets', async () => {
  const mutant = mutantsOf(model, plan).find(({ name }) => name === 'mutants/set-overridden/Post.author')
  assert.ok(mutant?.plant.kind === 'model')
  const stage = await stageFor(t, mutant.plant.change(model), { databaseUrl: correct.databaseUrl })
  const names = await found(stage, 'F203/Post')
  assert.ok(
    names.some((one) => /Post\/author\/create: status 201/.test(one)),
    names.join('\n') || 'nothing is found',
  )
})

test('it is found that a body with a version is accepted', async () => {
  const mutant = mutantsOf(model, plan).find(({ name }) => name === 'mutants/maintained-field-accepted/Post/version')
  assert.ok(mutant?.plant.kind === 'exchange')
  const { request } = mutant.plant.open(null)
  const names = await found({ ...correct, ask: (asked) => correct.ask(request?.(asked) ?? asked) }, 'F203/Post')
  assert.ok(
    names.some((one) => /Post\/version\/patch: status 200/.test(one)),
    names.join('\n') || 'nothing is found',
  )
})
