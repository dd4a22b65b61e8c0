/**
 * Expressions after type checking: a closed tree that SQL is compiled from. Names are resolved, so nothing here can be misspelt.
 *
 * Truth has three values. A comparison with something missing is *unknown*; unknown stays unknown under `not`; `all` and
 * `any` follow Kleene; unknown at the top refuses. An empty `all` is true, an empty `any` is false; "no rule" is therefore
 * never an empty `all` but `NEVER`.
 */

import type { ScalarKind } from './scalar.ts'

/** True, false, or null for unknown. */
export type Truth = boolean | null

/** The type of a term: a scalar, a choice or reference (as the scalar that stores it), or a list of one scalar. */
export interface ValueType {
  readonly scalar: ScalarKind
  readonly list: boolean
}

/**
 * A row: a binding (`row` is the row that the rule is about; `exists(m, …)` binds `m`) followed by to-one references.
 * `entity` is the entity of the last hop. Binding names are unique within one expression.
 */
export interface RowPath {
  readonly binding: string
  /** The entity of the row that the binding names. */
  readonly root: string
  readonly hops: readonly Hop[]
  readonly entity: string
}

/** One to-one step: the `ref` field on the entity before, and the entity it leads to. */
export interface Hop {
  readonly field: string
  readonly entity: string
}

/** Many rows: those of a relation, or those that a step of an action has named. */
export type RowSet = RelatedRows | NamedRows

/** The rows of a to-many relation: those of `entity` whose `ref` field `via` points at the row `of`. */
export interface RelatedRows {
  readonly of: RowPath
  readonly relation: string
  readonly entity: string
  readonly via: string
}

/** The rows that a step has named: the binding of `of` is the name. They occur in actions alone. */
export interface NamedRows {
  readonly of: RowPath
  /** The name, for messages. */
  readonly relation: string
  readonly entity: string
  readonly via: null
  /** Whether the rows beyond `limit` and before `offset` are meant too: `articles.total` counts them. */
  readonly beyond: boolean
}

/**
 * What `sum`, `avg`, `min` and `max` make of one value of each row or item. `list` is the list of these values: of related rows in
 * the order of their ids, of named rows and items in the order of the list.
 */
export type AggregateName = 'sum' | 'avg' | 'min' | 'max' | 'list'

/** A comparison of two values. */
export type CompareOp = '=' | '!=' | '<' | '<=' | '>' | '>='
/** A test of a text. `matches` takes a regular expression. */
export type TextOp = 'startsWith' | 'endsWith' | 'contains' | 'matches'

/** A condition: every access rule, check, condition and filter becomes one. */
export type Predicate =
  | { readonly kind: 'const'; readonly value: Truth }
  | { readonly kind: 'compare'; readonly op: CompareOp; readonly left: Term; readonly right: Term }
  | { readonly kind: 'missing'; readonly of: Term }
  | { readonly kind: 'member'; readonly of: Term; readonly list: Term }
  | { readonly kind: 'truth'; readonly of: Term }
  | { readonly kind: 'text'; readonly op: TextOp; readonly of: Term; readonly with: Term }
  | { readonly kind: 'all'; readonly of: readonly Predicate[] }
  | { readonly kind: 'any'; readonly of: readonly Predicate[] }
  | { readonly kind: 'not'; readonly of: Predicate }
  | { readonly kind: 'choose'; readonly test: Predicate; readonly yes: Predicate; readonly no: Predicate }
  | { readonly kind: 'some' | 'every'; readonly over: RowSet; readonly as: string; readonly where: Predicate }
  | { readonly kind: 'someItem' | 'everyItem'; readonly over: Term; readonly as: string; readonly where: Predicate }
  /** True where `of` is true, false elsewhere: unknown becomes false. It serves to leave out rows that a caller may not read. */
  | { readonly kind: 'holds'; readonly of: Predicate }
  /** `can("read", post)`: the rule for the operation on the entity of `row`, applied to that row. False where the row is missing. */
  | { readonly kind: 'can'; readonly operation: Operation; readonly row: RowPath }

/** The operations that access rules are about. */
export type Operation = 'read' | 'create' | 'update' | 'delete'

const ARITHMETIC = ['add', 'subtract', 'multiply', 'divide', 'modulo'] as const
/** The calculations with two values: `+ - * / %`. */
export type ArithmeticName = (typeof ARITHMETIC)[number]

/** Whether a function is one of `+ - * / %`. */
export function isArithmetic(name: FunctionName): name is ArithmeticName {
  return ARITHMETIC.some((known) => known === name)
}

/** Functions on values, in the spelling of CEL; their SQL and types are rows of tables in `compile/` and `design/`. */
export type FunctionName =
  | ArithmeticName
  | 'size'
  | 'lowerAscii'
  | 'upperAscii'
  | 'trim'
  | 'concat'
  | 'negate'
  | 'int'
  | 'double'
  | 'string'
  | 'getFullYear'
  | 'getMonth'
  | 'getDayOfMonth'
  | 'getDayOfWeek'
  | 'getDayOfYear'
  | 'getHours'
  | 'getMinutes'
  | 'getSeconds'
  | 'getMilliseconds'
  /** The date of a timestamp in UTC: `today()` is the date of `now()`. */
  | 'date'
  /** The year and month of a date, or of a timestamp in UTC: `2026-11`. */
  | 'yearMonth'
  /** Lower-case ASCII letters and digits, with `-` between words. */
  | 'slugify'
  | 'replace'
  /** A new UUID, or random letters and digits; only in a new value of a field. */
  | 'uuid'
  | 'random'

