/** Describes in words why a text does not match a pattern. */

import { parsePattern } from './parse-pattern.ts'
import { startsAnchored } from './pattern-node.ts'

/** Common conditions in patterns for passwords, in words. */
const CONDITIONS: ReadonlyMap<string, string> = new Map([
  ['(?=.*[a-z])', 'a lower-case letter'],
  ['(?=.*[A-Z])', 'an upper-case letter'],
  ['(?=.*[a-zA-Z])', 'a letter'],
  ['(?=.*[A-Za-z])', 'a letter'],
  ['(?=.*\\d)', 'a digit'],
  ['(?=.*[0-9])', 'a digit'],
  ['(?=.*[^A-Za-z0-9])', 'a character that is neither letter nor digit'],
  ['(?=.*[^a-zA-Z0-9])', 'a character that is neither letter nor digit'],
  ['(?=.*\\W)', 'a punctuation mark or a space'],
  ['(?=.*[\\W_])', 'a punctuation mark or a space'],
])

/**
 * The message for a text that does not match a pattern. It names the common conditions at the start of the pattern that fail, as in `must
 * contain a digit`; when none of them fails, it shows the pattern.
 */
export function patternMessage(pattern: string, text: string): string {
  const missing = conditionsOf(pattern).flatMap((condition) => {
    const words = CONDITIONS.get(condition)
    return words === undefined || new RegExp(`^${condition}`, 'u').test(text) ? [] : [words]
  })
  return missing.length === 0 ? `must match ${pattern}` : `must contain ${inWords(missing)}`
}

/** The common conditions at the start of a pattern, in its own spelling. */
function conditionsOf(pattern: string): readonly string[] {
  const { tree, problem } = parsePattern(pattern)
  if (problem !== null || tree.kind !== 'sequence') return []
  const parts = (startsAnchored(tree) ? tree.of.slice(1) : tree.of).map(({ start, end }) => pattern.slice(start, end))
  const other = parts.findIndex((part) => !CONDITIONS.has(part))
  return other === -1 ? parts : parts.slice(0, other)
}

function inWords(items: readonly string[]): string {
  const last = items.at(-1) ?? ''
  return items.length === 1 ? last : `${items.slice(0, -1).join(', ')} and ${last}`
}
