/**
 * Parses YAML 1.2 and JSON into a located document. Tags, merge keys, directives and several documents are refused. Large documents are
 * refused as well: tokens are counted before the document is built, and an alias counts as much as the part it stands for.
 */

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLError,
  type YAMLMap,
  type Alias as YamlAlias,
} from 'yaml'
import { plainDigits } from '../../base/number/decimal.ts'
import { MAX_DEPTH, MAX_VALUES, PROTOTYPE_KEYS } from '../authoring/plain.ts'
import type { FilePlace, Located, LocatedEntry, LocatedMap } from './located.ts'
import type { Finding } from './read-findings.ts'

/** About 8,000 lines of an ordinary design. Each included file may have as many. */
const MAX_TOKENS = 150_000
const MAX_LEVELS_A_LINE = 40
const MAX_SYNTAX_ERRORS = 20

/** A file that is parsed. A contract is read more generously than a design: its keys may be numbers, and numbers may lose digits. */
export interface ParsedFile {
  /** The name that findings use. */
  readonly file: string
  readonly holds: 'design' | 'contract'
}

interface Parsing extends ParsedFile {
  readonly lines: LineCounter
  readonly findings: Finding[]
  readonly anchors: Map<string, Located>
  /** Nodes whose parts are being read: an alias to one of them would contain itself. */
  readonly open: Set<string>
  readonly positions: WeakMap<object, FilePlace>
}

/** Parses a text; null when nothing of it can be used. Findings are appended. */
export function parseYaml(text: string, { file, holds }: ParsedFile, findings: Finding[]): Located | null {
  const lines = new LineCounter()
  const state: Parsing = { file, holds, lines, findings, anchors: new Map(), open: new Set(), positions: new WeakMap() }
  const refusal = scanTokens(text, { file, holds })
  if (refusal !== null) {
    findings.push(refusal)
    return null
  }
  const document = withoutStacks(() =>
    parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false, merge: false, version: '1.2' }),
  )
  const lineOf = ({ pos }: YAMLError): number => lines.linePos(pos[0]).line
  // One mistake makes the parser stumble over the rest of its line, and then over the rest of the file.
  const errors = document.errors
    .slice(0, MAX_SYNTAX_ERRORS * 10)
    .filter((error, i, all) => all.findIndex((other) => lineOf(other) === lineOf(error)) === i)
    .filter(({ message }, i) => i === 0 || !/ in YAML stream\b/.test(message))
    .slice(0, MAX_SYNTAX_ERRORS)
  for (const error of errors) {
    const at = placeAt(state, error.pos[0])
    if (error.code === 'MULTIPLE_DOCS')
      findings.push({
        code: 'PLN-D006',
        at,
        message: 'the file holds more than one document',
        hint: 'keep one; use include for several files',
      })
    else if (/call stack/.test(error.message)) findings.push({ code: 'PLN-D012', at, message: `nested more than ${MAX_DEPTH} levels deep` })
    else if (/^Unexpected flow-(?:map|seq)-start at node end/.test(error.message))
      findings.push({
        code: 'PLN-D005',
        at,
        message: 'a bracket begins here, behind a text',
        hint: "put quotes around the text: 'GET /notes/{id}'",
      })
    else findings.push({ code: 'PLN-D005', at, message: tidy(error.message) })
  }
  if (document.errors.length > 0) return null
  if (document.contents === null) {
    findings.push({
      code: 'PLN-D005',
      at: { file, line: 1, column: 1 },
      message: 'the file is empty',
      hint: 'write a design, which begins with name: and entities:',
    })
    return null
  }
  return read(document.contents, 0, state)
}

/**
 * Runs the parser without stack traces. It makes an error object for each fault, up to 100,000 for a hostile text, and their stacks take
 * most of the time.
 */
function withoutStacks<T>(work: () => T): T {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return work()
  } finally {
    Error.stackTraceLimit = before
  }
}

