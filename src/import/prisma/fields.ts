/** The types and defaults of Prisma's fields. */

import type { SketchType } from '../sketch/sketch.ts'
import { argument, attributeCalled, type PrismaAttribute, wordOf } from './attributes.ts'

/** A type of the language, or why there is none. */
export type PrismaType =
  | { readonly kind: 'type'; readonly type: SketchType; readonly note?: string; readonly lost?: string }
  | { readonly kind: 'none'; readonly why: string }

const MAX_TEXT = 10_000_000

/** The type of a scalar or an enum, with its default. */
export function prismaType(name: string, isList: boolean, attributes: readonly PrismaAttribute[]): PrismaType {
  const of = scalarType(name, attributes)
  if (of.kind === 'none') return of
  if (isList) {
    const isItem = of.type.type !== 'json'
    const given = argument(attributeCalled(attributes, 'default'), 'value', 0)
    const items = given?.kind === 'list' ? given.items.map(wordOf) : undefined
    const fallback = items?.every((item) => item !== undefined && of.type.type !== 'integer') === true ? { default: items } : {}
    return isItem
      ? { kind: 'type', type: { type: 'list', of: of.type, ...fallback } }
      : { kind: 'type', type: { type: 'json' }, note: 'a list of objects is json' }
  }
  return withDefault(of.type, attributes)
}

function scalarType(name: string, attributes: readonly PrismaAttribute[]): PrismaType {
  const native = attributes.find((attribute) => attribute.name.startsWith('db.'))
  const [size, scale] = native?.args.map(({ value }) => Number(wordOf(value))) ?? []
  const type = (made: SketchType): PrismaType => ({ kind: 'type', type: made })
  switch (name) {
    case 'String':
      if (native?.name === 'db.Uuid') return type({ type: 'uuid' })
      return type({ type: 'text', ...(size !== undefined && size > 0 && size <= MAX_TEXT ? { max: size } : {}) })
    case 'Int':
    case 'BigInt':
      return type({ type: 'integer' })
    case 'Float':
      return type({ type: 'number' })
    case 'Decimal':
      return type({ type: 'decimal', precision: size ?? 38, scale: size === undefined ? 10 : (scale ?? 0) })
    case 'Boolean':
      return type({ type: 'boolean' })
    case 'DateTime':
      return type({
        type: native?.name === 'db.Date' ? 'date' : native?.name === 'db.Time' || native?.name === 'db.Timetz' ? 'time' : 'timestamp',
      })
    case 'Json':
      return type({ type: 'json' })
    case 'Bytes':
      return { kind: 'none', why: 'bytes stand in no row; write a field of type file' }
    case 'Unsupported':
      return { kind: 'none', why: 'a type that Prisma does not support; choose one' }
    default:
      return type({ type: 'enum', name })
  }
}

const IDS: ReadonlySet<string> = new Set(['uuid', 'cuid', 'ulid', 'nanoid', 'auto'])

function withDefault(type: SketchType, attributes: readonly PrismaAttribute[]): PrismaType {
  const given = argument(attributeCalled(attributes, 'default'), 'value', 0)
  const made = (fallback: unknown): PrismaType => ({ kind: 'type', type: { ...type, default: fallback } as SketchType })
  if (given === undefined) return { kind: 'type', type }
  const lost: PrismaType = { kind: 'type', type, lost: 'its expression has no counterpart; write default or set' }
  if (given.kind === 'call') {
    if (given.name === 'autoincrement' || given.name === 'sequence') return { kind: 'type', type: { type: 'sequence' } }
    if (given.name === 'now' && type.type === 'timestamp') return made('now()')
    if (given.name === 'now' && type.type === 'date') return made('today()')
    if (IDS.has(given.name) && type.type === 'uuid') return made('uuid()')
    if (IDS.has(given.name) && type.type === 'text')
      return { ...made({ expression: 'uuid()' }), note: `a UUID in place of ${given.name}()` } as PrismaType
    const code = given.name === 'dbgenerated' ? wordOf(given.args[0]?.value) : undefined
    if (code !== undefined && /^(?:gen_random_uuid|uuid_generate_v4)\(\)$/.test(code))
      return made(type.type === 'uuid' ? 'uuid()' : { expression: 'uuid()' })
    return lost
  }
  const word = wordOf(given)
  return word === undefined ? lost : ofWord(word, type, { made, lost })
}

function ofWord(
  word: string,
  { type }: SketchType,
  { made, lost }: { readonly made: (value: unknown) => PrismaType; readonly lost: PrismaType },
): PrismaType {
  switch (type) {
    case 'text':
    case 'enum':
      return made(word)
    case 'boolean':
      return word === 'true' || word === 'false' ? made(word === 'true') : lost
    case 'integer':
      return Number.isSafeInteger(Number(word)) ? made(Number(word)) : lost
    case 'number':
      return Number.isFinite(Number(word)) ? made(Number(word)) : lost
    case 'decimal':
      return /^-?\d+(\.\d+)?$/.test(word) ? made(word) : lost
    case 'json':
      return jsonOf(word, made, lost)
    default:
      return lost
  }
}

function jsonOf(text: string, made: (value: unknown) => PrismaType, lost: PrismaType): PrismaType {
  try {
    const value: unknown = JSON.parse(text)
    return value === null ? lost : made(value)
  } catch {
    return lost
  }
}
