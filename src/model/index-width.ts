/**
 * Whether values fit into an index. PostgreSQL refuses a row when one of its index entries is too long, even
 * if the design allows the values.
 */

import { unreachable } from '../base/unreachable.ts'
import { byteLength } from './database-names.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model, type ScalarType } from './model.ts'
import { longestAccepted } from './pattern-length.ts'

/**
 * A third of a page of 8 kB, for B-tree (`BTMaxItemSize`) and GIN (`GinMaxItemSize`) alike. Compression is not
 * guaranteed, so it is not counted on.
 */
const ENTRY_BYTES = 2_704

/** The header of an entry and its map of nulls. */
const ENTRY_HEADER = 16

/** The length in front of a value that has no fixed one. */
const VALUE_HEADER = 4

/** The longest code point in UTF-8. */
const CHARACTER_BYTES = 4

/**
 * What no value of a type without a length comes near; decimals, also those that are computed, have some hundreds of
 * digits at most, four to two bytes.
 */
const SMALL = 32
const DECIMAL = 320

/** Limits are suggested in multiples of this many characters. */
const ROUND = 50

/** An index that could refuse a value which the design allows. */
export interface TooLong {
  /** The text that has to become shorter first: the one that may be the longest. */
  readonly field: string
  /** Whether it is the items of the field that are too long. */
  readonly items: boolean
  /** The characters with which the index would hold every value; null where the other fields leave too little room. */
  readonly room: number | null
}

/** Whether an index on these fields, and the `id` behind them, could refuse a row, and because of what; null when every row fits. */
export function tooLong(model: Model, entity: Entity, fields: readonly string[]): TooLong | null {
  const own = [...new Set(fields)].map((name) => fieldNamed(entity, name))
  const [list] = own.filter((field) => field.type.kind === 'list')
  if (list !== undefined && own.length > 1)
    return (
      tooLong(model, entity, [list.name]) ??
      tooLong(
        model,
        entity,
        own.filter((field) => field !== list).map(({ name }) => name),
      )
    )
  const id = fieldNamed(entity, 'id')
  const all = list !== undefined || own.includes(id) ? own : [...own, id]
  const bytes = all.map((field) => padded(widest(model, field.type)))
  const entry = bytes.reduce((sum, one) => sum + one, ENTRY_HEADER)
  if (entry <= ENTRY_BYTES) return null
  const longest = bytes.indexOf(Math.max(...bytes))
  const others = entry - (bytes[longest] ?? 0)
  return { field: all[longest]?.name ?? '', items: list !== undefined, room: room(ENTRY_BYTES - others) }
}

/**
 * What an author has to do for an index on these fields, spelled as in a design: to declare it, and first to limit what it could otherwise
 * refuse. Null where no limit would help.
 */
export function indexAdvice(model: Model, entity: Entity, parts: readonly string[]): string | null {
  const add = `add [${parts.map((part) => `'${part}'`).join(', ')}] to the indexes of ${entity.name}`
  const long = tooLong(
    model,
    entity,
    parts.map((part) => part.replace(/^-/, '')),
  )
  if (long === null) return add
  const { type } = fieldNamed(entity, long.field)
  const limited = type.kind === 'list' ? type.of : type
  if (long.room === null || limited.kind !== 'scalar') return null
  const limit = long.items ? `items of ${long.field}` : long.field
  return `${limit} may be too long for an index, so give ${long.items ? 'them' : 'it'} a max of ${long.room} characters and ${add}`
}

function room(bytes: number): number | null {
  const characters = Math.floor((bytes - VALUE_HEADER) / CHARACTER_BYTES / ROUND) * ROUND
  return characters > 0 ? characters : null
}

/** Values begin at multiples of eight bytes at worst. */
function padded(bytes: number): number {
  return Math.ceil((bytes + VALUE_HEADER) / 8) * 8
}

/** The most bytes that a value of a field can have in an index; of a list, an item. */
function widest(model: Model, type: Field['type']): number {
  switch (type.kind) {
    case 'scalar':
      return widestScalar(type)
    case 'choice':
      return Math.max(...type.values.map(byteLength))
    case 'list':
      return widest(model, type.of)
    case 'ref':
      return widest(model, fieldNamed(entityNamed(model, type.entity), 'id').type)
    case 'computed':
      return widestScalar({ scalar: type.scalar, max: null, pattern: null })
    case 'password':
      return Number.POSITIVE_INFINITY
    default:
      return unreachable(type)
  }
}

function widestScalar({ scalar, max, pattern }: Pick<ScalarType, 'scalar' | 'max' | 'pattern'>): number {
  switch (scalar) {
    case 'text':
      return CHARACTER_BYTES * Math.min(typeof max === 'number' ? max : Number.POSITIVE_INFINITY, longestAccepted(pattern ?? ''))
    // both are taken in ASCII only
    case 'email':
    case 'url':
      return typeof max === 'number' ? max : Number.POSITIVE_INFINITY
    case 'decimal':
      return DECIMAL
    case 'json':
      return Number.POSITIVE_INFINITY
    case 'uuid':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'timestamp':
    case 'date':
    case 'time':
    case 'duration':
      return SMALL
    default:
      return unreachable(scalar)
  }
}
