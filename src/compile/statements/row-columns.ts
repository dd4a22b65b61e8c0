/**
 * The columns of the rows that the statements of plans return. One table of names per statement gives both the order of its select
 * list and the positions that its reader uses, so the two cannot differ.
 */

import type { Utf8 } from '../../base/bytes/utf8.ts'
import { join, type Sql, sql } from '../../base/sql/sql.ts'
import type { Row } from '../../base/sql/statement.ts'

/** Positions by name; the order of the names is the order of the select list. */
type Columns<N extends string> = Readonly<Record<N, number>>

function columns<N extends string>(...names: readonly N[]): Columns<N> {
  return Object.freeze(Object.fromEntries(names.map((name, at) => [name, at]))) as Columns<N>
}

/** The columns of `createStatement`; the last two exist only when a taken login is hidden. */
export const CREATED = columns('ord', 'allowed', 'denied', 'unresolved', 'fits', 'id', 'body', 'version', 'taken', 'logged')
/** The columns of `updateStatement`; `circular` exists only when an acyclic reference is sent. */
export const UPDATED = columns(
  'ord',
  'readable',
  'allowed',
  'fresh',
  'denied',
  'unresolved',
  'settled',
  'fits',
  'id',
  'body',
  'version',
  'circular',
)
/** The columns of `deleteStatement`. */
export const DELETED = columns('ord', 'readable', 'allowed', 'fresh', 'id')
/** The columns of `heldRowStatement`. */
export const HELD = columns('readable', 'allowed', 'fresh', 'row')
/** The columns of `getStatement`. */
export const GOT = columns('body', 'version')
/** The columns of `listStatement`; `count` exists only when the request asks for it. */
export const LISTED = columns('data', 'next', 'count')

/**
 * The select list of a statement, in the order of its table. Null leaves out a column.
 *
 * @throws Error for a null that is not at the end, because later columns would move.
 */
export function selectList<N extends string>(table: Columns<N>, of: Readonly<Record<N, Sql | null>>): Sql {
  const all = (Object.keys(table) as N[]).map((name) => of[name])
  const shown = all.filter((column) => column !== null)
  if (all.slice(0, shown.length).includes(null)) throw new Error('only the last columns of a select list can be left out')
  return join(shown, ', ', sql`null`)
}

/** The part of a result that describes the written row. */
export interface WrittenRow {
  /** Null for a row that was not written. */
  readonly id: string | null
  /** The row as JSON text; null when it was not asked for, or the caller may not read it. */
  readonly body: string | null
  readonly version: string | null
}

/** A row of `createStatement`: the decisions of the rules, and the row when it was created. */
export interface CreatedRow extends WrittenRow {
  /** Whether the create rule allows the row. */
  readonly allowed: boolean
  /** Fields that were sent and that the caller may not set. */
  readonly denied: readonly string[]
  /** Sent references that lead to no row that the caller may read. */
  readonly unresolved: readonly string[]
  /** Whether the row is not too large. */
  readonly fits: boolean
  /** The position of the first unique constraint, in `guardedUniques`, of which another row has the values; null when there is none. */
  readonly taken: number | null
}

/** A row of `updateStatement`: the decisions of the rules, and the row when it was changed. */
export interface UpdatedRow extends WrittenRow {
  /** Whether the caller may read the row. */
  readonly readable: boolean
  /** Whether the update rule holds for the row before the write. */
  readonly allowed: boolean
  /** Whether `If-Match` allows the version. */
  readonly fresh: boolean
  /** Fields that were sent and that the caller may not set. */
  readonly denied: readonly string[]
  /** References that lead to no row that the caller may read, and amounts whose sum is missing or out of range. */
  readonly unresolved: readonly string[]
  /** Whether the update rule holds for the row after the write. */
  readonly settled: boolean
  /** Acyclic references by which the row would become its own ancestor. */
  readonly circular: readonly string[]
  /** Whether the row after the write is not too large. */
  readonly fits: boolean
}

