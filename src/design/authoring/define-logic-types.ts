/** The types with which `backend()` checks the names in actions and workflows: entities, fields that steps set, and states. */

import type { At, TakenCode } from './code-of-types.ts'
import type { EntityDesign } from './design.ts'
import type { ChoiceField, FieldDesign } from './field-design.ts'
import type { JobDesign } from './job-design.ts'
import type {
  ActionDesign,
  CallDesign,
  CreateDesign,
  DeleteDesign,
  EmitDesign,
  EnqueueDesign,
  EnsureDesign,
  FindDesign,
  InputDesign,
  ListDesign,
  ReferenceDesign,
  RequireDesign,
  ShapeDesign,
  SignInDesign,
  TransitionDesign,
  UpdateDesign,
  ValueDesign,
  WorkflowDesign,
} from './logic-design.ts'

type Entities = Readonly<Record<string, EntityDesign>>
type FieldMap = Readonly<Record<string, FieldDesign>>
type Name<T> = keyof T & string

/** The actions of a design with the entities `E`. */
export type CheckedActions<E extends Entities> = Readonly<Record<string, CheckedAction<E>>>

/**
 * The actions of a design, whose code has types: `I` are their inputs, `O` their outputs, `S` whose rules apply, `R` whether they only
 * read and `T` whether they open their transaction, each by action; `J` are the inputs of jobs and `H` the services.
 * TypeScript infers each of these from a mapped type of its own.
 */
export type TypedActions<E extends Entities, I, O, S, R, T, J, H> = { readonly [K in keyof S]: { readonly as?: S[K] } } & {
  readonly [K in keyof R]: { readonly reads?: R[K] }
} & { readonly [K in keyof T]: { readonly transaction?: T[K] } } & { readonly [K in keyof O]: { readonly output?: O[K] } } & {
  readonly [K in keyof I]: TypedAction<E, I, O, S, R, T, J, H, K>
}

type TypedAction<E extends Entities, I, O, S, R, T, J, H, K extends keyof I> = Omit<CheckedAction<E>, 'input' | 'run'> & {
  readonly input?: I[K] & Readonly<Record<string, CheckedInput<E>>>
  readonly run?:
    | string
    | TakenCode<
        E,
        {
          readonly input: I[K]
          readonly output: At<O, K>
          readonly as: At<S, K>
          readonly reads: At<R, K>
          readonly transaction: At<T, K>
          readonly row: null
          readonly jobs: J
          readonly services: H
        }
      >
}

/** The jobs of a design with the entities `E`. */
export type CheckedJobs<E extends Entities> = Readonly<Record<string, CheckedJob<E>>>

/** The same; `J` are their inputs, `W` whose rules apply and `X` whether they open their transaction, each by job. */
export type TypedJobs<E extends Entities, J, W, X> = { readonly [K in keyof W]: { readonly as: W[K] } } & {
  readonly [K in keyof X]: { readonly transaction?: X[K] }
} & {
  readonly [K in keyof J]: Omit<CheckedJob<E>, 'input'> & { readonly input?: J[K] & Readonly<Record<string, CheckedInput<E>>> }
}

type CheckedJob<E extends Entities> = Omit<JobDesign, 'input' | 'steps'> & {
  readonly input?: Readonly<Record<string, CheckedInput<E>>>
  readonly steps?: readonly CheckedStep<E>[]
}

/** An action whose steps and references name entities of `E`. */
type CheckedAction<E extends Entities, A extends ActionDesign = ActionDesign> = Omit<A, 'input' | 'steps'> & {
  readonly input?: Readonly<Record<string, CheckedInput<E>>>
  readonly steps?: readonly CheckedStep<E>[]
}

/** `Entity.field`, followed by `?` if it may be left out. */
type FieldInput<E extends Entities> = { [K in Name<E>]: `${K}.${Name<E[K]['fields']>}` }[Name<E>]

type CheckedInput<E extends Entities> =
  | Exclude<InputDesign, string | ReferenceDesign>
  | FieldInput<E>
  | `${FieldInput<E>}?`
  /** A type, such as `text`. */
  | Lowercase<string>
  | { [K in Name<E>]: Omit<ReferenceDesign, 'ref' | 'by'> & { readonly ref: K; readonly by?: Name<E[K]['fields']> } }[Name<E>]

/** Values by field. */
type Values<F extends FieldMap> = { readonly [N in Name<F> | 'id']?: ValueDesign }

/** An entity, or the row or rows that a path names; a path begins with a small letter. */
type Target<E extends Entities> = Name<E> | `${Lowercase<string>}${string}`

type CheckedStep<E extends Entities> =
  | {
      [K in Name<E>]:
        | (Omit<CreateDesign, 'create' | 'set'> & { readonly create: K; readonly set?: Values<E[K]['fields']> | 'input' })
        | (Omit<EnsureDesign, 'ensure' | 'set' | 'existing'> & {
            readonly ensure: K
            readonly set?: Values<E[K]['fields']> | 'input'
            readonly existing?: Values<E[K]['fields']>
          })
    }[Name<E>]
  | (Omit<FindDesign, 'find'> & { readonly find: Target<E> })
  | (Omit<ListDesign, 'list'> & { readonly list: Target<E> })
  | (Omit<UpdateDesign, 'update'> & { readonly update: Target<E> })
  | (Omit<DeleteDesign, 'delete'> & { readonly delete: Target<E> })
  | RequireDesign
  | CallDesign
  | EmitDesign
  | EnqueueDesign
  | SignInDesign

/** The shapes of a design with the entities `E`. Their fields may be those that Plinth adds. */
export type CheckedShapes<E extends Entities> = Readonly<Record<string, CheckedShape<E>>>

type CheckedShape<E extends Entities> = {
  [K in Name<E>]: Omit<ShapeDesign, 'of' | 'fields'> & { readonly of: K; readonly fields?: readonly (Name<E[K]['fields']> | SystemField)[] }
}[Name<E>]

type SystemField = 'id' | 'createdAt' | 'updatedAt' | 'version' | 'deletedAt'

/** The workflows of a design with the entities `E`. */
export type CheckedWorkflows<E extends Entities> = Readonly<Record<string, CheckedWorkflow<E>>>

type CheckedWorkflow<E extends Entities> = { [K in Name<E>]: WorkflowOf<E, K> }[Name<E>]

/** A workflow of one entity, for each of its choices: its states are the values of the choice. */
type WorkflowOf<E extends Entities, K extends Name<E>> = {
  [F in Name<E[K]['fields']>]: E[K]['fields'][F] extends ChoiceField<infer V>
    ? Omit<WorkflowDesign, 'entity' | 'field' | 'initial' | 'transitions'> & {
        readonly entity: K
        readonly field: F
        readonly initial?: V
        readonly transitions: Readonly<Record<string, CheckedTransition<E, V>>>
      }
    : never
}[Name<E[K]['fields']>]

type CheckedTransition<E extends Entities, V extends string> = Omit<CheckedAction<E, TransitionDesign>, 'from' | 'to'> & {
  readonly from: V | readonly V[]
  readonly to: V
}
