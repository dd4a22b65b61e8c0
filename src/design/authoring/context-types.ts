/** The types of what code of a design gets: its tables, the caller, and the log. */

import type { FastifyInstance, FastifyRequest } from 'fastify'

/** The operators of a condition on a value. Those on parts of a text are for texts only. */
export interface Operators<V> {
  readonly eq?: V
  readonly ne?: V
  readonly gt?: V
  readonly gte?: V
  readonly lt?: V
  readonly lte?: V
  readonly in?: readonly V[]
  readonly nin?: readonly V[]
  readonly contains?: V extends readonly (infer I)[] ? I : V
  readonly startsWith?: V
  readonly endsWith?: V
  readonly isNull?: boolean
}

/**
 * Selects rows: a value for each field, or operators. Null asks for a missing value. Names with dots follow references:
 * `'customer.email'`. All conditions must hold; `or` and `not` combine others.
 */
export type Filter<Row> = {
  readonly [K in keyof Row]?: Row[K] | Operators<NonNullable<Row[K]>>
} & {
  readonly [path: `${string}.${string}`]: unknown
  readonly and?: readonly Filter<Row>[]
  readonly or?: readonly Filter<Row>[]
  readonly not?: Filter<Row>
}

type Text<T> = keyof T & string
/** A field to sort by; `-` in front for descending. */
export type Sort<Row> = Text<Row> | `-${Text<Row>}` | `${string}.${string}`

/** A row, with included rows in place of ids. */
export type Including<Row, Related, I> = Omit<Row, I & keyof Row> & Pick<Related, I & keyof Related>

interface Include<Related, I> {
  /** Relations and references whose rows are read too. */
  readonly include?: readonly (I & Text<Related>)[]
}

interface Found<Row, Related, I> extends Include<Related, I> {
  readonly filter?: Filter<Row>
  /** In this order; by id unless given. */
  readonly sort?: readonly Sort<Row>[]
}

interface Listed<Row, Related, I> extends Found<Row, Related, I> {
  /** The maximum number of rows, from 1 to 1,000; 100 unless given. */
  readonly limit?: number
}

interface IfVersion {
  /** The version that the row must have. */
  readonly ifVersion?: number
}

/** The rows of one entity, in the transaction of the code. A write that is refused ends the code, even if its error is caught. */
export interface CodeTable<Row extends { readonly id: unknown }, New, Changes, Related = Record<never, never>> {
  /** The row of an id; null when there is none, or the caller may not read it. */
  get<const I extends Text<Related> = never>(id: Row['id'], options?: Include<Related, I>): Promise<Including<Row, Related, I> | null>
  /** The first row; null when there is none. */
  find<const I extends Text<Related> = never>(options?: Found<Row, Related, I>): Promise<Including<Row, Related, I> | null>
  list<const I extends Text<Related> = never>(options?: Listed<Row, Related, I>): Promise<readonly Including<Row, Related, I>[]>
  count(options?: { readonly filter?: Filter<Row> }): Promise<number>
  /** Makes a row. One that the caller may not read comes back with its id alone. */
  create(values: New): Promise<Row>
  /** Makes several rows, at most 1,000. */
  create(values: readonly New[]): Promise<readonly Row[]>
  /** Changes the fields that are given. */
  update(id: Row['id'], changes: Changes, options?: IfVersion): Promise<Row>
  delete(id: Row['id'], options?: IfVersion): Promise<void>
}

/** The tables of code that writes nothing. */
export type ReadingTables<T> = { readonly [K in keyof T]: Pick<T[K], keyof T[K] & ('get' | 'find' | 'list' | 'count')> }

/** Writes to the log of the server, with the trace id of the request. */
export interface CodeLog {
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  error(message: string, fields?: object): void
}

/** When a job runs first. */
export interface JobTime {
  /** After this time, such as `10m`, in place of the delay of the design. */
  readonly delay?: string
  /** At this moment. */
  readonly at?: Date
}

/** The inputs of jobs by name, where the types of the design are not known. */
export type AnyJobs = Readonly<Record<string, object>>

/** The input may be left out if none of it is required. */
type JobArguments<Input> = Record<never, never> extends Input ? [input?: Input, time?: JobTime] : [input: Input, time?: JobTime]

/** The jobs of the design, for code that adds them. `Jobs` are their inputs by name. */
export interface JobCalls<Jobs = AnyJobs> {
  /**
   * Adds a job in the transaction of the code: it exists if the transaction commits. It runs later, for the caller of the code. A row
   * stands for its id. Returns the id of the job; null when the job has `unique` and an equal one waits.
   */
  add<const K extends Text<Jobs>>(job: K, ...given: JobArguments<Jobs[K]>): Promise<string | null>
}

/** What all code inside a transaction gets. It has no ways to other systems: what they do cannot be undone with the transaction. */
export interface TransactionContext<Db, Caller, Jobs = AnyJobs> {
  /** The tables of the design, always in the current transaction, with the rules of the caller. */
  readonly db: Db
  /** Adds jobs, in the current transaction. */
  readonly jobs: JobCalls<Jobs>
  /** The claims of the caller; null where the caller has none. */
  readonly caller: Caller
  /** The moment at which the transaction began. */
  readonly now: Date
  readonly log: CodeLog
  /** Aborted when the code must end, because it took too long. */
  readonly signal: AbortSignal
}

