/**
 * Checks and translates the patterns of `matches`. A pattern is accepted when it has the same meaning in ECMAScript (with the `u` flag) and
 * PostgreSQL and cannot take long. In the translation, `\d`, `\w`, `\s` and `.` are written out as sets of characters. As in CEL, a pattern
 * may match anywhere in the text.
 */

import { parsePattern } from '../../../base/pattern/parse-pattern.ts'
import type {
  CharacterNode,
  ClassNode,
  PatternNode,
  PatternProblem,
  PropertyNode,
  RepeatNode,
  SetMember,
  SetNode,
} from '../../../base/pattern/pattern-node.ts'
import { unreachable } from '../../../base/unreachable.ts'

/** The pattern in its portable spelling, or why it is refused. */
type PortablePattern = { readonly ok: true; readonly pattern: string } | { readonly ok: false; readonly why: string }

/** The most characters of a pattern of `matches`. */
export const LONGEST_PATTERN = 100
const MOST_REPEATS = 100
const MOST_NESTED = 10

const SPACE = '\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'
const CLASSES = { d: '0-9', w: 'A-Za-z0-9_', s: SPACE } as const

/** Thrown within this file where a pattern is refused; the message says why. */
class Refused extends Error {}

/** A part in its portable spelling, and whether anything in it is repeated. */
interface PortablePart {
  readonly text: string
  readonly repeats: boolean
}

/** Where a part stands: the source, and the number of groups around it. */
interface PatternPosition {
  readonly source: string
  readonly depth: number
}

/** Checks and translates a pattern. Never throws. */
export function portablePattern(source: string): PortablePattern {
  if ([...source].length > LONGEST_PATTERN) return { ok: false, why: `it has more than ${LONGEST_PATTERN} characters` }
  const { tree, problem } = parsePattern(source)
  try {
    // the first problem in the source is reported; with a problem, the tree holds only the parts before it
    const { text } = partOf(tree, { source, depth: 0 })
    if (problem !== null) return { ok: false, why: problemText(problem) }
    new RegExp(text, 'u')
    return { ok: true, pattern: text }
  } catch (error) {
    return { ok: false, why: error instanceof Refused ? error.message : 'it is not a valid pattern' }
  }
}

function partOf(node: PatternNode, standing: PatternPosition): PortablePart {
  switch (node.kind) {
    case 'either':
      return joined(node.of, '|', standing)
    case 'sequence':
      return joined(node.of, '', standing)
    case 'group': {
      if (node.open !== 'capture' && node.open !== 'plain') throw new Refused(OTHER_GROUPS)
      const depth = standing.depth + 1
      if (depth > MOST_NESTED) throw new Refused('its groups nest too deeply')
      const inner = partOf(node.of, { ...standing, depth })
      return { ...inner, text: `(?:${inner.text})` }
    }
    case 'look':
      throw new Refused(OTHER_GROUPS)
    case 'repeat':
      return repeatedPart(node, standing)
    case 'anchor':
      if (node.sign !== '^' && node.sign !== '$') throw new Refused(WORD_BOUNDARY)
      return single(node.sign)
    case 'any':
      return single('[^\\n\\r\\u2028\\u2029]')
    case 'class':
      return single(`[${node.negated ? '^' : ''}${CLASSES[node.name]}]`)
    case 'set':
      return single(setText(node, standing.source))
    case 'character':
      return single(characterText(node, standing.source))
    case 'property':
      throw new Refused(notAvailable(propertyLetter(node)))
    case 'reference':
      throw new Refused(node.to === 'number' ? REFERENCES : notAvailable('k'))
    default:
      return unreachable(node)
  }
}

function single(text: string): PortablePart {
  return { text, repeats: false }
}

function joined(nodes: readonly PatternNode[], separator: string, standing: PatternPosition): PortablePart {
  const parts = nodes.map((node) => partOf(node, standing))
  return { text: parts.map((part) => part.text).join(separator), repeats: parts.some((part) => part.repeats) }
}

function repeatedPart({ of, sign, least, most, lazy }: RepeatNode, standing: PatternPosition): PortablePart {
  const part = partOf(of, standing)
  if (least > MOST_REPEATS || (most !== null && most > MOST_REPEATS)) throw new Refused(`more than ${MOST_REPEATS} repetitions`)
  if (most !== null && most < least) throw new Refused('a repetition with its bounds the wrong way round')
  if (lazy) throw new Refused(OTHER_REPETITION)
  const repeats = most === null || most > 1
  if (repeats && part.repeats) throw new Refused('one repetition inside another may take very long')
  return { text: part.text + sign, repeats: repeats || part.repeats }
}

