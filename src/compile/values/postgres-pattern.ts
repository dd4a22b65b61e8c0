/**
 * Translates patterns for PostgreSQL. Patterns of a design are ECMAScript regular expressions with the `u` flag, as in JSON Schema.
 * PostgreSQL's advanced regular expressions have a similar syntax but differ in detail: whether `.` matches newlines, whether `\d` and `\w`
 * match beyond ASCII, back references, limits. The translation uses only constructs that mean the same in both. A pattern with any other
 * construct has no translation: the database gets no constraint, and only the application checks the pattern.
 */

import { parsePattern } from '../../base/pattern/parse-pattern.ts'
import type { CharacterNode, PatternNode, RepeatNode, SetMember, SetNode } from '../../base/pattern/pattern-node.ts'
import { unreachable } from '../../base/unreachable.ts'

/** PostgreSQL refuses larger bounds (`DUPMAX`). */
const MAX_BOUND = 255
/**
 * The most character positions of a pattern after PostgreSQL has expanded its repetitions. PostgreSQL expands a pattern when the first row
 * is written; with more positions it takes noticeable time or fails with "too complex".
 */
const MAX_PLACES = 2_000
const MAX_EMPTY_COPIES = 5

/** White space and line ends of ECMA-262, sections 12.2 and 12.3. */
const SPACE = '\\u0009-\\u000d\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'
const LINE_END = '\\u000a\\u000d\\u2028\\u2029'
const CLASSES = { d: '0-9', w: 'A-Za-z0-9_', s: SPACE } as const

/** Thrown within this file for a construct that PostgreSQL does not have with the same meaning. */
class NoEqual extends Error {}

/** A translated part, the number of character positions that it expands to, and whether it can match the empty text. */
interface SpelledPart {
  readonly text: string
  readonly places: number
  readonly empty: boolean
}

/** Translates an ECMAScript pattern for PostgreSQL's `~`; null when there is no translation with the same meaning. Never throws. */
export function postgresPattern(pattern: string): string | null {
  try {
    new RegExp(pattern, 'u')
    const { tree, problem } = parsePattern(pattern)
    const { text, places } = partOf(tree)
    if (problem !== null || places > MAX_PLACES) return null
    // The group comes first, because an expression beginning with `***` or `(?letters)` is a directive to PostgreSQL
    return `(?:${text})`
  } catch {
    return null
  }
}

function partOf(node: PatternNode): SpelledPart {
  switch (node.kind) {
    case 'either':
      return eitherOf(node.of)
    case 'sequence':
      return sequenceOf(node.of)
    case 'repeat':
      return repeatedPart(node)
    case 'group':
      if (node.open === 'flags') throw new NoEqual()
      return inBrackets('(?:', partOf(node.of))
    case 'look':
      return { ...inBrackets(node.open, partOf(node.of)), empty: true }
    case 'anchor':
      if (node.sign !== '^' && node.sign !== '$') throw new NoEqual()
      return { text: node.sign, places: 0, empty: true }
    case 'any':
      return onePlace(`[^${LINE_END}]`)
    case 'set':
      return onePlace(setText(node))
    case 'class':
      return onePlace(`[${node.negated ? '^' : ''}${CLASSES[node.name]}]`)
    case 'character':
      return onePlace(characterText(node))
    case 'property':
    case 'reference':
      throw new NoEqual()
    default:
      return unreachable(node)
  }
}

function onePlace(text: string): SpelledPart {
  return { text, places: 1, empty: false }
}

function inBrackets(open: string, inner: SpelledPart): SpelledPart {
  return { ...inner, text: `${open}${inner.text})` }
}

function eitherOf(branches: readonly PatternNode[]): SpelledPart {
  const parts = branches.map(partOf)
  return {
    text: parts.map((part) => part.text).join('|'),
    places: parts.reduce((sum, part) => sum + part.places, 0),
    empty: parts.some((part) => part.empty),
  }
}

function sequenceOf(nodes: readonly PatternNode[]): SpelledPart {
  const parts = nodes.map(partOf)
  // PostgreSQL refuses a group whose only branch is empty.
  const text = parts.length === 0 ? '(?:)' : parts.map((part) => part.text).join('')
  return { text, places: parts.reduce((sum, part) => sum + part.places, 1), empty: parts.every((part) => part.empty) }
}

/**
 * Makes every repetition greedy. PostgreSQL gives another meaning to a mix of greedy and lazy repetitions, and laziness never decides
 * whether a text matches.
 */
function repeatedPart({ of, sign, least, most }: RepeatNode): SpelledPart {
  const part = partOf(of)
  const bound = Math.max(least, most ?? 0)
  if (bound > MAX_BOUND) throw new NoEqual()
  const copies = sign === '+' ? 2 : Math.max(bound, 1)
  // PostgreSQL needs a second to compile a few hundred copies of a part that can match the empty text.
  if (part.empty && copies > MAX_EMPTY_COPIES) throw new NoEqual()
  return { text: part.text + sign, places: part.places * copies + 1, empty: part.empty || least === 0 }
}

function setText({ negated, of }: SetNode): string {
  if (of.length === 0) throw new NoEqual()
  return `[${negated ? '^' : ''}${of.map(memberText).join('')}]`
}

function memberText(member: SetMember): string {
  switch (member.kind) {
    case 'character':
      return characterText(member)
    case 'range':
      return `${characterText(member.from)}-${characterText(member.to)}`
    case 'class':
      // PostgreSQL cannot express a negated class inside a set.
      if (member.negated) throw new NoEqual()
      return CLASSES[member.name]
    case 'property':
      throw new NoEqual()
    default:
      return unreachable(member)
  }
}

/** One character, in a form that is literal within and outside brackets. */
function characterText({ code, spelling }: CharacterNode): string {
  switch (spelling) {
    case 'backspace':
    case 'control-letter':
    case 'surrogate-pair':
      throw new NoEqual()
    case 'unicode':
    case 'code-point':
      // PostgreSQL has no character for half a surrogate pair.
      if (code >= 0xd800 && code <= 0xdfff) throw new NoEqual()
      return codeText(code)
    case 'plain':
    case 'sign':
    case 'control':
    case 'nul':
    case 'hex':
      return codeText(code)
    default:
      return unreachable(spelling)
  }
}

function codeText(code: number): string {
  // A text of PostgreSQL cannot contain NUL.
  if (code === 0) throw new NoEqual()
  const character = String.fromCodePoint(code)
  if (/^[A-Za-z0-9 _]$/.test(character)) return character
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}
