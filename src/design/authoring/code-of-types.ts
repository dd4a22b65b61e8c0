/** The types of the code of a design in TypeScript, made from the type of the design. */

import type { ClientsOf } from './behaviour-design.ts'
import type {
  CodeContext,
  CodeTable,
  JobContext,
  OwnContext,
  OwnJobContext,
  ReadingTables,
  RoutesPlugin,
  TransactionContext,
} from './context-types.ts'
import type { EntityDesign } from './design.ts'
import type { FieldValue, MissingValue, SentValue } from './field-design.ts'

type Entities = Readonly<Record<string, EntityDesign>>
type Text<T> = keyof T & string

interface Maintained<F> {
  readonly id: F extends { readonly id: { readonly type: 'integer' } } ? number : string
  readonly createdAt: string
  readonly updatedAt: string
  readonly version: number
}

type OfType<F, T> = { [K in keyof F]: F[K] extends { readonly type: T } ? K : never }[keyof F]

/** A row. */
export type RowOf<F> = Maintained<F> & {
  readonly [K in Exclude<keyof F, 'id' | OfType<F, 'password'>>]: FieldValue<F[K]> | MissingValue<F[K]>
}

/** Values of a row. Whether a required field is missing is checked when the code runs. */
type ValuesOf<F> = {
  readonly [K in Exclude<keyof F, 'id' | OfType<F, 'computed' | 'sequence'>>]?: SentValue<F[K]> | MissingValue<F[K]>
}

type ChangesOf<F> = {
  readonly [K in keyof ValuesOf<F>]?:
    | ValuesOf<F>[K]
    | (F[K] extends { readonly type: 'integer' | 'number' | 'decimal' } ? { readonly increment: number | string } : never)
}

/** The rows that references lead to. To-many relations have no type here. */
type RelatedOf<E, F> = {
  readonly [K in OfType<F, 'ref'>]: F[K] extends { readonly entity: infer T extends keyof E }
    ? E[T] extends { readonly fields: infer O }
      ? RowOf<O> | null
      : never
    : never
} & { readonly [relation: string]: unknown }

/** The tables of a design with the entities `E`. */
export type TablesOf<E extends Entities> = {
  readonly [K in keyof E]: CodeTable<
    RowOf<E[K]['fields']>,
    ValuesOf<E[K]['fields']>,
    ChangesOf<E[K]['fields']>,
    RelatedOf<E, E[K]['fields']>
  >
}

/** The claims of the caller. */
interface CallerOf {
  readonly id: string | null
  readonly [claim: string]: string | number | boolean | null
}

type DbOf<T, S> = S extends 'system' ? T & { readonly system: T } : T
type Reading<T, R> = R extends true ? ReadingTables<T> : T

/** The field of an input that is written as a text: `Entity.field`, or a type. */
type FieldOf<E, I> = I extends `${infer N}.${infer F}`
  ? N extends keyof E
    ? E[N] extends { readonly fields: infer X }
      ? F extends keyof X
        ? X[F]
        : never
      : never
    : never
  : { readonly type: I }

/** The value of such an input. */
type Named<E, I> = FieldValue<FieldOf<E, I>> | MissingValue<FieldOf<E, I>>

/** The type of an input or, where `Way` is `'out'`, of an output. */
type InputOf<E, I, Way> = I extends `${infer N}?`
  ? Named<E, N>
  : I extends { readonly ref: infer T extends keyof E }
    ? Way extends 'out'
      ? string
      : E[T] extends { readonly fields: infer X }
        ? RowOf<X>
        : never
    : I extends string
      ? Named<E, I>
      : Way extends 'out'
        ? SentValue<I>
        : FieldValue<I>

type IsOptional<I> = I extends `${string}?` ? true : I extends { readonly optional: true } ? true : false
type OptionalOf<I> = { [K in keyof I]: IsOptional<I[K]> extends true ? K : never }[keyof I]

/** Inputs or outputs by name. */
type InputsOf<E, I, Way> = { readonly [K in Exclude<keyof I, OptionalOf<I>>]: InputOf<E, I[K], Way> } & {
  readonly [K in OptionalOf<I>]?: InputOf<E, I[K], Way>
}

/** The value of an input of a job that code adds, written as a text. */
type AddedNamed<E, I> = SentValue<FieldOf<E, I>> | MissingValue<FieldOf<E, I>>

/** The value of an input of a job that code adds. A row stands for its id. */
type Added<E, I> = I extends `${infer N}?`
  ? AddedNamed<E, N> | null
  : I extends { readonly ref: infer T extends keyof E }
    ? E[T] extends { readonly fields: infer X }
      ? Maintained<X>['id'] | Pick<Maintained<X>, 'id'>
      : never
    : I extends string
      ? AddedNamed<E, I>
      : SentValue<I>

