/**
 * The forms of write statements against each other, over random designs, rows, callers and bodies, in REST and in GraphQL: the short form,
 * the long form, and the long form for many calls. All must give the same answers and leave the same rows. SEED repeats a run, CREATES
 * makes it longer.
 */

import assert, { AssertionError } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type pg from 'pg'
import { hasErrors } from '../../src/base/diagnostic.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import { type AbstractRequest, type SentOverHttp, httpRequestOf as sentOf } from '../../src/verify/expected/abstract-request.ts'
import { type AllRows as Rows, referenceOf } from '../../src/verify/expected/reference.ts'
import { GRAPHQL } from '../../src/verify/requests/transport-graphql.ts'
import { type Answered, type TestBackend, testBackend } from '../support/backend.ts'
import { earlyClient } from '../support/early-client.ts'
import { type Random, randomFrom } from '../support/random.ts'
import type { AuthoredDesign } from './design/authored.ts'
import { FIXED, MUTATIONS } from './design/dropped-rules.ts'
import { randomDesign } from './design/random-design.ts'
import { clearRows, plantRows, randomRows, readRows, rowId } from './design/random-rows.ts'
import type { Reference } from './reference/authored-reference.ts'
import { randomRequest } from './request/random-request.ts'

/** The creates of a short run, in which everything must happen. */
const SHORT = 600
const IS_FULL = process.env.PLINTH_FULL === '1'
const CREATES = Number(process.env.CREATES ?? (IS_FULL ? 3_000 : SHORT))
/** The seed of CI and of short runs: its designs have every refusal. */
const USUAL_SEED = 20_261_122
const SEED = Number(process.env.SEED ?? (IS_FULL ? Date.now() % 2 ** 31 : USUAL_SEED))
const ROWS_EACH = 12
const CREATES_OF_A_ROUND = 40
const UPDATES_OF_A_ROUND = 16
/** A short run has more designs for its creates, because some refusals need a certain rule. */
const ROUNDS_OF_A_DESIGN = IS_FULL ? 15 : 5

/** The forms. Creates of `together` are sent at once; over one connection they run in order of arrival. */
const FORMS = {
  long: { short: false, merge: false },
  short: { short: true, merge: false },
  together: { short: false, merge: true },
} as const

type Form = keyof typeof FORMS

/** A server of one form, with its own database. */
interface World {
  readonly form: Form
  readonly backend: TestBackend
  readonly client: pg.Client
  readonly tokens: ReadonlyMap<string | null, string>
}

interface Asked extends SentOverHttp {
  readonly user: string | null
}

const USERS: readonly (string | null)[] = [null, ...[0, 1, 2, 3].map((n) => rowId(0, n))]

async function openWorld(t: TestContext, form: Form, { model, rows }: { readonly model: Model; readonly rows: Rows }): Promise<World> {
  let next = 0
  const newId = () => `ffffffff-0000-7000-8000-${String(next++).padStart(12, '0')}`
  const connect = earlyClient(t)
  const backend = await testBackend(t, model, { ...FORMS[form], connections: 1, newId })
  const client = await connect(backend.databaseUrl)
  await plantRows(client, model, rows)
  const tokens = new Map<string | null, string>()
  for (const user of USERS) if (user !== null) tokens.set(user, await backend.tokenFor(user))
  return { form, backend, client, tokens }
}

/** Random creates, then random updates. They write no users: hashes of passwords differ, and a changed role counts only after a while. */
function requestsOf(random: Random, reference: Reference): readonly Asked[] {
  const kinds = Array.from({ length: CREATES_OF_A_ROUND + UPDATES_OF_A_ROUND }, (_, i) => (i < CREATES_OF_A_ROUND ? 'create' : 'update'))
  return kinds.map((kind) => {
    const user = random.pick(USERS)
    const caller = { reference, user, sight: reference.sightOf(user) }
    let wished: AbstractRequest
    do wished = randomRequest({ random, reference, sight: caller.sight, kept: new Set() }, kind)
    while (wished.entity === 'User')
    const sent = random.chance(0.7) ? sentOf(reference.model, wished) : GRAPHQL.encode(caller, GRAPHQL.adapt(caller, wished), null)
    return { user, ...sent }
  })
}

async function answersOf({ form, backend, tokens }: World, asked: readonly Asked[]): Promise<readonly Answered[]> {
  const send = ({ user, method, url, body, headers = {} }: Asked) => backend.ask(method, url, { token: tokens.get(user), body, headers })
  const answers: Answered[] = form === 'together' ? await Promise.all(asked.slice(0, CREATES_OF_A_ROUND).map(send)) : []
  // Updates of one row depend on their order.
  for (const one of asked.slice(answers.length)) answers.push(await send(one))
  return answers
}

const MADE_ID = /ffffffff-0000-7000-8000-\d{12}/g

/** Numbers may have gaps: a merged create that is refused has taken numbers before its calls run singly. */
const NUMBER = /"number":\d+/g

/** An answer without what differs between runs: times, numbers, new ids and trace ids. */
function comparable({ status, text, headers }: Answered): string {
  const steady = text
    .replaceAll(/"traceId":"[0-9a-f]{32}"/g, '')
    .replaceAll(/"(createdAt|updatedAt)":"[^"]*"/g, '')
    .replaceAll(NUMBER, '')
    .replaceAll(MADE_ID, '<new>')
  return `${status} ${String(headers.location ?? '').replace(MADE_ID, '<new>')} ${steady}`
}

