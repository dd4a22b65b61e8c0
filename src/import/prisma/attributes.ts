/** Attributes of Prisma: `@default(now())`, `@relation(fields: [authorId], references: [id])`, `@@index([a, b(sort: Desc)])`. */

import type { SourcePlace } from '../text/source-file.ts'
import { type Token, type TokenReader, tokenReader } from '../text/tokens.ts'

/** A value of an argument. */
export type PrismaValue =
  | { readonly kind: 'text' | 'word'; readonly value: string }
  | { readonly kind: 'list'; readonly items: readonly PrismaValue[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly PrismaArgument[] }

/** An argument, with its name or without. */
export interface PrismaArgument {
  readonly name: string | null
  readonly value: PrismaValue
}

/** An attribute: `db.VarChar` for `@db.VarChar(20)`. */
export interface PrismaAttribute {
  readonly name: string
  readonly args: readonly PrismaArgument[]
  readonly at: SourcePlace
}

/** The attributes in the tokens of a line; `@` and `@@` alike. */
export function attributesOf(tokens: readonly Token[]): readonly PrismaAttribute[] {
  const reader = tokenReader(tokens.filter(({ kind }) => kind !== 'comment' && kind !== 'line'))
  const attributes: PrismaAttribute[] = []
  for (let token = reader.next(); token !== undefined; token = reader.next()) {
    if (token.kind !== 'sign' || token.value !== '@') continue
    reader.take('@')
    const names = [reader.next()?.value ?? '']
    while (reader.take('.')) names.push(reader.next()?.value ?? '')
    attributes.push({ name: names.join('.'), args: reader.take('(') ? argumentsOf(reader, ')') : [], at: token.at })
  }
  return attributes
}

/** Arguments up to a closing bracket. The depth of brackets is limited by the tokens. */
function argumentsOf(reader: TokenReader, close: string): readonly PrismaArgument[] {
  const args: PrismaArgument[] = []
  while (reader.peek() !== undefined && !reader.take(close)) {
    if (reader.take(',')) continue
    const first = argumentValue(reader)
    if (first.kind === 'word' && reader.take(':')) args.push({ name: first.value, value: argumentValue(reader) })
    else args.push({ name: null, value: first })
  }
  return args
}

function argumentValue(reader: TokenReader): PrismaValue {
  if (reader.take('[')) return { kind: 'list', items: argumentsOf(reader, ']').map(({ value }) => value) }
  const minus = reader.take('-') ? '-' : ''
  const token = reader.next()
  if (token === undefined) return { kind: 'word', value: '' }
  if (token.kind === 'text') return { kind: 'text', value: token.value.replaceAll('\\"', '"').replaceAll('\\\\', '\\') }
  let name = `${minus}${token.value}`
  while (reader.take('.')) name += `.${reader.next()?.value ?? ''}`
  return reader.take('(') ? { kind: 'call', name, args: argumentsOf(reader, ')') } : { kind: 'word', value: name }
}

/** The attribute of a name. */
export function attributeCalled(attributes: readonly PrismaAttribute[], name: string): PrismaAttribute | undefined {
  return attributes.find((attribute) => attribute.name === name)
}

/** The value of an argument by its name, else by its place. */
export function argument(attribute: PrismaAttribute | undefined, name: string, place?: number): PrismaValue | undefined {
  const unnamed = attribute?.args.filter((arg) => arg.name === null) ?? []
  return attribute?.args.find((arg) => arg.name === name)?.value ?? (place === undefined ? undefined : unnamed[place]?.value)
}

/** A text or word; undefined for any other value. */
export function wordOf(value: PrismaValue | undefined): string | undefined {
  return value?.kind === 'text' || value?.kind === 'word' ? value.value : undefined
}

/** The names of a list of fields; `-` in front of those that are sorted in descending order. */
export function fieldList(value: PrismaValue | undefined): readonly string[] {
  return value?.kind !== 'list'
    ? []
    : value.items.flatMap((item) => {
        if (item.kind === 'word') return [item.value]
        const isDescending = item.kind === 'call' && item.args.some(({ name, value: of }) => name === 'sort' && wordOf(of) === 'Desc')
        return item.kind === 'call' ? [`${isDescending ? '-' : ''}${item.name}`] : []
      })
}
