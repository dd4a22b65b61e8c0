/**
 * Patterns of the design are ECMAScript regular expressions with the `u` flag (as JSON Schema has them). PostgreSQL's advanced regular expressions look
 * alike and differ in detail: `.` and newlines, `\d` and `\w` beyond ASCII, back references, limits. So a pattern is parsed and spelled anew from what
 * means the same in both; where something does not, there is no spelling and the constraint is left to the application.
 */

/** PostgreSQL refuses larger bounds (`DUPMAX`). */
const MAX_BOUND = 255
/** A pattern is expanded when it is compiled; above this many places PostgreSQL takes noticeable time or says "too complex", at the first row written. */
const MAX_PLACES = 2_000
const MAX_EMPTY_COPIES = 5

const DIGIT = '0-9'
const WORD = 'A-Za-z0-9_'
/** White space and line ends of ECMA-262, sections 12.2 and 12.3. */
const SPACE = '\\u0009-\\u000d\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'
const LINE_END = '\\u000a\\u000d\\u2028\\u2029'
const CLASSES: Readonly<Record<string, string>> = { d: DIGIT, w: WORD, s: SPACE }
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 }
const SYNTAX = '^$\\.*+?()[]{}|/'

/** Thrown within this file where a pattern has no equal in PostgreSQL. */
class NoEqual extends Error {}

/** A piece spelled for PostgreSQL, how many places it expands to, and whether it can match nothing. */
interface Piece {
  readonly text: string
  readonly places: number
  readonly empty: boolean
}

/** Spells an ECMAScript pattern for PostgreSQL's `~`; null when it has no spelling that surely means the same. Never throws. */
export function postgresPattern(pattern: string): string | null {
  try {
    new RegExp(pattern, 'u')
    const reader = new Reader(pattern)
    const piece = alternatives(reader)
    if (!reader.done || piece.places > MAX_PLACES) return null
    // `(?:)` in front, because an expression beginning with `***` or `(?letters)` is a directive to PostgreSQL
    return `(?:${piece.text})`
  } catch {
    return null
  }
}

class Reader {
  private readonly characters: readonly string[]
  private at = 0
  constructor(pattern: string) {
    this.characters = [...pattern]
  }
  get done(): boolean {
    return this.at >= this.characters.length
  }
  get next(): string | undefined {
    return this.characters[this.at]
  }
  take(): string {
    const character = this.characters[this.at++]
    if (character === undefined) throw new NoEqual()
    return character
  }
  /** Takes `text` if it stands here. */
  eat(text: string): boolean {
    const wanted = [...text]
    if (!wanted.every((character, i) => this.characters[this.at + i] === character)) return false
    this.at += wanted.length
    return true
  }
  /** Takes characters up to and including `end`. */
  until(end: string): string {
    let text = ''
    for (let character = this.take(); character !== end; character = this.take()) text += character
    return text
  }
}

function alternatives(reader: Reader): Piece {
  let text = ''
  let places = 0
  let empty = false
  for (;;) {
    const branch = sequence(reader)
    text += branch.text
    places += branch.places
    empty ||= branch.empty
    if (!reader.eat('|')) return { text, places, empty }
    text += '|'
  }
}

function sequence(reader: Reader): Piece {
  let text = ''
  let places = 1
  let empty = true
  while (!reader.done && reader.next !== '|' && reader.next !== ')') {
    const piece = quantified(reader)
    text += piece.text
    places += piece.places
    empty &&= piece.empty
  }
  // an empty branch is a syntax error there when it stands alone in a group
  return { text: text === '' ? '(?:)' : text, places, empty }
}

function quantified(reader: Reader): Piece {
  if (reader.eat('^')) return { text: '^', places: 0, empty: true }
  if (reader.eat('$')) return { text: '$', places: 0, empty: true }
  for (const look of ['(?=', '(?!', '(?<=', '(?<!']) if (reader.eat(look)) return { ...group(reader, look), empty: true }
  const piece = atom(reader)
  const bounds = quantifier(reader)
  // greed decides how much is matched, not whether; and mixing both kinds means something else there
  if (bounds === null) return piece
  reader.eat('?')
  // many copies of what may be nothing are as many shortcuts, and compiling takes a second for a few hundred
  if (piece.empty && bounds.times > MAX_EMPTY_COPIES) throw new NoEqual()
  return { text: piece.text + bounds.text, places: piece.places * bounds.times + 1, empty: piece.empty || bounds.least === 0 }
}

