/**
 * The truths that several conditions can have together, from the design alone. Comparisons of the same values depend on each other; any
 * other condition may have each of its truths. So what is excluded here is excluded in every world.
 */

import type { Truth } from '../../model/expression.ts'
import type { Compared, Comparison, Constant, Pivot } from './pivots.ts'

/** A condition whose truth is looked for. */
export interface JointAtom {
  /** Conditions with the same key have the same truth. */
  readonly key: string
  /** Null for a condition that is no comparison of claims, fields and constants. */
  readonly comparison: Comparison | null
  /** The truths that its types allow. */
  readonly possible: readonly Truth[]
}

/** Conditions that depend on each other, by number, with every combination of their truths. */
export interface JointTruths {
  readonly atoms: readonly number[]
  readonly tuples: readonly (readonly Truth[])[]
}

/** The most combinations of values that are tried for conditions that depend on each other. */
const MOST_VALUES = 30_000

/** Groups of conditions that depend on each other. Conditions of different groups have their truths independently. */
export function jointTruths(atoms: readonly JointAtom[]): readonly JointTruths[] {
  const groups = joined(
    atoms.map((_, i) => i),
    (i) => {
      const atom = atoms[i]
      return atom?.comparison == null
        ? [atom?.key ?? '']
        : atom.comparison.pivots.flatMap(({ key, of }) => (of === null ? [key] : [key, of]))
    },
  )
  return groups.flatMap((group) => truthsOf(atoms, group))
}

/** Puts what shares a key into one group. */
function joined<T>(all: readonly T[], keysOf: (one: T) => readonly string[]): readonly (readonly T[])[] {
  let groups: { readonly keys: ReadonlySet<string>; readonly members: readonly T[] }[] = []
  for (const one of all) {
    const keys = new Set(keysOf(one))
    const touched = groups.filter((group) => [...keys].some((key) => group.keys.has(key)))
    const merged = {
      keys: new Set([...touched.flatMap((group) => [...group.keys]), ...keys]),
      members: [...touched.flatMap(({ members }) => members), one],
    }
    groups = [...groups.filter((group) => !touched.includes(group)), merged]
  }
  return groups.map(({ members }) => members)
}

function truthsOf(atoms: readonly JointAtom[], group: readonly number[]): readonly JointTruths[] {
  const own = group.flatMap((i) => atoms[i] ?? [])
  const comparisons = own.flatMap(({ comparison }) => comparison ?? [])
  if (comparisons.length < own.length) return [{ atoms: group, tuples: (own[0]?.possible ?? []).map((truth) => group.map(() => truth)) }]
  const domains = domainsOf(comparisons)
  if (domains === null) return group.map((i) => ({ atoms: [i], tuples: (atoms[i]?.possible ?? []).map((truth) => [truth]) }))
  const tuples = new Map<string, readonly Truth[]>()
  for (const values of assignments(domains)) {
    const tuple = comparisons.map((one) => truthOf(one, values))
    tuples.set(tuple.join(), tuple)
  }
  return [{ atoms: group, tuples: [...tuples.values()] }]
}

/** A value as its place in an order; null for a missing one. */
type Rank = number | null

interface Domain {
  readonly pivot: Pivot
  readonly values: readonly Rank[]
}

interface Domains {
  readonly pivots: readonly Domain[]
  readonly rankOf: (pivot: string, constant: Constant) => Rank
}

/** What each value can be; null where there are too many combinations, or constants that have no order here. */
function domainsOf(comparisons: readonly Comparison[]): Domains | null {
  const pivots = [...new Map(comparisons.flatMap((one) => one.pivots.map((pivot) => [pivot.key, pivot] as const))).values()]
  const compared = joined(
    pivots.map(({ key }) => key),
    (key) => [key, ...comparisons.flatMap(({ left, right }) => partnersOf(key, left, right))],
  )
  const ranks = new Map<string, Ranks>()
  for (const keys of compared) {
    const own = ranksOf(keys, pivots, comparisons)
    if (own === null) return null
    for (const key of keys) ranks.set(key, own)
  }
  const ordered = [...pivots].sort((a, b) => a.key.split('.').length - b.key.split('.').length)
  const found = ordered.map((pivot): Domain => {
    const missing: readonly Rank[] = pivot.optional || pivot.of !== null ? [null] : []
    return { pivot, values: [...(ranks.get(pivot.key)?.valuesOf(pivot) ?? []), ...missing] }
  })
  if (found.reduce((product, { values }) => product * values.length, 1) > MOST_VALUES) return null
  return { pivots: found, rankOf: (key, constant) => (constant === null ? null : (ranks.get(key)?.rankOf(constant) ?? null)) }
}

