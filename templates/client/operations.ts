// Types of the operations of an entity, of its files, and of signing in.

import type { Call, CallOptions, ChangeOptions, ListQuery, RowQuery, Rows, WriteOptions } from './calls.ts'
import type { EntityTypes, FieldName, Include, Nothing, Row, Written } from './rows.ts'

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
