/**
 * Patterns of the design are run on text that strangers send, and a backtracking engine may take very long over some. A pattern is refused when one text can
 * be matched in exponentially many ways, or in so many that the longest text allowed would hold up the server. The analysis is the usual one on the
 * automaton of positions (Weber and Seidl, "On the degree of ambiguity of finite automata", 1991), with the degree of a polynomial estimated from above.
 */

import { lru } from '../../base/lru.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { CharacterSet, PatternTree } from './pattern-tree.ts'
import { parsePattern } from './pattern-tree.ts'

/** About a tenth of a second of work. */
const MAX_STEPS = 100_000_000
const MAX_PLACES_IN_LOOP = 120

/** Fields share patterns, and a design is read again at every change. */
const judged = lru<{ readonly problem: string | null }>(500)

/** What is wrong with a pattern for texts of at most `longest` characters; null when nothing is. */
export function patternProblem(pattern: string, longest: number): string | null {
  const key = `${longest} ${pattern}`
  const known = judged.get(key)
  if (known !== undefined) return known.problem
  const problem = judge(pattern, longest)
  judged.set(key, { problem })
  return problem
}

function judge(pattern: string, longest: number): string | null {
  try {
    new RegExp(pattern, 'u')
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : pattern
    return `not a regular expression: ${reason}`
  }
  const parsed = parsePattern(pattern)
  if (parsed === null) return 'references to groups are not possible'
  for (const tree of parsed.trees) {
    const isMain = tree === parsed.trees[0]
    const problem = slowness(automatonOf(tree), { longest, anchored: !isMain || parsed.anchored })
    if (problem !== null) return problem
  }
  return null
}

interface Automaton {
  readonly sets: readonly CharacterSet[]
  readonly first: readonly number[]
  /** For each place, the places that may come next. */
  readonly follow: readonly ReadonlySet<number>[]
  /** Some step is possible in two ways, as in (a+)+. */
  readonly doubled: boolean
}

interface Part {
  readonly first: readonly number[]
  readonly last: readonly number[]
  readonly nullable: boolean
}

/** Glushkov's construction: one place for each character taken. */
function automatonOf(tree: PatternTree): Automaton {
  const sets: CharacterSet[] = []
  const follow: Set<number>[] = []
  let doubled = false
  const link = (from: readonly number[], to: readonly number[]): void => {
    for (const a of from) {
      for (const b of to) {
        if (follow[a]?.has(b) === true) doubled = true
        follow[a]?.add(b)
      }
    }
  }
  const visit = (node: PatternTree): Part => {
    switch (node.kind) {
      case 'empty':
        return { first: [], last: [], nullable: true }
      case 'take': {
        const place = sets.push(node.set) - 1
        follow.push(new Set())
        return { first: [place], last: [place], nullable: false }
      }
      case 'sequence':
        return node.of.map(visit).reduce<Part>((a, b) => joined(a, b, link), { first: [], last: [], nullable: true })
      case 'either': {
        const parts = node.of.map(visit)
        return { first: parts.flatMap((p) => p.first), last: parts.flatMap((p) => p.last), nullable: parts.some((p) => p.nullable) }
      }
      case 'maybe':
        return { ...visit(node.of), nullable: true }
      case 'loop': {
        const part = visit(node.of)
        link(part.last, part.first)
        return { ...part, nullable: part.nullable || node.least === 0 }
      }
      default:
        return unreachable(node)
    }
  }
  const { first } = visit(tree)
  return { sets, first, follow, doubled }
}

function joined(a: Part, b: Part, link: (from: readonly number[], to: readonly number[]) => void): Part {
  link(a.last, b.first)
  return {
    first: a.nullable ? [...a.first, ...b.first] : a.first,
    last: b.nullable ? [...a.last, ...b.last] : b.last,
    nullable: a.nullable && b.nullable,
  }
}

function slowness(automaton: Automaton, { longest, anchored }: { readonly longest: number; readonly anchored: boolean }): string | null {
  const loops = loopsOf(automaton)
  if (loops.some((loop) => loop.length > MAX_PLACES_IN_LOOP)) return `a repetition of more than ${MAX_PLACES_IN_LOOP} characters`
  if (automaton.doubled || loops.some((loop) => isAmbiguous(loop, automaton)))
    return 'one text can match in very many ways: a repetition stands inside another, or its branches overlap'
  const degree = degreeOf(loops, automaton, anchored)
  if (longest ** degree <= MAX_STEPS * 2) return null
  return `${degree} repetitions that overlap may take very long on ${longest} characters`
}

