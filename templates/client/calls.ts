// Types of calls: their options, lists and outcomes.

import type { CommonCode } from './codes.ts'
import type { ApiError } from './errors.ts'
import type { Cel } from './query.ts'
import type { EntityTypes, FieldName, Known } from './rows.ts'

/** Options of every call. */
export interface CallOptions {
  /** Ends the call, which then fails with the reason of the signal. */
  readonly signal?: AbortSignal
  /** How long the call may take, with repetitions; that of the client unless given. 0: as long as it takes. */
  readonly timeoutMs?: number
}

/** Options of a write. */
export interface WriteOptions extends CallOptions {
  /** The key by which the server knows a repetition; a new one for each call unless given. */
  readonly idempotencyKey?: string
}

/** Options of a write of a row that is there. */
export interface ChangeOptions extends WriteOptions {
  /** Writes only if the row still has this `version`; otherwise the call fails with `stale_version`. */
  readonly ifVersion?: number
}

/** The fields and related rows of an answer. */
export interface RowQuery<E extends EntityTypes, F extends FieldName<E>, I> {
  readonly fields?: readonly F[]
  readonly include?: I & Known<I, E>
}

/** The rows of a list. */
export interface ListQuery<E extends EntityTypes, F extends FieldName<E>, I> extends RowQuery<E, F, I>, CallOptions {
  readonly filter?: E['filter']
  /** An expression that rows must satisfy, besides `filter`: cel`likes > ${n}`. */
  readonly where?: Cel
  readonly sort?: E['sort'] | readonly E['sort'][]
  /** Words to find; for entities with a search. */
  readonly search?: string
  /** The most rows of a page: 20 unless given, at most 100. */
  readonly size?: number
  /** `next` of the page before. */
  readonly after?: string
  /** Whether to count all rows, too. */
  readonly count?: boolean
}

/** A page of a list. */
export interface Page<T> {
  readonly data: T[]
  /** For `after` of the next page; null on the last one. */
  readonly next: string | null
  /** How many rows there are in all; null unless the query asks for it. */
  readonly count: number | null
}

/** What a call came to: its value, or the error. */
export type Outcome<T, Code extends string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ApiError<Code> }

/** A call that has begun. `await` gives its value or throws an `ApiError`; `outcome()` gives either without throwing. */
export interface Call<T, Code extends string = CommonCode> extends Promise<T> {
  outcome(): Promise<Outcome<T, Code>>
}

/** A list that is read: its first page, or with `for await` all rows, page by page. */
export interface Rows<T, Code extends string = CommonCode> extends Call<Page<T>, Code>, AsyncIterable<T> {
  pages(): AsyncIterable<Page<T>>
  /** The first rows, of as many pages as they take. */
  take(most: number): Promise<T[]>
}
