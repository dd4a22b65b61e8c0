/** `plinth verify --against`: an environment that exists, with rows that verify does not know and does not change. */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { verify } from '../../src/commands/verify.ts'
import { startServe } from '../../src/commands/verifying/backend/serve-process.ts'
import { withClient } from '../../src/postgres/connect.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { createIdentity } from '../../src/services/identity/create-identity.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { againstCases } from '../../src/verify/against/against-plan.ts'
import { exploreEnvironment, type KnownEnvironment, type TokenRequest } from '../../src/verify/against/environment.ts'
import { readingOnly } from '../../src/verify/against/read-only.ts'
import { runAgainst, withoutLeft } from '../../src/verify/against/run-against.ts'
import { casesOf } from '../../src/verify/cases/cases-of.ts'
import { answerBook } from '../../src/verify/contract/answer-book.ts'
import type { Answered } from '../../src/verify/expected/answered.ts'
import { REPORT_SCHEMA } from '../../src/verify/report/report-schema.ts'
import { insertRows, readRows } from '../../src/verify/run/rows.ts'
import { PLINTH, ROOT } from '../support/command-line.ts'
import { migratedDatabase } from '../support/database.ts'
import { stageFor } from './in-process.ts'
import { load } from './loaded.ts'

const { design, model } = await load('examples/blog')
/** Rows that nobody tells the cases about: those of a world with states of all rules. */
const rows = casesOf(design, model, 'x').world.rows
const accountOf = (role: string): string => String((rows.get('User') ?? []).find((row) => row.role === role)?.id)
const DRAFTS = new Set((rows.get('Post') ?? []).filter(({ published }) => published === false).map(({ id }) => String(id)))

const ends: (() => unknown)[] = []
after(async () => {
  for (const end of ends.reverse()) await end()
})
const t = { after: (end: unknown) => void ends.push(end as () => unknown) }
const stage = await stageFor(t, model)
await withClient(stage.databaseUrl, (client) => insertRows(client, model, rows))
const tokens = new Map<string, string>()
for (const role of ['user', 'admin']) tokens.set(role, await stage.tokenFor(accountOf(role)))

type Ask = (asked: TokenRequest) => Promise<Answered>

/** Asks the cases with these names. */
async function asked(ask: Ask, { only, writes = false }: { readonly only: RegExp; readonly writes?: boolean }) {
  const send = writes ? ask : readingOnly(ask)
  const known: KnownEnvironment = await exploreEnvironment(model, tokens, send)
  const families = againstCases(design, model, known)
  const probes = families.flatMap((family) => family.probes).filter(({ name }) => only.test(name))
  const outcome = await runAgainst({ known, probes, book: answerBook(model), send })
  const found = outcome.results.flatMap(({ wrong, case: { name } }) => (wrong === null ? [] : [`${name}: ${wrong}`]))
  return { ...outcome, families, found }
}

test('a correct backend has no finding, nothing that writes is sent, and no row changes', async () => {
  const before = await withClient(stage.databaseUrl, (client) => readRows(client, model))
  const sent: TokenRequest[] = []
  const ask: Ask = (one) => {
    sent.push(one)
    return stage.ask(one)
  }
  // The many texts of injections are asked at one place.
  const { found, results, left, families } = await asked(ask, { only: /^(?!security\/F200)|F200\/User\/sort/ })
  assert.deepEqual(found, [])
  assert.ok(results.length > 150, `${results.length} results`)
  assert.deepEqual([...new Set(sent.map(({ method, url }) => (method === 'POST' ? `POST ${url}` : method)))].sort(), [
    'GET',
    'HEAD',
    'POST /graphql',
  ])
  assert.ok(left.length > 20 && left.every(({ why }) => why.includes('--allow writes')))
  const { plans, reasons } = withoutLeft(
    families.map(({ plan }) => plan),
    left,
  )
  assert.ok(plans.find(({ id }) => id === 'security/F209/Post')?.untested.includes('body-broken'))
  assert.equal(reasons.length, 1)
  assert.deepEqual(await withClient(stage.databaseUrl, (client) => readRows(client, model)), before)
})

test('with writes allowed, more is asked, and a correct backend still changes no row', async () => {
  const before = await withClient(stage.databaseUrl, (client) => readRows(client, model))
  const { found, left } = await asked(stage.ask, { only: /^security\/(?:F201|F209)\/Post|^security\/F210\/Post/, writes: true })
  assert.deepEqual([found, left], [[], []])
  assert.deepEqual(await withClient(stage.databaseUrl, (client) => readRows(client, model)), before)
})

