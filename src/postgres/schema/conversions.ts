/** How values are converted when the type of their column changes. */

import { fromText, fromTexts } from './from-text.ts'
import { castsToTexts, toJson, toText } from './to-text.ts'

/**
 * How a conversion treats values:
 *
 * - `relabel`: only the catalogue changes;
 * - `lossless`: every value is converted without loss; the table is rewritten;
 * - `checked`: like `lossless` for values that can be converted, an error for others;
 * - `lossy`: digits, zones or parts are lost;
 * - `impossible`: there is no conversion; the column would be created again, empty.
 */
export interface Conversion {
  readonly kind: 'relabel' | 'lossless' | 'checked' | 'lossy' | 'impossible'
  /** The new value from the quoted name of the column. Fails for a value that cannot be converted. */
  readonly using: (column: string) => string
  /**
   * Whether a value can be converted, null for a missing one, from the quoted name of the column; null when only the conversion itself
   * shows it.
   */
  readonly accepts: ((column: string) => string) | null
}

type Kind = Conversion['kind']

const TIMESTAMP = 'timestamp with time zone'

/** By the plain name of the old type, then of the new one. A missing entry is `impossible`. */
const KINDS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  text: {
    uuid: 'checked',
    bigint: 'checked',
    boolean: 'checked',
    date: 'checked',
    numeric: 'checked',
    'double precision': 'checked',
    [TIMESTAMP]: 'checked',
    'time without time zone': 'checked',
    interval: 'checked',
    jsonb: 'lossless',
  },
  'character varying': { text: 'relabel' },
  character: { text: 'lossless' },
  uuid: { text: 'lossless', jsonb: 'lossless' },
  smallint: {
    integer: 'lossless',
    bigint: 'lossless',
    numeric: 'checked',
    'double precision': 'lossless',
    text: 'lossless',
    jsonb: 'lossless',
  },
  integer: { bigint: 'lossless', numeric: 'checked', 'double precision': 'lossless', text: 'lossless', jsonb: 'lossless' },
  // Plinth's integers are within the range that a double holds exactly
  bigint: { numeric: 'checked', 'double precision': 'lossless', text: 'lossless', jsonb: 'lossless' },
  numeric: { bigint: 'lossy', 'double precision': 'lossy', text: 'lossless', jsonb: 'lossless' },
  real: { 'double precision': 'lossless', text: 'lossless' },
  'double precision': { bigint: 'lossy', numeric: 'lossy', text: 'lossless', jsonb: 'lossless' },
  boolean: { text: 'lossless', jsonb: 'lossless' },
  date: { [TIMESTAMP]: 'lossless', text: 'lossless', jsonb: 'lossless' },
  [TIMESTAMP]: { date: 'lossy', text: 'lossless', jsonb: 'lossless' },
  'timestamp without time zone': { [TIMESTAMP]: 'lossless', text: 'lossless' },
  'time without time zone': { text: 'lossless', jsonb: 'lossless' },
  interval: { text: 'lossless', jsonb: 'lossless' },
  jsonb: { text: 'lossless' },
}

/**
 * How values of `from` become values of `to`, both as `format_type` prints them. Sessions are in UTC, so a date becomes the timestamp of
 * midnight in UTC. Texts are read like values of requests. Values become the texts and the JSON that answers show.
 */
export function conversionOf(from: string, to: string): Conversion {
  const [old, next] = [parse(from), parse(to)]
  if (!old.list && next.list) return listOfOne(conversionOf(from, to.slice(0, -2)))
  if (old.list !== next.list) return impossible(to)
  const kind = old.name === next.name ? withinType(old, next) : (KINDS[old.name]?.[next.name] ?? 'impossible')
  if (kind === 'impossible') return impossible(to)
  return old.list ? betweenLists({ old, next, kind }, to) : betweenValues({ old, next, kind }, to)
}

interface Pair {
  readonly old: Type
  readonly next: Type
  readonly kind: Kind
}

function betweenValues({ old, next, kind }: Pair, to: string): Conversion {
  if (old.name === next.name) return { kind, using: cast(to), accepts: withinDigits(old, next) }
  if (next.name === 'text' && old.name !== 'character varying') return { kind, using: (column) => toText(old.name, column), accepts: null }
  if (next.name === 'jsonb') return { kind, using: (column) => toJson(old.name, column), accepts: null }
  const read = old.name === 'text' ? fromText({ ...next, spelled: to }) : null
  if (read !== null) return { kind, using: read.value, accepts: read.accepts }
  return { kind, using: cast(to), accepts: withinDigits(old, next) }
}

/** Items are converted by one cast of the list, as a subquery is not possible; where a cast is not enough, there is no conversion. */
function betweenLists({ old, next, kind }: Pair, to: string): Conversion {
  if (next.name === 'jsonb') return impossible(to)
  // the elements of a list are always rewritten
  const rewritten = kind === 'relabel' ? 'lossless' : kind
  if (old.name === 'text' && next.name !== 'text') {
    const read = fromTexts({ ...next, spelled: to.slice(0, -2) })
    return read === null ? impossible(to) : { kind: rewritten, using: read.value, accepts: read.accepts }
  }
  if (next.name === 'text' && !castsToTexts(old.name)) return impossible(to)
  return { kind: rewritten, using: cast(to), accepts: null }
}

function listOfOne(item: Conversion): Conversion {
  if (item.kind === 'impossible') return item
  const using = (column: string) => `case when ${column} is not null then array[${item.using(column)}] end`
  return { ...item, kind: item.kind === 'relabel' ? 'lossless' : item.kind, using }
}

function impossible(to: string): Conversion {
  return { kind: 'impossible', using: cast(to), accepts: null }
}

/** Whether a number fits a `numeric(digits,scale)` after rounding; null for other types. */
function withinDigits(old: Type, next: Type): Conversion['accepts'] {
  const [size, scale = 0] = next.modifiers
  if (next.name !== 'numeric' || size === undefined || !NUMBERS.has(old.name)) return null
  return (column) => `abs(round(${column}::numeric, ${scale})) < 1e${size - scale}::numeric`
}

const NUMBERS: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint', 'numeric'])

function cast(to: string): (column: string) => string {
  return (column) => `${column}::${to}`
}

interface Type {
  readonly name: string
  readonly modifiers: readonly number[]
  readonly list: boolean
}

function parse(type: string): Type {
  const list = type.endsWith('[]')
  const plain = list ? type.slice(0, -2) : type
  const modifiers = /\((\d+)(?:,(\d+))?\)/.exec(plain)
  const numbers = modifiers === null ? [] : modifiers.slice(1).flatMap((digits) => (digits === undefined ? [] : [Number(digits)]))
  return { name: plain.replace(/\([\d,]+\)/, ''), modifiers: numbers, list }
}

/** The same type with other digits. */
function withinType(old: Type, next: Type): Kind {
  if (next.modifiers.length === 0) return 'relabel'
  if (old.modifiers.length === 0) return 'lossy'
  const [oldSize = 0, oldScale = 0] = old.modifiers
  const [size = 0, scale = 0] = next.modifiers
  if (old.name !== 'numeric') return size >= oldSize ? 'relabel' : 'lossy'
  if (scale < oldScale) return 'lossy'
  if (size - scale < oldSize - oldScale) return 'checked'
  return scale === oldScale ? 'relabel' : 'lossless'
}
