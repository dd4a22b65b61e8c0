/**
 * Every kind of request against a reference: random designs, rows, callers and requests. The server must give the answers that the
 * reference expects, in REST and in GraphQL, and the same rows as the reference. The reference evaluates each rule with the CEL library's
 * own evaluator. SEED repeats a run, DECISIONS makes it longer.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasErrors } from '../../src/base/diagnostic.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import { migrateTo } from '../support/backend.ts'
import { testDatabase } from '../support/database.ts'
import { type Random, randomFrom } from '../support/random.ts'
import type { AuthoredDesign } from './design/authored.ts'
import { FIXED, MUTATIONS } from './design/dropped-rules.ts'
import { randomDesign } from './design/random-design.ts'
import { randomRows } from './design/random-rows.ts'
import { APIS, type Api, Mismatch, openTrial, type Trial } from './reference/reference-run.ts'
import { type About, requestOf, USES, type Use } from './request/operations.ts'
import { type RequestKind, randomRequest } from './request/random-request.ts'

const DECISIONS = Number(process.env.DECISIONS ?? (process.env.PLINTH_FULL === '1' ? 40_000 : 20_000))
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)
const ROWS_EACH = 12
const ROUNDS = 12
const READS: readonly RequestKind[] = ['get', 'get', 'list', 'list', 'list', 'list', 'list', 'list']
const WRITES: readonly RequestKind[] = ['create', 'create', 'update', 'update', 'update', 'delete']

/** The next valid random design. Some random designs are invalid. */
function usableDesign(random: Random): { readonly design: AuthoredDesign; readonly model: Model } {
  for (;;) {
    const design = randomDesign(random)
    const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
    if (model !== null && !hasErrors(diagnostics)) return { design, model }
  }
}

/** Sends reads together, so that they merge, and writes one by one, because each changes the rows for the next. */
async function run(trial: Trial, rounds: number): Promise<number> {
  const { random, reference, users } = trial
  const kept = new Set(users.filter((user) => user !== null))
  const one = (kind: RequestKind) => {
    const user = random.pick(users)
    return { user, request: randomRequest({ random, reference, sight: reference.sightOf(user), kept }, kind) }
  }
  let decisions = 0
  for (let round = 0; round < rounds; round++) {
    const reads = READS.map(one).flatMap((read) => APIS.map((api) => ({ ...read, api })))
    for (const count of await Promise.all(reads.map(({ user, request, api }) => trial.judge(user, request, api)))) decisions += count
    for (const kind of WRITES) {
      const { user, request } = one(kind)
      // The second time, the write finds the result of the first.
      for (const api of random.chance(0.5) ? APIS : APIS.toReversed()) decisions += await trial.judge(user, request, api)
    }
  }
  return decisions
}

test(`${DECISIONS} decisions of the server equal those of the reference (SEED=${SEED})`, async (t) => {
  const tally = new Map<string, number>()
  let decisions = 0
  let designs = 0
  for (let failed = false; decisions < DECISIONS && !failed; designs++) {
    const seed = SEED + designs
    failed = true
    await t.test(`design ${seed}`, async (inner) => {
      const random = randomFrom(seed)
      const { design, model } = usableDesign(random)
      const trial = await openTrial(inner, { random, design, model, served: model, rows: randomRows(random, model, ROWS_EACH) })
      try {
        decisions += await run(trial, ROUNDS)
      } catch (error) {
        if (error instanceof Mismatch) assert.fail(`SEED=${seed}: ${error.message}`)
        throw error
      }
      failed = false
      for (const [key, count] of trial.tally) tally.set(key, (tally.get(key) ?? 0) + count)
    })
  }
  const counts = [...tally].sort().map(([key, count]) => `${key} × ${count}`)
  t.diagnostic(`${decisions} decisions in ${designs} designs: ${counts.join(', ')}`)
  // The run has successes and every kind of refusal.
  for (const key of REACHED) assert.ok(DECISIONS < 20_000 || tally.has(key), `no request ended in ${key}`)
})

const REACHED = [
  ...['get 200', 'get 404', 'list 200', 'list 400', 'create 201', 'create 400', 'create 403'],
  ...['update 200', 'update 400', 'update 403', 'update 404', 'delete 204', 'delete 403', 'delete 404'],
].flatMap((what) => APIS.map((api) => `${api} ${what}`))

/** The maximum number of requests of a use until an answer must show the dropped rule. */
const NOTICED_WITHIN = 1_000
/** Requests of each use with all rules in place. */
const UNDISTURBED = 10

const skip = process.env.PLINTH_FULL === '1' ? false : 'a long test: npm run test:long'

test(`dropping any rule changes an answer in every use that the rule guards (SEED=${SEED})`, { skip }, async (t) => {
  const { model } = resolveDesign(FIXED, NO_SOURCE)
  assert.ok(model !== null)
  const { url, drop } = await testDatabase()
  t.after(drop)
  await migrateTo(model, url)
  const options = { design: FIXED, model, rows: randomRows(randomFrom(1), model, 30), databaseUrl: url }
  await t.test('with all rules in place no answer differs', async (inner) => {
    const trial = await openTrial(inner, { ...options, random: randomFrom(SEED), served: model })
    for (const about of [null, 'body', 'lead'] as const) {
      for (const [api, use] of everyApi(USES)) {
        const mismatch = await noticed(trial, { api, use, about, users: trial.users, within: UNDISTURBED })
        assert.equal(mismatch?.message, undefined, `${use} of ${api}, ${about}`)
      }
    }
  })
  for (const { rule, about, drop: without, uses } of MUTATIONS) {
    await t.test(rule, async (inner) => {
      const trial = await openTrial(inner, { ...options, random: randomFrom(SEED), served: without(model) })
      // A dropped rule changes which names exist for anonymous callers, so only signed-in callers send requests.
      const users = trial.users.filter((user) => user !== null)
      const open: string[] = []
      for (const [api, use] of everyApi(uses))
        if ((await noticed(trial, { api, use, about, users, within: NOTICED_WITHIN })) === null) open.push(`${use} of ${api}`)
      assert.deepEqual(open, [], `${rule} was dropped without notice`)
    })
  }
})

/** Uses that GraphQL does not have. */
const REST_ALONE: ReadonlySet<Use> = new Set(['head', 'put'])

function everyApi(uses: readonly Use[]): readonly (readonly [Api, Use])[] {
  return APIS.flatMap((api) => uses.filter((use) => api === 'rest' || !REST_ALONE.has(use)).map((use) => [api, use] as const))
}

interface Watch {
  readonly api: Api
  readonly use: Use
  readonly about: About
  readonly users: readonly (string | null)[]
  readonly within: number
}

async function noticed(trial: Trial, { api, use, about, users, within }: Watch): Promise<Mismatch | null> {
  const { random, reference } = trial
  await trial.replant()
  for (let i = 0; i < within; i++) {
    const user = random.pick(users)
    const asker = { random, reference, sight: reference.sightOf(user), kept: new Set<string>() }
    try {
      await trial.judge(user, requestOf(asker, use, about), api)
    } catch (error) {
      if (error instanceof Mismatch) return error
      throw error
    }
  }
  return null
}