/** The strongly connected parts that can repeat (Kosaraju). */
function loopsOf({ follow }: Automaton): readonly (readonly number[])[] {
  const order: number[] = []
  const seen = new Set<number>()
  const before: number[][] = follow.map(() => [])
  follow.forEach((next, place) => {
    for (const n of next) before[n]?.push(place)
  })
  const walk = (start: number, next: (place: number) => Iterable<number>, done: (place: number) => void): void => {
    if (seen.has(start)) return
    seen.add(start)
    for (const n of next(start)) walk(n, next, done)
    done(start)
  }
  follow.forEach((_, place) => {
    walk(
      place,
      (p) => follow[p] ?? [],
      (p) => order.push(p),
    )
  })
  seen.clear()
  const loops: number[][] = []
  for (const place of order.reverse()) {
    const part: number[] = []
    walk(
      place,
      (p) => before[p] ?? [],
      (p) => part.push(p),
    )
    if (part.length > 1 || (part[0] !== undefined && follow[part[0]]?.has(part[0]) === true)) loops.push(part)
  }
  return loops
}

/** Whether two different ways through a loop read the same text and meet again: then every round doubles the number of ways. */
function isAmbiguous(loop: readonly number[], { sets, follow }: Automaton): boolean {
  const inside = new Set(loop)
  const steps = new Map<number, readonly number[]>(loop.map((place) => [place, [...(follow[place] ?? [])].filter((p) => inside.has(p))]))
  const size = sets.length
  const back = new Map<number, number[]>()
  const seen = new Set(loop.map((place) => place * size + place))
  const queue = [...seen]
  for (let pair = queue.pop(); pair !== undefined; pair = queue.pop()) {
    for (const a of steps.get(Math.floor(pair / size)) ?? []) {
      for (const b of steps.get(pair % size) ?? []) {
        if (((sets[a] ?? 0n) & (sets[b] ?? 0n)) === 0n) continue
        const next = a * size + b
        const reached = back.get(next)
        if (reached === undefined) back.set(next, [pair])
        else reached.push(pair)
        if (!seen.has(next)) queue.push(next)
        seen.add(next)
      }
    }
  }
  const meeting = new Set(loop.map((place) => place * size + place))
  const ways = [...meeting]
  for (let pair = ways.pop(); pair !== undefined; pair = ways.pop()) {
    for (const previous of back.get(pair) ?? []) {
      if (meeting.has(previous)) continue
      if (Math.floor(previous / size) !== previous % size) return true
      meeting.add(previous)
      ways.push(previous)
    }
  }
  return false
}

/** How many loops, one after another, can divide the same text among them; a pattern without ^ starts anywhere, which is one more. */
function degreeOf(loops: readonly (readonly number[])[], automaton: Automaton, anchored: boolean): number {
  const { sets, first } = automaton
  const unions = loops.map((loop) => loop.reduce((all, place) => all | (sets[place] ?? 0n), 0n))
  const lengths = new Map<number, number>()
  const lengthFrom = (index: number): number => {
    const known = lengths.get(index)
    if (known !== undefined) return known
    lengths.set(index, 1)
    const entered = (other: number): boolean =>
      other !== index &&
      leadsTo(loops[index] ?? [], loops[other] ?? [], { automaton, shared: (unions[index] ?? 0n) & (unions[other] ?? 0n) })
    const longest = 1 + Math.max(0, ...loops.map((_, other) => (entered(other) ? lengthFrom(other) : 0)))
    lengths.set(index, longest)
    return longest
  }
  const chains = loops.map((loop, index) => {
    const fromStart = !anchored && leadsTo([], loop, { automaton, shared: unions[index] ?? 0n, start: first })
    return lengthFrom(index) + (fromStart ? 1 : 0)
  })
  return Math.max(1, ...chains)
}

interface Way {
  readonly automaton: Automaton
  /** What every place between must be able to take. */
  readonly shared: CharacterSet
  /** Where the way begins, when not behind `from`. */
  readonly start?: readonly number[]
}

function leadsTo(from: readonly number[], to: readonly number[], { automaton, shared, start }: Way): boolean {
  if (shared === 0n) return false
  const target = new Set(to)
  const own = new Set(from)
  const queue = [...(start ?? from.flatMap((place) => [...(automaton.follow[place] ?? [])]))]
  const seen = new Set<number>()
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    if (seen.has(place) || ((automaton.sets[place] ?? 0n) & shared) === 0n) continue
    seen.add(place)
    if (target.has(place)) return true
    if (!own.has(place)) queue.push(...(automaton.follow[place] ?? []))
  }
  return false
}
