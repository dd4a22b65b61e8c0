/** The logic of a design as its author wrote it, as far as it decides what calls of actions must answer and do. */

import type { WrittenDesign, WrittenEntity } from '../expected/written-design.ts'

/** An expression (CEL), or a constant. A choice takes its bare word. */
export type WrittenValue = string | number | boolean | null

/** An answer: a JSON tree whose leaves are values. */
export type WrittenAnswer = WrittenValue | WrittenAnswerObject

/** An object of an answer; with `each`, a list or an object by `key`. */
export interface WrittenAnswerObject {
  readonly [name: string]: WrittenAnswer
}

/** A row that the caller names. */
interface ReferenceDesign {
  readonly ref: string
  readonly by?: string
  readonly where?: string
  readonly optional?: boolean
}

/** An input: `Entity.field` or a type, a reference, or a value of its own type. */
export type WrittenInput = string | ReferenceDesign | { readonly type: string; readonly optional?: boolean }

interface Repeated {
  readonly when?: string
  readonly each?: string
}

interface StepOptions extends Repeated {
  readonly as?: string
}

type Where = string | readonly string[]
type Assignments = Readonly<Record<string, WrittenValue>>

/** Takes the first row. */
export interface WrittenFind extends StepOptions {
  readonly find: string
  readonly where?: Where
  readonly sort?: readonly string[]
  readonly optional?: boolean
  readonly else?: string
}

/** Takes rows. */
export interface WrittenList extends StepOptions {
  readonly list: string
  readonly where?: Where
  readonly sort?: readonly string[]
  readonly limit?: WrittenValue
  readonly offset?: WrittenValue
  readonly distinct?: string
}

/** Goes on only if the condition is true. */
export interface WrittenRequire extends Repeated {
  readonly require: string
  readonly else?: string
}

/** Makes a row. */
export interface WrittenCreate extends StepOptions {
  readonly create: string
  readonly set?: Assignments | 'input'
}

/** Takes the row with the values of a unique constraint, or makes it. */
export interface WrittenEnsure extends StepOptions {
  readonly ensure: string
  readonly set?: Assignments | 'input'
  readonly existing?: Assignments
}

/** Changes rows. */
export interface WrittenUpdate extends StepOptions {
  readonly update: string
  readonly where?: Where
  readonly set: Assignments | 'input'
}

/** Deletes rows. */
export interface WrittenDelete extends StepOptions {
  readonly delete: string
  readonly where?: Where
}

/** Runs the steps of another action. */
export interface WrittenCall extends Repeated {
  readonly call: string
  readonly on?: string
  readonly input?: Assignments
}

/** Logs an event about a row. */
export interface WrittenEmit extends Repeated {
  readonly emit: string
  readonly on?: string
}

/** Adds a job. */
export interface WrittenEnqueue extends Repeated {
  readonly enqueue: string
  readonly input?: Assignments
}

/** Signs in. */
export interface WrittenSignIn extends Pick<StepOptions, 'as'> {
  readonly signIn: string | Assignments
}

/** One step. Its first key is the verb. */
export type WrittenStep =
  | WrittenFind
  | WrittenList
  | WrittenRequire
  | WrittenCreate
  | WrittenEnsure
  | WrittenUpdate
  | WrittenDelete
  | WrittenCall
  | WrittenEmit
  | WrittenEnqueue
  | WrittenSignIn

/** An action. */
export interface WrittenAction {
  readonly as?: 'caller' | 'system'
  readonly allow?: string
  readonly input?: Readonly<Record<string, WrittenInput>>
  readonly steps?: readonly WrittenStep[]
  readonly answer?: WrittenAnswer
  readonly signOut?: boolean
  readonly run?: unknown
}

/** An action that moves a row from one state to another before its steps. */
export interface WrittenTransition extends WrittenAction {
  readonly from: string | readonly string[]
  readonly to: string
  readonly guard?: string
}

/** A design with its logic. */
export interface WrittenLogic extends WrittenDesign {
  readonly entities: Readonly<Record<string, WrittenEntity & { readonly actions?: Readonly<Record<string, WrittenAction>> }>>
  readonly actions?: Readonly<Record<string, WrittenAction>>
  readonly workflows?: Readonly<
    Record<string, { readonly entity: string; readonly field: string; readonly transitions: Readonly<Record<string, WrittenTransition>> }>
  >
  /** Answers about one row that have names. */
  readonly shapes?: Readonly<Record<string, { readonly fields?: readonly string[]; readonly with?: WrittenAnswerObject }>>
  readonly errors?: { readonly codes?: Readonly<Record<string, { readonly status?: number }>> }
}