function partnersOf(key: string, left: Compared, right: Compared): readonly string[] {
  if (!('pivot' in left) || !('pivot' in right)) return []
  return left.pivot === key ? [right.pivot] : right.pivot === key ? [left.pivot] : []
}

interface Ranks {
  readonly rankOf: (constant: string | number | boolean) => number
  readonly valuesOf: (pivot: Pivot) => readonly number[]
}

/** Places for constants in their order, with room for a different value of each pivot between, before and behind them. */
function ranksOf(keys: readonly string[], pivots: readonly Pivot[], comparisons: readonly Comparison[]): Ranks | null {
  const own = pivots.filter(({ key }) => keys.includes(key))
  const beside = comparisons.flatMap(({ left, right }) => [...constantsBeside(keys, left, right), ...constantsBeside(keys, right, left)])
  const choices = own.flatMap(({ field }) => (field?.type.kind === 'choice' ? field.type.values : []))
  const constants = [...new Set([...beside, ...choices])]
  if (new Set(constants.map((one) => typeof one)).size > 1) return null
  const sorted = constants.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const room = own.length + 1
  const rankOf: Ranks['rankOf'] = (constant) => (typeof constant === 'boolean' ? Number(constant) : (sorted.indexOf(constant) + 1) * room)
  const all = Array.from({ length: (sorted.length + 1) * room - 1 }, (_, i) => i + 1)
  return {
    rankOf,
    valuesOf({ field, above }) {
      const type = field?.type
      if (type?.kind === 'choice') return type.values.map(rankOf)
      if (type?.kind === 'scalar' && type.scalar === 'boolean') return [0, 1]
      return above !== null && sorted.includes(above) ? all.filter((rank) => rank > rankOf(above)) : all
    },
  }
}

function constantsBeside(keys: readonly string[], one: Compared, other: Compared): readonly (string | number | boolean)[] {
  return 'pivot' in one && keys.includes(one.pivot) && 'constant' in other && other.constant !== null ? [other.constant] : []
}

/** The values of one combination. */
interface Assigned {
  readonly rankIn: (operand: Compared, beside: Compared) => Rank
}

/** Every combination of values in which a field of a missing row is missing, and no other required one. */
function* assignments(domains: Domains): Generator<Assigned> {
  const values = new Map<string, Rank>()
  const rankIn = (operand: Compared, beside: Compared): Rank =>
    'pivot' in operand ? (values.get(operand.pivot) ?? null) : domains.rankOf('pivot' in beside ? beside.pivot : '', operand.constant)
  function* from(at: number): Generator<Assigned> {
    const domain = domains.pivots[at]
    if (domain === undefined) {
      yield { rankIn }
      return
    }
    const { pivot } = domain
    const isGone = pivot.of !== null && values.get(pivot.of) === null
    for (const value of domain.values) {
      if (value === null ? !isGone && !pivot.optional : isGone) continue
      values.set(pivot.key, value)
      yield* from(at + 1)
    }
  }
  yield* from(0)
}

function truthOf({ op, left, right }: Comparison, { rankIn }: Assigned): Truth {
  const isFixed = 'constant' in left && 'constant' in right
  const [a, b] = isFixed ? [left.constant, right.constant] : [rankIn(left, right), rankIn(right, left)]
  const isNullTest = [left, right].some((side) => 'constant' in side && side.constant === null)
  if (isNullTest) return op === '==' ? a === b : a !== b
  if (a === null || b === null) return null
  switch (op) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    default:
      return a >= b
  }
}