function quantifier(reader: Reader): { text: string; times: number; least: number } | null {
  if (reader.eat('*')) return { text: '*', times: 1, least: 0 }
  if (reader.eat('+')) return { text: '+', times: 2, least: 1 }
  if (reader.eat('?')) return { text: '?', times: 1, least: 0 }
  if (!reader.eat('{')) return null
  const [low, high] = reader.until('}').split(',')
  const most = Math.max(Number(low), Number(high ?? 0))
  if (most > MAX_BOUND) throw new NoEqual()
  return { text: high === undefined ? `{${low}}` : `{${low},${high}}`, times: Math.max(most, 1), least: Number(low) }
}

function atom(reader: Reader): Piece {
  if (reader.eat('(?:')) return group(reader, '(?:')
  if (reader.eat('(?<')) {
    reader.until('>')
    return group(reader, '(?:')
  }
  if (reader.eat('(?')) throw new NoEqual()
  if (reader.eat('(')) return group(reader, '(?:')
  if (reader.eat('[')) return { text: bracket(reader), places: 1, empty: false }
  if (reader.eat('.')) return { text: `[^${LINE_END}]`, places: 1, empty: false }
  if (!reader.eat('\\')) return { text: spell(reader.take()), places: 1, empty: false }
  const letter = reader.next ?? ''
  const members = CLASSES[letter.toLowerCase()]
  if (members !== undefined) return { text: `[${reader.take() === letter.toLowerCase() ? '' : '^'}${members}]`, places: 1, empty: false }
  return { text: spell(escaped(reader)), places: 1, empty: false }
}

function group(reader: Reader, open: string): Piece {
  const inner = alternatives(reader)
  if (!reader.eat(')')) throw new NoEqual()
  return { text: `${open}${inner.text})`, places: inner.places, empty: inner.empty }
}

function bracket(reader: Reader): string {
  const negated = reader.eat('^') ? '^' : ''
  let text = ''
  while (!reader.eat(']')) {
    const from = member(reader)
    text += from
    if (!reader.eat('-')) continue
    if (reader.next === ']') text += spell('-')
    else text += `-${member(reader)}`
  }
  if (text === '') throw new NoEqual()
  return `[${negated}${text}]`
}

function member(reader: Reader): string {
  if (!reader.eat('\\')) return spell(reader.take())
  const members = CLASSES[reader.next ?? '']
  if (members !== undefined) {
    reader.take()
    return members
  }
  // a negated class among others would need the difference of sets
  if (reader.next !== undefined && CLASSES[reader.next.toLowerCase()] !== undefined) throw new NoEqual()
  if (reader.eat('-')) return spell('-')
  return spell(escaped(reader))
}

/** The character that an escape (after its backslash) stands for. */
function escaped(reader: Reader): string {
  const letter = reader.take()
  if (SYNTAX.includes(letter)) return letter
  const control = CONTROLS[letter]
  if (control !== undefined) return String.fromCodePoint(control)
  if (letter === 'x') return String.fromCodePoint(hex(reader.take() + reader.take()))
  if (letter !== 'u') throw new NoEqual()
  const code = reader.eat('{') ? hex(reader.until('}')) : hex(reader.take() + reader.take() + reader.take() + reader.take())
  // half a surrogate pair: PostgreSQL has no such characters
  if (code >= 0xd800 && code <= 0xdfff) throw new NoEqual()
  return String.fromCodePoint(code)
}

function hex(digits: string): number {
  if (!/^[0-9a-f]+$/i.test(digits)) throw new NoEqual()
  return Number.parseInt(digits, 16)
}

/** One character, in a form that is literal within and outside brackets. */
function spell(character: string): string {
  if (/^[A-Za-z0-9 _]$/.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  // NUL cannot be in a text, so nothing matches it; surrogates would be read as something else
  if (code === 0) throw new NoEqual()
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
}