/** One delivery of an event. */
export interface EventOfReaction {
  /** The same at every delivery of the event. */
  readonly id: string
  /** `Post.created`. */
  readonly name: string
  /** When the transaction of the event began, in ISO 8601. */
  readonly at: string
  /** From 1. */
  readonly attempt: number
  /** Whether the event is delivered again because somebody asked for it. */
  readonly replay: boolean
  /** Whether an earlier event of the row was given up. */
  readonly afterGap: boolean
}

/** What the code of a reaction gets. */
export interface ReactionContext<Db, Caller, Row, Before = null, Jobs = AnyJobs> extends TransactionContext<Db, Caller, Jobs> {
  readonly event: EventOfReaction
  /** The row after the event; before it, if the event deleted it. */
  readonly row: Row
  /** The row before an update; null for other events. */
  readonly before: Before
}

/** What the code of an action gets. */
export interface CodeContext<Db, Caller, Input, Row, Jobs = AnyJobs> extends TransactionContext<Db, Caller, Jobs> {
  /** What the caller sent, by name. A reference is the row that it names. */
  readonly input: Input
  /** The row of an action of an entity. */
  readonly row: Row
}

/** What code gets outside of the transaction that it opens itself. */
export interface OutsideTransaction<Services> {
  /** The HTTP services of the design, by name. They cannot be called while the transaction is open. */
  readonly services: Services
}

/** What the code of a reaction gets that opens its transaction itself. */
export interface OwnReactionContext<Db, Caller, Row, Before = null, Jobs = AnyJobs, Services = NoServices>
  extends Omit<ReactionContext<Db, Caller, Row, Before>, 'db' | 'jobs'>,
    OutsideTransaction<Services> {
  /** Opens the transaction, at most once, and gives what `work` returns when it is committed. */
  transaction<T>(work: (ctx: ReactionContext<Db, Caller, Row, Before, Jobs>) => T | Promise<T>): Promise<T>
}

/** The services of a design without any. */
type NoServices = Record<never, never>

/** What the code of an action gets that opens its transaction itself. Outside of the transaction there are no tables. */
export interface OwnContext<Db, Caller, Input, Row, Jobs = AnyJobs, Services = NoServices>
  extends Omit<CodeContext<Db, Caller, Input, Row>, 'db' | 'jobs'>,
    OutsideTransaction<Services> {
  /**
   * Opens the transaction, at most once, and gives what `work` returns when it is committed. `allow` and the rows are judged again under
   * their locks. After a deadlock, `work` runs again.
   */
  transaction<T>(work: (ctx: CodeContext<Db, Caller, Input, Row, Jobs>) => T | Promise<T>): Promise<T>
}

/** The run of a job. */
export interface JobRunInfo {
  /** The same for every run of the job: a key with which other systems can tell a repetition. */
  readonly id: string
  /** The number of this run, from 1. */
  readonly attempt: number
  /** When the job should have run first; for a schedule its time. */
  readonly dueAt: Date
}

/** What the code of a job or a schedule gets. */
export interface JobContext<Db, Caller, Input, Jobs = AnyJobs> extends TransactionContext<Db, Caller, Jobs> {
  readonly input: Input
  readonly job: JobRunInfo
}

/** What the code of a job or a schedule gets that opens its transaction itself. */
export interface OwnJobContext<Db, Caller, Input, Jobs = AnyJobs, Services = NoServices>
  extends Omit<JobContext<Db, Caller, Input>, 'db' | 'jobs'>,
    OutsideTransaction<Services> {
  /** Opens the transaction, at most once, and gives what `work` returns when it is committed. */
  transaction<T>(work: (ctx: JobContext<Db, Caller, Input, Jobs>) => T | Promise<T>): Promise<T>
}

/** What the handler of a route gets about its request. */
export interface RouteContext<Db, Caller, Services = NoServices> extends OutsideTransaction<Services> {
  /** The tables of the design, with the rules of the caller. Each call is a transaction of its own. */
  readonly db: Db
  /** The claims of the caller; null where the caller has none. */
  readonly caller: Caller
  readonly log: CodeLog
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
  /** Runs `work` in a transaction, and gives what it returns when it is committed. After a deadlock, `work` runs again. */
  transaction<T>(work: (ctx: TransactionContext<Db, Caller>) => T | Promise<T>): Promise<T>
}

/** What the plugin of `routes` gets as its second argument. */
export interface RoutesOptions<Db, Caller, Services = NoServices> {
  /** Gives a handler, or a hook after `onRequest`, what belongs to its request. @throws Error for a request to another route. */
  context(request: FastifyRequest<never> | FastifyRequest): RouteContext<Db, Caller, Services>
}

/** The plugin of `routes`: adds routes to `app`. */
export type RoutesPlugin<Db, Caller, Services = NoServices> = (
  app: FastifyInstance,
  options: RoutesOptions<Db, Caller, Services>,
) => void | Promise<void>
