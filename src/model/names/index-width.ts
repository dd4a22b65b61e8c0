/**
 * Whether values fit into an index. PostgreSQL refuses a row when one of its index entries is too long, even
 * if the design allows the values.
 */

import { longestAccepted } from '../../base/pattern/pattern-length.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { ScalarType } from '../field-type.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../model.ts'
import { byteLength } from './database-names.ts'

/**
 * A third of a page of 8 kB, for B-tree (`BTMaxItemSize`) and GIN (`GinMaxItemSize`) alike. Compression is not
 * guaranteed, so it is not counted on.
 */
const ENTRY_BYTES = 2_704

/** The header of an entry and its map of nulls. */
const ENTRY_HEADER = 16

/** The length that precedes a value of variable length. */
const VALUE_HEADER = 4

/** The longest code point in UTF-8. */
const CHARACTER_BYTES = 4

/**
 * Upper bounds in bytes for values whose type has no maximum length. Decimals, also computed ones, have at most some hundreds of digits,
 * and two bytes hold four digits.
 */
const SMALL = 32
const DECIMAL = 320

/** Limits are suggested in multiples of this many characters. */
const ROUND = 50

/** An index that could refuse a value which the design allows. */
export interface TooLong {
  /** The text to limit first: the one with the largest possible length. */
  readonly field: string
  /** Whether the items of the field are too long, rather than the field itself. */
  readonly items: boolean
  /** The maximum number of characters with which every value would fit; null where the other fields leave too little room. */
  readonly room: number | null
}

/** The field because of which an index on these fields and `id` could refuse a row; null when every row fits. */
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
 * Instructions to an author for an index on these fields, in the spelling of a design: declare the index, and before that limit a field
 * that may be too long for it. Null where no limit would help.
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

/** The bytes with the length before the value, rounded up to eight, the largest alignment. */
function padded(bytes: number): number {
  return Math.ceil((bytes + VALUE_HEADER) / 8) * 8
}

/** The most bytes that a value of a field can have in an index; for a list, an item of it. */
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
      return type.term.kind === 'call' && type.term.name === 'yearMonth'
        ? SMALL
        : widestScalar({ scalar: type.scalar, max: null, pattern: null })
    case 'password':
    case 'file':
      return Number.POSITIVE_INFINITY
    default:
      return unreachable(type)
  }
}

function widestScalar({ scalar, max, pattern }: Pick<ScalarType, 'scalar' | 'max' | 'pattern'>): number {
  switch (scalar) {
    case 'text':
      return CHARACTER_BYTES * Math.min(typeof max === 'number' ? max : Number.POSITIVE_INFINITY, longestAccepted(pattern ?? ''))
    // both accept ASCII only
    case 'email':
    case 'url':
      return typeof max === 'number' ? max : Number.POSITIVE_INFINITY
    case 'decimal':
      return DECIMAL
    case 'encrypted':
    case 'encryptedEqual':
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
