/** How values are converted when the type of their column changes. */

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
  /** The new value from the quoted name of the column. */
  readonly using: (column: string) => string
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
    numeric: 'lossy',
    'double precision': 'lossy',
    [TIMESTAMP]: 'lossy',
    'time without time zone': 'lossy',
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
 * How values of `from` become values of `to`, both as `format_type` prints them. Sessions are in UTC, so dates and timestamps meet at
 * midnight there.
 */
export function conversionOf(from: string, to: string): Conversion {
  const [old, next] = [parse(from), parse(to)]
  if (!old.list && next.list) {
    const item = conversionOf(from, to.slice(0, -2))
    if (item.kind === 'impossible') return item
    const using = (column: string) => `case when ${column} is not null then array[${item.using(column)}] end`
    return { kind: item.kind === 'relabel' ? 'lossless' : item.kind, using }
  }
  if (old.list !== next.list) return { kind: 'impossible', using: cast(to) }
  const kind = old.name === next.name ? withinType(old, next) : (KINDS[old.name]?.[next.name] ?? 'impossible')
  // the elements of a list are always rewritten
  if (old.list) return { kind: next.name === 'jsonb' ? 'impossible' : kind === 'relabel' ? 'lossless' : kind, using: cast(to) }
  return { kind, using: next.name === 'jsonb' && old.name !== 'jsonb' ? (column) => `to_jsonb(${column})` : cast(to) }
}

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
