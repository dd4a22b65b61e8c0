// The runtime of clients made by `plinth client`. It is the same for all designs.

// The codes of errors.

/** The codes of every backend, and of a client that gets no answer or one that it cannot read. */
export type CommonCode =
  | 'network_failed'
  | 'timed_out'
  | 'unexpected_answer'
  | `http_${number}`
  | 'already_taken'
  | 'answer_too_large'
  | 'body_too_large'
  | 'check_failed'
  | 'circular_reference'
  | 'client_gone'
  | 'database_unavailable'
  | 'empty_file'
  | 'encoded_upload'
  | 'file_storage_unavailable'
  | 'file_too_large'
  | 'file_type_refused'
  | 'forbidden'
  | 'foreign_origin'
  | 'headers_too_large'
  | 'idempotency_in_flight'
  | 'idempotency_mismatch'
  | 'illegal_transition'
  | 'image_unusable'
  | 'index_required'
  | 'internal_error'
  | 'invalid_credentials'
  | 'invalid_cursor'
  | 'invalid_document'
  | 'invalid_link'
  | 'invalid_parameter'
  | 'invalid_token'
  | 'job_input_too_large'
  | 'malformed_form'
  | 'malformed_request'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'not_found'
  | 'not_implemented'
  | 'not_signed_in'
  | 'overloaded'
  | 'partial_upload'
  | 'query_too_large'
  | 'range_not_satisfiable'
  | 'requirement_failed'
  | 'route_not_found'
  | 'row_too_large'
  | 'schema_changed'
  | 'shutting_down'
  | 'stale_version'
  | 'statement_timeout'
  | 'still_referenced'
  | 'storage_full'
  | 'subscription_inactive'
  | 'too_many_requests'
  | 'too_many_uploads'
  | 'unknown_document'
  | 'unknown_name'
  | 'unknown_parameter'
  | 'unknown_upload'
  | 'unsupported_media_type'
  | 'upload_too_slow'
  | 'uploads_at_once'
  | 'uri_too_long'
  | 'validation_failed'
  | 'value_unreadable'
  | 'weak_etag'
  | 'work_too_deep'
  | 'write_conflict'
  | 'wrong_signature'

// Errors: one class, with a code that programs decide by.

/** One problem with one value that was sent. */
export interface FieldProblem {
  /** JSON pointer to the value: `/title`. */
  readonly pointer: string
  readonly rule: string
  readonly message: string
}

interface Failed<Code extends string> {
  readonly code: Code
  /** The HTTP status; 0 if no answer came. */
  readonly status: number
  readonly message: string
  readonly body?: unknown
  readonly retryAfterMs?: number | null
  readonly cause?: unknown
}

/** A call that failed. */
export class ApiError<Code extends string = string> extends Error {
  override readonly name = 'ApiError'
  readonly code: Code
  /** The HTTP status; 0 if no answer came. */
  readonly status: number
  /** What is wrong with each value, if values are wrong. */
  readonly errors: readonly FieldProblem[]
  /** Finds the request in the logs of the server. */
  readonly traceId: string | null
  /** When to try again; null if the server does not say. */
  readonly retryAfterMs: number | null
  /** The body of the answer. */
  readonly body: unknown

  constructor({ code, status, message, body, retryAfterMs = null, cause }: Failed<Code>) {
    super(message, cause === undefined ? undefined : { cause })
    const { errors, traceId } = membersOf(body)
    this.code = code
    this.status = status
    this.body = body
    this.retryAfterMs = retryAfterMs
    this.errors = Array.isArray(errors) ? errors : []
    this.traceId = typeof traceId === 'string' ? traceId : null
  }

  /** What is wrong with one field; null if nothing is. */
  problemOf(field: string): string | null {
    return this.errors.find(({ pointer }) => pointer === `/${field}`)?.message ?? null
  }
}

/** Whether a caught value is an error of the API, with one of these codes if there are some. */
export type IsApiError<All extends string> = {
  (error: unknown): error is ApiError<All>
  <Code extends All>(error: unknown, ...codes: readonly Code[]): error is ApiError<Code>
}

