/**
 * The scalar types of the design language: one row of facts each. A new scalar is one row here, and every emitter
 * either knows it or does not compile.
 */

/** The family of CEL that a value belongs to; comparisons are allowed within one family; all numbers may be compared with each other. */
export type Family = 'string' | 'int' | 'double' | 'bool' | 'timestamp' | 'duration' | 'dyn'

/** The facts about a scalar type that all parts of Plinth use. */
export interface ScalarFacts {
  /** PostgreSQL column type; `decimal` takes its precision from the field. */
  readonly column: string
  readonly family: Family
  /** Has a total order: may be sorted and compared with `<`. */
  readonly ordered: boolean
  /** May stand in an equality filter, an index and a unique constraint. */
  readonly comparable: boolean
  /** JSON Schema of one value, before the field's own limits. */
  readonly json: Readonly<Record<string, unknown>>
}

/** The largest integer that every JSON client reads exactly (2^53 - 1, RFC 8259 section 6). */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER

/** The facts of each scalar. */
export const SCALARS = {
  text: { column: 'text', family: 'string', ordered: true, comparable: true, json: { type: 'string' } },
  email: { column: 'text', family: 'string', ordered: true, comparable: true, json: { type: 'string', format: 'email', maxLength: 254 } },
  url: { column: 'text', family: 'string', ordered: true, comparable: true, json: { type: 'string', format: 'uri', maxLength: 2048 } },
  uuid: { column: 'uuid', family: 'string', ordered: true, comparable: true, json: { type: 'string', format: 'uuid' } },
  integer: {
    column: 'bigint',
    family: 'int',
    ordered: true,
    comparable: true,
    json: { type: 'integer', minimum: -MAX_INTEGER, maximum: MAX_INTEGER },
  },
  decimal: { column: 'numeric', family: 'double', ordered: true, comparable: true, json: { type: 'string', format: 'decimal' } },
  number: { column: 'double precision', family: 'double', ordered: true, comparable: true, json: { type: 'number' } },
  boolean: { column: 'boolean', family: 'bool', ordered: true, comparable: true, json: { type: 'boolean' } },
  timestamp: {
    column: 'timestamp(3) with time zone',
    family: 'timestamp',
    ordered: true,
    comparable: true,
    json: { type: 'string', format: 'date-time' },
  },
  date: { column: 'date', family: 'string', ordered: true, comparable: true, json: { type: 'string', format: 'date' } },
  time: {
    column: 'time(3) without time zone',
    family: 'string',
    ordered: true,
    comparable: true,
    json: { type: 'string', format: 'time' },
  },
  duration: { column: 'interval', family: 'duration', ordered: true, comparable: true, json: { type: 'string', format: 'duration' } },
  /** A text that the database has encrypted. */
  encrypted: { column: 'text', family: 'string', ordered: false, comparable: false, json: { type: 'string' } },
  /** The same with a keyed digest, by which equal values are found. */
  encryptedEqual: { column: 'text', family: 'string', ordered: false, comparable: false, json: { type: 'string' } },
  json: { column: 'jsonb', family: 'dyn', ordered: false, comparable: false, json: {} },
} as const satisfies Record<string, ScalarFacts>

/** The name of a scalar. */
export type ScalarKind = keyof typeof SCALARS

/** Whether the database has the values of a scalar encrypted. */
export function isEncrypted(scalar: ScalarKind): scalar is 'encrypted' | 'encryptedEqual' {
  return scalar === 'encrypted' || scalar === 'encryptedEqual'
}

/** All scalar kinds, in the order of the table. */
export const SCALAR_KINDS = Object.keys(SCALARS) as readonly ScalarKind[]