test('a connection that breaks is asked again, a probe that gets no answer is left out with the reason, and the run goes on', async () => {
  const only = /^reads\/(?:User|Post)\//
  const whole = await asked(stage.ask, { only })
  let broken = 0
  const once: Ask = (one) => (one.method === 'HEAD' && broken++ === 0 ? Promise.reject(new Error('read ECONNRESET')) : stage.ask(one))
  const again = await asked(once, { only })
  assert.ok(broken > 1)
  assert.deepEqual([again.found, again.left], [[], []])
  assert.equal(again.results.length, whole.results.length)
  const never: Ask = (one) =>
    one.url.startsWith('/api/users?page[size]=20') && one.token === null ? Promise.reject(new Error('read ECONNRESET')) : stage.ask(one)
  const { left, results } = await asked(never, { only: /^reads\/(?:User\/anonymous|Post)\/?/ })
  assert.ok(left.length > 0 && left.every(({ probe, why }) => probe.claim === 'reads/User' && why.endsWith('read ECONNRESET')))
  assert.ok(results.some((result) => result.case.claim === 'reads/Post'))
})

test('an environment that gives no answer any more is not asked for each case', async () => {
  let count = 0
  const gone: Ask = (one) => (++count > 60 ? Promise.reject(new Error('connect ECONNREFUSED')) : stage.ask(one))
  const { left } = await asked(gone, { only: /^reads\// })
  assert.ok(left.some(({ why }) => why === 'the environment gave no answer any more'))
  assert.ok(count < 60 + 4 * 3, String(count))
})

test('doors and foreign rows are not tested where a caller is shown no row', async () => {
  const empty: Ask = async (one) => {
    const answer = await stage.ask(one)
    return one.url.startsWith('/api/posts?') && answer.status === 200 ? { ...answer, json: { ...answer.json, data: [] } } : answer
  }
  const { found, results } = await asked(empty, { only: /^reads\/Post\/anonymous/ })
  assert.deepEqual(found, [])
  const left = results.flatMap(({ left: goals = {} }) => Object.keys(goals))
  assert.deepEqual(left.toSorted(), ['anonymous/doors', 'anonymous/foreign'])
})

const asAdmin = (one: TokenRequest): TokenRequest => ({ ...one, token: tokens.get('admin') ?? null })
const isDraft = ({ url }: TokenRequest): boolean => DRAFTS.has(url.split(/[/?]/)[3] ?? '')

const FAULTS: readonly { readonly what: string; readonly only: string; readonly named: RegExp; readonly ask: Ask }[] = [
  {
    what: 'a list shows hidden rows to anonymous callers',
    only: 'reads/Post',
    named: /anonymous\/list: the row .* is shown, although published is false/,
    ask: (one) => stage.ask(one.token === null && one.url.startsWith('/api/posts?page') ? asAdmin(one) : one),
  },
  {
    what: 'a hidden row is shown by its id',
    only: 'reads/Post',
    named: /foreign: the row .* is not in the list, and answered 200 by its id/,
    ask: (one) => stage.ask(isDraft(one) && one.method === 'GET' ? asAdmin(one) : one),
  },
  {
    what: 'a hidden row is refused in other words than a missing one',
    only: 'reads/Post',
    named: /foreign: a hidden row is answered/,
    ask: async (one) => {
      const answer = await stage.ask(one)
      return isDraft(one) && answer.status === 404 ? { ...answer, text: answer.text.replace('{', '{ ') } : answer
    },
  },
  {
    what: 'HEAD has a body',
    only: 'reads/User',
    named: /doors: HEAD of the row/,
    ask: async (one) => ({ ...(await stage.ask(one)), ...(one.method === 'HEAD' ? { text: 'x' } : {}) }),
  },
  {
    what: 'a token that is not valid counts as anonymous',
    only: 'identity/tokens/signature-cut',
    named: /signature-cut: code not_signed_in, expected invalid_token/,
    ask: async (one) => {
      const answer = await stage.ask(one)
      return answer.status === 401 && one.token !== null ? stage.ask({ ...one, token: null }) : answer
    },
  },
  {
    what: 'answers have no nosniff',
    only: 'security/F209/headers',
    named: /nosniff: no X-Content-Type-Options/,
    ask: async (one) => {
      const answer = await stage.ask(one)
      const { 'x-content-type-options': _, ...headers } = answer.headers
      return { ...answer, headers }
    },
  },
  {
    what: 'every origin is trusted',
    only: 'security/F209/headers',
    named: /foreign-origin: Access-Control-Allow-Origin/,
    ask: async (one) => {
      const answer = await stage.ask(one)
      return { ...answer, headers: { ...answer.headers, 'access-control-allow-origin': one.headers?.origin ?? '*' } }
    },
  },
  {
    what: 'an address for debugging was left',
    only: 'security/F210',
    named: /path\/debug\/stats: status 200/,
    ask: async (one) => ({ ...(await stage.ask(one)), ...(one.url === '/debug/stats' ? { status: 200, text: '{}' } : {}) }),
  },
  {
    what: 'answers have a member that no document names',
    only: 'reads/Post',
    named: /additional|unevaluated|must NOT have/,
    ask: async (one) => {
      const answer = await stage.ask(one)
      return answer.json?.data !== undefined && one.url.startsWith('/api/posts')
        ? { ...answer, json: { ...answer.json, debug: 1 }, text: JSON.stringify({ ...answer.json, debug: 1 }) }
        : answer
    },
  },
]

for (const { what, only, named, ask } of FAULTS) {
  test(`found without knowing the rows: ${what}`, async () => {
    const { found } = await asked(ask, { only: new RegExp(`^${only}`) })
    assert.ok(
      found.some((one) => named.test(one)),
      found.join('\n') || 'nothing was found',
    )
  })
}

const ajv = new Ajv2020({ strict: false })
const addFormats = formatsPlugin as unknown as (ajv: Ajv2020) => void
addFormats(ajv)

test('a backend that is served elsewhere is asked over HTTP, and no file of the report has a token', async (c) => {
  const database = await migratedDatabase(model)
  c.after(database.drop)
  await withClient(database.url, (client) => insertRows(client, model, rows))
  const pem = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const settings = { DATABASE_URL: database.url, HOST: '127.0.0.1', PORT: '0', PUBLIC_URL: 'http://127.0.0.1:3000', AUTH_KEYS: pem }
  const served = await startServe({
    program: PLINTH,
    design: join(ROOT, 'examples/blog'),
    cwd: ROOT,
    // Limits of rates are on, as they are in production.
    env: { ...process.env, ...settings, LOG_LEVEL: 'info', WORK: 'off', SMTP_URL: 'smtp://127.0.0.1:9' },
  })
  c.after(served.stop)
  const executor = openExecutor({ url: database.url, connections: 1, statementTimeoutMs: 10_000 })
  const [issuer, audience] = [settings.PUBLIC_URL, settings.PUBLIC_URL]
  const identity = createIdentity({
    model,
    run: executor.run,
    keys: readKeys('AUTH_KEYS', pem),
    issuer,
    audience,
    now: Date.now,
    observe: () => {},
  })
  const { token } = await identity.startSession(accountOf('admin'))
  await executor.close()
  const out = mkdtempSync(join(tmpdir(), 'verify-'))
  writeFileSync(join(out, 'admin.token'), `${token}\n`)
  const input = {
    design: 'examples/blog',
    mode: 'full',
    only: 'reads',
    seed: undefined,
    from: undefined,
    mutants: false,
    allow: [],
  } as const
  const against = { url: served.url, tokens: [`admin=file:${join(out, 'admin.token')}`], perSecond: '500' }
  const self = { command: [...PLINTH, 'verify'], supervisor: null }
  const around = { env: {}, style: PLAIN, terminal: 'plain', observe: () => {}, stop: new AbortController().signal, self } as const
  const outcome = await verify({ ...input, against, out: join(out, 'report') }, { ...around, cwd: ROOT })
  assert.ok(outcome.exit === 0, JSON.stringify(outcome))
  const { text } = outcome
  const other = verify({ ...input, design: 'examples/shop', against, out: join(out, 'other') }, { ...around, cwd: ROOT })
  await assert.rejects(other, /serves another design: blog, and not shop/)
  assert.match(text, /^HOLDS {3}\d+ cases, 0 findings/m)
  assert.match(text, /against +http:\/\/localhost:\d+: \d+ requests as anonymous, admin, which only read; its rows are not known/)
  assert.match(text, /NOT TESTED {3}.*values of fields, relations, deletes and races.*: the rows of this environment are not known/)
  const report = JSON.parse(readFileSync(join(out, 'report', 'report.json'), 'utf8'))
  assert.ok(ajv.validate(REPORT_SCHEMA, report), JSON.stringify(ajv.errors))
  assert.deepEqual([report.against.url, report.against.rowsKnown, report.role], [served.url, false, null])
  const [claim] = report.claims as readonly { readonly reproduce: { readonly command: string } }[]
  assert.match(claim?.reproduce.command ?? '', / --token \S+ --rate 500 --only /)
  for (const file of readdirSync(join(out, 'report')))
    assert.ok(!readFileSync(join(out, 'report', file), 'utf8').includes(token), `${file} has the token`)
})
