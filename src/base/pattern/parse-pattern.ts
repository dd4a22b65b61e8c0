/** Reads a regular expression (ECMA-262, section 22.2.1, with the flag `u`) into a tree. It is the only reader of regular expressions. */

import type { CharacterNode, ParsedPattern, PatternNode, PatternProblem, SetMember, SetNode, Spelling } from './pattern-node.ts'

/** A set member that is one escape or character. */
type SimpleMember = Exclude<SetMember, { kind: 'range' }>

interface Reader {
  readonly source: string
  /** In UTF-16 code units. */
  at: number
  /** Set once. Reading stops there. */
  problem: PatternProblem | null
}

const LOOKS = ['(?=', '(?!', '(?<=', '(?<!'] as const
const MAX_CODE_POINT = 0x10ffff
/** The signs that a backslash makes literal; the engine accepts `\-` in a set only. */
const SIGNS = '^$\\.*+?()[]{}|/-'
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

/**
 * Reads a pattern. Every pattern that `new RegExp(source, 'u')` accepts is read without a problem. Some patterns that it refuses are also
 * read without a problem: a repeated look-ahead, bounds or ends of a range in the wrong order, unknown properties, and references to groups
 * that do not exist. Never throws.
 */
export function parsePattern(source: string): ParsedPattern {
  const reader: Reader = { source, at: 0, problem: null }
  const tree = branches(reader)
  if (reader.at < source.length) stop(reader, { kind: 'unopened-group' })
  return { tree, problem: reader.problem }
}

/** Reads `a|b|c` up to a closing bracket, the end of the source, or a problem. */
function branches(reader: Reader): PatternNode {
  const start = reader.at
  const first = sequence(reader)
  const of = [first]
  while (reader.problem === null && eat(reader, '|')) of.push(sequence(reader))
  return of.length === 1 ? first : { kind: 'either', of, start, end: reader.at }
}

function sequence(reader: Reader): PatternNode {
  const start = reader.at
  const of: PatternNode[] = []
  while (reader.problem === null && reader.at < reader.source.length && !'|)'.includes(reader.source[reader.at] ?? '')) {
    const part = atom(reader)
    if (part !== null) of.push(reader.problem === null ? repeated(reader, part) : part)
  }
  return { kind: 'sequence', of, start, end: reader.at }
}

/** The part with the quantifier after it, if there is one. */
function repeated(reader: Reader, of: PatternNode): PatternNode {
  const found = quantifierAt(reader)
  if (found === null) return of
  if (of.kind === 'anchor') {
    stop(reader, { kind: 'repeated-anchor' })
    return of
  }
  reader.at += found.sign.length
  const lazy = eat(reader, '?')
  if (quantifierAt(reader) !== null) {
    stop(reader, { kind: 'repeated-repetition' })
    return of
  }
  return { kind: 'repeat', of, ...found, lazy, start: of.start, end: reader.at }
}

function quantifierAt({ source, at }: Reader): { readonly sign: string; readonly least: number; readonly most: number | null } | null {
  const found = /^(?:([*+?])|\{(\d+)(,(\d+)?)?\})/.exec(source.slice(at))
  if (found === null) return null
  const [sign, mark, least, comma, most] = found
  if (mark !== undefined) return { sign, least: mark === '+' ? 1 : 0, most: mark === '?' ? 1 : null }
  return { sign, least: Number(least), most: comma === undefined ? Number(least) : most === undefined ? null : Number(most) }
}

/** One part without its quantifier; null when a problem is at its start. */
function atom(reader: Reader): PatternNode | null {
  const start = reader.at
  const sign = characterAt(reader)
  switch (sign) {
    case '(':
      return group(reader)
    case '[':
      return set(reader)
    case '\\':
      return outerEscape(reader)
    case '.':
      reader.at++
      return { kind: 'any', start, end: reader.at }
    case '^':
    case '$':
      reader.at++
      return { kind: 'anchor', sign, start, end: reader.at }
    case '*':
    case '+':
    case '?':
    case '{':
      return stop(reader, { kind: 'nothing-to-repeat', sign })
    case ']':
    case '}':
      return stop(reader, { kind: 'unescaped-bracket', sign })
    default:
      return plainCharacter(reader, sign)
  }
}

function plainCharacter(reader: Reader, character: string): CharacterNode {
  const start = reader.at
  reader.at += character.length
  return { kind: 'character', code: character.codePointAt(0) ?? 0, spelling: 'plain', start, end: reader.at }
}

