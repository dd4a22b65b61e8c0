/** ECMAScript patterns (`u` flag) as the places where a character is taken, for `patterns.ts`. Which characters a place takes is asked of the engine itself. */

import { unreachable } from '../../base/unreachable.ts'

/** A set of characters of the sample alphabet, one bit each. */
export type CharacterSet = bigint

export type PatternTree =
  | { readonly kind: 'empty' }
  | { readonly kind: 'take'; readonly set: CharacterSet }
  | { readonly kind: 'sequence' | 'either'; readonly of: readonly PatternTree[] }
  /** Any number of times; `least` zero or one. */
  | { readonly kind: 'loop'; readonly of: PatternTree; readonly least: 0 | 1 }
  | { readonly kind: 'maybe'; readonly of: PatternTree }

export interface ParsedPattern {
  /** The pattern itself, then the body of each look-around, as each is matched on its own. */
  readonly trees: readonly PatternTree[]
  /** Whether the pattern can begin at the start of the text only. */
  readonly anchored: boolean
}

interface Reader {
  readonly source: string
  readonly alphabet: readonly string[]
  readonly looks: PatternTree[]
  at: number
}

/** ASCII, and a few of the kinds of characters beyond it that classes tell apart. */
const SAMPLE: readonly string[] = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), ...'\u00a0\u2028éßΩж٣中😀']

/** Parses a pattern that the engine has accepted. Null for a reference to a group, which has no place in an automaton. */
export function parsePattern(source: string): ParsedPattern | null {
  if (/\\[1-9]|\\k</.test(source.replaceAll(/\\\\/g, ''))) return null
  const escapes = [...source.matchAll(/\\u\{?([0-9a-fA-F]{4,6})\}?/g)].map(([, hex]) => Number.parseInt(hex ?? '', 16))
  const further = [...escapes.filter((code) => code <= 0x10ffff).map((code) => String.fromCodePoint(code)), ...source].filter(
    (c) => c > '\u007f',
  )
  const reader: Reader = { source, alphabet: [...new Set([...SAMPLE, ...further])], looks: [], at: 0 }
  const tree = either(reader)
  return { trees: [tree, ...reader.looks], anchored: source.startsWith('^') && !hasTopLevelBar(source) }
}

function either(reader: Reader): PatternTree {
  const branches: PatternTree[] = []
  do branches.push(sequence(reader))
  while (eat(reader, '|'))
  const [only] = branches
  return branches.length === 1 && only !== undefined ? only : { kind: 'either', of: branches }
}

function sequence(reader: Reader): PatternTree {
  const parts: PatternTree[] = []
  while (reader.at < reader.source.length && !'|)'.includes(reader.source[reader.at] ?? '')) parts.push(repeated(reader, atom(reader)))
  return { kind: 'sequence', of: parts }
}

const EMPTY: PatternTree = { kind: 'empty' }

/** Up to this many characters a bounded repetition is written out; beyond, it counts as unbounded, as a text can be divided about as variously. */
const MAX_WRITTEN_OUT = 30

function repeated(reader: Reader, tree: PatternTree): PatternTree {
  const found = /^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/.exec(reader.source.slice(reader.at))
  if (found === null) return tree
  reader.at += found[0].length
  const [, sign, least, comma, most] = found
  if (sign === '?') return { kind: 'maybe', of: tree }
  if (sign !== undefined) return { kind: 'loop', of: tree, least: sign === '+' ? 1 : 0 }
  const times = comma === undefined ? Number(least) : most === '' ? Number.POSITIVE_INFINITY : Number(most)
  if (times === 0) return EMPTY
  if (times <= MAX_WRITTEN_OUT && takes(tree) * times <= MAX_WRITTEN_OUT) return writtenOut(tree, Number(least), times)
  return { kind: 'loop', of: tree, least: Number(least) === 0 ? 0 : 1 }
}

/** `x{1,3}` as `x(x(x)?)?`. */
function writtenOut(tree: PatternTree, least: number, most: number): PatternTree {
  let tail = EMPTY
  for (let i = most; i > least; i--) tail = { kind: 'maybe', of: { kind: 'sequence', of: [tree, tail] } }
  return { kind: 'sequence', of: [...Array.from({ length: least }, () => tree), tail] }
}

/** How many characters a tree takes at most, a loop counted once. */
function takes(tree: PatternTree): number {
  switch (tree.kind) {
    case 'empty':
      return 0
    case 'take':
      return 1
    case 'sequence':
    case 'either':
      return tree.of.reduce((sum, part) => sum + takes(part), 0)
    case 'loop':
    case 'maybe':
      return takes(tree.of)
    default:
      return unreachable(tree)
  }
}

function atom(reader: Reader): PatternTree {
  if (eat(reader, '^') || eat(reader, '$') || eat(reader, '\\b') || eat(reader, '\\B')) return EMPTY
  for (const look of ['(?=', '(?!', '(?<=', '(?<!']) {
    if (!eat(reader, look)) continue
    reader.looks.push(closed(reader))
    return EMPTY
  }
  const group = /^\((?:\?:|\?<\w+>|\?[a-z-]*:)?/.exec(reader.source.slice(reader.at))
  if (group !== null) {
    reader.at += group[0].length
    return closed(reader)
  }
  return { kind: 'take', set: setOf(reader, takeCharacter(reader)) }
}

function closed(reader: Reader): PatternTree {
  const inner = either(reader)
  eat(reader, ')')
  return inner
}

/** The source of one character, class or set. */
function takeCharacter(reader: Reader): string {
  const rest = reader.source.slice(reader.at)
  const found = /^(?:\[(?:\\[\s\S]|[^\]\\])*\]|\\[pPu]\{[^}]*\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\c[A-Za-z]|\\[\s\S]|[\s\S])/u.exec(
    rest,
  )
  const text = found?.[0] ?? rest
  reader.at += text.length
  return text
}

function setOf(reader: Reader, source: string): CharacterSet {
  const pattern = new RegExp(`^${source}$`, 'u')
  let set = 0n
  reader.alphabet.forEach((character, i) => {
    if (pattern.test(character)) set |= 1n << BigInt(i)
  })
  return set
}

function eat(reader: Reader, text: string): boolean {
  if (!reader.source.startsWith(text, reader.at)) return false
  reader.at += text.length
  return true
}

function hasTopLevelBar(source: string): boolean {
  let depth = 0
  for (const [token] of source.matchAll(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|[\s\S]/g)) {
    if (token === '(') depth++
    else if (token === ')') depth--
    else if (token === '|' && depth === 0) return true
  }
  return false
}
