import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Truth } from '../../model/expression.ts'
import { type JointAtom, jointTruths } from './joint-truths.ts'
import type { Compared, Comparison, Constant, Pivot } from './pivots.ts'

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)
const ROUNDS = Number(process.env.PLINTH_FULL === undefined ? 6 : 500)

function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const OPS = ['==', '!=', '<', '<=', '>', '>=']

/** `a` and `b` are numbers, `ref` may be missing, and `ref.n` is a number behind it. */
const PIVOTS: readonly Pivot[] = [
  { key: 'a', of: null, field: null, optional: false, above: null },
  { key: 'b', of: null, field: null, optional: true, above: null },
  { key: 'ref', of: null, field: null, optional: true, above: null },
  { key: 'ref.n', of: 'ref', field: null, optional: false, above: null },
]

function randomComparison(below: (n: number) => number): Comparison {
  const pivot = PIVOTS[below(4)] ?? assert.fail()
  const left: Compared = { pivot: pivot.key }
  const kind = below(4)
  const partner = PIVOTS[[1, 0, 2, 0][PIVOTS.indexOf(pivot)] ?? 0] ?? assert.fail()
  const right: Compared = kind === 0 ? { constant: null } : kind === 1 ? { pivot: partner.key } : { constant: below(4) }
  const named = 'pivot' in right ? [pivot, partner] : [pivot]
  const used = [...named, ...PIVOTS.filter(({ key }) => named.some(({ of }) => of === key))]
  const op = kind === 0 ? OPS[below(2)] : OPS[below(6)]
  return { op: op ?? '==', left, right, pivots: used }
}

function truthIn({ op, left, right }: Comparison, values: ReadonlyMap<string, Constant>): Truth {
  const [a, b] = [left, right].map((side) => ('pivot' in side ? (values.get(side.pivot) ?? null) : side.constant))
  if ('constant' in right && right.constant === null) return op === '==' ? a === null : a !== null
  if (a == null || b == null) return null
  return { '==': a === b, '!=': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }[op] ?? null
}

test(`every combination of truths that values give is among the joint truths, and no other one (SEED=${SEED})`, () => {
  const below = randomFrom(SEED)
  for (let round = 0; round < ROUNDS; round++) {
    const comparisons = Array.from({ length: 1 + below(4) }, () => randomComparison(below))
    const atoms = comparisons.map((comparison, i): JointAtom => ({ key: `${i}`, comparison, possible: [true, false, null] }))
    const groups = jointTruths(atoms)
    const isJoint = (truths: readonly Truth[]): boolean =>
      groups.every(({ atoms: own, tuples }) => tuples.some((tuple) => own.every((atom, i) => truths[atom] === tuple[i])))
    const seen = new Set<string>()
    for (const values of everyValue()) {
      const truths = comparisons.map((one) => truthIn(one, values))
      if (seen.has(truths.join())) continue
      assert.ok(isJoint(truths), `${JSON.stringify(comparisons)} ${truths}`)
      seen.add(truths.join())
    }
    const joint = groups.reduce((product, { tuples }) => product * tuples.length, 1)
    assert.equal(joint, seen.size, JSON.stringify(comparisons))
  }
})

/** Three numbers between, before and behind the constants, which are 0 to 3. */
const NUMBERS = [-1, 0, 1, 2, 3].flatMap((n) => [n, n + 0.2, n + 0.4, n + 0.6]).slice(1)

/** All combinations of numbers and missing ones. */
function* everyValue(): Generator<ReadonlyMap<string, Constant>> {
  for (const a of NUMBERS) {
    for (const b of [...NUMBERS, null]) {
      for (const ref of [-0.8, 0, 0.2, 1, 1.2, 2, 2.2, 3, 3.2]) {
        for (const behind of NUMBERS) yield valuesOf(a, b, ref, behind)
      }
      yield valuesOf(a, b, null, null)
    }
  }
}

function valuesOf(...numbers: readonly Constant[]): ReadonlyMap<string, Constant> {
  return new Map(PIVOTS.map(({ key }, i) => [key, numbers[i] ?? null]))
}

test('conditions of another form have each of their truths, and the same condition the same', () => {
  const free = (key: string): JointAtom => ({ key, comparison: null, possible: [true, false] })
  const groups = jointTruths([free('x'), free('y'), free('x')])
  assert.deepEqual(
    groups.map(({ atoms }) => atoms),
    [[1], [0, 2]],
  )
  assert.deepEqual(groups[1]?.tuples, [
    [true, true],
    [false, false],
  ])
})