/** The check behind `isApiError`, which knows the codes of a design. */
export function isApiErrorOf(error: unknown, ...codes: readonly string[]): error is ApiError<never> {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code))
}

function membersOf(body: unknown): { readonly [name: string]: unknown } {
  return typeof body === 'object' && body !== null ? (body as { readonly [name: string]: unknown }) : {}
}

/** The error of an answer that is no success. The code of an answer in another form is its status: `http_502`. */
async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '')
  let body: unknown = text
  try {
    body = JSON.parse(text)
  } catch {
    // An answer of something between the client and the server.
  }
  const { code, detail, title } = membersOf(body)
  const message = [detail, title].find((one) => typeof one === 'string' && one !== '')
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return new ApiError({
    code: typeof code === 'string' ? code : `http_${response.status}`,
    status: response.status,
    message: typeof message === 'string' ? message : `the server answered ${response.status}`,
    body,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : null,
  })
}

// Types of rows: what the generated part says about an entity, and rows as a query asks for them.

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

type FieldName<E extends EntityTypes> = keyof E['row'] & string
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
type Nothing = Record<never, never>
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

// Types of conditions on fields, and of orders.

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
/** Conditions on an encrypted text that is found by equal values. */
export type Found = null | { readonly eq?: string; readonly in?: readonly string[]; readonly isNull?: boolean }
/** Conditions on the row of a reference, beside those on its id. */
export type Through<F> = { readonly is: F }
/** A name to sort by, ascending, or descending with `-`. */
export type Sorted<K extends string> = K | `-${K}`

// Types of calls: their options, lists and outcomes.

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

// Types of the operations of an entity, of its files, and of signing in.

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

// Tokens: where they are kept, and how they are renewed.

/** The tokens of a session. */
export interface Tokens {
  readonly token: string
  readonly refreshToken: string
  /** When the token expires, in milliseconds since 1970, by the clock of this client. */
  readonly expiresAt: number
}

/** Where tokens are kept. */
export interface TokenStore {
  get(): Tokens | null | Promise<Tokens | null>
  set(tokens: Tokens | null): void | Promise<void>
}

/** Keeps tokens until the page is closed or the process ends. */
export function memoryTokens(): TokenStore {
  let kept: Tokens | null = null
  return {
    get: () => kept,
    set: (tokens) => {
      kept = tokens
    },
  }
}

/**
 * Keeps tokens in `localStorage` or `sessionStorage`, so that they survive a reload and tabs share them. Every script of the page can read
 * them there: use it only where no foreign script runs, or let the design sign in by a cookie.
 */
export function storedTokens(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, key = 'tokens'): TokenStore {
  return {
    get: () => {
      try {
        const { token, refreshToken, expiresAt } = JSON.parse(storage.getItem(key) ?? 'null') ?? {}
        const isWhole = typeof token === 'string' && typeof refreshToken === 'string' && typeof expiresAt === 'number'
        return isWhole ? { token, refreshToken, expiresAt } : null
      } catch {
        return null
      }
    },
    set: (tokens) => (tokens === null ? storage.removeItem(key) : storage.setItem(key, JSON.stringify(tokens))),
  }
}

/** Keeps no tokens, for pages of the backend's own origin whose design signs in by a cookie. */
export function cookieTokens(): TokenStore {
  return { get: () => null, set: () => {} }
}

interface Session {
  /** The tokens to send, renewed if they are about to expire. */
  readonly current: () => Promise<Tokens | null>
  /** New tokens in place of refused ones; null if the session is over. */
  readonly renewed: (refused: Tokens) => Promise<Tokens | null>
}

/** Tokens are renewed this long before they expire. */
const EARLY_MS = 10_000

/**
 * Renews tokens one at a time, however many calls wait for them.
 *
 * @param refresh asks the server; null if it refuses.
 */