/** A row of `deleteStatement`: the decisions of the rules; it has no body and no version. */
export interface DeletedRow extends WrittenRow {
  readonly readable: boolean
  readonly allowed: boolean
  readonly fresh: boolean
}

/** A row of `heldRowStatement`: the decisions about the row before the write, and the row. */
export interface HeldRow extends Pick<UpdatedRow, 'readable' | 'allowed' | 'fresh'> {
  /** The row as JSON text, without passwords. */
  readonly row: string
}

/** The row of `getStatement`. `B` is the form of its JSON: text from PostgreSQL, or bytes made of columns. */
export interface GotRow<B extends string | Utf8 = string> {
  /** JSON; null when it is too large to send. */
  readonly body: B | null
  readonly version: string | null
}

/** The row of `listStatement`: one page. `B` is the form of its JSON. */
export interface ListedPage<B extends string | Utf8 = string> {
  /** The rows as a JSON array; null when it is too large to send. */
  readonly data: B | null
  /** Sort keys of the last row as texts; null when there is no next page. */
  readonly next: readonly (string | null)[] | null
  /** The number of rows; null unless the request asks for it. */
  readonly count: string | null
}

/** Reads a row of `createStatement`. */
export function readCreated(row: Row): CreatedRow {
  return {
    allowed: row[CREATED.allowed] === 't',
    denied: namesIn(row[CREATED.denied]),
    unresolved: namesIn(row[CREATED.unresolved]),
    fits: row[CREATED.fits] === 't',
    id: row[CREATED.id] ?? null,
    body: row[CREATED.body] ?? null,
    version: row[CREATED.version] ?? null,
    taken: firstIn(row[CREATED.taken]),
  }
}

/** Reads a row of `updateStatement`. */
export function readUpdated(row: Row): UpdatedRow {
  return {
    readable: row[UPDATED.readable] === 't',
    allowed: row[UPDATED.allowed] === 't',
    fresh: row[UPDATED.fresh] === 't',
    denied: namesIn(row[UPDATED.denied]),
    unresolved: namesIn(row[UPDATED.unresolved]),
    settled: row[UPDATED.settled] === 't',
    circular: namesIn(row[UPDATED.circular]),
    fits: row[UPDATED.fits] === 't',
    id: row[UPDATED.id] ?? null,
    body: row[UPDATED.body] ?? null,
    version: row[UPDATED.version] ?? null,
  }
}

/** Reads a row of `deleteStatement`. */
export function readDeleted(row: Row): DeletedRow {
  return {
    readable: row[DELETED.readable] === 't',
    allowed: row[DELETED.allowed] === 't',
    fresh: row[DELETED.fresh] === 't',
    id: row[DELETED.id] ?? null,
    body: null,
    version: null,
  }
}

/** Reads the row of `heldRowStatement`. */
export function readHeld(row: Row): HeldRow {
  return {
    readable: row[HELD.readable] === 't',
    allowed: row[HELD.allowed] === 't',
    fresh: row[HELD.fresh] === 't',
    row: row[HELD.row] ?? 'null',
  }
}

/** Reads the row of `getStatement`. */
export function readGot(row: Row): GotRow {
  return { body: row[GOT.body] ?? null, version: row[GOT.version] ?? null }
}

/** Reads the row of `listStatement`. */
export function readListed(row: Row): ListedPage {
  const next = row[LISTED.next] ?? null
  return { data: row[LISTED.data] ?? null, next: next === null ? null : JSON.parse(next), count: row[LISTED.count] ?? null }
}

/** The number of the call that a result row belongs to, from 1. It is the first column of a statement that answers many calls. */
export function callNumber(row: Row): number {
  return Number(row[0])
}

function firstIn(json: string | null | undefined): number | null {
  const [first = null] = json === null || json === undefined ? [] : (JSON.parse(json) as readonly number[])
  return first
}

const NO_NAMES: readonly string[] = []

function namesIn(json: string | null | undefined): readonly string[] {
  return json === null || json === undefined || json === '[]' ? NO_NAMES : JSON.parse(json)
}
