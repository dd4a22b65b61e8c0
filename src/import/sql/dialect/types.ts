/** The types of MySQL and SQLite, in the words of PostgreSQL. */

import { type PieceReader, quotedName, type SqlPiece, textLiteral } from './pieces.ts'

/** Words behind which the type of a column ends. */
const ENDS: ReadonlySet<string> = new Set(
  'not null default primary unique key check references collate charset auto_increment autoincrement comment on generated as virtual stored invisible visible constraint asc desc srid first after'.split(
    ' ',
  ),
)
/** Words of a type that say nothing about its values. */
const PASSED: ReadonlySet<string> = new Set(['signed', 'zerofill', 'national', 'native', 'ascii', 'unicode', 'byte'])

/** Types of one name, and what PostgreSQL calls them. */
const KNOWN: Readonly<Record<string, string>> = {
  bool: 'boolean',
  boolean: 'boolean',
  float: 'float8',
  double: 'float8',
  'double precision': 'float8',
  real: 'float8',
  serial: 'bigserial',
  year: 'int8',
  datetime: 'timestamp',
  timestamp: 'timestamp',
  datetimeoffset: 'timestamptz',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time with time zone': 'time',
  'time without time zone': 'time',
  date: 'date',
  time: 'time',
  json: 'json',
  jsonb: 'json',
  uuid: 'uuid',
  guid: 'uuid',
  uniqueidentifier: 'uuid',
  inet4: 'inet',
  inet6: 'inet',
}

/**
 * Takes the type of a column. A column without a type, as SQLite has them, is a text. An unsigned number is the type `unsigned`, which
 * `mapType` knows; types that PostgreSQL has no word for keep theirs, and are listed as left out.
 */
export function takeType(reader: PieceReader): string {
  const words: string[] = []
  let isUnsigned = false
  for (let piece = reader.peek(); isTypeWord(piece, reader, words.length === 0); piece = reader.peek()) {
    const word = (reader.next()?.value ?? '').toLowerCase()
    if (word === 'unsigned') isUnsigned = true
    else if (!PASSED.has(word) && !(word === 'binary' && words.length > 0)) words.push(word)
  }
  const sizes = reader.brackets().filter(({ value, kind }) => kind !== 'sign' || value !== ',')
  for (;;) {
    if (reader.take('unsigned')) isUnsigned = true
    else if (!reader.take('signed') && !reader.take('zerofill') && !reader.take('binary')) break
  }
  return typeText(words.join(' '), sizes, isUnsigned)
}

function isTypeWord(piece: SqlPiece | undefined, reader: PieceReader, isFirst: boolean): boolean {
  if (piece?.kind === 'name') return isFirst
  if (piece?.kind !== 'word') return false
  const word = piece.value.toLowerCase()
  return !ENDS.has(word) && !(word === 'character' && reader.sees('character', 'set'))
}

function typeText(name: string, sizes: readonly SqlPiece[], isUnsigned: boolean): string {
  const numbers = sizes.filter(({ kind }) => kind === 'number').map(({ value }) => value)
  const sized = (type: string): string => (numbers.length === 0 ? type : `${type}(${numbers.join(', ')})`)
  if (name === '') return 'text'
  if (name === 'enum' || name === 'set') return `${name}(${sizes.map(({ value }) => textLiteral(value)).join(', ')})`
  if (name === 'tinyint' && numbers[0] === '1' && !isUnsigned) return 'boolean'
  if (name === 'bit') return numbers.length === 0 || numbers[0] === '1' ? 'boolean' : 'bytea'
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined
  if (known !== undefined) return known
  if (/(?:^|\s)(?:tiny|small|medium|big)?int(?:eger)?\d?$/.test(name)) return isUnsigned ? 'unsigned' : 'int8'
  if (/^(?:decimal|numeric|dec|fixed|number)$/.test(name)) return sized('numeric')
  if (/clob|text$/.test(name)) return 'text'
  if (/blob|binary|^image$/.test(name)) return 'bytea'
  if (/char/.test(name)) return sized('varchar')
  return sized(quotedName(name))
}