/** Rows without times, numbers and new ids, in an order of their contents. */
function comparableRows(rows: Rows): readonly string[] {
  return [...rows].flatMap(([name, of]) =>
    of
      .map((row) => `${name} ${JSON.stringify({ ...row, createdAt: null, updatedAt: null, number: null }).replaceAll(MADE_ID, '<new>')}`)
      .toSorted(),
  )
}

/** Plants the rows, sends the requests to each server, and compares. @returns what happened. @throws AssertionError for a difference. */
async function compareRound(
  worlds: readonly World[],
  asked: readonly Asked[],
  { model, rows }: { readonly model: Model; readonly rows: Rows },
): Promise<readonly string[]> {
  const outcomeOf = async (world: World) => {
    await clearRows(world.client, model)
    await plantRows(world.client, model, rows)
    const answers = await answersOf(world, asked)
    return { ...world, answers, rows: comparableRows(await readRows(world.client, model)) }
  }
  const all = await Promise.all(worlds.map(outcomeOf))
  // Which of two creates of the same unique value succeeds depends on their order.
  const isTaken = all.some(({ answers }) => answers.some(({ text }) => text.includes('"already_taken"')))
  const outcomes = isTaken ? all.filter(({ form }) => form !== 'together') : all
  const [expected] = outcomes
  for (const { form, answers, rows: left } of outcomes) {
    for (const [i, answer] of answers.entries()) {
      const other = expected?.answers[i]
      // Of two rows that are created at the same time, either may have the lower id, and so be the first of a list.
      const inOrder = form === 'together' ? inAnyOrder : (text: string) => text
      assert.equal(inOrder(comparable(answer)), other && inOrder(comparable(other)), `${form} differs: ${JSON.stringify(asked[i])}`)
    }
    assert.deepEqual(left, expected?.rows, `${form} leaves other rows`)
  }
  const statuses = (expected?.answers ?? []).map(
    ({ status }, i) => `${asked[i]?.url === '/graphql' ? 'graphql' : asked[i]?.method} ${status}`,
  )
  return [...outcomes.map(({ form }) => `round ${form}`), ...statuses]
}

/** The same for texts that have the same parts in another order. */
function inAnyOrder(text: string): string {
  return [...text].toSorted().join('')
}

function usableDesign(random: Random): { readonly design: AuthoredDesign; readonly model: Model } {
  for (;;) {
    const design = randomDesign(random)
    const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
    if (model !== null && !hasErrors(diagnostics)) return { design, model }
  }
}

test(`${CREATES} creates have the same effects in each form of their statements (SEED=${SEED})`, async (t) => {
  const tally = new Map<string, number>()
  const statements = new Map<Form, number>()
  let creates = 0
  for (let seed = SEED, failed = false; creates < CREATES && !failed; seed++) {
    failed = true
    await t.test(`design ${seed}`, async (inner) => {
      const random = randomFrom(seed)
      const { design, model } = usableDesign(random)
      const planted = { model, rows: randomRows(random, model, ROWS_EACH) }
      const worlds = await Promise.all((Object.keys(FORMS) as Form[]).map((form) => openWorld(inner, form, planted)))
      const [any] = worlds
      assert.ok(any !== undefined)
      const reference = referenceOf(design, model, await readRows(any.client, model))
      for (let round = 0; round < ROUNDS_OF_A_DESIGN && creates < CREATES; round++, creates += CREATES_OF_A_ROUND) {
        for (const what of await compareRound(worlds, requestsOf(random, reference), planted)) tally.set(what, (tally.get(what) ?? 0) + 1)
      }
      for (const { form, backend } of worlds) {
        const writes = backend.statements.filter(({ name }) => /^(create|update) /.test(name))
        const ofForm = writes.filter(({ text }) => /^(insert|update)/.test(text) === (form === 'short'))
        statements.set(form, (statements.get(form) ?? 0) + ofForm.length)
      }
      failed = false
    })
  }
  const counts = [...tally].sort().map(([what, count]) => `${what} × ${count}`)
  t.diagnostic(`${counts.join(', ')}; statements: ${[...statements].map(([form, count]) => `${form} ${count}`).join(', ')}`)
  // A short run with a seed of its own may miss some.
  const isUsual = CREATES >= 3_000 || (CREATES >= SHORT && SEED === USUAL_SEED)
  for (const what of REACHED) assert.ok(!isUsual || tally.has(what), `no request ended in ${what}`)
})

const REACHED = [
  ...['POST 201', 'POST 400', 'POST 403', 'PATCH 200', 'PATCH 400', 'PATCH 403', 'PATCH 404', 'PATCH 412', 'PUT 200'],
  ...['graphql 200', 'round together'],
]

/** The rounds until a difference must show. */
const NOTICED_WITHIN = 25

test(`a short form without one of the rules of writes is noticed (SEED=${SEED})`, async (t) => {
  const { model } = resolveDesign(FIXED, NO_SOURCE)
  assert.ok(model !== null)
  const planted = { model, rows: randomRows(randomFrom(1), model, 30) }
  for (const { rule, drop } of MUTATIONS.filter(({ rule }) => /create|update|write/.test(rule))) {
    await t.test(rule, async (inner) => {
      const random = randomFrom(SEED)
      const worlds = await Promise.all([openWorld(inner, 'long', planted), openWorld(inner, 'short', { ...planted, model: drop(model) })])
      const reference = referenceOf(FIXED, model, await readRows(worlds[0].client, model))
      for (let round = 0; round < NOTICED_WITHIN; round++) {
        try {
          await compareRound(worlds, requestsOf(random, reference), planted)
        } catch (error) {
          if (error instanceof AssertionError) return
          throw error
        }
      }
      assert.fail(`${rule} was dropped without notice`)
    })
  }
})
