/** Finds the first syntax error of a JSON text (RFC 8259). `JSON.parse` finds the same errors, but does not always give their position. */

import { unreachable } from '../../base/unreachable.ts'

interface JsonFault {
  readonly offset: number
  /** What belongs there: the end of a sentence that begins with "expected". */
  readonly expected: string
}

const SPACE = /[ \t\n\r]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold them
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|true(?!\w)|false(?!\w)|null(?!\w)/y

type Wanted = 'value' | 'key' | 'value or ]' | 'key or }' | ': ' | ', or ]' | ', or }' | 'end'

/** How far a text has been read. */
interface Reading {
  readonly text: string
  /** The offset of the next character. */
  at: number
  /** The arrays and objects that are open, the innermost last. */
  readonly open: ('[' | '{')[]
}

/** The first fault of a text; null when it is JSON. Takes linear time and does not recurse. */
export function jsonFault(text: string): JsonFault | null {
  const reading: Reading = { text, at: 0, open: [] }
  let wanted: Wanted = 'value'
  for (;;) {
    take(reading, SPACE)
    if (wanted === 'end' && reading.at === text.length) return null
    const next = step(reading, wanted)
    if (next === null) return { offset: reading.at, expected: EXPECTED[wanted] }
    wanted = next
  }
}

/** Reads what is wanted. Returns what is wanted next; null when the text has something else. */
function step(reading: Reading, wanted: Wanted): Wanted | null {
  switch (wanted) {
    case 'value or ]':
      return takeSign(reading, ']') ? close(reading) : value(reading)
    case 'value':
      return value(reading)
    case 'key or }':
      if (takeSign(reading, '}')) return close(reading)
      return take(reading, STRING) ? ': ' : null
    case 'key':
      return take(reading, STRING) ? ': ' : null
    case ': ':
      return takeSign(reading, ':') ? 'value' : null
    case ', or ]':
      if (takeSign(reading, ',')) return 'value'
      return takeSign(reading, ']') ? close(reading) : null
    case ', or }':
      if (takeSign(reading, ',')) return 'key'
      return takeSign(reading, '}') ? close(reading) : null
    case 'end':
      return null
    default:
      return unreachable(wanted)
  }
}

function value(reading: Reading): Wanted | null {
  if (takeSign(reading, '[')) {
    reading.open.push('[')
    return 'value or ]'
  }
  if (takeSign(reading, '{')) {
    reading.open.push('{')
    return 'key or }'
  }
  return take(reading, STRING) || take(reading, LITERAL) ? afterValue(reading) : null
}

function close(reading: Reading): Wanted {
  reading.open.pop()
  return afterValue(reading)
}

function afterValue({ open }: Reading): Wanted {
  if (open.length === 0) return 'end'
  return open.at(-1) === '[' ? ', or ]' : ', or }'
}

/** Moves past a match at the present offset. Returns whether there is one. */
function take(reading: Reading, pattern: RegExp): boolean {
  pattern.lastIndex = reading.at
  const found = pattern.exec(reading.text)
  if (found === null) return false
  reading.at += found[0].length
  return true
}

function takeSign(reading: Reading, sign: string): boolean {
  if (reading.text[reading.at] !== sign) return false
  reading.at++
  return true
}

const EXPECTED: Readonly<Record<Wanted, string>> = {
  value: 'a value',
  key: 'a key in double quotes',
  'value or ]': 'a value or ]',
  'key or }': 'a key in double quotes or }',
  ': ': 'a colon',
  ', or ]': 'a comma or ]',
  ', or }': 'a comma or }',
  end: 'nothing more',
}