const SHORTER: Readonly<Record<ParsedFile['holds'], string>> = {
  design: 'split the design with include',
  contract: 'remove parts that no operation uses, such as long examples',
}

/** Counts tokens and levels with the lexer alone, which takes linear time on any text. */
function scanTokens(text: string, { file, holds }: ParsedFile): Finding | null {
  let tokens = 0
  let brackets = 0
  let dashes = 0
  let line = 1
  for (const token of new Lexer().lex(text)) {
    const at = { file, line, column: 1 }
    if (++tokens > MAX_TOKENS) return { code: 'PLN-D013', at, message: `more than ${MAX_TOKENS} words and signs`, hint: SHORTER[holds] }
    if (token === '[' || token === '{') brackets++
    else if (token === ']' || token === '}') brackets--
    else if (token === '-' || token === '?') dashes++
    else if (token.startsWith('%')) return { code: 'PLN-D006', at, message: `a directive (%) has no place in a ${holds}` }
    if (brackets > MAX_LEVELS_A_LINE || dashes > MAX_LEVELS_A_LINE)
      return { code: 'PLN-D012', at, message: `nested more than ${MAX_DEPTH} levels deep` }
    for (let i = token.indexOf('\n'); i >= 0; i = token.indexOf('\n', i + 1)) {
      line++
      dashes = 0
    }
  }
  return null
}

function read(node: unknown, depth: number, state: Parsing): Located {
  if (isAlias(node)) return readAlias(node, state)
  const at = placeAt(state, rangeStart(node))
  if (depth > MAX_DEPTH) return refuse(state, { code: 'PLN-D012', at, message: `nested more than ${MAX_DEPTH} levels deep` })
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return scalar(null, at)
  if (node.tag !== undefined) {
    state.findings.push({
      code: 'PLN-D006',
      at,
      message: `the tag ${shortTag(node.tag)} has no place in a ${state.holds}`,
      hint: 'write the value without it',
    })
  }
  const anchor = node.anchor
  if (anchor !== undefined) state.open.add(anchor)
  const located = isMap(node)
    ? readMap(node, depth, state)
    : isSeq(node)
      ? readList(node.items, { at, depth }, state)
      : readScalar(node, at, state)
  if (anchor !== undefined) {
    state.open.delete(anchor)
    state.anchors.set(anchor, located)
  }
  return located
}

function readAlias(node: YamlAlias, state: Parsing): Located {
  const at = placeAt(state, rangeStart(node))
  if (state.open.has(node.source)) return refuse(state, { code: 'PLN-D007', at, message: `*${node.source} contains itself` })
  const target = state.anchors.get(node.source)
  return target ?? refuse(state, { code: 'PLN-D007', at, message: `there is no &${node.source} before this alias` })
}

function readList(items: readonly unknown[], { at, depth }: { readonly at: FilePlace; readonly depth: number }, state: Parsing): Located {
  const read_ = items.map((item) => read(item, depth + 1, state))
  return bounded({ kind: 'list', items: read_, at, ...measure(read_) }, state)
}

function readMap(node: YAMLMap, depth: number, state: Parsing): Located {
  const at = placeAt(state, rangeStart(node))
  const entries = new Map<string, LocatedEntry>()
  for (const pair of node.items as readonly Pair[]) {
    const keyAt = placeAt(state, rangeStart(pair.key))
    const key = readKey(pair.key, keyAt, state)
    const value = read(pair.value, depth + 1, state)
    const before = key === null ? undefined : entries.get(key)
    if (before !== undefined)
      state.findings.push({
        code: 'PLN-D009',
        at: keyAt,
        message: `the key ${JSON.stringify(key)} is on line ${before.keyAt.line} already`,
      })
    else if (key !== null) entries.set(key, { keyAt, value })
  }
  const map: LocatedMap = { kind: 'map', entries, at, ...measure([...entries.values()].map((entry) => entry.value)) }
  return bounded(map, state)
}

