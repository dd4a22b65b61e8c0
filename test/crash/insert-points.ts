/**
 * Inserts points at which a process can be killed into the source of a module: one before and one after each `await`. The source has
 * JavaScript without types, such as `stripTypeScriptTypes` gives it. Lines stay where they are. Templates get no points.
 *
 * `await f(x)` becomes `failpoint.after(7, failpoint.before(7), await f(x))`. Arguments are evaluated from left to right, so `before` is
 * called, then the operand is awaited, and then `after` is called with its value.
 */

/** A module with points, and where they are. */
export interface Pointed {
  readonly text: string
  /** The line of each point, from 1. The number of a point is its index plus `first`. */
  readonly lines: readonly number[]
}

/** Inserts points with numbers from `first`. @throws Error for brackets that do not match. */
export function insertPoints(source: string, first: number): Pointed {
  const lines: number[] = []
  const insert = (from: number, to: number): string => {
    let text = ''
    let done = from
    for (let at = from; at < to; ) {
      const next = skipIgnored(source, at)
      if (next > at) {
        at = next
        continue
      }
      if (!isAwait(source, at)) {
        at = isWord(source[at]) ? endOfWord(source, at) : at + 1
        continue
      }
      const operand = skipBlank(source, at + AWAIT.length)
      const end = endOfOperand(source, operand)
      const point = first + lines.length
      lines.push(source.slice(0, at).split('\n').length)
      text += source.slice(done, at)
      text += `failpoint.after(${point}, failpoint.before(${point}), await${source.slice(at + AWAIT.length, operand)}${insert(operand, end)})`
      done = end
      at = end
    }
    return text + source.slice(done, to)
  }
  return { text: insert(0, source.length), lines }
}

const AWAIT = 'await'

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\w$#]/.test(character)
}

function endOfWord(source: string, at: number): number {
  let end = at
  while (isWord(source[end])) end++
  return end
}

/** Whether an `await` with an operand begins here: not a name that contains the word, and not `for await`. */
function isAwait(source: string, at: number): boolean {
  if (!source.startsWith(AWAIT, at) || isWord(source[at + AWAIT.length]) || isWord(source[at - 1]) || source[at - 1] === '.') return false
  return !/\bfor\s+$/.test(source.slice(0, at)) && !/^\s*[:,)]/.test(source.slice(at + AWAIT.length))
}

/** The end of an operand of `await`: prefixes, a name, a literal or brackets, and then members and calls. */
function endOfOperand(source: string, from: number): number {
  let at = from
  for (let prefix = /^(?:new|await|typeof|void)\s+|^[!+~-]\s*/.exec(source.slice(at)); prefix !== null; ) {
    at += prefix[0].length
    prefix = /^(?:new|await|typeof|void)\s+|^[!+~-]\s*/.exec(source.slice(at))
  }
  at = endOfPart(source, at)
  for (;;) {
    const next = skipBlank(source, at)
    if (source.startsWith('?.', next)) at = /[([]/.test(source[next + 2] ?? '') ? endOfPart(source, next + 2) : endOfWord(source, next + 2)
    else if (source[next] === '.' && source[next + 1] !== '.') at = endOfWord(source, skipBlank(source, next + 1))
    else if (source[next] === '(' || source[next] === '[' || source[next] === '`') at = endOfPart(source, next)
    else return at
  }
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** The end of a name, a literal, or what stands in brackets. */
function endOfPart(source: string, at: number): number {
  const literal = skipIgnored(source, at)
  if (literal > at) return literal
  const closing = CLOSING[source[at] ?? '']
  if (closing === undefined) return endOfWord(source, at)
  let inner = at + 1
  while (inner < source.length && source[inner] !== closing) {
    const next = skipIgnored(source, inner)
    inner = next > inner ? next : CLOSING[source[inner] ?? ''] === undefined ? inner + 1 : endOfPart(source, inner)
  }
  if (inner >= source.length) throw new Error(`no ${closing} for the bracket at ${at}`)
  return inner + 1
}

function skipBlank(source: string, from: number): number {
  let at = from
  for (;;) {
    while (/\s/.test(source[at] ?? '')) at++
    const next = skipComment(source, at)
    if (next === at) return at
    at = next
  }
}

function skipComment(source: string, at: number): number {
  if (source.startsWith('//', at)) return indexOr(source, '\n', at)
  if (source.startsWith('/*', at)) return indexOr(source, '*/', at) + 2
  return at
}

function indexOr(source: string, text: string, at: number): number {
  const found = source.indexOf(text, at)
  return found < 0 ? source.length : found
}

/** The end of a comment, a string, a template or a regular expression that begins here; else the same place. */
function skipIgnored(source: string, at: number): number {
  const character = source[at]
  if (character === "'" || character === '"') return endOfQuoted(source, at)
  if (character === '`') return endOfTemplate(source, at)
  if (character !== '/') return at
  const comment = skipComment(source, at)
  if (comment > at) return comment
  return /(?:^|[(,=:[!&|?{};+\n]|return|=>)\s*$/.test(source.slice(Math.max(0, at - 40), at)) ? endOfPattern(source, at) : at
}

function endOfQuoted(source: string, at: number): number {
  let end = at + 1
  while (end < source.length && source[end] !== source[at]) end += source[end] === '\\' ? 2 : 1
  return end + 1
}

function endOfTemplate(source: string, at: number): number {
  let end = at + 1
  while (end < source.length && source[end] !== '`') {
    if (source[end] === '\\') end += 2
    else if (source.startsWith('${', end)) end = endOfPart(source, end + 1)
    else end++
  }
  return end + 1
}

function endOfPattern(source: string, at: number): number {
  let isClass = false
  for (let end = at + 1; ; end++) {
    const character = source[end]
    if (character === '\\') end++
    else if (character === '[') isClass = true
    else if (character === ']') isClass = false
    else if (character === '/' && !isClass) return endOfWord(source, end + 1)
    else if (character === undefined || character === '\n') throw new Error(`no end of the regular expression at ${at}`)
  }
}