function openSession(store: TokenStore, refresh: (refreshToken: string) => Promise<Tokens | null>, onEnd: () => void): Session {
  let renewing: Promise<Tokens | null> | null = null
  const renew = async (refused: Tokens): Promise<Tokens | null> => {
    const kept = await store.get()
    // Another call, another tab or another sign-in was faster.
    if (kept === null || kept.token !== refused.token) return kept
    const next = await refresh(kept.refreshToken)
    const now = await store.get()
    if (now?.refreshToken !== kept.refreshToken) return now
    await store.set(next)
    if (next === null) onEnd()
    return next
  }
  const renewed = (refused: Tokens): Promise<Tokens | null> => {
    renewing ??= renew(refused).finally(() => {
      renewing = null
    })
    return renewing
  }
  return {
    renewed,
    current: async () => {
      const kept = await store.get()
      return kept === null || kept.expiresAt - EARLY_MS > Date.now() ? kept : renewed(kept)
    },
  }
}

// Queries: filters, orders and selections as parameters of an address.

/** An expression of CEL whose values are quoted. */
export interface Cel {
  readonly kind: 'cel'
  readonly text: string
}

type CelValue = string | number | boolean | Date | null | Cel | readonly CelValue[]

/** Makes an expression: cel`author.name == ${name} && likes > ${n}`. Values are quoted, so they are never read as part of it. */
export function cel(texts: TemplateStringsArray, ...values: readonly CelValue[]): Cel {
  return { kind: 'cel', text: texts.map((text, i) => (i === 0 ? text : `${literal(values[i - 1] ?? null)}${text}`)).join('') }
}

