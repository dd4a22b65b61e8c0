/** Reads DBML into a sketch. */

import { type DataSketch, newEntity, newSketch, type SketchEntity, type SketchReference } from '../sketch/sketch.ts'
import { constantDefault, functionDefault } from '../sql/defaults.ts'
import { typeOfWords } from '../sql/type-words.ts'
import type { SourcePlace, SourceText } from '../text/source-file.ts'
import { importTokens, type Token, type TokenReader, tokenReader } from '../text/tokens.ts'
import { type End, endOf } from './reference-end.ts'
import { type DbmlSetting, settingsOf, settingText } from './settings.ts'

/** Reads a text. @throws ImportError for what is too large or too deep. */
export function readDbml(source: SourceText): DataSketch {
  const sketch = newSketch()
  const tokens = importTokens(source).filter(({ kind }) => kind !== 'comment')
  const later: (() => void)[] = []
  const reader = tokenReader(tokens)
  const aliases = new Map<string, string>()
  const enums = new Set<string>()
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token.kind !== 'word') continue
    const { at } = token
    switch (token.value.toLowerCase()) {
      case 'enum': {
        const name = nameOf(reader)
        const values = [...readLines(bodyOf(reader))].flatMap(([first]) =>
          first?.kind === 'word' || first?.kind === 'text' ? [first.value] : [],
        )
        enums.add(name)
        sketch.enums.push({ name, values, at })
        break
      }
      case 'table': {
        const name = nameOf(reader)
        if (reader.take('as')) aliases.set(reader.next()?.value ?? '', name)
        const settings = settingsOf(headOf(reader))
        const body = reader.block('{', '}')
        const entity = newEntity(name, at, name.split('.').at(-1) ?? name)
        sketch.entities.push(entity)
        // enums may follow
        later.push(() => readTable(entity, { settings, body }, { sketch, aliases, enums }))
        break
      }
      case 'ref': {
        later.push(readReferences(reader, { sketch, aliases, enums }))
        break
      }
      default:
        passOver(reader)
    }
  }
  for (const read of later) read()
  return sketch
}

interface Reading {
  readonly sketch: DataSketch
  /** The names of the enums. */
  readonly enums: Set<string>
  readonly aliases: ReadonlyMap<string, string>
}

/** A name with its schema, unless that is `public`. */
function nameOf(reader: TokenReader): string {
  const parts = [reader.next()?.value ?? '']
  while (reader.take('.')) parts.push(reader.next()?.value ?? '')
  return (parts[0] === 'public' ? parts.slice(1) : parts).join('.')
}

/** The tokens before the opening brace. */
function headOf(reader: TokenReader): readonly Token[] {
  const tokens: Token[] = []
  while (reader.peek() !== undefined && !reader.take('{')) {
    const token = reader.next()
    if (token !== undefined) tokens.push(token)
  }
  return tokens
}

function bodyOf(reader: TokenReader): readonly Token[] {
  headOf(reader)
  return reader.block('{', '}')
}

/** A project, a group or a note: its block, or its line. */
function passOver(reader: TokenReader): void {
  for (let token = reader.next(); token !== undefined && token.kind !== 'line'; token = reader.next())
    if (token.kind === 'sign' && token.value === '{') return void reader.block('{', '}')
}

function* readLines(body: readonly Token[]): Generator<readonly Token[]> {
  const reader = tokenReader(body)
  while (reader.peek() !== undefined) yield reader.line()
}

interface TableParts {
  readonly settings: readonly DbmlSetting[]
  readonly body: readonly Token[]
}

function readTable(entity: SketchEntity, parts: TableParts, reading: Reading): void {
  const note = settingText(parts.settings, 'note')
  if (note !== undefined && note !== '') entity.description = note.slice(0, 2_000)
  const keys: string[] = []
  for (const line of readLines(parts.body)) {
    const [first, second] = line
    if (first === undefined) continue
    const word = first.value.toLowerCase()
    if (word === 'note' && second?.value === ':') entity.description = (line[2]?.value ?? '').trim().slice(0, 2_000)
    else if (second?.value === '{' && word !== 'note') readIndexes(entity, { word, body: line.slice(2) }, reading)
    else if (second !== undefined && second.value !== '{') readColumn(entity, line, { ...reading, keys })
  }
  if (keys.length > 0 && entity.key === null) entity.key = { columns: keys, at: entity.at }
  if (entity.description === '') delete entity.description
}

