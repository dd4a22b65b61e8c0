import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normal, randomOf } from '../statistics/random.ts'
import { comparedOperation, type Groups, isUndecided } from './judge-builds.ts'
import type { SliceCost } from './slice.ts'

const GET = { id: 'Note.get', what: 'GET /api/notes/{id}' }
const MEASURED = { requests: 300, failed: null }

/** Two pairs of processes with twelve slices each, in which the machine makes both builds slower by as much. */
function groupsOf(ratioOf: (group: number) => number, change: Partial<SliceCost> = {}): Groups {
  const random = randomOf(5)
  return [0, 1].map((group) =>
    Array.from({ length: 12 }, () => {
      const machine = Math.exp(0.3 * normal(random))
      const cost = (ratio: number): SliceCost => {
        const own = machine * ratio * Math.exp(0.05 * normal(random))
        return { server: 0.0003 * own, database: 0.0001 * own, elapsed: 0.002 * machine }
      }
      return { old: cost(1), new: { ...cost(ratioOf(group)), ...change } }
    }),
  )
}

test('a machine that makes both slower hides neither a change nor its absence', () => {
  const verdictOf = (ratio: number): string =>
    comparedOperation(
      GET,
      groupsOf(() => ratio),
      MEASURED,
    ).verdict
  assert.equal(verdictOf(1.15), 'regressed')
  assert.equal(verdictOf(1), 'unchanged')
  assert.equal(verdictOf(0.85), 'faster')
  const { ratio, old, measure, pairs, processes, why } = comparedOperation(
    GET,
    groupsOf(() => 1.15),
    MEASURED,
  )
  assert.deepEqual([measure, pairs, processes], ['processor', 24, 2])
  assert.ok(ratio !== null && Math.abs(ratio.value - 1.15) < 0.04 && ratio.low > 1.05)
  assert.ok(old !== null && (old.serverMs ?? 0) > 0.2 && (old.databaseMs ?? 0) > 0.05)
  assert.match(why, /^1\d % more \(\+\d+ % to \+\d+ %\)$/)
})

test('a change that only one pair of processes shows is too noisy to say', () => {
  const groups = groupsOf((group) => (group === 0 ? 1.35 : 1))
  assert.ok(isUndecided(groups))
  assert.equal(comparedOperation(GET, groups, MEASURED).verdict, 'noisy')
})

test('a longer time to the answer is shown, and decides nothing beside processor time', () => {
  const { verdict, elapsed } = comparedOperation(
    GET,
    groupsOf(() => 1, { elapsed: 0.02 }),
    MEASURED,
  )
  assert.equal(verdict, 'unchanged')
  assert.ok((elapsed?.low ?? 0) > 5)
})

test('without processor time the time that passed decides, and what was not measured is not compared', () => {
  const unseen = groupsOf(() => 1, { server: null })
  assert.deepEqual(
    [comparedOperation(GET, unseen, MEASURED).measure, comparedOperation(GET, unseen, MEASURED).new?.serverMs],
    ['elapsed', null],
  )
  const failed = comparedOperation(GET, [], { requests: 8, failed: 'requests to the old build failed: 404' })
  assert.deepEqual([failed.verdict, failed.why, failed.ratio], ['not compared', 'requests to the old build failed: 404', null])
})