function group(reader: Reader): PatternNode | null {
  const start = reader.at
  const look = LOOKS.find((each) => eat(reader, each))
  if (look !== undefined) {
    const of = closed(reader)
    return { kind: 'look', open: look, of, start, end: reader.at }
  }
  const found = /^\((?:\?(?:(:)|<([^>]+)>|([a-z-]+):)|(?!\?))/.exec(reader.source.slice(start))
  if (found === null) return stop(reader, { kind: 'unknown-group' })
  const [text, plain, name, flags] = found
  reader.at += text.length
  const open = plain !== undefined ? 'plain' : name !== undefined ? 'name' : flags !== undefined ? 'flags' : 'capture'
  const of = closed(reader)
  return { kind: 'group', open, of, start, end: reader.at }
}

/** The content of a group, up to and including its closing bracket. */
function closed(reader: Reader): PatternNode {
  const inner = branches(reader)
  if (reader.problem === null && !eat(reader, ')')) stop(reader, { kind: 'unclosed-group' })
  return inner
}

/** A set. With a problem in it, the members before the problem; null when there are none. */
function set(reader: Reader): SetNode | null {
  const start = reader.at
  const negated = reader.source.startsWith('[^', start)
  reader.at += negated ? 2 : 1
  const of: SetMember[] = []
  const problem = members(reader, of)
  if (problem !== null) stop(reader, problem)
  return problem !== null && of.length === 0 ? null : { kind: 'set', negated, of, start, end: reader.at }
}

function members(reader: Reader, of: SetMember[]): PatternProblem | null {
  while (!eat(reader, ']')) {
    const from = member(reader)
    if (from === null) return reader.problem
    of.push(from)
    if (reader.source[reader.at] !== '-' || reader.source[reader.at + 1] === ']') continue
    if (from.kind !== 'character') return { kind: 'class-before-range' }
    reader.at++
    const to = member(reader)
    if (to === null) return reader.problem
    if (to.kind !== 'character') {
      of.push(to)
      return { kind: 'class-after-range' }
    }
    of[of.length - 1] = { kind: 'range', from, to, start: from.start, end: to.end }
  }
  return null
}

/** One character or class of a set; null with a problem. */
function member(reader: Reader): SimpleMember | null {
  const start = reader.at
  if (start >= reader.source.length) return stop(reader, { kind: 'unclosed-set' })
  const sign = characterAt(reader)
  if (sign !== '\\') return plainCharacter(reader, sign)
  return eat(reader, '\\b') ? { kind: 'character', code: 8, spelling: 'backspace', start, end: reader.at } : characterEscape(reader)
}

/** An escape outside sets; null with a problem. */
function outerEscape(reader: Reader): PatternNode | null {
  const start = reader.at
  for (const sign of ['\\b', '\\B'] as const) if (eat(reader, sign)) return { kind: 'anchor', sign, start, end: reader.at }
  const reference = /^\\(?:[1-9]\d*|k<[^>]+>)/.exec(reader.source.slice(start))?.[0]
  if (reference === undefined) return characterEscape(reader)
  reader.at += reference.length
  return { kind: 'reference', to: reference.startsWith('\\k') ? 'name' : 'number', start, end: reader.at }
}

/** An escape for one character or a class; null with a problem. */
function characterEscape(reader: Reader): SimpleMember | null {
  const start = reader.at
  const rest = reader.source.slice(start)
  const letter = String.fromCodePoint(rest.codePointAt(1) ?? 0)
  if (rest.length === 1) return stop(reader, { kind: 'backslash-at-end' })
  const [text, name] = /^\\[pP]\{([^}]*)\}/.exec(rest) ?? []
  if (text !== undefined && name !== undefined) {
    reader.at += text.length
    return { kind: 'property', name, negated: letter === 'P', start, end: reader.at }
  }
  const lower = letter.toLowerCase()
  if (lower === 'd' || lower === 'w' || lower === 's') {
    reader.at += 2
    return { kind: 'class', name: lower, negated: letter !== lower, start, end: reader.at }
  }
  const found = escapedCharacter(rest, letter)
  if (found === null) return stop(reader, letter === 'u' ? { kind: 'bad-unicode-escape' } : { kind: 'unknown-escape', letter })
  const [length, spelling, code] = found
  reader.at += length
  return { kind: 'character', code, spelling, start, end: reader.at }
}

/** The escape of a single character at the start of `rest`; null when there is none. */
function escapedCharacter(rest: string, letter: string): readonly [length: number, spelling: Spelling, code: number] | null {
  if (SIGNS.includes(letter)) return [2, 'sign', letter.charCodeAt(0)]
  const control = CONTROLS[letter]
  if (control !== undefined) return [2, 'control', control]
  if (letter === '0') return [2, 'nul', 0]
  const [pair] = /^\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/.exec(rest) ?? []
  if (pair !== undefined) return [12, 'surrogate-pair', String.fromCharCode(hex(pair.slice(2, 6)), hex(pair.slice(8))).codePointAt(0) ?? 0]
  const [text, controlLetter, two, four, many] =
    /^\\(?:c([A-Za-z])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\})/.exec(rest) ?? []
  if (text === undefined) return null
  if (controlLetter !== undefined) return [3, 'control-letter', controlLetter.charCodeAt(0) % 32]
  if (two !== undefined) return [4, 'hex', hex(two)]
  if (four !== undefined) return [6, 'unicode', hex(four)]
  return hex(many ?? '') <= MAX_CODE_POINT ? [text.length, 'code-point', hex(many ?? '')] : null
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16)
}

/** The character at the current position, a surrogate pair as one; empty at the end. */
function characterAt({ source, at }: Reader): string {
  const code = source.codePointAt(at)
  return code === undefined ? '' : String.fromCodePoint(code)
}

function eat(reader: Reader, text: string): boolean {
  if (!reader.source.startsWith(text, reader.at)) return false
  reader.at += text.length
  return true
}

function stop(reader: Reader, problem: PatternProblem): null {
  reader.problem ??= problem
  return null
}
