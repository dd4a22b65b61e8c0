/** Splits a text into words, signs and quoted texts: the same for Prisma, DBML and JDL, which differ in their quotes and comments. */

import { ImportError, MAX_IMPORT_DEPTH, placesIn, type SourcePlace, type SourceText } from './source-file.ts'

/** A piece of a text. `line` is the end of a line. */
export interface Token {
  readonly kind: 'word' | 'text' | 'sign' | 'comment' | 'code' | 'line'
  /** Without its quotes. */
  readonly value: string
  readonly at: SourcePlace
}

const MAX_TOKENS = 400_000
const PIECES: readonly (readonly [kind: Token['kind'] | 'space', form: RegExp])[] = [
  ['line', /\n/y],
  ['space', /[^\S\n]+/y],
  ['comment', /\/\/\/?[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['text', /'''([\s\S]*?)(?:'''|$)|"((?:[^"\\\n]|\\[^\n])*)"|'((?:[^'\\\n]|\\[^\n])*)'/y],
  ['code', /`([^`\n]*)`|\/(?![/*])((?:[^/\\\n]|\\[^\n])+)\/(?=[\s)]|$)/y],
  ['word', /[\p{L}\p{N}_][\p{L}\p{N}_-]*(?:\.\d+)?/uy],
  ['sign', /<>|[^\s]/y],
]

/** The tokens of a text. @throws ImportError for brackets nested too deeply, and for too many tokens. */
export function importTokens(source: SourceText): readonly Token[] {
  const placeOf = placesIn(source)
  const tokens: Token[] = []
  let depth = 0
  for (let at = 0; at < source.text.length; ) {
    for (const [kind, form] of PIECES) {
      form.lastIndex = at
      const found = form.exec(source.text)
      if (found === null) continue
      const [whole] = found
      const inner = found.slice(1).find((group) => group !== undefined)
      if (kind !== 'space') tokens.push({ kind, value: inner ?? whole, at: placeOf(at) })
      if (kind === 'sign' && /[([{]/.test(whole)) depth += 1
      if (kind === 'sign' && /[)\]}]/.test(whole)) depth -= 1
      at += whole.length
      break
    }
    if (depth > MAX_IMPORT_DEPTH)
      throw new ImportError(placeOf(at), `brackets are nested more than ${MAX_IMPORT_DEPTH} levels deep`, 'remove the part of this line')
    if (tokens.length > MAX_TOKENS) throw new ImportError(placeOf(at), `more than ${MAX_TOKENS} words and signs`, 'import it in parts')
  }
  return tokens
}

/** Reads tokens one after the other. */
export interface TokenReader {
  /** The next token; undefined at the end. */
  readonly peek: () => Token | undefined
  readonly next: () => Token | undefined
  /** Takes the next token if it has this value and is no text; false if it has not. */
  readonly take: (value: string) => boolean
  /** Passes over ends of lines and comments. */
  readonly skip: () => void
  /** Takes tokens up to the bracket that closes one that was just opened, without it. */
  readonly block: (open: string, close: string) => readonly Token[]
  /** Takes the tokens up to the end of the line; brackets may hold lines. */
  readonly line: () => readonly Token[]
}

/** A reader of tokens. */
export function tokenReader(tokens: readonly Token[]): TokenReader {
  let at = 0
  const peek = (): Token | undefined => tokens[at]
  const next = (): Token | undefined => tokens[at++]
  const isSign = (token: Token | undefined, value: string): boolean => token !== undefined && token.kind !== 'text' && token.value === value
  const block = (open: string, close: string): readonly Token[] => {
    const start = at
    for (let depth = 1; at < tokens.length; at++) {
      if (isSign(tokens[at], open)) depth += 1
      else if (isSign(tokens[at], close)) depth -= 1
      if (depth === 0) return tokens.slice(start, at++)
    }
    return tokens.slice(start, at)
  }
  return {
    peek,
    next,
    take: (value) => {
      if (!isSign(peek(), value)) return false
      at += 1
      return true
    },
    skip: () => {
      while (peek()?.kind === 'line' || peek()?.kind === 'comment') at += 1
    },
    block,
    line: () => {
      const start = at
      for (let depth = 0; at < tokens.length; at++) {
        const token = tokens[at]
        if (token?.kind === 'sign' && /[([{]/.test(token.value)) depth += 1
        if (token?.kind === 'sign' && /[)\]}]/.test(token.value)) depth -= 1
        if (token?.kind === 'line' && depth <= 0) return tokens.slice(start, at++)
      }
      return tokens.slice(start, at)
    },
  }
}
