/** Texts that match a pattern of the design, for samples. */

/** How often an open-ended part is repeated beyond its least; each round makes a longer text. */
const ROUNDS = [0, 1, 2, 4, 8, 16, 32]

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const LOWER = UPPER.toLowerCase()
const DIGITS = '0123456789'
const WORD = `${LOWER}${UPPER}${DIGITS}_`
/** Printable ASCII, letters first, so that samples read well. */
const PRINTABLE = `${WORD} !"#$%&'()*+,-./:;<=>?@[\\]^\`{|}~`

const CLASSES: Readonly<Record<string, string>> = { d: DIGITS, w: WORD, s: ' ' }
const PROPERTIES: Readonly<Record<string, string>> = { L: LOWER, Ll: LOWER, Lu: UPPER, Alphabetic: LOWER, N: DIGITS, Nd: DIGITS }
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' }

/** What one text is made from: `n` is spent on choices (so different `n` give different texts), `extra` on repetition. */
interface Spending {
  n: number
  readonly extra: number
  /** Repetitions left, as nested ones multiply. */
  repeats: number
}

type Piece = (spending: Spending) => string

/** Thrown within this file at what has no simple text: a back reference, an unknown property. */
class Unsupported extends Error {}

/**
 * Some texts that the parts of an ECMAScript pattern spell, shortest first. Assertions (`^`, `(?=…)`) are not looked at, so the caller still has to
 * match what it gets. Empty for what is not understood. Never throws.
 */
export function patternSamples(pattern: string, n: number): readonly string[] {
  try {
    const reader = new Reader(pattern)
    const piece = alternatives(reader)
    return reader.peek() === undefined ? ROUNDS.map((extra) => piece({ n, extra, repeats: 20_000 })) : []
  } catch (error) {
    if (error instanceof Unsupported) return []
    throw error
  }
}

class Reader {
  private readonly characters: readonly string[]
  private at = 0
  constructor(pattern: string) {
    this.characters = [...pattern]
  }
  peek(): string | undefined {
    return this.characters[this.at]
  }
  take(): string {
    const character = this.characters[this.at++]
    if (character === undefined) throw new Unsupported()
    return character
  }
  eat(text: string): boolean {
    if (
      !this.characters
        .slice(this.at, this.at + text.length)
        .join('')
        .startsWith(text)
    )
      return false
    this.at += text.length
    return true
  }
  until(end: string): string {
    let text = ''
    for (let character = this.take(); character !== end; character = this.take()) text += character
    return text
  }
}

function alternatives(reader: Reader): Piece {
  const branches = [sequence(reader)]
  while (reader.eat('|')) branches.push(sequence(reader))
  return (spending) => pick(branches, spending)(spending)
}

function sequence(reader: Reader): Piece {
  const pieces: Piece[] = []
  while (reader.peek() !== undefined && reader.peek() !== '|' && reader.peek() !== ')') pieces.push(quantified(reader))
  return (spending) => pieces.map((piece) => piece(spending)).join('')
}

function quantified(reader: Reader): Piece {
  const piece = atom(reader)
  const bounds = quantifier(reader)
  if (bounds === null) return piece
  reader.eat('?')
  return (spending) => {
    const times = Math.min(bounds.min + spending.extra, Math.max(bounds.max, bounds.min))
    spending.repeats -= times
    if (spending.repeats < 0) throw new Unsupported()
    return Array.from({ length: times }, () => piece(spending)).join('')
  }
}

function quantifier(reader: Reader): { readonly min: number; readonly max: number } | null {
  if (reader.eat('*')) return { min: 0, max: 64 }
  if (reader.eat('+')) return { min: 1, max: 64 }
  if (reader.eat('?')) return { min: 0, max: 1 }
  if (!reader.eat('{')) return null
  const [min = '0', max] = reader.until('}').split(',')
  if (Number(min) > 10_000) throw new Unsupported()
  return { min: Number(min), max: max === undefined ? Number(min) : max === '' ? Number(min) + 64 : Number(max) }
}

const nothing: Piece = () => ''

function atom(reader: Reader): Piece {
  if (reader.eat('^') || reader.eat('$')) return nothing
  for (const look of ['(?=', '(?!', '(?<=', '(?<!']) {
    if (!reader.eat(look)) continue
    group(reader)
    return nothing
  }
  if (reader.eat('(?<')) {
    reader.until('>')
    return group(reader)
  }
  if (reader.eat('(?:') || reader.eat('(')) return group(reader)
  if (reader.eat('[')) return oneOf(bracket(reader))
  if (reader.eat('.')) return oneOf(PRINTABLE)
  if (!reader.eat('\\')) return literal(reader.take())
  if (reader.eat('b') || reader.eat('B')) return nothing
  return oneOf(escaped(reader))
}

function group(reader: Reader): Piece {
  const inner = alternatives(reader)
  if (!reader.eat(')')) throw new Unsupported()
  return inner
}

function literal(character: string): Piece {
  return () => character
}

function oneOf(members: string): Piece {
  const characters = [...members]
  if (characters.length === 0) throw new Unsupported()
  return (spending) => pick(characters, spending)
}

/** Takes the next digit of `n` in the base of how many there are to choose from. */
function pick<T>(choices: readonly T[], spending: Spending): T {
  const choice = choices[spending.n % choices.length]
  spending.n = Math.floor(spending.n / choices.length)
  if (choice === undefined) throw new Unsupported()
  return choice
}

function bracket(reader: Reader): string {
  const negated = reader.eat('^')
  let members = ''
  while (!reader.eat(']')) {
    const from = reader.eat('\\') ? escaped(reader) : reader.take()
    if (reader.peek() !== '-') members += from
    else {
      reader.take()
      if (reader.peek() === ']') members += `${from}-`
      else members += range(from, reader.eat('\\') ? escaped(reader) : reader.take())
    }
  }
  if (!negated) return members
  return [...PRINTABLE].filter((character) => !members.includes(character)).join('')
}

function range(from: string, to: string): string {
  const first = from.codePointAt(0) ?? 0
  const last = Math.min(to.codePointAt(0) ?? 0, first + 255)
  let members = ''
  for (let code = first; code <= last; code++) members += String.fromCodePoint(code)
  return members
}

/** The characters that an escape (after its backslash) stands for. */
function escaped(reader: Reader): string {
  const letter = reader.take()
  const members = CLASSES[letter]
  if (members !== undefined) return members
  const excluded = CLASSES[letter.toLowerCase()]
  if (excluded !== undefined) return [...PRINTABLE].filter((character) => !excluded.includes(character)).join('')
  if (CONTROLS[letter] !== undefined) return CONTROLS[letter]
  if (letter === 'p' && reader.eat('{')) {
    const property = PROPERTIES[reader.until('}').replace(/^(General_Category|gc)=/, '')]
    if (property !== undefined) return property
    throw new Unsupported()
  }
  if (letter === 'x') return fromHex(reader.take() + reader.take())
  if (letter === 'u') return fromHex(reader.eat('{') ? reader.until('}') : reader.take() + reader.take() + reader.take() + reader.take())
  if (/[A-Za-z0-9]/.test(letter)) throw new Unsupported()
  return letter
}

function fromHex(digits: string): string {
  const code = Number.parseInt(digits, 16)
  if (!(code <= 0x10ffff)) throw new Unsupported()
  return String.fromCodePoint(code)
}
