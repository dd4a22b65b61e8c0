/**
 * Patterns of `matches`. Only what means the same in ECMAScript (with the `u` flag) and PostgreSQL and cannot run long is let through, spelt so that
 * both read it alike: `\d`, `\w`, `\s` and `.` are written out as sets of characters. The result is looked for anywhere in the text, as in CEL.
 */

/** The pattern in its portable spelling, or why it is refused. */
export type Pattern = { readonly ok: true; readonly pattern: string } | { readonly ok: false; readonly why: string; readonly at: number }

export const LONGEST_PATTERN = 100
const MOST_REPEATS = 100

const SPACE = '\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff'
const CLASSES: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: SPACE }
const CONTROLS = 'tnrfv'
const SYNTAX = '^$\\.*+?()[]{}|/'

interface Reader {
  readonly source: string
  at: number
  out: string
}

class Refused extends Error {}

/** Checks and translates a pattern. Never throws. */
export function portablePattern(source: string): Pattern {
  if ([...source].length > LONGEST_PATTERN) return { ok: false, why: `it has more than ${LONGEST_PATTERN} characters`, at: LONGEST_PATTERN }
  const reader: Reader = { source, at: 0, out: '' }
  try {
    alternatives(reader, 0)
    if (reader.at < source.length) throw new Refused('a ) without its (')
    new RegExp(reader.out, 'u')
    return { ok: true, pattern: reader.out }
  } catch (error) {
    return { ok: false, why: error instanceof Refused ? error.message : 'it is not a valid pattern', at: reader.at }
  }
}

/** Reads `a|b|c` up to a closing bracket; tells whether anything in it repeats. */
function alternatives(reader: Reader, depth: number): boolean {
  if (depth > 10) throw new Refused('its groups nest too deeply')
  let repeats = false
  for (;;) {
    const char = reader.source[reader.at]
    if (char === undefined || char === ')') return repeats
    if (char === '|') {
      emit(reader, '|', 1)
      continue
    }
    if (char === '^' || char === '$') {
      emit(reader, char, 1)
      if (quantifier(reader.source, reader.at) !== null) throw new Refused('a ^ or $ cannot be repeated')
      continue
    }
    const inner = atom(reader, depth)
    const quantified = repeat(reader)
    if (quantified && inner) throw new Refused('one repetition inside another may take very long')
    repeats ||= quantified || inner
  }
}

/** One character, class or group; tells whether anything in it repeats. */
function atom(reader: Reader, depth: number): boolean {
  const { source } = reader
  const char = String.fromCodePoint(source.codePointAt(reader.at) ?? 0)
  switch (char) {
    case '(':
      return group(reader, depth)
    case '[':
      set(reader)
      return false
    case '.':
      emit(reader, '[^\\n\\r\\u2028\\u2029]', 1)
      return false
    case '\\':
      escaped(reader)
      return false
    case '*':
    case '+':
    case '?':
    case '{':
      throw new Refused(`a ${char} with nothing to repeat; write \\${char} for the character itself`)
    case ']':
    case '}':
      throw new Refused(`write \\${char} for the character itself`)
    default:
      emit(reader, plain(char), char.length)
      return false
  }
}

function group(reader: Reader, depth: number): boolean {
  const plainGroup = reader.source[reader.at + 1] !== '?'
  if (!plainGroup && reader.source[reader.at + 2] !== ':') throw new Refused('lookahead, lookbehind and named groups are not available')
  emit(reader, '(?:', plainGroup ? 1 : 3)
  const repeats = alternatives(reader, depth + 1)
  if (reader.source[reader.at] !== ')') throw new Refused('a ( without its )')
  emit(reader, ')', 1)
  return repeats
}

function escaped(reader: Reader): void {
  const next = reader.source[reader.at + 1] ?? ''
  const inside = CLASSES[next] ?? CLASSES[next.toLowerCase()]
  if (inside !== undefined) emit(reader, CLASSES[next] === undefined ? `[^${inside}]` : `[${inside}]`, 2)
  else emit(reader, escapeText(reader), escapeLength(reader))
}