function setText({ negated, of }: SetNode, source: string): string {
  if (of.length === 0) throw new Refused('an empty set')
  return `[${negated ? '^' : ''}${of.map((member) => memberText(member, source)).join('')}]`
}

function memberText(member: SetMember, source: string): string {
  switch (member.kind) {
    case 'character': {
      if (member.spelling === 'plain' && source[member.start] === '[') throw new Refused('write \\[ for the character itself')
      const text = characterText(member, source)
      return text === '-' || text === '^' ? `\\${text}` : text
    }
    case 'range': {
      const [from, to] = [memberText(member.from, source), memberText(member.to, source)]
      if (member.to.code < member.from.code) throw new Refused(RANGE_ORDER)
      return `${from}-${to}`
    }
    case 'class':
      if (member.negated) throw new Refused(notAvailable(classLetter(member)))
      return CLASSES[member.name]
    case 'property':
      throw new Refused(notAvailable(propertyLetter(member)))
    default:
      return unreachable(member)
  }
}

/** The character as both engines read it. Line ends and control characters become escapes. */
function characterText({ code, spelling, start, end }: CharacterNode, source: string): string {
  const written = source.slice(start, end)
  switch (spelling) {
    case 'plain':
      if (code === 0) throw new Refused('it holds NUL')
      return code < 32 || code === 0x2028 || code === 0x2029 ? `\\u${code.toString(16).padStart(4, '0')}` : written
    case 'sign':
      return written === '\\-' ? '-' : written
    case 'control':
      return written
    case 'unicode':
      if (code === 0 || (code >= 0xd800 && code <= 0xdfff)) throw new Refused(UNICODE_ESCAPE)
      return written
    case 'surrogate-pair':
    case 'code-point':
      throw new Refused(UNICODE_ESCAPE)
    case 'nul':
      throw new Refused(REFERENCES)
    case 'backspace':
      throw new Refused(WORD_BOUNDARY)
    case 'control-letter':
      throw new Refused(notAvailable('c'))
    case 'hex':
      throw new Refused(notAvailable('x'))
    default:
      return unreachable(spelling)
  }
}

const OTHER_GROUPS = 'lookahead, lookbehind and named groups are not available'
const OTHER_REPETITION = 'lazy and possessive repetition are not available'
const REFERENCES = 'references to groups are not available'
const WORD_BOUNDARY = '\\b means different things in different engines'
const UNICODE_ESCAPE = '\\u needs four hexadecimal digits of a character'
const RANGE_ENDS = 'a range needs a character at both ends'
const RANGE_ORDER = `${RANGE_ENDS}, in order`

function notAvailable(letter: string): string {
  return `\\${letter} is not available`
}

function propertyLetter({ negated }: PropertyNode): string {
  return negated ? 'P' : 'p'
}

function classLetter({ name, negated }: ClassNode): string {
  return negated ? name.toUpperCase() : name
}

function problemText(problem: PatternProblem): string {
  switch (problem.kind) {
    case 'unopened-group':
      return 'a ) without its ('
    case 'unclosed-group':
      return 'a ( without its )'
    case 'unknown-group':
      return OTHER_GROUPS
    case 'unclosed-set':
      return 'a [ without its ]'
    case 'backslash-at-end':
      return 'it ends in a \\'
    case 'bad-unicode-escape':
      return UNICODE_ESCAPE
    case 'repeated-anchor':
      return 'a ^ or $ cannot be repeated'
    case 'repeated-repetition':
      return OTHER_REPETITION
    case 'class-before-range':
      return RANGE_ENDS
    case 'class-after-range':
      return RANGE_ORDER
    case 'nothing-to-repeat':
      return `a ${problem.sign} with nothing to repeat; write \\${problem.sign} for the character itself`
    case 'unescaped-bracket':
      return `write \\${problem.sign} for the character itself`
    case 'unknown-escape':
      if (/[0-9]/.test(problem.letter)) return REFERENCES
      return problem.letter === 'B' ? WORD_BOUNDARY : notAvailable(problem.letter)
    default:
      return unreachable(problem)
  }
}
