/**
 * The characters that one place of a pattern takes, as a set over a sample alphabet. The regular expression engine decides on each
 * character.
 */

import type { OneCharacterNode, PatternNode } from '../../base/pattern/pattern-node.ts'
import { unreachable } from '../../base/unreachable.ts'

/** A set of characters of the sample alphabet, one bit each. */
export type CharacterSet = bigint

/** ASCII, and a few other characters, of different kinds for the classes of patterns. */
const SAMPLE: readonly string[] = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), ...'\u00a0\u2028éßΩж٣中😀']

/**
 * Makes the function that gives the set of a node of this pattern. The alphabet has the sample and the characters that the pattern itself
 * names.
 */
export function characterSets(pattern: string, tree: PatternNode): (node: OneCharacterNode) => CharacterSet {
  const alphabet = [...new Set([...SAMPLE, ...namedIn(tree)])]
  const known = new Map<string, CharacterSet>()
  return ({ start, end }) => {
    const source = pattern.slice(start, end)
    const before = known.get(source)
    if (before !== undefined) return before
    const one = new RegExp(`^${source}$`, 'u')
    const set = alphabet.reduce((all, character, i) => (one.test(character) ? all | (1n << BigInt(i)) : all), 0n)
    known.set(source, set)
    return set
  }
}

/** The characters that a part of a pattern names, ends of ranges included. */
function namedIn(node: PatternNode): readonly string[] {
  switch (node.kind) {
    case 'character':
      return [String.fromCodePoint(node.code)]
    case 'set':
      return node.of.flatMap((member) => (member.kind === 'range' ? [member.from, member.to].flatMap(namedIn) : namedIn(member)))
    case 'sequence':
    case 'either':
      return node.of.flatMap(namedIn)
    case 'group':
    case 'look':
    case 'repeat':
      return namedIn(node.of)
    case 'any':
    case 'class':
    case 'property':
    case 'anchor':
    case 'reference':
      return []
    default:
      return unreachable(node)
  }
}