/** A value, possibly missing. */
export type Term =
  /** A constant of the design; timestamps in ISO 8601 UTC, durations in ISO 8601, decimals as text. */
  | {
      readonly kind: 'literal'
      readonly type: ValueType
      readonly value: string | number | boolean | readonly (string | number | boolean)[]
    }
  | { readonly kind: 'null'; readonly type: ValueType }
  /** A value that comes with the request, under the key of a statement's slot. */
  | { readonly kind: 'param'; readonly type: ValueType; readonly key: string }
  | { readonly kind: 'field'; readonly type: ValueType; readonly row: RowPath; readonly field: string }
  /** The item that `someItem`, `everyItem` or `aggregateItems` binds. */
  | { readonly kind: 'item'; readonly type: ValueType; readonly binding: string }
  | { readonly kind: 'auth'; readonly type: ValueType; readonly claim: string }
  /** A value as the caller sent it; missing when it was not sent. */
  | { readonly kind: 'input'; readonly type: ValueType; readonly field: string }
  | { readonly kind: 'now'; readonly type: ValueType }
  | { readonly kind: 'if'; readonly type: ValueType; readonly test: Predicate; readonly yes: Term; readonly no: Term }
  | { readonly kind: 'list'; readonly type: ValueType; readonly of: readonly Term[] }
  | { readonly kind: 'call'; readonly type: ValueType; readonly name: FunctionName; readonly args: readonly Term[] }
  /** The number of rows of a to-many relation for which `where` is true; missing where the row that has the relation is missing. */
  | { readonly kind: 'count'; readonly type: ValueType; readonly over: RowSet; readonly as: string; readonly where: Predicate }
  /**
   * One value made of the values `of` of the rows for which `where` is true; missing values are left out. Of no rows, `sum` is 0, `list` is
   * empty and the others are missing. Missing where the row that has the relation is missing.
   */
  | {
      readonly kind: 'aggregate'
      readonly type: ValueType
      readonly name: AggregateName
      readonly over: RowSet
      readonly as: string
      readonly where: Predicate
      readonly of: Term
    }
  /**
   * The same for the items of a list, in the order of the list. With `list` as name and the item as value, it is the list without the items
   * for which `where` is not true. Missing where the list is missing.
   */
  | {
      readonly kind: 'aggregateItems'
      readonly type: ValueType
      readonly name: AggregateName
      readonly over: Term
      readonly as: string
      readonly where: Predicate
      readonly of: Term
    }
  /**
   * The value `of` of the computed field `field` of `row`. Fields whose value is `of` for every caller who may read the row have none of
   * these nodes: only those that are computed over all rows, or that have a read rule of their own.
   */
  | { readonly kind: 'derived'; readonly type: ValueType; readonly row: RowPath; readonly field: string; readonly of: Term }
  /** A predicate used as a value: true, false, or missing when unknown. */
  | { readonly kind: 'predicate'; readonly type: ValueType; readonly of: Predicate }

/** The rule that holds for every row. */
export const ALWAYS: Predicate = { kind: 'const', value: true }
/** The rule that holds for no row. */
export const NEVER: Predicate = { kind: 'const', value: false }
/** The rule whose truth is unknown; it refuses every row. */
export const UNKNOWN: Predicate = { kind: 'const', value: null }

/** The row before the last step of a path; null when the path has no steps. */
export function rowBefore(row: RowPath): RowPath | null {
  if (row.hops.length === 0) return null
  const hops = row.hops.slice(0, -1)
  return { ...row, hops, entity: hops.at(-1)?.entity ?? row.root }
}

/** The row that a rule of `entity` is about. */
export function rootRow(entity: string): RowPath {
  return { binding: 'row', root: entity, hops: [], entity }
}

/** A scalar value's type. */
export function scalarType(scalar: ScalarKind): ValueType {
  return { scalar, list: false }
}

/** A list's type. */
export function listType(scalar: ScalarKind): ValueType {
  return { scalar, list: true }
}

/** What the event of an action keeps for its reactions: inputs, and results of steps that a reaction names. */
export interface LoggedValues {
  readonly inputs: readonly { readonly name: string; readonly value: Term }[]
  readonly results: readonly LoggedResult[]
}

/** The result of a step, under the name that the design gives it. */
export interface LoggedResult {
  readonly name: string
  readonly of:
    | { readonly kind: 'row'; readonly row: RowPath }
    /** `total` is the number of rows without the limit of the step; null if no reaction names it. */
    | { readonly kind: 'rows'; readonly rows: NamedRows; readonly total: Term | null }
    /** A list of values. */
    | { readonly kind: 'items'; readonly items: Extract<Term, { readonly kind: 'item' }> }
}