/** The text of an escape that stands for one character, in or outside of a set. */
function escapeText(reader: Reader): string {
  const next = reader.source[reader.at + 1] ?? ''
  if (next === 'u') {
    const code = /^[0-9a-fA-F]{4}/.exec(reader.source.slice(reader.at + 2))?.[0]
    if (code === undefined || /^d[89a-f]/i.test(code) || code === '0000')
      throw new Refused('\\u needs four hexadecimal digits of a character')
    return `\\u${code}`
  }
  if (next !== '' && CONTROLS.includes(next)) return `\\${next}`
  if (SYNTAX.includes(next) && next !== '') return `\\${next}`
  if (next === '-') return '-'
  if (/[0-9]/.test(next)) throw new Refused('references to groups are not available')
  if (next === 'b' || next === 'B') throw new Refused('\\b means different things in different engines')
  throw new Refused(next === '' ? 'it ends in a \\' : `\\${next} is not available`)
}

function escapeLength(reader: Reader): number {
  return reader.source[reader.at + 1] === 'u' ? 6 : 2
}

function set(reader: Reader): void {
  const negated = reader.source[reader.at + 1] === '^'
  emit(reader, negated ? '[^' : '[', negated ? 2 : 1)
  if (reader.source[reader.at] === ']') throw new Refused('an empty set')
  while (reader.source[reader.at] !== ']') {
    const from = member(reader)
    if (reader.source[reader.at] !== '-' || reader.source[reader.at + 1] === ']') continue
    if (from === null) throw new Refused('a range needs a character at both ends')
    emit(reader, '-', 1)
    const to = member(reader)
    if (to === null || to < from) throw new Refused('a range needs a character at both ends, in order')
  }
  emit(reader, ']', 1)
}

/** One character or class of a set; the character's code point, null for a class. */
function member(reader: Reader): number | null {
  const char = String.fromCodePoint(reader.source.codePointAt(reader.at) ?? 0)
  if (reader.at >= reader.source.length) throw new Refused('a [ without its ]')
  if (char === '[') throw new Refused('write \\[ for the character itself')
  if (char === '-') {
    emit(reader, '\\-', 1)
    return 45
  }
  if (char !== '\\') {
    emit(reader, char === '^' ? '\\^' : plain(char), char.length)
    return char.codePointAt(0) ?? 0
  }
  const next = reader.source[reader.at + 1] ?? ''
  if (CLASSES[next] !== undefined) {
    emit(reader, CLASSES[next], 2)
    return null
  }
  const text = escapeText(reader)
  const length = escapeLength(reader)
  emit(reader, text === '-' ? '\\-' : text, length)
  if (text.startsWith('\\u')) return Number.parseInt(text.slice(2), 16)
  return { t: 9, n: 10, v: 11, f: 12, r: 13 }[next] ?? next.codePointAt(0) ?? 0
}

/** `*`, `+`, `?` or `{…}` after an atom; true when it repeats more than once. */
function repeat(reader: Reader): boolean {
  const found = quantifier(reader.source, reader.at)
  if (found === null) return false
  const { text, least, most } = found
  if (least > MOST_REPEATS || (most !== null && most > MOST_REPEATS)) throw new Refused(`more than ${MOST_REPEATS} repetitions`)
  if (most !== null && most < least) throw new Refused('a repetition with its bounds the wrong way round')
  emit(reader, text, text.length)
  if (quantifier(reader.source, reader.at) !== null) throw new Refused('lazy and possessive repetition are not available')
  return most === null || most > 1
}

function quantifier(source: string, at: number): { readonly text: string; readonly least: number; readonly most: number | null } | null {
  const parts = /^(?:([*+?])|\{(\d{1,5})(,(\d{1,5})?)?\})/.exec(source.slice(at))
  if (parts === null) return null
  const [text, sign, least, comma, most] = parts
  if (sign !== undefined) return { text, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : null }
  return { text, least: Number(least), most: comma === undefined ? Number(least) : most === undefined ? null : Number(most) }
}

/** Characters beyond ASCII stand for themselves in both engines; line ends and spaces that are hard to see are spelt out. */
function plain(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code === 0) throw new Refused('it holds NUL')
  return code < 32 || (code >= 0x2028 && code <= 0x2029) ? `\\u${code.toString(16).padStart(4, '0')}` : char
}

function emit(reader: Reader, text: string, length: number): void {
  reader.out += text
  reader.at += length
}