function literal(value: CelValue): string {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'boolean':
      return String(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be in an expression`)
      return value < 0 ? `(${value})` : String(value)
  }
  if (value instanceof Date) return `timestamp(${quoted(value.toISOString())})`
  if ('kind' in value) return `(${value.text})`
  return `[${value.map(literal).join(', ')}]`
}

/** JSON quotes as CEL does, and signs that end lines are written as escapes. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

interface Asked {
  readonly fields?: readonly string[]
  readonly include?: object
  readonly filter?: object
  readonly where?: Cel
  readonly sort?: string | readonly string[]
  readonly search?: string
  readonly size?: number
  readonly after?: string
  readonly count?: boolean
}

type Parameter = readonly [name: string, value: string]

/** The query of a list or of a row, with its `?`; empty without parameters. */
function queryText(asked: Asked): string {
  const { where, sort, search, size, after, count } = asked
  const parameters = [...selectionOf(asked), ...conditionsOf(asked.filter ?? {}, '')]
  if (where !== undefined) parameters.push(['filter', where.text])
  if (sort !== undefined) parameters.push(['sort', typeof sort === 'string' ? sort : sort.join(',')])
  if (search !== undefined) parameters.push(['search', search])
  if (size !== undefined) parameters.push(['page[size]', String(size)])
  if (after !== undefined) parameters.push(['page[after]', after])
  if (count === true) parameters.push(['count', 'true'])
  return asQuery(parameters)
}

function asQuery(parameters: readonly Parameter[]): string {
  return parameters.map(([name, value], i) => `${i === 0 ? '?' : '&'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('')
}

function selectionOf({ fields, include }: Asked): Parameter[] {
  const parameters: Parameter[] = []
  const paths: string[] = []
  if (fields !== undefined) parameters.push(['fields', fields.join(',')])
  const into = (included: object, before: string): void => {
    for (const [name, selection] of Object.entries(included) as [string, true | Asked | undefined][]) {
      if (selection === undefined) continue
      const path = `${before}${name}`
      paths.push(path)
      if (selection === true) continue
      if (selection.fields !== undefined) parameters.push([`fields[${path}]`, selection.fields.join(',')])
      into(selection.include ?? {}, `${path}.`)
    }
  }
  into(include ?? {}, '')
  if (paths.length > 0) parameters.push(['include', paths.join(',')])
  return parameters
}

/** `undefined` in a filter would ask for all rows, so it is refused. */
function conditionsOf(filter: object, before: string): Parameter[] {
  return Object.entries(filter).flatMap(([name, condition]): Parameter[] => {
    const path = `${before}${name}`
    if (condition === undefined) throw new TypeError(`filter.${path} is undefined: leave it out to ask for all rows, or ask for null`)
    if (condition === null) return [[`filter[${path}][isNull]`, 'true']]
    if (typeof condition !== 'object' || condition instanceof Date) return [[`filter[${path}]`, valueText(condition)]]
    return Object.entries(condition as object).flatMap(([op, value]): Parameter[] => {
      if (op === 'is') return conditionsOf(value as object, `${path}.`)
      if (value === undefined) throw new TypeError(`filter.${path}.${op} is undefined: leave it out to ask for all rows`)
      if (value === null) return [[`filter[${path}][isNull]`, String(op !== 'ne')]]
      return Array.isArray(value) ? [oneOf(path, op, value)] : [[`filter[${path}][${op}]`, valueText(value)]]
    })
  })
}

/** Values are separated by commas, so those that contain some are asked for by an expression. */
function oneOf(path: string, op: string, values: readonly unknown[]): Parameter {
  const texts = values.map(valueText)
  const isPlain = texts.length > 0 && texts.every((text) => text !== '' && !text.includes(','))
  if (isPlain) return [`filter[${path}][${op}]`, texts.join(',')]
  const list = `${path} in [${values.map((value) => (typeof value === 'string' ? quoted(value) : String(value))).join(', ')}]`
  return ['filter', op === 'nin' ? `!(${list})` : list]
}

function valueText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}

// Requests: one call, with its tokens, its repetitions and its limit of time.

/** Options of a client. */
export interface ClientOptions {
  /** Where tokens are kept; in memory unless given. */
  readonly tokens?: TokenStore
  /** How long a call may take, with its repetitions: 30,000 ms unless given. Files take as long as they take. */
  readonly timeoutMs?: number
  /** How often a call is repeated after a failure that may pass; 2 unless given. */
  readonly retries?: number
  /** Headers of every request, or what makes them. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>)
  /** Called when the server has ended the session. */
  readonly onSignedOut?: () => void
  /** In place of the `fetch` of the platform. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>
}

interface Sent {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly body?: unknown
  /** A body that is no JSON. */
  readonly bytes?: Blob | URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
  readonly answer: 'json' | 'text' | 'blob' | 'none'
  /** Whether a repetition is safe: a read is, a write has a key, and others are sent once. */
  readonly repeat: 'safe' | 'key' | 'never'
  readonly signedIn: boolean
}

type SentOptions = WriteOptions & { readonly ifVersion?: number }
type Send = (sent: Sent, options?: SentOptions) => Promise<unknown>

interface Connection {
  readonly url: string
  readonly options: ClientOptions
  /** The word before the token in `Authorization`. */
  readonly scheme: string
  /** The address that renews tokens; null if there is none. */
  readonly refreshPath: string | null
}

/** Codes of failures that may pass by themselves, beside those whose answer says when to try again. */
const PASSING = [502, 503, 504]
/** The longest time to wait for the next attempt. */
const MOST_PAUSE_MS = 10_000

function openSend({ url, options, scheme, refreshPath }: Connection): { readonly send: Send; readonly store: TokenStore } {
  const base = baseOf(url)
  const store = options.tokens ?? memoryTokens()
  const { timeoutMs: usualMs = 30_000, retries = 2 } = options
  const session = openSession(store, refresh, () => options.onSignedOut?.())

  async function refresh(refreshToken: string): Promise<Tokens | null> {
    if (refreshPath === null || refreshToken === '') return null
    try {
      const sent = { method: 'POST', path: refreshPath, body: { refreshToken }, answer: 'json' } as const
      return tokensOf(await send({ ...sent, repeat: 'safe', signedIn: false }))
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  }

  async function send(sent: Sent, { signal, timeoutMs = usualMs, idempotencyKey, ifVersion }: SentOptions = {}): Promise<unknown> {
    signal?.throwIfAborted()
    const limit = timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : null
    const signals = [signal, limit].filter((one) => one != null)
    const stop = AbortSignal.any(signals)
    const headers = {
      ...headersOf(sent, options),
      ...(sent.repeat === 'key' ? { 'Idempotency-Key': idempotencyKey ?? newKey() } : {}),
      ...(ifVersion === undefined ? {} : { 'If-Match': `"${ifVersion}"` }),
    }
    const attempt = async (tokens: Tokens | null): Promise<unknown> => {
      const response = await (options.fetch ?? fetch)(`${base}${sent.path}`, {
        method: sent.method,
        headers: tokens === null ? headers : { ...headers, Authorization: `${scheme} ${tokens.token}` },
        body: sent.bytes ?? (sent.body === undefined ? null : JSON.stringify(sent.body)),
        signal: stop,
      })
      if (!response.ok) throw await errorOf(response)
      return readAnswer(sent, response)
    }
    let hasRenewed = false
    for (let failed = 0; ; ) {
      try {
        const tokens = sent.signedIn ? await untilStopped(session.current(), stop) : null
        try {
          return await attempt(tokens)
        } catch (error) {
          if (tokens === null || hasRenewed || !isApiErrorOf(error, 'invalid_token')) throw error
          hasRenewed = true
          const next = await untilStopped(session.renewed(tokens), stop)
          if (next === null) throw error
          return await attempt(next)
        }
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason
        if (limit?.aborted === true) throw failedBy('timed_out', `no answer within ${timeoutMs} ms`, error)
        const known = error instanceof ApiError ? error : failedBy('network_failed', 'the server cannot be reached', error)
        const pauseMs = pauseOf(known, failed)
        if (sent.repeat === 'never' || failed >= retries || pauseMs === null) throw known
        failed += 1
        await pause(pauseMs, stop)
      }
    }
  }
  return { send, store }
}

/** Where a backend is. Empty or a path: where the page is. */
function baseOf(url: string): string {
  if (url !== '' && !url.startsWith('/')) {
    const { protocol, username, search, hash } = new URL(url)
    if (!/^https?:$/.test(protocol) || username !== '' || search !== '' || hash !== '')
      throw new TypeError(`${url} is no address of a backend: write https://api.example.com`)
  }
  return url.replace(/\/+$/, '')
}

function headersOf({ body, answer, headers }: Sent, { headers: own = {} }: ClientOptions): Record<string, string> {
  return {
    ...(answer === 'json' ? { Accept: 'application/json' } : {}),
    ...(typeof own === 'function' ? own() : own),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...headers,
  }
}

async function readAnswer({ answer }: Sent, response: Response): Promise<unknown> {
  if (answer === 'blob') return response.blob()
  const text = await response.text()
  if (answer === 'none') return undefined
  if (answer === 'text') return text
  if (text === '' && response.status !== 200) return null
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = `the server answered ${response.status}, but no JSON: is this the address of the backend?`
    throw new ApiError({ code: 'unexpected_answer', status: response.status, message, body: text, cause })
  }
}

function failedBy(code: CommonCode, message: string, cause: unknown): ApiError {
  return new ApiError({ code, status: 0, message, cause })
}

/** How long to wait before the next attempt, in milliseconds; null if another one is of no use. */
function pauseOf({ code, status, retryAfterMs }: ApiError, failed: number): number | null {
  const usualMs = 200 * 2 ** failed * (0.5 + Math.random() / 2)
  if (retryAfterMs !== null) return retryAfterMs <= MOST_PAUSE_MS ? retryAfterMs + usualMs : null
  return code === 'network_failed' || PASSING.includes(status) ? usualMs : null
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return untilStopped(new Promise<void>((resolve) => setTimeout(resolve, ms)), stop).catch(() => {})
}

/** Waits for a value, or fails as soon as the signal does. */
function untilStopped<T>(value: Promise<T>, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(stop.reason)
    if (stop.aborted) end()
    stop.addEventListener('abort', end, { once: true })
    value.then(resolve, reject).finally(() => stop.removeEventListener('abort', end))
  })
}

