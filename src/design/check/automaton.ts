/** A pattern as the automaton of its positions, for `patterns.ts`. */

import type { OneCharacterNode, PatternNode, RepeatNode } from '../../base/pattern/pattern-node.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { CharacterSet } from './character-sets.ts'

/**
 * A bounded repetition of up to this many characters is written out. A longer one counts as unbounded: it has about as many ways to divide
 * a text.
 */
const MAX_WRITTEN_OUT = 30

/** The places of a pattern that take a character, by number, and the places that may follow each. */
export interface Automaton {
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

const NOTHING: Part = { first: [], last: [], nullable: true }

/**
 * Makes the automaton of a part of a pattern (Glushkov, "The abstract theory of automata", 1961). Look-arounds and references are ignored.
 *
 * @param setOf the characters that a node takes.
 */
export function automatonOf(tree: PatternNode, setOf: (node: OneCharacterNode) => CharacterSet): Automaton {
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
  const repeated = ({ of, sign, least, most }: RepeatNode): Part => {
    if (most === 0) return NOTHING
    if (sign === '?') return { ...visit(of), nullable: true }
    if (most !== null && isWrittenOut(of, most)) {
      // x{1,3} as x(x(x)?)?
      const optional = (times: number): Part =>
        times === 0 ? NOTHING : { ...joined(visit(of), optional(times - 1), link), nullable: true }
      return Array.from({ length: least }, () => visit(of)).reduceRight((rest, part) => joined(part, rest, link), optional(most - least))
    }
    const part = visit(of)
    link(part.last, part.first)
    return { ...part, nullable: part.nullable || least === 0 }
  }
  const visit = (node: PatternNode): Part => {
    switch (node.kind) {
      case 'character':
      case 'class':
      case 'property':
      case 'set':
      case 'any': {
        const place = sets.push(setOf(node)) - 1
        follow.push(new Set())
        return { first: [place], last: [place], nullable: false }
      }
      case 'sequence':
        return node.of.map(visit).reduce((a, b) => joined(a, b, link), NOTHING)
      case 'either': {
        const parts = node.of.map(visit)
        return { first: parts.flatMap((p) => p.first), last: parts.flatMap((p) => p.last), nullable: parts.some((p) => p.nullable) }
      }
      case 'group':
        return visit(node.of)
      case 'repeat':
        return repeated(node)
      case 'anchor':
      case 'look':
      case 'reference':
        return NOTHING
      default:
        return unreachable(node)
    }
  }
  const { first } = visit(tree)
  return { sets, first, follow, doubled }
}

function isWrittenOut(of: PatternNode, most: number): boolean {
  return most > 0 && most <= MAX_WRITTEN_OUT && places(of) * most <= MAX_WRITTEN_OUT
}

/** How many places a part has in the automaton. */
function places(node: PatternNode): number {
  switch (node.kind) {
    case 'character':
    case 'class':
    case 'property':
    case 'set':
    case 'any':
      return 1
    case 'sequence':
    case 'either':
      return node.of.reduce((sum, part) => sum + places(part), 0)
    case 'group':
      return places(node.of)
    case 'repeat': {
      const once = places(node.of)
      if (node.most === 0) return 0
      return node.sign !== '?' && node.most !== null && isWrittenOut(node.of, node.most) ? once * node.most : once
    }
    case 'anchor':
    case 'look':
    case 'reference':
      return 0
    default:
      return unreachable(node)
  }
}

function joined(a: Part, b: Part, link: (from: readonly number[], to: readonly number[]) => void): Part {
  link(a.last, b.first)
  return {
    first: a.nullable ? [...a.first, ...b.first] : a.first,
    last: b.nullable ? [...a.last, ...b.last] : b.last,
    nullable: a.nullable && b.nullable,
  }
}
