import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { SEEDED } from '../support/random.ts'
import { codeOf, type Garden, openGarden } from './instances.ts'

const RUNS = Number(process.env.PLINTH_TEST_RUNS ?? 60)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let garden: Garden
let ada: string
before(async () => {
  garden = await openGarden()
  ada = await garden.addUser('ada@example.org', 'otter lantern')
})
after(() => garden.close())

/** A simple model of the rule of rotation; the SQL must agree with it. */
interface Expected {
  generation: number
  rotatedAt: number
  lastLate: number
  over: boolean
  idleUntil: number
  readonly absoluteUntil: number
}

function expectRefresh(state: Expected, generation: number, now: number): 'next' | 'same' | 'refused' {
  if (state.over || now >= state.idleUntil || now >= state.absoluteUntil) return 'refused'
  if (generation === state.generation) {
    Object.assign(state, { generation: generation + 1, rotatedAt: now, idleUntil: Math.min(now + 30 * DAY, state.absoluteUntil) })
    return 'next'
  }
  const late = now - state.rotatedAt > 10_000
  const previous = generation === state.generation - 1
  if (previous && !late) return 'same'
  if (previous && state.lastLate !== state.generation - 1) {
    state.lastLate = state.generation
    return 'same'
  }
  state.over = true
  return 'refused'
}

type Step = { readonly kind: 'refresh'; readonly behind: number } | { readonly kind: 'wait'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('refresh' as const), behind: fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 2, 5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 5_000, 10_000, 10_001, MINUTE, DAY, 29 * DAY, 30 * DAY),
    }),
  },
)

test('rotation follows its rule for any order of refreshes, retries and waits on two instances', async (t) => {
  const clock = { now: Date.UTC(2030, 0, 1) }
  const instances = [garden.instance({ clock }), garden.instance({ clock })] as const
  const seen = { next: 0, same: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const first = await instances[0].identity.startSession(ada)
      const tokens = [first.refreshToken]
      const state: Expected = {
        generation: 0,
        rotatedAt: Number.NEGATIVE_INFINITY,
        lastLate: Number.NaN,
        over: false,
        idleUntil: clock.now + 30 * DAY,
        absoluteUntil: clock.now + 90 * DAY,
      }
      for (const [i, todo] of steps.entries()) {
        if (todo.kind === 'wait') {
          clock.now += todo.ms
          continue
        }
        const generation = Math.max(0, tokens.length - 1 - todo.behind)
        const expected = expectRefresh(state, generation, clock.now)
        seen[expected] += 1
        const instance = instances[i % 2 === 0 ? 0 : 1]
        const answer = await instance.identity.refresh(tokens[generation] ?? '').then((session) => session.refreshToken, codeOf)
        if (expected === 'next') tokens.push(answer)
        assert.equal(answer, expected === 'refused' ? 'invalid_token' : tokens.at(-1), `step ${i}`)
      }
      assert.equal(new Set(tokens).size, tokens.length)
    }),
    { numRuns: RUNS, ...SEEDED },
  )
  t.diagnostic(`${seen.next} turned, ${seen.same} retried, ${seen.refused} refused`)
  assert.ok(seen.next > 0 && seen.same > 0 && seen.refused > 0)
})
