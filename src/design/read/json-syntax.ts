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

/** The first fault of a text; null when it is JSON. Takes linear time and does not recurse. */
export function jsonFault(text: string): JsonFault | null {
  const open: ('[' | '{')[] = []
  let wanted: Wanted = 'value'
  let at = 0
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) return false
    at += found[0].length
    return true
  }
  const takeSign = (sign: string): boolean => {
    if (text[at] !== sign) return false
    at++
    return true
  }
  const afterValue = (): Wanted => (open.length === 0 ? 'end' : open.at(-1) === '[' ? ', or ]' : ', or }')
  const close = (): Wanted => {
    open.pop()
    return afterValue()
  }
  const step = (): Wanted | null => {
    switch (wanted) {
      case 'value or ]':
        if (takeSign(']')) return close()
        return value()
      case 'value':
        return value()
      case 'key or }':
        if (takeSign('}')) return close()
        return take(STRING) ? ': ' : null
      case 'key':
        return take(STRING) ? ': ' : null
      case ': ':
        return takeSign(':') ? 'value' : null
      case ', or ]':
        return takeSign(',') ? 'value' : takeSign(']') ? close() : null
      case ', or }':
        return takeSign(',') ? 'key' : takeSign('}') ? close() : null
      case 'end':
        return null
      default:
        return unreachable(wanted)
    }
  }
  const value = (): Wanted | null => {
    if (takeSign('[')) {
      open.push('[')
      return 'value or ]'
    }
    if (takeSign('{')) {
      open.push('{')
      return 'key or }'
    }
    return take(STRING) || take(LITERAL) ? afterValue() : null
  }
  for (;;) {
    take(SPACE)
    if (wanted === 'end' && at === text.length) return null
    const next = step()
    if (next === null) return { offset: at, expected: EXPECTED[wanted] }
    wanted = next
  }
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
