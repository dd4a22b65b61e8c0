// Types: rows, queries, and what the generated part says about the entities of a design.

import type { CommonCode } from './codes.ts'
import type { ApiError } from './errors.ts'
import type { Cel } from './query.ts'

/** What the generated part says about an entity. */
export interface EntityTypes {
  readonly id: string | number
  /** All fields; references are ids. */
  readonly row: object
  readonly create: object
  readonly patch: object
  readonly put: object
  readonly filter: object
  readonly sort: string
  readonly relations: object
  /** Whether every account that writes a row may read it: `row`, or `part` where the answer may have its id alone. */
  readonly written: 'row' | 'part'
}

/** A reference to one row. */
export interface One<To> {
  readonly to: To
  readonly kind: 'one'
}

/** A reference that is null, or leads to a row that you may not see. */
export interface Maybe<To> {
  readonly to: To
  readonly kind: 'maybe'
}

/** A relation to many rows. */
export interface Many<To> {
  readonly to: To
  readonly kind: 'many'
}

/** @internal */
export type FieldName<E extends EntityTypes> = keyof E['row'] & string
type RelationName<E extends EntityTypes> = keyof E['relations'] & string
type Target<E extends EntityTypes, K> = K extends keyof E['relations']
  ? E['relations'][K] extends { readonly to: infer To extends EntityTypes }
    ? To
    : never
  : never
type KindOf<E extends EntityTypes, K> = K extends keyof E['relations']
  ? E['relations'][K] extends { readonly kind: infer Kind }
    ? Kind
    : never
  : never
/** @internal */
export type Nothing = Record<never, never>
/** The same type, shown with its members. */
type Show<T> = { [K in keyof T]: T[K] } & {}

/** What to answer of a row: its fields, all unless given, and related rows. */
export interface Selection<E extends EntityTypes> {
  readonly fields?: readonly FieldName<E>[]
  readonly include?: Include<E>
}

/** The related rows to answer: `{ author: true }`, or with their fields: `{ author: { fields: ['name'] } }`. */
export type Include<E extends EntityTypes> = { readonly [K in RelationName<E>]?: true | Selection<Target<E, K>> }

/** Refuses names that an include does not have, at every depth. */
type Known<I, E extends EntityTypes> = {
  readonly [K in keyof I]: K extends RelationName<E> ? (I[K] extends true ? true : KnownPart<I[K], Target<E, K>>) : never
}
type KnownPart<S, E extends EntityTypes> = {
  readonly [P in keyof S]: P extends 'include' ? Known<S[P], E> : P extends 'fields' ? S[P] : never
}

/** A row as a query asks for it: an included reference is a row in place of its id. */
export type Row<E extends EntityTypes, F extends FieldName<E> = FieldName<E>, I = Nothing> = Show<
  Omit<Pick<E['row'], F>, keyof I> & { [K in keyof I & RelationName<E>]: Included<E, K, I[K]> } & {
    /** Where the rows of the relation go on; absent when they are complete. */
    [K in keyof I & string as KindOf<E, K> extends 'many' ? `${K}@next` : never]?: string
  }
>
type Included<E extends EntityTypes, K, S> =
  KindOf<E, K> extends 'many'
    ? Selected<Target<E, K>, S>[]
    : KindOf<E, K> extends 'maybe'
      ? Selected<Target<E, K>, S> | null
      : Selected<Target<E, K>, S>
type Selected<E extends EntityTypes, S> = Row<
  E,
  S extends { readonly fields: readonly (infer F)[] } ? F & FieldName<E> : FieldName<E>,
  S extends { readonly include: infer I } ? I : Nothing
>

/** A row that was written. Where the writer may not read it, only its id is there. */
export type Written<E extends EntityTypes, F extends FieldName<E>, I> = E['written'] extends 'row' ? Row<E, F, I> : PartOf<Row<E, F, I>>
type PartOf<R> = Show<Pick<R, keyof R & 'id'> & Partial<Omit<R, 'id'>>>

/** Conditions on a value. `null`: it is missing. */
export type Equal<T> =
  | T
  | null
  | { readonly eq?: T; readonly ne?: T | null; readonly in?: readonly T[]; readonly nin?: readonly T[]; readonly isNull?: boolean }
/** Conditions on a value with an order. */
export type Ordered<T> =
  | Equal<T>
  | {
      readonly eq?: T
      readonly ne?: T | null
      readonly in?: readonly T[]
      readonly nin?: readonly T[]
      readonly isNull?: boolean
      readonly gt?: T
      readonly gte?: T
      readonly lt?: T
      readonly lte?: T
    }
/** Conditions on a text. */
export type Text<T extends string = string> =
  | Ordered<T>
  | {
      readonly eq?: T
      readonly ne?: T | null
      readonly in?: readonly T[]
      readonly nin?: readonly T[]
      readonly isNull?: boolean
      readonly gt?: T
      readonly gte?: T
      readonly lt?: T
      readonly lte?: T
      readonly contains?: string
      readonly startsWith?: string
      readonly endsWith?: string
    }
/** Conditions on a list. */
export type Listed<T> = null | { readonly contains?: T; readonly isNull?: boolean }
/** Conditions on a value that is compared with nothing. */
export type Present = null | { readonly isNull?: boolean }
/** Conditions on the row of a reference, beside those on its id. */
export type Through<F> = { readonly is: F }
/** A name to sort by, ascending, or descending with `-`. */
export type Sorted<K extends string> = K | `-${K}`

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

