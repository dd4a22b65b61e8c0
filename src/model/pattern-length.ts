/** How long a text can be that a pattern accepts. Pure; knows the patterns that a design may have, ECMAScript's with the flag `u`. */

const TOKEN =
  /\(\?<?[=!]|\((?:\?:|\?<\w+>|\?[a-z-]*:)?|[)|^$]|\\[pPu]\{[^}]*\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\c[A-Za-z]|\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|[*+?]\??|\{\d+(?:,\d*)?\}\??|[\s\S]/gu

interface Reader {
  readonly tokens: readonly string[]
  at: number
}

/** The most characters of a text that the pattern accepts; `Infinity` where it accepts texts of any length, as those do that are not `^…$`. */
export function longestAccepted(pattern: string): number {
  const tokens = pattern.match(TOKEN) ?? []
  if (tokens[0] !== '^' || tokens.at(-1) !== '$' || hasOuterBar(tokens)) return Number.POSITIVE_INFINITY
  return longestOf({ tokens, at: 0 })
}

/** Each branch of an outer bar has anchors of its own. */
function hasOuterBar(tokens: readonly string[]): boolean {
  let depth = 0
  return tokens.some((token) => {
    if (token.startsWith('(')) depth++
    if (token === ')') depth--
    return token === '|' && depth === 0
  })
}

/** Reads branches up to the bracket that ends them. */
function longestOf(reader: Reader): number {
  let [longest, branch] = [0, 0]
  for (let token = reader.tokens[reader.at++]; token !== undefined && token !== ')'; token = reader.tokens[reader.at++]) {
    if (token === '|') [longest, branch] = [Math.max(longest, branch), 0]
    else branch += times(pieceLength(token, reader), reader)
  }
  return Math.max(longest, branch)
}

function pieceLength(token: string, reader: Reader): number {
  if (token.startsWith('(')) {
    const inner = longestOf(reader)
    return /^\(\?<?[=!]/.test(token) ? 0 : inner
  }
  return token === '^' || token === '$' || token === '\\b' || token === '\\B' ? 0 : 1
}

function times(length: number, reader: Reader): number {
  const found = /^(?:([*+])|(\?)|\{(\d+)(,?)(\d*)\})\??$/.exec(reader.tokens[reader.at] ?? '')
  if (found === null) return length
  reader.at++
  const [, endless, maybe, least = '', comma, most = ''] = found
  if (length === 0 || maybe !== undefined) return length
  const count = comma === '' ? least : most
  if (endless !== undefined || count === '') return Number.POSITIVE_INFINITY
  return Number(count) === 0 ? 0 : length * Number(count)
}
