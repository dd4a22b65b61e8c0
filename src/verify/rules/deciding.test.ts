import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Truth } from '../../model/expression.ts'
import { decidingAtoms, kleene } from './deciding.ts'
import { parseRule, type RuleTree } from './rule-tree.ts'

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)
const TREES = Number(process.env.PLINTH_FULL === undefined ? 400 : 10_000)
const VALUES: readonly Truth[] = [true, false, null]

function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** A random tree in which each atom occurs once. */
function randomTree(below: (n: number) => number, atoms: { next: number; readonly most: number }, depth: number): RuleTree {
  const kind = depth === 0 || atoms.next >= atoms.most - 1 ? 0 : below(6)
  const sub = (): RuleTree => randomTree(below, atoms, depth - 1)
  if (kind <= 1) return atoms.next < atoms.most ? { kind: 'atom', atom: atoms.next++ } : { kind: 'const', value: below(2) === 0 }
  if (kind === 2) return { kind: 'not', of: sub() }
  if (kind === 3) return { kind: 'choose', test: sub(), yes: sub(), no: sub() }
  return { kind: kind === 4 ? 'all' : 'any', of: Array.from({ length: 2 + below(2) }, sub) }
}

/** Kleene's logic by arithmetic: false is 0, unknown 1/2, true 1. */
function level(tree: RuleTree, values: readonly Truth[]): number {
  const of = (truth: Truth): number => (truth === null ? 0.5 : truth ? 1 : 0)
  switch (tree.kind) {
    case 'atom':
      return of(values[tree.atom] ?? null)
    case 'const':
      return of(tree.value)
    case 'not':
      return 1 - level(tree.of, values)
    case 'all':
      return Math.min(...tree.of.map((part) => level(part, values)))
    case 'any':
      return Math.max(...tree.of.map((part) => level(part, values)))
    case 'choose': {
      const test = level(tree.test, values)
      return test === 0.5 ? 0.5 : level(test === 1 ? tree.yes : tree.no, values)
    }
  }
}

function assignments(size: number): readonly (readonly Truth[])[] {
  return size === 0 ? [[]] : assignments(size - 1).flatMap((head) => VALUES.map((value) => [...head, value]))
}

test(`the truth of a rule and the atoms that decide it are those of the whole truth table (SEED=${SEED})`, () => {
  const below = randomFrom(SEED)
  for (let n = 0; n < TREES; n++) {
    const atoms = { next: 0, most: 1 + below(5) }
    const tree = randomTree(below, atoms, 3)
    const all = assignments(atoms.next)
    const table = new Map(all.map((values) => [JSON.stringify(values), level(tree, values) === 1]))
    const possible = Array.from({ length: atoms.next }, () => (below(3) === 0 ? VALUES.slice(0, 2) : VALUES))
    for (const values of all) {
      const truth = kleene(tree, values)
      assert.equal(truth === null ? 0.5 : Number(truth), level(tree, values), `${JSON.stringify(tree)} ${values}`)
      const wanted = values.flatMap((_, atom) => {
        const others = all.filter((other) =>
          other.every((value, i) => (i === atom ? possible[atom]?.includes(value) : value === values[i])),
        )
        return others.some((other) => table.get(JSON.stringify(other)) !== table.get(JSON.stringify(values))) ? [atom] : []
      })
      assert.deepEqual(decidingAtoms(tree, values, possible), wanted, `${JSON.stringify(tree)} ${values}`)
    }
  }
})

test('a rule is taken apart into its conditions, with named rules and lists written out', () => {
  const rules = new Map([['staff', 'auth.role in ["admin", "moderator"]']])
  const { atoms, tree } = parseRule('published || author.id == auth.id || staff', (name) => rules.get(name))
  assert.deepEqual(
    atoms.map(({ name }) => name),
    ['published', 'author.id==auth.id', 'auth.role=="admin"', 'auth.role=="moderator"'],
  )
  assert.equal(kleene(tree, [false, null, false, true]), true)
  assert.equal(kleene(tree, [false, null, false, false]), null)
})

test('the same condition twice is two atoms', () => {
  const { atoms } = parseRule('open && owner == auth.id || !open', () => undefined)
  assert.deepEqual(
    atoms.map(({ name }) => name),
    ['open', 'owner==auth.id', 'open#2'],
  )
})
