/** Types by the words that people write: in DBML, diagrams and documents. */

import type { Node } from './tree.ts'
import { type MappedType, mapType, type OwnTypes } from './types.ts'

/** Words for types, and what PostgreSQL calls them. */
const WORDS: Readonly<Record<string, string>> = {
  int: 'int8',
  integer: 'int8',
  bigint: 'int8',
  smallint: 'int8',
  long: 'int8',
  short: 'int8',
  number: 'float8',
  autoincrement: 'serial',
  increment: 'serial',
  boolean: 'bool',
  bit: 'bool',
  str: 'text',
  'character varying': 'varchar',
  character: 'bpchar',
  real: 'float8',
  float: 'float8',
  'double precision': 'float8',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  'time with time zone': 'timetz',
  'time without time zone': 'time',
  instant: 'timestamptz',
  zoneddatetime: 'timestamptz',
  datetimeoffset: 'timestamptz',
  datetime2: 'timestamp',
  localdate: 'date',
  localtime: 'time',
  duration: 'interval',
  guid: 'uuid',
  uniqueidentifier: 'uuid',
  object: 'json',
  map: 'json',
  jsonobject: 'json',
  url: 'text',
  uri: 'text',
  hash: 'text',
  email: 'text',
  year: 'int8',
}

/** The type for words such as `varchar(20)`, `int[]` or `Decimal(10, 2)`. An unknown word is the name of an enum if the file has one. */
export function typeOfWords(words: string, own: OwnTypes): MappedType {
  const [, name = '', sizes = '', list = ''] = /^\s*([^([]*?)\s*(?:\(([^)]*)\))?\s*((?:\[\d*\])*)\s*$/.exec(words.slice(0, 300)) ?? []
  const lower = name.toLowerCase().replaceAll(/\s+/g, ' ')
  const bare = lower.replace(/ unsigned$/, '')
  const typmods: Node[] = sizes
    .split(',')
    .filter((size) => /^\s*\d+\s*$/.test(size))
    .map((size) => ({ A_Const: { ival: { ival: Number(size) } } }))
  const hasSizes = typmods.length > 0
  const known = Object.hasOwn(WORDS, bare) ? (WORDS[bare] ?? bare) : bare
  const sval = (bare === 'number' || bare === 'decimal') && hasSizes ? 'numeric' : bare === 'decimal' ? 'numeric' : known
  const isOwn = own.enums.has(name) || own.domains.has(name)
  const arrayBounds = [...list.matchAll(/\[/g)].map(() => ({}))
  const sized =
    hasSizes &&
    (sval === 'numeric' || sval === 'varchar' || sval === 'bpchar' || sval === 'tinyint' || sval === 'text' || sval.includes('char'))
  return mapType(
    {
      names: [{ String: { sval: isOwn ? name : sval } }],
      ...(sized ? { typmods } : {}),
      ...(arrayBounds.length === 0 ? {} : { arrayBounds }),
    },
    own,
  )
}