function readColumn(
  entity: SketchEntity,
  line: readonly Token[],
  { sketch, aliases, enums, keys }: Reading & { readonly keys: string[] },
): void {
  const [first, ...rest] = line
  if (first === undefined) return
  const settings = settingsOf(rest)
  const names = new Set(settings.map(({ name }) => name))
  const { at, value: name } = first
  const leave = (kind: string, why: string): void => void sketch.left.push({ kind, name: `${entity.name}.${name}`, at, why })
  const other = sketch.entities.find((each) => each.name === typeText(rest).replace(/\[\]$/, ''))
  // what generators write for the other side of a reference
  if (other !== undefined)
    return void sketch.parts.push({ kind: 'inverse', name: `${entity.name}.${name}`, at, entity: other.name, column: null })
  const typed = typeOfWords(typeText(rest), { enums, domains: new Map() })
  if (typed.kind === 'none') return void leave('field', typed.why)
  const isCounted = names.has('increment') || typed.counted === true
  const isKey = names.has('pk') || names.has('primary key')
  const isUnique = names.has('unique')
  let { type } = typed
  if (isCounted) type = { type: 'sequence' }
  const fallback = defaultOf(settings)
  if (fallback !== undefined && !isCounted) {
    const made =
      fallback.kind === 'code'
        ? functionDefault(fallback.value.replace(/\(\)$/, '').toLowerCase(), type)
        : fallback.value === null
          ? { kind: 'none' as const }
          : constantDefault(fallback.value, type)
    if (made.kind === 'value') type = { ...type, default: made.value } as typeof type
    else if (made.kind !== 'none') leave('default', 'its expression has no counterpart; write default or set')
  }
  const note = settingText(settings, 'note')
  entity.fields.push({
    ...{ name, at, type, optional: !isKey && !isCounted && !names.has('not null'), unique: isUnique },
    ...(note === undefined || note === '' ? {} : { description: note.slice(0, 2_000) }),
    ...(typed.note === undefined ? {} : { note: typed.note }),
  })
  if (isKey) keys.push(name)
  if (isUnique) sketch.parts.push({ kind: 'unique', name: `${entity.name}(${name})`, at, entity: entity.name, column: name })
  for (const { value } of settings.filter((setting) => setting.name === 'ref')) {
    const [sign, ...path] = value
    const end = endOf(path, aliases)
    if (end !== null) relate({ table: entity.name, columns: [name] }, { sign: sign?.value ?? '', end, at, onDelete: null }, sketch)
  }
  if (names.has('check')) leave('check', 'write it as a check of the entity')
}

/** The words of a type: up to the settings. */
function typeText(tokens: readonly Token[]): string {
  const words: string[] = []
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1]
    const isArray = token.value === '[' && (next?.value === ']' || /^\d+$/.test(next?.value ?? ''))
    if (token.kind === 'sign' && token.value === '[' && !isArray) break
    words.push(token.kind === 'word' || token.kind === 'text' ? `${token.value} ` : token.value)
  }
  return words
    .join('')
    .replaceAll(/ (?=[([\]),.])/g, '')
    .replaceAll(/\.\s*/g, '.')
    .trim()
}

type Fallback =
  | { readonly kind: 'code'; readonly value: string }
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }

function defaultOf(settings: readonly DbmlSetting[]): Fallback | undefined {
  const tokens = settings.find(({ name }) => name === 'default')?.value
  const [first] = tokens ?? []
  if (tokens === undefined || first === undefined) return undefined
  if (first.kind === 'code') return { kind: 'code', value: first.value }
  if (first.kind === 'text') return { kind: 'value', value: first.value }
  const word = tokens.map(({ value }) => value).join('')
  if (/^null$/i.test(word)) return { kind: 'value', value: null }
  if (/^(?:true|false)$/i.test(word)) return { kind: 'value', value: word.toLowerCase() === 'true' }
  if (/\(\)$/.test(word)) return { kind: 'code', value: word }
  return { kind: 'value', value: /^-?\d+(?:\.\d+)?$/.test(word) && !word.includes('.') ? Number(word) : word }
}