type MayBeLeftOut<I> = {
  [K in keyof I]: IsOptional<I[K]> extends true ? K : I[K] extends { readonly default: unknown } ? K : never
}[keyof I]

/** The inputs of jobs by name, as code gives them. A job without inputs takes none. */
export type JobInputsOf<E, J> = {
  readonly [K in keyof J]: unknown extends J[K]
    ? { readonly [name: string]: never }
    : { readonly [N in Exclude<keyof J[K], MayBeLeftOut<J[K]>>]: Added<E, J[K][N]> } & {
        readonly [N in MayBeLeftOut<J[K]>]?: Added<E, J[K][N]>
      }
}

/** What code may return. Without outputs, or with outputs whose names are not known, anything. */
type AnswerOf<E, O> = [keyof O] extends [never]
  ? unknown
  : string extends keyof O
    ? unknown
    : InputsOf<E, O, 'out'> | Promise<InputsOf<E, O, 'out'>>

/** The parts of an action on which the type of its code depends. */
export interface ActionTypes {
  readonly input: unknown
  readonly output: unknown
  readonly as: unknown
  readonly reads: unknown
  readonly transaction: unknown
  readonly row: unknown
  /** The inputs of the jobs of the design, by job. */
  readonly jobs: unknown
  readonly services: unknown
}

type ContextOf<E extends Entities, A extends ActionTypes, Db> = A['transaction'] extends 'own'
  ? OwnContext<Db, CallerOf, InputsOf<E, A['input'], 'in'>, A['row'], JobInputsOf<E, A['jobs']>, ClientsOf<A['services']>>
  : CodeContext<Db, CallerOf, InputsOf<E, A['input'], 'in'>, A['row'], JobInputsOf<E, A['jobs']>>

/** The function of an action of a design with the entities `E`. */
export type CodeFunction<E extends Entities, A extends ActionTypes> = (
  ctx: ContextOf<E, A, DbOf<Reading<TablesOf<E>, A['reads']>, A['as']>>,
) => AnswerOf<E, A['output']>

/**
 * The same function as the type of a method. It also takes functions with another context, such as those of a design that is made from
 * another one, because TypeScript compares the parameters of methods in both directions.
 */
export type TakenCode<E extends Entities, A extends ActionTypes> = {
  method(...args: Parameters<CodeFunction<E, A>>): AnswerOf<E, A['output']>
}['method']

/** The type of a member; an object without members if there is none. */
export type At<T, K> = K extends keyof T ? T[K] : Record<never, never>

declare const ACTION_TYPES: unique symbol

/**
 * What the types of code need: by action its inputs, outputs, `as`, `reads` and `transaction`; by job its inputs, `as` and
 * `transaction`; and the services. Only in types.
 */
export interface ActionParts<I, O, S, R, T, J, H, W, X> {
  readonly [ACTION_TYPES]?: {
    readonly input: I
    readonly output: O
    readonly as: S
    readonly reads: R
    readonly transaction: T
    readonly jobs: J
    readonly services: H
    readonly jobAs: W
    readonly jobTransaction: X
  }
}

type Parts<D, P extends string> = D extends { readonly [ACTION_TYPES]?: infer T } ? At<NonNullable<T>, P> : Record<never, never>
type Part<D, P extends string, N> = At<Parts<D, P>, N>

type RowAction<E extends Entities, K extends keyof E, N, J, H> = CodeFunction<
  E,
  {
    readonly input: At<At<At<E[K], 'actions'>, N> & object, 'input'>
    readonly output: At<At<At<E[K], 'actions'>, N> & object, 'output'>
    readonly as: At<At<At<E[K], 'actions'>, N> & object, 'as'>
    readonly reads: At<At<At<E[K], 'actions'>, N> & object, 'reads'>
    readonly transaction: At<At<At<E[K], 'actions'>, N> & object, 'transaction'>
    readonly row: RowOf<E[K]['fields']>
    readonly jobs: J
    readonly services: H
  }
>

/** The entities that a design declares, without the index signature of designs in general. */
type Declared<E> = { readonly [K in keyof E as string extends K ? never : K]: E[K] }