// The type of an answer follows the query, and never the place where the answer is put.
type RowOf<E extends EntityTypes, F extends FieldName<E>, I> = Row<E, NoInfer<F>, NoInfer<I>>
type WrittenOf<E extends EntityTypes, F extends FieldName<E>, I> = Written<E, NoInfer<F>, NoInfer<I>>

/** Rows that may be read. */
export interface Readable<E extends EntityTypes> {
  list<const F extends FieldName<E> = FieldName<E>, const I extends Include<E> = Nothing>(query?: ListQuery<E, F, I>): Rows<RowOf<E, F, I>>
  /** The first row of the list; null if there is none. */
  first<const F extends FieldName<E> = FieldName<E>, const I extends Include<E> = Nothing>(
    query?: ListQuery<E, F, I>,
  ): Call<RowOf<E, F, I> | null>
  get<const F extends FieldName<E> = FieldName<E>, const I extends Include<E> = Nothing>(
    id: E['id'],
    query?: RowQuery<E, F, I> & CallOptions,
  ): Call<RowOf<E, F, I>>
}

/** Rows that may be created. */
export interface Creatable<E extends EntityTypes> {
  create<const F extends FieldName<E> = FieldName<E>, const I extends Include<E> = Nothing>(
    row: E['create'],
    options?: RowQuery<E, F, I> & WriteOptions,
  ): Call<WrittenOf<E, F, I>>
  /** All of the rows, or none. */
  createMany<const F extends FieldName<E> = FieldName<E>, const I extends Include<E> = Nothing>(
    rows: readonly E['create'][],
    options?: RowQuery<E, F, I> & WriteOptions,
  ): Call<WrittenOf<E, F, I>[]>
}

/** Accounts that may be created where the answer does not tell whether the login is taken: it is null then. */
export interface CreatableInSilence<E extends EntityTypes> {
  create<const F extends FieldName<E> = FieldName<E>, const I extends Include<E> = Nothing>(
    row: E['create'],
    options?: RowQuery<E, F, I> & WriteOptions,
  ): Call<WrittenOf<E, F, I> | null>
}

/** Rows that may be changed. */
export interface Updatable<E extends EntityTypes> {
  /** Changes the fields that are sent. */
  update<const F extends FieldName<E> = FieldName<E>, const I extends Include<E> = Nothing>(
    id: E['id'],
    changes: E['patch'],
    options?: RowQuery<E, F, I> & ChangeOptions,
  ): Call<WrittenOf<E, F, I>>
  /** Replaces all fields: what is left out gets its default or null. */
  replace<const F extends FieldName<E> = FieldName<E>, const I extends Include<E> = Nothing>(
    id: E['id'],
    row: E['put'],
    options?: RowQuery<E, F, I> & ChangeOptions,
  ): Call<WrittenOf<E, F, I>>
}

/** Rows that may be deleted. */
export interface Deletable<E extends EntityTypes> {
  delete(id: E['id'], options?: ChangeOptions): Call<void>
}

/** A file of a row. */
export interface StoredFile {
  name: string
  size: number
  type: string
  url: string
}

/** The files of a field that may be read. */
export interface FileReads<E extends EntityTypes, Size extends string = never> {
  download(id: E['id'], options?: CallOptions & { readonly size?: Size }): Call<Blob>
}

/** Links to the files of a field. */
export interface FileLinks<E extends EntityTypes> {
  /** An address that anybody may read the file at until it expires, in an hour unless given. */
  link(id: E['id'], options?: CallOptions & { readonly seconds?: number }): Call<{ readonly url: string; readonly expiresAt: string }>
}

/** The files of a field that may be sent before their row is there. */
export interface FileStaging {
  /** Sends a file. The result is the value of the field in a create or an update, once and within an hour. */
  stage(file: Blob, options?: CallOptions & { readonly name?: string }): Call<string>
}

/** The files of a field that may be changed. */
export interface FileWrites<E extends EntityTypes> {
  /** Stores a file, and answers the row. It is sent once, and may take as long as it takes. */
  upload(id: E['id'], file: Blob, options?: ChangeOptions & { readonly name?: string }): Call<Written<E, FieldName<E>, Nothing>>
}

/** The files of an optional field that may be changed. */
export interface FileRemoval<E extends EntityTypes> {
  remove(id: E['id'], options?: ChangeOptions): Call<void>
}

/** The tokens that calls send. */
export interface SentTokens {
  /** Whether there are tokens. The server may have ended their session. */
  isSignedIn(): Promise<boolean>
  /**
   * Keeps tokens that came in another way, such as from an action that signs in; null forgets them. Without `expiresIn`, in seconds, they
   * are used until the server refuses them.
   */
  useTokens(tokens: { readonly token: string; readonly refreshToken?: string; readonly expiresIn?: number } | null): Promise<void>
}

/** Signing in and out. The tokens go to the token store, and every call sends them. */
export interface Auth<E extends EntityTypes, Credentials> extends SentTokens {
  /** Signs in. */
  login(credentials: Credentials, options?: CallOptions): Call<Written<E, FieldName<E>, Nothing>>
  /** Ends the session, here also if the server does not answer. */
  logout(options?: CallOptions): Call<void>
  /** The row of the account that is signed in. */
  me(options?: CallOptions): Call<Written<E, FieldName<E>, Nothing>>
}

/** Signing up. */
export interface Registration<E extends EntityTypes, Silence = never> {
  /** Creates an account and signs in. Null where the answer does not tell whether the login is taken: sign in then. */
  register(account: E['create'], options?: WriteOptions): Call<Written<E, FieldName<E>, Nothing> | Silence>
}
