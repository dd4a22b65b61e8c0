/** The length of the texts that a pattern of a design accepts. */

import { unreachable } from '../unreachable.ts'
import { parsePattern } from './parse-pattern.ts'
import { endsAnchored, type PatternNode, startsAnchored } from './pattern-node.ts'

/**
 * The greatest number of characters of a text that the pattern accepts; `Infinity` where there is no bound: for every pattern that is not
 * `^…$`, and for an invalid pattern.
 */
export function longestAccepted(pattern: string): number {
  const { tree, problem } = parsePattern(pattern)
  return problem === null && startsAnchored(tree) && endsAnchored(tree) ? longestOf(tree) : Number.POSITIVE_INFINITY
}

function longestOf(node: PatternNode): number {
  switch (node.kind) {
    case 'character':
    case 'class':
    case 'property':
    case 'set':
    case 'any':
      return 1
    case 'anchor':
    case 'look':
      return 0
    case 'reference':
      return Number.POSITIVE_INFINITY
    case 'group':
      return longestOf(node.of)
    case 'sequence':
      return node.of.reduce((sum, part) => sum + longestOf(part), 0)
    case 'either':
      return Math.max(...node.of.map(longestOf))
    case 'repeat': {
      const once = longestOf(node.of)
      if (once === 0 || node.most === 0) return 0
      return once * (node.most ?? Number.POSITIVE_INFINITY)
    }
    default:
      return unreachable(node)
  }
}