/** A random key of 128 bits. `crypto.randomUUID` is missing on pages without TLS. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function tokensOf(answer: unknown): Tokens {
  const { token, refreshToken, expiresIn } = answer as { token: string; refreshToken: string; expiresIn: number }
  return { token, refreshToken, expiresAt: Date.now() + expiresIn * 1_000 }
}

/** Begins a call. */
function begin<T>(promise: Promise<T>): Call<T> {
  const outcome = async (): Promise<Outcome<T, CommonCode>> => {
    try {
      return { ok: true, value: await promise }
    } catch (error) {
      if (error instanceof ApiError) return { ok: false, error }
      throw error
    }
  }
  return Object.assign(promise, { outcome })
}

// The client of a design, made from what the generated part says about its addresses.

/** An action, and where a request has its inputs. */
export interface ActionFacts {
  readonly method: string
  readonly path: string
  /** The name in braces that finds the row of an action of a row. */
  readonly row?: string
  /** The places of inputs that are no members of the body (of a GET: no parameters) by their own name: where, name, member around it. */
  readonly inputs?: Readonly<Record<string, readonly string[]>>
  readonly answer: 'json' | 'text' | 'none'
  readonly repeat: 'safe' | 'key' | 'never'
  /** The body is a form. */
  readonly form?: true
  /** Members of the body that are always sent. */
  readonly needs?: readonly string[]
}