/** Null, with a finding, when the key cannot be one. */
function readKey(key: unknown, at: FilePlace, state: Parsing): string | null {
  const value = keyValue(key, state)
  if (typeof value !== 'string') {
    const hint = typeof value === 'number' || typeof value === 'boolean' ? `write "${value}" in quotes` : undefined
    state.findings.push({ code: 'PLN-D010', at, message: 'a key must be text', ...(hint === undefined ? {} : { hint }) })
    return null
  }
  if (isScalar(key) && key.tag !== undefined)
    state.findings.push({ code: 'PLN-D006', at, message: `the tag ${shortTag(key.tag)} has no place in a ${state.holds}` })
  if (value === '<<') {
    state.findings.push({ code: 'PLN-D006', at, message: `the merge key << has no place in a ${state.holds}`, hint: 'write the keys out' })
    return null
  }
  if (!PROTOTYPE_KEYS.has(value)) return value
  state.findings.push({ code: 'PLN-D010', at, message: `the key "${value}" is not allowed`, hint: 'choose another name' })
  return null
}

/** The value of a key. In a contract, a number is the text that the file has, such as the status `200`. */
function keyValue(key: unknown, { holds }: Parsing): unknown {
  if (!isScalar(key)) return undefined
  return holds === 'contract' && typeof key.value === 'number' ? (key.source ?? String(key.value)) : key.value
}

function measure(parts: readonly Located[]): { readonly size: number; readonly depth: number } {
  let size = 1
  let depth = 0
  for (const part of parts) {
    size += part.size
    depth = Math.max(depth, part.depth + 1)
  }
  return { size, depth }
}

/** Refuses a part that aliases make too large or too deep, at its place, so that the parts around it stay small. */
function bounded(node: Located, state: Parsing): Located {
  if (node.size > MAX_VALUES)
    return refuse(state, { code: 'PLN-D007', at: node.at, message: `more than ${MAX_VALUES} values with its aliases written out` })
  if (node.depth > MAX_DEPTH + 1)
    return refuse(state, { code: 'PLN-D012', at: node.at, message: `nested more than ${MAX_DEPTH} levels deep` })
  return node
}

function refuse(state: Parsing, finding: Finding & { readonly at: FilePlace }): Located {
  state.findings.push(finding)
  return scalar(null, finding.at)
}

function readScalar({ value, source }: Scalar, at: FilePlace, state: Parsing): Located {
  if (state.holds === 'design' && typeof value === 'number' && source !== undefined && isChanged(source, value)) {
    const hint = `write it as text, ${JSON.stringify(source)}, or with fewer digits`
    state.findings.push({ code: 'PLN-D019', at, message: `the number ${source} would become ${value}`, hint })
  }
  return scalar(value, at)
}

/** Whether a double has lost digits of its source. Numbers in notations that only YAML has, such as `0x1F`, are whole and small. */
function isChanged(source: string, value: number): boolean {
  const written = plainDigits(source)
  return written !== undefined && written !== plainDigits(String(value))
}

function scalar(value: unknown, at: FilePlace): Located {
  return { kind: 'scalar', value, at, size: 1, depth: 0 }
}

function rangeStart(node: unknown): number {
  const range = (node as { readonly range?: readonly number[] | null } | null)?.range
  return range?.[0] ?? 0
}

function placeAt({ lines, file }: Parsing, offset: number): FilePlace {
  const { line, col } = lines.linePos(offset)
  return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** The tag in the spelling of the file, such as `!!str`, instead of its URI. */
function shortTag(tag: string): string {
  return tag.replace('tag:yaml.org,2002:', '!!')
}

/** The parser's words in the style of the other messages. */
function tidy(message: string): string {
  const line = message.split('\n')[0] ?? ''
  return line.charAt(0).toLowerCase() + line.slice(1)
}
