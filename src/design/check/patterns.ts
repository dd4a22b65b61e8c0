/**
 * Refuses patterns that take too long. Patterns of a design are matched against texts from any client, and a backtracking engine needs
 * exponential time for some of them. A pattern is refused when it can match one text in exponentially many ways, or in so many that the
 * longest allowed text would block the server. Source: Weber and Seidl, "On the degree of ambiguity of finite automata", 1991, on the
 * automaton of positions; the degree of a polynomial is an upper bound.
 */

import { lru } from '../../base/lru.ts'
import { parsePattern } from '../../base/pattern/parse-pattern.ts'
import { type PatternNode, startsAnchored } from '../../base/pattern/pattern-node.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type Automaton, automatonOf } from './automaton.ts'
import { type CharacterSet, characterSets } from './character-sets.ts'

/** Steps of the engine in about a tenth of a second. */
const MAX_STEPS = 100_000_000
const MAX_PLACES_IN_LOOP = 120

/** Judgements by pattern: fields share patterns, and a design is read again at every change. */
const judged = lru<{ readonly problem: string | null }>(500)

/** The problem of a pattern for texts of at most `longest` characters; null when there is none. */
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
  const { tree } = parsePattern(pattern)
  const parts = [...partsIn(tree)]
  if (parts.some(({ kind }) => kind === 'reference')) return 'references to groups are not possible'
  const setOf = characterSets(pattern, tree)
  // the engine matches each look-around separately, from the current position
  const looks = parts.flatMap((part) => (part.kind === 'look' ? [part.of] : []))
  for (const part of [tree, ...looks]) {
    const problem = slowness(automatonOf(part, setOf), { longest, anchored: part !== tree || startsAnchored(tree) })
    if (problem !== null) return problem
  }
  return null
}

/** The node and all nodes within it, the inner ones first. */
function* partsIn(node: PatternNode): Generator<PatternNode> {
  switch (node.kind) {
    case 'sequence':
    case 'either':
      for (const part of node.of) yield* partsIn(part)
      break
    case 'group':
    case 'look':
    case 'repeat':
      yield* partsIn(node.of)
      break
    case 'character':
    case 'class':
    case 'property':
    case 'set':
    case 'any':
    case 'anchor':
    case 'reference':
      break
    default:
      unreachable(node)
  }
  yield node
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

/** Whether two different paths through a loop read the same text and meet again. Then each round doubles the number of paths. */
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

/**
 * The largest number of consecutive loops that can divide one text. A pattern without ^ may start anywhere, which counts as one more loop.
 */
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
  /** The characters that all places of the path have in common. */
  readonly shared: CharacterSet
  /** The places at which the path may start; by default the places after `from`. */
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