/** What there is at the addresses of a design. */
export interface DesignFacts {
  /** Where the rows are: `/api`; empty without built-in addresses. */
  readonly base: string
  /** The word before a token in `Authorization`; null without an identity. */
  readonly scheme: string | null
  readonly collections: Readonly<Record<string, CollectionFacts>>
  readonly actions: Readonly<Record<string, ActionFacts>>
}

interface CollectionFacts {
  readonly path: string
  readonly files?: Readonly<Record<string, string>>
  readonly actions?: Readonly<Record<string, ActionFacts>>
}

/** Makes the client of a design. @throws TypeError if `url` is no address of a backend. */
export function connect<Api>(url: string, { base, scheme, collections, actions }: DesignFacts, options: ClientOptions = {}): Api {
  const refreshPath = scheme === null || base === '' ? null : `${base}/auth/refresh`
  const { send, store } = openSend({ url, options, scheme: scheme ?? 'Bearer', refreshPath })
  const of = <F, T>(facts: Readonly<Record<string, F>> = {}, make: (one: F) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(facts).map(([name, one]) => [name, make(one)]))
  return {
    ...of(collections, ({ path, files, actions: ofRows }) => ({
      ...rowsAt(send, `${base}/${path}`),
      ...of(files, (field) => filesAt(send, { rows: `${base}/${path}`, field, origin: url })),
      ...of(ofRows, (facts) => rowAction(send, facts)),
    })),
    actions: of(actions, (facts) => (input?: object, given?: CallOptions) => begin(act(send, facts, { input, given }))),
    auth: authAt(send, store, `${base}/auth`),
  } as Api
}

/** An id as a segment of a path. `..` would lead to another address. */
function segment(id: unknown): string {
  const text = String(id)
  if ((typeof id !== 'string' && typeof id !== 'number') || /^\.{0,2}$/.test(text)) throw new TypeError(`${text} is no id of a row`)
  return encodeURIComponent(text)
}

type Options = Asked & ChangeOptions
const READ = { method: 'GET', answer: 'json', repeat: 'safe', signedIn: true } as const
const WRITE = { answer: 'json', repeat: 'key', signedIn: true } as const

function rowsAt(send: Send, path: string): object {
  const at = (id: unknown, asked: Asked = {}): string => `${path}/${segment(id)}${queryText({ ...pick(asked) })}`
  const page = async (asked: Options): Promise<Page<unknown>> => {
    const answer = await send({ ...READ, path: `${path}${queryText(asked)}` }, asked)
    const { data, page: ends } = answer as { data: unknown[]; page: { next: string | null; count?: number } }
    return { data, next: ends.next, count: ends.count ?? null }
  }
  return {
    list: (asked: Options = {}) => rowsOf(asked, page),
    first: (asked: Options = {}) => begin(page({ ...asked, size: 1 }).then(({ data }) => data[0] ?? null)),
    get: (id: unknown, asked?: Options) => begin(later(() => send({ ...READ, path: at(id, asked) }, asked))),
    create: (body: unknown, asked: Options = {}) =>
      begin(later(() => send({ ...WRITE, method: 'POST', path: `${path}${queryText(pick(asked))}`, body }, asked))),
    createMany: (body: unknown, asked: Options = {}) =>
      begin(later(() => send({ ...WRITE, method: 'POST', path: `${path}/bulk${queryText(pick(asked))}`, body }, asked))),
    update: (id: unknown, body: unknown, asked?: Options) =>
      begin(later(() => send({ ...WRITE, method: 'PATCH', path: at(id, asked), body }, asked))),
    replace: (id: unknown, body: unknown, asked?: Options) =>
      begin(later(() => send({ ...WRITE, method: 'PUT', path: at(id, asked), body }, asked))),
    delete: (id: unknown, asked?: Options) =>
      begin(later(() => send({ ...WRITE, method: 'DELETE', path: `${path}/${segment(id)}`, answer: 'none' }, asked))),
  }
}

