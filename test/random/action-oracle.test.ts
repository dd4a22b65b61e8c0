/**
 * Calls of actions against a reference: random designs with actions and workflows, random rows, callers and calls. The server must give
 * the answers that the reference expects, in REST and in GraphQL, and leave the same rows. SEED repeats a run, DECISIONS makes it
 * longer (`npm run test:actions`), and with KEEP_ON a run goes on after the first mismatch.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasErrors } from '../../src/base/diagnostic.ts'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { writtenActions, writtenLabel } from '../../src/verify/fold/written-actions.ts'
import type { Ends } from '../support/backend.ts'
import { type Random, randomFrom } from '../support/random.ts'
import { ADDRESS_KINDS, kindsOfAddress, REST_EVENTS } from './design/address-kinds.ts'
import { JOURNAL } from './design/code-scripts.ts'
import { EVENTS, KINDS, kindsIn } from './design/logic-kinds.ts'
import { randomDesign } from './design/random-design.ts'
import { type AddressedDesign, withEndpoints } from './design/random-endpoints.ts'
import { withLogic } from './design/random-logic.ts'
import { randomRows } from './design/random-rows.ts'
import { openActionTrial } from './reference/actions/action-run.ts'
import { Mismatch } from './reference/reference-run.ts'
import { randomCall } from './request/random-call.ts'

/** The calls of a long run, in which everything must happen. */
const LONG = 5_000
const DECISIONS = Number(process.env.DECISIONS ?? 480)
/** A short run has always the same designs, so that it does not fail by chance. */
const SEED = Number(process.env.SEED ?? (DECISIONS < LONG ? 1 : Date.now() % 2 ** 31))
const ROWS_EACH = 10
const CALLS_EACH = 60
const MOST_ROWS = 40
/** From this seed on, eight designs have every kind. After a change of the generator it may take more, up to `MOST_DESIGNS`. */
const FIRST = 45
const MOST_DESIGNS = 40
/** Kinds of designs, and not of single actions. */
const OF_DESIGNS: ReadonlySet<string> = new Set(['check over relations', 'tally', 'tally as system'])

function usableDesign(random: Random): AddressedDesign {
  for (;;) {
    const base = randomDesign(random)
    const first = resolveDesign(base, NO_SOURCE)
    if (first.model !== null && !hasErrors(first.diagnostics)) return withEndpoints(random, withLogic(random, base))
  }
}

/** Runs work and then what it has left for the end. A test keeps its hooks, and with them the backend of each design. */
async function withEnds(work: (ends: Ends) => Promise<void>): Promise<void> {
  const all: (() => unknown)[] = []
  try {
    await work({ after: (end) => void all.push(end as () => unknown) })
  } finally {
    for (const end of all) await end()
  }
}

test(`${DECISIONS} calls of actions are answered like the reference answers them (SEED=${SEED})`, async (t) => {
  const tally = new Map<string, number>()
  let decisions = 0
  for (let seed = SEED, failed = false; decisions < DECISIONS && !failed; seed++) {
    failed = process.env.KEEP_ON === undefined
    await t.test(`design ${seed}`, () =>
      withEnds(async (ends) => {
        const random = randomFrom(seed)
        const { design, model, addresses } = usableDesign(random)
        const rows = randomRows(random, model, ROWS_EACH)
        const trial = await openActionTrial(ends, { random, design, addresses, model, served: model, rows })
        const { reference, users } = trial
        const kept = new Set(users.filter((user) => user !== null))
        const actions = writtenActions(design)
        // An answer with more than a hundred rows of a relation is refused, which the reference does not do.
        const isLarge = (): boolean =>
          model.entities.some(({ name }) => name !== JOURNAL && (reference.rows().get(name)?.length ?? 0) > MOST_ROWS)
        for (let i = 0; i < CALLS_EACH && !isLarge(); i++) {
          const user = random.pick(users)
          const action = random.pick(actions)
          const reads = model.actions.find(({ name, entity }) => name === action.name && entity === action.entity)?.reads === true
          const address = addresses.get(writtenLabel(action)) ?? null
          const call = randomCall({ random, reference, sight: reference.sightOf(user), kept }, action, { reads, address })
          for (const api of random.chance(0.5) ? (['rest', 'graphql'] as const) : (['graphql', 'rest'] as const)) {
            try {
              await trial.judge(user, call, api)
            } catch (error) {
              if (error instanceof Mismatch) assert.fail(`SEED=${seed}: ${error.message}`)
              throw error
            }
            decisions++
          }
        }
        failed = false
        for (const [key, count] of trial.tally) tally.set(key, (tally.get(key) ?? 0) + count)
      }),
    )
  }
  const whats = new Set([...tally.keys()].map((key) => key.replace(/^(rest|graphql) /, '')))
  const countsOf = (what: string) => APIS.map((api) => tally.get(`${api} ${what}`) ?? 0).join(' + ')
  t.diagnostic(
    `${decisions} calls, REST + GraphQL: ${[...whats]
      .sort()
      .map((what) => `${what} × ${countsOf(what)}`)
      .join(', ')}`,
  )
  const never = [...REACHED, ...REACHED_AT].filter((key) => !tally.has(key))
  assert.deepEqual(DECISIONS < LONG ? [] : never, [], 'something never happened')
})

const APIS = ['rest', 'graphql'] as const

/** What happens in a long run: answers, every kind of refusal, and every kind of step and hook. */
const REACHED = [
  ...KINDS.filter((kind) => !OF_DESIGNS.has(kind)),
  ...EVENTS,
  ...['200', 'not_signed_in', 'validation_failed', 'not_found', 'forbidden', 'stale_version', 'illegal_transition', 'requirement_failed'],
  ...['declined', 'busy', 'not_today', 'already_taken', 'check_failed', 'still_referenced', 'invalid_credentials'],
].flatMap((what) => APIS.map((api) => `${api} ${what}`).filter((key) => key !== 'graphql not_signed_in'))

/** What happens at addresses in a long run. */
const REACHED_AT = [...ADDRESS_KINDS, ...REST_EVENTS].map((what) => `rest ${what}`)

test('random designs have steps, options, inputs, answers and addresses of every kind', () => {
  const missing = new Set<string>([...KINDS, ...ADDRESS_KINDS])
  for (let seed = FIRST; seed < FIRST + MOST_DESIGNS && missing.size > 0; seed++) {
    const { design, addresses } = usableDesign(randomFrom(seed))
    for (const kind of kindsIn(design)) missing.delete(kind)
    for (const action of writtenActions(design))
      for (const kind of kindsOfAddress(design, action, addresses.get(writtenLabel(action)) ?? null)) missing.delete(kind)
  }
  assert.deepEqual([...missing], [])
})