/** The function of an action of a design, by `name` or `Entity.name`: `CodeOf<typeof design, 'Order.cancel'>`. */
export type CodeOf<D extends { readonly entities: Entities }, N extends string> = N extends `${infer K}.${infer A}`
  ? K extends Text<Declared<D['entities']>>
    ? RowAction<Declared<D['entities']>, K, A, Parts<D, 'jobs'>, Parts<D, 'services'>>
    : never
  : CodeFunction<
      Declared<D['entities']>,
      {
        readonly input: Part<D, 'input', N>
        readonly output: Part<D, 'output', N>
        readonly as: Part<D, 'as', N>
        readonly reads: Part<D, 'reads', N>
        readonly transaction: Part<D, 'transaction', N>
        readonly row: null
        readonly jobs: Parts<D, 'jobs'>
        readonly services: Parts<D, 'services'>
      }
    >

type JobDb<D extends { readonly entities: Entities }, N> = DbOf<TablesOf<Declared<D['entities']>>, Part<D, 'jobAs', N>>
type JobInput<D extends { readonly entities: Entities }, N> = InputsOf<Declared<D['entities']>, Part<D, 'jobs', N>, 'in'>
type JobsOf<D extends { readonly entities: Entities }> = JobInputsOf<Declared<D['entities']>, Parts<D, 'jobs'>>

/** The function of a job of a design, by the name of the job: `JobOf<typeof design, 'remind'>`. */
export type JobOf<D extends { readonly entities: Entities }, N extends Text<Parts<D, 'jobs'>>> = (
  ctx: Part<D, 'jobTransaction', N> extends 'own'
    ? OwnJobContext<JobDb<D, N>, CallerOf, JobInput<D, N>, JobsOf<D>, ClientsOf<Parts<D, 'services'>>>
    : JobContext<JobDb<D, N>, CallerOf, JobInput<D, N>, JobsOf<D>>,
) => unknown

/** The fields of a row that its hooks may see in `input`. */
type HookField<F> = Exclude<keyof F, 'id' | OfType<F, 'computed' | 'sequence' | 'password' | 'token' | 'file'>>
type HookRow<F> = Omit<RowOf<F>, OfType<F, 'token'>>
/** Values of a new row. Which of them must be sent is checked when the write is judged. */
type HookInput<F> = { readonly [K in HookField<F>]?: FieldValue<F[K]> | MissingValue<F[K]> }
type HookChanges<F> = {
  readonly [K in HookField<F>]?:
    | HookInput<F>[K]
    | (F[K] extends { readonly type: 'integer' | 'number' | 'decimal' } ? { readonly increment: unknown } : never)
}

/** What the hook of each moment gets, besides what all code gets. */
interface HookParts<F> {
  readonly beforeCreate: { readonly input: HookInput<F> }
  readonly afterCreate: { readonly input: HookInput<F>; readonly row: HookRow<F> }
  readonly beforeUpdate: { readonly input: HookChanges<F>; readonly row: HookRow<F> }
  readonly afterUpdate: { readonly input: HookChanges<F>; readonly row: HookRow<F>; readonly before: HookRow<F> }
  readonly beforeDelete: { readonly row: HookRow<F> }
  readonly afterDelete: { readonly row: HookRow<F> }
}

// A function without a `return` has the type `void`.
// biome-ignore lint/suspicious/noConfusingVoidType: it is the return type of functions
type Nothing = undefined | void

/** What a hook may return: before a create or an update, values to set. */
type HookAnswer<F, M> = M extends 'beforeCreate' | 'beforeUpdate' ? Pick<ValuesOf<F>, keyof ValuesOf<F> & HookField<F>> | Nothing : Nothing

type HookFunction<E extends Entities, K extends keyof E, M extends keyof HookParts<unknown>, J> = (
  ctx: TransactionContext<DbOf<TablesOf<E>, At<At<At<E[K], 'hooks'>, M>, 'as'>>, CallerOf, JobInputsOf<E, J>> &
    HookParts<E[K]['fields']>[M],
) => HookAnswer<E[K]['fields'], M> | Promise<HookAnswer<E[K]['fields'], M>>

/** The function of a hook of a design: `HookOf<typeof design, 'Order.beforeCreate'>`. */
export type HookOf<D extends { readonly entities: Entities }, N extends string> = N extends `${infer K}.${infer M}`
  ? K extends Text<Declared<D['entities']>>
    ? M extends keyof HookParts<unknown>
      ? HookFunction<Declared<D['entities']>, K, M, Parts<D, 'jobs'>>
      : never
    : never
  : never

/** The plugin of the `routes` of a design: `RoutesOf<typeof design>`. */
export type RoutesOf<D extends { readonly entities: Entities }> = RoutesPlugin<
  DbOf<TablesOf<Declared<D['entities']>>, D extends { readonly routes: { readonly as: infer S } } ? S : 'caller'>,
  CallerOf,
  ClientsOf<Parts<D, 'services'>>
>