function pick({ fields, include }: Asked): Asked {
  return { ...(fields === undefined ? {} : { fields }), ...(include === undefined ? {} : { include }) }
}

/** What a call throws before it is sent rejects its promise, as everything else does. */
async function later<T>(run: () => Promise<T>): Promise<T> {
  return run()
}

function rowsOf(asked: Options, page: (asked: Options) => Promise<Page<unknown>>): Rows<unknown> {
  const first = later(() => page(asked))
  async function* pages(): AsyncGenerator<Page<unknown>> {
    let one = await first
    yield one
    while (one.next !== null) {
      one = await page({ ...asked, count: false, after: one.next })
      yield one
    }
  }
  async function* rows(): AsyncGenerator<unknown> {
    for await (const { data } of pages()) yield* data
  }
  const take = async (most: number): Promise<unknown[]> => {
    const taken: unknown[] = []
    if (most < 1) return taken
    for await (const row of rows()) if (taken.push(row) >= most) break
    return taken
  }
  return Object.assign(begin(first), { pages, take, [Symbol.asyncIterator]: rows })
}

interface FilePlace {
  readonly rows: string
  readonly field: string
  readonly origin: string
}

function filesAt(send: Send, { rows, field, origin }: FilePlace): object {
  const at = (id: unknown): string => `${rows}/${segment(id)}/${field}`
  const nameOf = (file: Blob, name?: string): string => name ?? ('name' in file && typeof file.name === 'string' ? file.name : 'file')
  const bytesOf = (file: Blob) => ({ bytes: file, headers: { 'Content-Type': file.type === '' ? 'application/octet-stream' : file.type } })
  type FileOptions = ChangeOptions & { readonly name?: string; readonly size?: string; readonly seconds?: number }
  return {
    upload: (id: unknown, file: Blob, { name, ...given }: FileOptions = {}) =>
      begin(
        later(() => {
          const path = `${at(id)}${asQuery([['name', nameOf(file, name)]])}`
          return send({ ...WRITE, method: 'PUT', path, ...bytesOf(file), repeat: 'never' }, { timeoutMs: 0, ...given })
        }),
      ),
    stage: (file: Blob, { name, ...given }: FileOptions = {}) =>
      begin(
        later(async () => {
          const body = { name: nameOf(file, name), size: file.size }
          const opened = await send({ ...WRITE, method: 'POST', path: `${rows}/${field}/uploads`, body, repeat: 'never' }, given)
          const { ticket } = opened as { ticket: string }
          const path = `${rows}/${field}/uploads/${segment(ticket)}`
          await send(
            { method: 'PUT', path, ...bytesOf(file), answer: 'none', repeat: 'never', signedIn: false },
            { timeoutMs: 0, ...given },
          )
          return ticket
        }),
      ),
    download: (id: unknown, { size, ...given }: FileOptions = {}) =>
      begin(
        later(() => {
          const path = `${at(id)}${asQuery(size === undefined ? [] : [['size', size]])}`
          return send({ ...READ, path, answer: 'blob' }, { timeoutMs: 0, ...given })
        }),
      ),
    link: (id: unknown, { seconds, ...given }: FileOptions = {}) =>
      begin(
        later(async () => {
          const body = seconds === undefined ? {} : { expiresIn: seconds }
          const link = await send({ ...WRITE, method: 'POST', path: `${at(id)}/link`, body, repeat: 'never' }, given)
          const { url, expiresAt } = link as { url: string; expiresAt: string }
          return { url: url.startsWith('/') ? `${baseOf(origin)}${url}` : url, expiresAt }
        }),
      ),
    remove: (id: unknown, given?: FileOptions) =>
      begin(later(() => send({ ...WRITE, method: 'DELETE', path: at(id), answer: 'none', repeat: 'never' }, given))),
  }
}

