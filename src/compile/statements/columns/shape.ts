/** How the JSON of a row is made from the columns of a statement. A shape is data; `write-row.ts` writes rows by it. */

import { unreachable } from '../../../base/unreachable.ts'

/** How a column becomes JSON. A null becomes `null` in each of them. */
export type ColumnKind =
  /** A `text` that becomes a JSON string. */
  | 'text'
  /** A `text` that becomes a JSON string and has no character that JSON escapes. */
  | 'characters'
  /** A `text` that is JSON. */
  | 'json'
  | 'integer'
  | 'boolean'
  | 'timestamp'
  | 'uuid'
  /** A `text[]` that becomes an array of JSON strings. */
  | 'texts'

/** JSON that is the same in every answer. */
export interface Literal {
  readonly kind: 'literal'
  readonly text: string
}

/** A piece of the JSON of a row. Columns are used in their order, each once. */
export type Piece =
  | Literal
  | { readonly kind: 'column'; readonly as: ColumnKind }
  /** An object, or `null`. The first of its columns is a boolean that says which; the others are the columns of `pieces`. */
  | { readonly kind: 'object'; readonly pieces: readonly Piece[] }
  /** An object, or `null`, as one column: the binary form of a record with the columns of `pieces`. */
  | { readonly kind: 'record'; readonly pieces: readonly Piece[] }

/** A sort key in a cursor: the number of its column, and how the column becomes text. */
export interface KeyColumn {
  readonly column: number
  readonly as: KeyKind
}

/** The kinds of columns that `key-texts.ts` can write in PostgreSQL's text form. */
export type KeyKind = Exclude<ColumnKind, 'texts'>

/** The JSON of a row, and the sort keys of its cursor. */
export interface RowShape {
  readonly pieces: readonly Piece[]
  readonly keys: readonly KeyColumn[]
}

/** How many columns the pieces use. */
export function columnCount(pieces: readonly Piece[]): number {
  return pieces.reduce((count, piece) => count + countOf(piece), 0)
}

function countOf(piece: Piece): number {
  switch (piece.kind) {
    case 'literal':
      return 0
    case 'column':
    case 'record':
      return 1
    case 'object':
      return 1 + columnCount(piece.pieces)
    default:
      return unreachable(piece)
  }
}

/** The JSON of a value that is the same in every answer. */
export function constantPart(value: string | boolean): Literal {
  return { kind: 'literal', text: JSON.stringify(value) }
}

/** The parts of a JSON object of members. */
export function objectParts<P>(members: readonly (readonly [key: string, parts: readonly (P | Literal)[]])[]): readonly (P | Literal)[] {
  if (members.length === 0) return [{ kind: 'literal', text: '{}' }]
  const parts = members.flatMap(([key, value], i): readonly (P | Literal)[] => [
    { kind: 'literal', text: `${i === 0 ? '{' : ','}${JSON.stringify(key)}:` },
    ...value,
  ])
  return [...parts, { kind: 'literal', text: '}' }]
}
