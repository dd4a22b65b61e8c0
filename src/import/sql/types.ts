/** The types of SQL in the design language. */

import type { FieldData, SketchType } from '../sketch/sketch.ts'
import { constantOf, type Node, type SqlConstraint, type TypeName, texts } from './tree.ts'

/** A type of the language, or why there is none. */
export type MappedType =
  | { readonly kind: 'type'; readonly type: SketchType; readonly counted?: true; readonly note?: string }
  | { readonly kind: 'none'; readonly why: string }

const MAX_TEXT = 10_000_000
/** Digits of a number that has no limit in the source. */
const FREE = { precision: 38, scale: 10 }

const BYTES = 'bytes stand in no row; write a field of type file'
const WITHOUT: Readonly<Record<string, string>> = {
  bytea: BYTES,
  blob: BYTES,
  longblob: BYTES,
  mediumblob: BYTES,
  varbinary: BYTES,
  tsvector: 'write search: [fields] in the entity',
}

const PLAIN: Readonly<Record<string, FieldData>> = {
  bool: { type: 'boolean' },
  uuid: { type: 'uuid' },
  date: { type: 'date' },
  time: { type: 'time' },
  timetz: { type: 'time' },
  timestamp: { type: 'timestamp' },
  timestamptz: { type: 'timestamp' },
  datetime: { type: 'timestamp' },
  interval: { type: 'duration' },
  json: { type: 'json' },
  jsonb: { type: 'json' },
  hstore: { type: 'json' },
  float4: { type: 'number' },
  float8: { type: 'number' },
  double: { type: 'number' },
  money: { type: 'decimal', precision: 19, scale: 2 },
  inet: { type: 'text', max: 50 },
  cidr: { type: 'text', max: 50 },
  macaddr: { type: 'text', max: 30 },
  xml: { type: 'text' },
}
const WHOLE: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'oid', 'tinyint', 'mediumint'])
const COUNTED: ReadonlySet<string> = new Set(['serial', 'bigserial', 'smallserial', 'serial2', 'serial4', 'serial8'])
const TEXTS: ReadonlySet<string> = new Set(
  'text varchar bpchar char name citext string nvarchar varchar2 nvarchar2 clob longtext mediumtext tinytext'.split(' '),
)

/** A domain: a type with conditions on `value`. */
export interface Domain {
  readonly of: TypeName
  readonly constraints: readonly SqlConstraint[]
}

/** The types that a file defines itself. */
export interface OwnTypes {
  readonly enums: ReadonlySet<string>
  readonly domains: ReadonlyMap<string, Domain>
}

/** The type of the language for a type of SQL. */
export function mapType(name: TypeName | undefined, own: OwnTypes, depth = 0): MappedType {
  const bounds = name?.arrayBounds?.length ?? 0
  if (bounds === 0) return mapItem(name, own, depth)
  const { arrayBounds: _, ...item } = name ?? {}
  const of = mapItem(item, own, depth)
  if (of.kind === 'none') return of
  const isItem = bounds === 1 && of.type.type !== 'json' && of.type.type !== 'list'
  return isItem
    ? { kind: 'type', type: { type: 'list', of: of.type } }
    : { kind: 'type', type: { type: 'json' }, note: 'a list of lists or objects is json' }
}

/** The name of a type, without the schemas that need not be said. */
export function fullName(name: TypeName | undefined): string {
  return texts(name?.names)
    .filter((each) => each !== 'pg_catalog' && each !== 'public')
    .join('.')
}

function mapItem(name: TypeName | undefined, own: OwnTypes, depth: number): MappedType {
  const words = texts(name?.names)
  const word = words.at(-1) ?? ''
  const full = fullName(name)
  const sizes = (name?.typmods ?? []).map((node: Node) => constantOf(node))
  const lower = word.toLowerCase()
  if (own.enums.has(full)) return { kind: 'type', type: { type: 'enum', name: full } }
  const domain = own.domains.get(full)
  if (domain !== undefined && depth < 10) return mapType(domain.of, own, depth + 1)
  if ((lower === 'enum' || lower === 'set') && sizes.every((size) => typeof size === 'string')) return choiceType(lower, sizes)
  if (lower === 'unsigned') return { kind: 'type', type: { type: 'integer', min: 0 } }
  if (COUNTED.has(lower)) return { kind: 'type', type: { type: 'integer' }, counted: true }
  if (lower === 'tinyint' && sizes[0] === 1) return { kind: 'type', type: { type: 'boolean' } }
  if (WHOLE.has(lower)) return { kind: 'type', type: { type: 'integer' } }
  if (lower === 'numeric' || lower === 'number' || lower === 'decimal') return decimalType(sizes)
  if (TEXTS.has(lower)) return { kind: 'type', type: { type: 'text', ...textSize(sizes[0], lower) }, ...caseNote(lower) }
  const plain = Object.hasOwn(PLAIN, lower) ? PLAIN[lower] : undefined
  if (plain !== undefined) return { kind: 'type', type: plain }
  const why = Object.hasOwn(WITHOUT, lower) ? WITHOUT[lower] : undefined
  return { kind: 'none', why: why ?? `the language has no type for ${full === '' ? word : full}; choose one` }
}

/** `enum('a', 'b')` and `set('a', 'b')` of MySQL. */
function choiceType(word: 'enum' | 'set', values: readonly string[]): MappedType {
  const fits = values.length > 0 && values.length <= 200 && values.every((value) => value !== '' && value.length <= 200)
  if (!fits) return { kind: 'type', type: { type: 'text' }, note: 'a choice has 1 to 200 values of 1 to 200 characters' }
  const choice = { type: 'choice', values: [...new Set(values)] }
  return { kind: 'type', type: word === 'enum' ? choice : { type: 'list', of: choice } }
}

function decimalType([precision, scale = 0]: readonly unknown[]): MappedType {
  if (typeof precision !== 'number')
    return { kind: 'type', type: { type: 'decimal', ...FREE }, note: `has ${FREE.precision} digits, ${FREE.scale} of them after the point` }
  if (typeof scale !== 'number' || scale < 0 || scale > precision)
    return { kind: 'none', why: 'a decimal has 0 or more digits after the point; choose precision and scale' }
  return { kind: 'type', type: { type: 'decimal', precision, scale } }
}

function textSize(size: unknown, word: string): { readonly max?: number } {
  if (word === 'char' && size === undefined) return {}
  return typeof size === 'number' && size > 0 && size <= MAX_TEXT ? { max: size } : {}
}

function caseNote(word: string): { readonly note?: string } {
  return word === 'citext' ? { note: 'upper and lower case differ; email does not have them' } : {}
}