function rowAction(send: Send, facts: ActionFacts): object {
  return (id: unknown, input?: object, given?: ChangeOptions) => begin(act(send, facts, { id, input, given }))
}

interface Acted {
  readonly id?: unknown
  readonly input?: object | undefined
  readonly given?: ChangeOptions | undefined
}

async function act(send: Send, facts: ActionFacts, { id, input = {}, given }: Acted): Promise<unknown> {
  const { method, answer, repeat, row, inputs = {}, needs } = facts
  const query: Parameter[] = []
  const headers: Record<string, string> = {}
  const body: Record<string, Record<string, unknown>> = { '': {}, ...Object.fromEntries((needs ?? []).map((name) => [name, {}])) }
  let hasBody = needs !== undefined
  let path = row === undefined ? facts.path : facts.path.replace(`{${row}}`, () => segment(id))
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue
    const [place = method === 'GET' ? 'query' : 'body', at = name, around = ''] = inputs[name] ?? []
    if (place === 'path') path = path.replace(`{${at}}`, () => segment(value))
    else if (place === 'header') headers[at] = textOf(value)
    else if (place === 'query' && Array.isArray(value) && around === '') for (const item of value) query.push([at, textOf(item)])
    else if (place === 'query') query.push([at, Array.isArray(value) ? value.map(textOf).join(around) : textOf(value)])
    else {
      hasBody = true
      body[around] ??= {}
      body[around][at] = value
    }
  }
  const { '': own, ...inner } = body
  const whole = { ...own, ...inner }
  const sent = facts.form === true ? { bytes: formOf(whole) } : { body: whole }
  return send({ method, path: `${path}${asQuery(query)}`, ...(hasBody ? sent : {}), headers, answer, repeat, signedIn: true }, given)
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function formOf(body: object): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(body))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [inner, one] of Object.entries(value)) form.append(`${name}[${inner}]`, textOf(one))
    else for (const item of Array.isArray(value) ? value : [value]) form.append(name, textOf(item))
  return form
}

/** How long a token is used of which nobody has said how long it is valid: until the server refuses it. */
const UNKNOWN_SECONDS = 1e9

function authAt(send: Send, store: TokenStore, path: string): object {
  const keep = async (answer: unknown): Promise<unknown> => {
    // A registration that does not tell whether the login is taken answers nothing.
    if (answer === null) return null
    await store.set(tokensOf(answer))
    return (answer as { user: unknown }).user
  }
  const post = { method: 'POST', answer: 'json', signedIn: false } as const
  return {
    register: (body: unknown, given?: WriteOptions) =>
      begin(send({ ...post, path: `${path}/register`, body, repeat: 'key', signedIn: true }, given).then(keep)),
    login: (body: unknown, given?: CallOptions) => begin(send({ ...post, path: `${path}/login`, body, repeat: 'never' }, given).then(keep)),
    logout: (given?: CallOptions) =>
      begin(
        later(async () => {
          const tokens = await store.get()
          await store.set(null)
          const body = tokens === null ? {} : { body: { refreshToken: tokens.refreshToken } }
          await send({ ...post, path: `${path}/logout`, ...body, answer: 'none', repeat: 'safe' }, given)
        }),
      ),
    me: (given?: CallOptions) => begin(send({ ...READ, path: `${path}/me` }, given)),
    isSignedIn: async () => (await store.get()) !== null,
    useTokens: async (given: { token: string; refreshToken?: string; expiresIn?: number } | null) =>
      store.set(given === null ? null : tokensOf({ refreshToken: '', expiresIn: UNKNOWN_SECONDS, ...given })),
  }
}