function readIndexes(
  entity: SketchEntity,
  { word, body }: { readonly word: string; readonly body: readonly Token[] },
  { sketch }: Reading,
): void {
  for (const line of readLines(body)) {
    const [first] = line
    if (first === undefined || first.value === '}') continue
    if (word !== 'indexes') {
      sketch.left.push({
        kind: word === 'checks' ? 'check' : word,
        name: entity.name,
        at: first.at,
        why: 'write it as a check of the entity',
      })
      continue
    }
    const settings = new Map(settingsOf(line).map((setting) => [setting.name, setting]))
    const until = line.findIndex(({ kind, value }) => kind === 'sign' && value === '[')
    const parts = (until < 0 ? line : line.slice(0, until)).filter(({ kind }) => kind !== 'sign' && kind !== 'line')
    const columns = parts.map(({ value }) => value)
    const { at } = first
    const name = settingText([...settings.values()], 'name') ?? `${entity.name}(${columns.join(', ')})`
    if (parts.some(({ kind }) => kind === 'code'))
      sketch.left.push({ kind: 'index', name, at, why: 'an index on an expression; write a computed field and its index' })
    else if (settings.has('pk')) entity.key = { columns, at }
    else if (settings.has('unique')) entity.uniques.push({ name, columns, where: null, at })
    else entity.indexes.push({ name, columns, where: null, at })
  }
}

/** Reads one `Ref`, or a block of them. Returns what adds them, when all tables are known. */
function readReferences(reader: TokenReader, reading: Reading): () => void {
  for (let token = reader.peek(); token !== undefined && token.kind !== 'line'; token = reader.peek()) {
    if (reader.take(':')) {
      const line = reader.line()
      return () => readReference(line, reading)
    }
    if (reader.take('{')) {
      const body = reader.block('{', '}')
      return () => {
        for (const each of readLines(body)) readReference(each, reading)
      }
    }
    reader.next()
  }
  return () => {}
}

const SIGNS: ReadonlySet<string> = new Set(['<', '>', '-', '<>'])

function readReference(line: readonly Token[], { sketch, aliases }: Reading): void {
  const sign = line.findIndex(({ kind, value }) => kind === 'sign' && SIGNS.has(value))
  const [first] = line
  if (sign < 0 || first === undefined) return
  const until = line.findIndex(({ kind, value }) => kind === 'sign' && value === '[')
  const [from, to] = [endOf(line.slice(0, sign), aliases), endOf(line.slice(sign + 1, until < 0 ? undefined : until), aliases)]
  const { at } = first
  if (from === null || to === null)
    return void sketch.left.push({ kind: 'reference', name: line.map(({ value }) => value).join(''), at, why: 'it names no columns' })
  const settings = settingsOf(line)
  relate(from, { sign: line[sign]?.value ?? '', end: to, at, onDelete: settingText(settings, 'delete') ?? null }, sketch)
}

interface Other {
  readonly sign: string
  readonly end: End
  readonly at: SourcePlace
  readonly onDelete: string | null
}

const ON_DELETE: Readonly<Record<string, SketchReference['onDelete']>> = { cascade: 'cascade', 'set null': 'setNull' }

/** Adds a reference to the side that holds the column. `<>` becomes an entity with two references. */
function relate(from: End, { sign, end, at, onDelete }: Other, sketch: DataSketch): void {
  if (sign === '<>') {
    const link = newEntity(`${from.table}_${end.table.split('.').at(-1) ?? ''}`, at)
    for (const side of [from, end])
      link.references.push({
        ...{ columns: [], target: side.table, targetColumns: null, onDelete: 'cascade', name: null, inverse: null },
        ...{ optional: false, unique: false, at },
      })
    sketch.entities.push(link)
    return
  }
  const [holder, target] = sign === '<' ? [end, from] : [from, end]
  const entity = sketch.entities.find(({ name }) => name === holder.table)
  const name = `${holder.table}(${holder.columns.join(', ')}) to ${target.table}`
  if (entity === undefined) return void sketch.left.push({ kind: 'reference', name, at, why: `${holder.table} is not in the source` })
  entity.references.push({
    ...{ columns: holder.columns, target: target.table, targetColumns: target.columns, onDelete: ON_DELETE[onDelete ?? ''] ?? null },
    ...{ name: null, inverse: null, optional: false, unique: sign === '-', at },
  })
}
