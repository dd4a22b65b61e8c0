/** Makes sample texts for a pattern of the design. */

import { parsePattern } from '../../base/pattern/parse-pattern.ts'
import type { CharacterNode, PatternNode, RepeatNode, SetMember } from '../../base/pattern/pattern-node.ts'
import { unreachable } from '../../base/unreachable.ts'

/** How often a part without an upper bound is repeated beyond its minimum. One text is made for each number. */
const ROUNDS = [0, 1, 2, 4, 8, 16, 32]
/** The maximum repetitions of one part, and of a whole text, because nested repetitions multiply. */
const MOST_LEAST = 10_000
const MOST_REPEATS = 20_000
/** The maximum number of characters of a range from which one is chosen. */
const MOST_OF_RANGE = 256

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const LOWER = UPPER.toLowerCase()
const DIGITS = '0123456789'
const WORD = `${LOWER}${UPPER}${DIGITS}_`
/** Printable ASCII, letters first, so that samples read well. */
const PRINTABLE = `${WORD} !"#$%&'()*+,-./:;<=>?@[\\]^\`{|}~`

const CLASSES = { d: DIGITS, w: WORD, s: ' ' } as const
const PROPERTIES: Readonly<Record<string, string>> = { L: LOWER, Ll: LOWER, Lu: UPPER, Alphabetic: LOWER, N: DIGITS, Nd: DIGITS }

/**
 * The state while one text is made. `n` decides choices, so different `n` give different texts; `extra` is added to open-ended repetitions.
 */
interface Spending {
  n: number
  readonly extra: number
  /** Repetitions left. */
  repeats: number
}

type Piece = (spending: Spending) => string

/** Thrown within this file for a construct without a simple text: a back reference, an unknown property. */
class Unsupported extends Error {}

/**
 * Makes texts from the parts of an ECMAScript pattern, shortest first. It ignores anchors and look-arounds, so the caller must match the
 * texts against the pattern. Empty for an unsupported or invalid pattern. Never throws.
 *
 * @param n selects the texts; different numbers give different texts where the pattern leaves a choice.
 */
export function patternSamples(pattern: string, n: number): readonly string[] {
  const { tree, problem } = parsePattern(pattern)
  if (problem !== null) return []
  try {
    const piece = pieceOf(tree)
    return ROUNDS.map((extra) => piece({ n, extra, repeats: MOST_REPEATS }))
  } catch (error) {
    if (error instanceof Unsupported) return []
    throw error
  }
}

const nothing: Piece = () => ''

function pieceOf(node: PatternNode): Piece {
  switch (node.kind) {
    case 'anchor':
    case 'look':
      return nothing
    case 'any':
      return oneOf(PRINTABLE)
    case 'character':
    case 'class':
    case 'property':
      return oneOf(membersOf(node))
    case 'set': {
      const members = node.of.map(membersOf).join('')
      return oneOf(node.negated ? without(members) : members)
    }
    case 'sequence': {
      const pieces = node.of.map(pieceOf)
      return (spending) => pieces.map((piece) => piece(spending)).join('')
    }
    case 'either': {
      const branches = node.of.map(pieceOf)
      return (spending) => pick(branches, spending)(spending)
    }
    case 'group':
      if (node.open === 'flags') throw new Unsupported()
      return pieceOf(node.of)
    case 'repeat':
      return repeated(node)
    case 'reference':
      throw new Unsupported()
    default:
      return unreachable(node)
  }
}

function repeated({ of, least, most }: RepeatNode): Piece {
  if (least > MOST_LEAST) throw new Unsupported()
  const piece = pieceOf(of)
  return (spending) => {
    const times = Math.min(least + spending.extra, Math.max(most ?? Number.POSITIVE_INFINITY, least))
    spending.repeats -= times
    if (spending.repeats < 0) throw new Unsupported()
    return Array.from({ length: times }, () => piece(spending)).join('')
  }
}

function oneOf(members: string): Piece {
  const characters = [...members]
  if (characters.length === 0) throw new Unsupported()
  return (spending) => pick(characters, spending)
}

/** Takes the next digit of `n`, in a base that equals the number of choices. */
function pick<T>(choices: readonly T[], spending: Spending): T {
  const choice = choices[spending.n % choices.length]
  spending.n = Math.floor(spending.n / choices.length)
  if (choice === undefined) throw new Unsupported()
  return choice
}

/** The characters to choose from. */
function membersOf(member: SetMember): string {
  switch (member.kind) {
    case 'character':
      return characterOf(member)
    case 'range':
      return rangeOf(member.from, member.to)
    case 'class':
      return member.negated ? without(CLASSES[member.name]) : CLASSES[member.name]
    case 'property': {
      const property = PROPERTIES[member.name.replace(/^(General_Category|gc)=/, '')]
      if (property === undefined || member.negated) throw new Unsupported()
      return property
    }
    default:
      return unreachable(member)
  }
}

function rangeOf(from: CharacterNode, to: CharacterNode): string {
  const [first = 0, last = 0] = [from, to].map((end) => characterOf(end).codePointAt(0))
  return Array.from({ length: Math.min(last - first + 1, MOST_OF_RANGE) }, (_, i) => String.fromCodePoint(first + i)).join('')
}

function characterOf({ code, spelling }: CharacterNode): string {
  switch (spelling) {
    // control characters are no useful samples, and PostgreSQL cannot store NUL
    case 'nul':
    case 'backspace':
    case 'control-letter':
      throw new Unsupported()
    case 'plain':
    case 'sign':
    case 'control':
    case 'hex':
    case 'unicode':
    case 'surrogate-pair':
    case 'code-point':
      return String.fromCodePoint(code)
    default:
      return unreachable(spelling)
  }
}

function without(excluded: string): string {
  return [...PRINTABLE].filter((character) => !excluded.includes(character)).join('')
}
