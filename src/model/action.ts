/**
 * Business logic after resolution: actions and their steps. All names are bound and all expressions have types, so no name can be unknown.
 * Rows have names, which are the bindings of `RowPath`: `row` is the row of a row action, `input.account` the row of a reference of the
 * input, and others are names of steps or of elements of `each`. In a step, names without a dot are fields of the row `STEP_ROW`.
 */

import type { ActionAddress, InputSource } from './address/action-address.ts'
import type { ActionPage } from './address/page.ts'
import type { SessionPart, SigningAccount } from './caller.ts'
import type { LoggedValues, Predicate, RowPath, RowSet, Term, ValueType } from './expression.ts'
import type { FieldType } from './field-type.ts'
import type { Transition } from './workflow.ts'

/** The binding of the row that a step is about. It is no word of CEL, so no name of a design equals it. */
export const STEP_ROW = '$row'
/** The binding of the row of a row action. */
export const ACTION_ROW = 'row'

/** The binding of the row that a reference of the input found. */
export function inputBinding(input: string): string {
  return `input.${input}`
}

/** The name of an action: of an entity, or of the design (`entity` is null). */
export interface ActionName {
  readonly entity: string | null
  readonly name: string
}

/** An operation that the design adds. */
export interface Action extends ActionName {
  /** Where the design declares it: keys and indexes. */
  readonly at: readonly (string | number)[]
  readonly description: string | null
  /** Whether the rules of the entities apply to its steps. With `system` they do not, and `allow` alone decides. */
  readonly as: 'caller' | 'system'
  /** Who may call it. It may name `row`, the row's fields, the input and the caller. `NEVER` unless the design gives it. */
  readonly allow: Predicate
  /** The author's text of `allow` on one line. */
  readonly allowSource: string | null
  readonly inputs: readonly ActionInput[]
  /** The transition of a workflow that the action makes before its steps; null for other actions. */
  readonly transition: Transition | null
  /** In the order in which they run; empty if the action is code. */
  readonly steps: readonly ActionStep[]
  /** The code that runs in place of steps; null for an action of steps. */
  readonly run: ActionCode | null
  readonly answer: AnswerTree
  /** The answer in REST if a contract lets members of it be left out; else null. */
  readonly restAnswer: AnswerTree | null
  readonly address: ActionAddress
  /** The pages that a type html is filled into, and that browsers get when it fails; null for none of its own. */
  readonly page: ActionPage | null
  readonly failurePage: ActionPage | null
  /** The isolation, with that of called actions; whether it ends the session of its caller; whether it writes nothing (GET, query). */
  readonly isolation: 'read committed' | 'serializable'
  readonly signsOut: boolean
  readonly reads: boolean
}

/** A value that the caller sends. */
export interface ActionInput {
  readonly name: string
  readonly description: string | null
  /** Whether it may be left out. One that was not sent sets no field. */
  readonly optional: boolean
  /** Whether null may be sent for it. */
  readonly nullable: boolean
  /** The value when it was not sent, in the canonical spelling of the type; null without one. */
  readonly default: { readonly value: unknown } | null
  readonly type: InputType
  /** Where a request in REST has it. */
  readonly from: InputSource
}

/** The type of an input: a value within limits, or a reference to a row by the value of a unique field. */
export type InputType =
  | {
      readonly kind: 'value'
      readonly type: InputValueType
      /** The field whose type and limits the input has; null for a type of its own. */
      readonly of: { readonly entity: string; readonly field: string } | null
    }
  | {
      readonly kind: 'reference'
      readonly entity: string
      /** The field whose value is sent: `id` or a unique field. */
      readonly by: string
      readonly type: InputValueType
      /** A row for which it is not true counts as missing. Bare names are the fields of the row, with `STEP_ROW` as binding. */
      readonly where: Predicate
    }

/** The type of a value that is sent. */
export type InputValueType = Exclude<FieldType, { readonly kind: 'ref' | 'computed' }>

/** The failure with which an action stops: a code, its status and its message. */
export interface ActionFailure {
  readonly code: string
  readonly status: number
  readonly message: string
}

/** Code of the design: a function, or the path of a file and its export. */
export interface ActionCode {
  readonly code: string | ((...args: never[]) => unknown)
  /** Whether it opens its transaction itself. Otherwise it runs in one. */
  readonly ownTransaction: boolean
  readonly output: readonly ActionInput[]
}

/** One element of a list: its name in a step or an answer, and the list. */
export interface Each {
  readonly name: string
  readonly over: Elements
}

/** What `each` iterates over: rows, or the items of a list of the input. */
export type Elements =
  | { readonly kind: 'rows'; readonly rows: StepRows }
  | { readonly kind: 'items'; readonly of: Term }
  /** One element, as it was before its step. The slot `key` has the item as text, or the row as JSON. It occurs with hooks alone. */
  | { readonly kind: 'one-item'; readonly type: ValueType; readonly key: string }
  | { readonly kind: 'one-row'; readonly entity: string; readonly key: string }

/** Rows that a step reads or writes: all rows of an entity, those of a relation of a row, or those that an earlier step has named. */
export type StepRows = { readonly kind: 'entity'; readonly entity: string } | { readonly kind: 'set'; readonly set: RowSet }

/** What `update` and `delete` change: one row, or several. */
export type StepTarget = { readonly kind: 'row'; readonly row: RowPath } | { readonly kind: 'rows'; readonly rows: StepRows }

/** A field of the order of rows. */
export interface StepSort {
  readonly field: string
  readonly descending: boolean
}

/** The value that a step gives to a field. */
export interface Assignment {
  readonly field: string
  readonly value: Term
  /** An input: if it was not sent, the field stays unchanged or gets its default. Null if the field is always set. */
  readonly ifSent: string | null
  /** As `ifSent`, for the write rule of the field alone: a rule does not judge what a hook has set. */
  readonly judgedIf?: string
}

/** The parts of every step. */
interface StepBase {
  /** Where the design has the step. */
  readonly at: readonly (string | number)[]
  /** The name of its result; null without one. */
  readonly as: string | null
  /** The step is left out unless this is true; its result is then missing. */
  readonly when: Predicate | null
  /** The step is done once for each element. */
  readonly each: Each | null
  /** Whether the step is a part of a transition that was called. The rules of the entities do not apply to it. */
  readonly moves?: boolean
}

/** One step of an action. */
export type ActionStep = FindStep | ListStep | RequireStep | WritingStep | CallStep | EmitStep | EnqueueStep | SignInStep
type WritingStep = CreateStep | EnsureStep | UpdateStep | DeleteStep

/** Takes the first row. `as` names one row. */
export interface FindStep extends StepBase {
  readonly verb: 'find'
  readonly from: StepRows
  readonly entity: string
  readonly where: Predicate
  readonly sort: readonly StepSort[]
  /** Whether the action continues without a row. */
  readonly optional: boolean
  /** The failure if there is no row; null for `not_found`, and for an optional row. */
  readonly else: ActionFailure | null
}

/** Takes rows, or the different values of a field. `as` names many rows, or the list of the values. */
export interface ListStep extends StepBase {
  readonly verb: 'list'
  readonly from: StepRows
  readonly entity: string
  readonly where: Predicate
  readonly sort: readonly StepSort[]
  readonly limit: Term
  readonly offset: Term | null
  /** The field whose different values it takes, in their order or that of `sort`; of a list, its items. Null for rows. */
  readonly distinct: Term | null
}

/** Continues only if the condition is true; unknown refuses. */
export interface RequireStep extends StepBase {
  readonly verb: 'require'
  readonly condition: Predicate
  readonly source: string
  /** Null for `requirement_failed`. */
  readonly else: ActionFailure | null
}

/** Makes a row. `as` names one row, with `each` many. */
export interface CreateStep extends StepBase {
  readonly verb: 'create'
  readonly entity: string
  readonly set: readonly Assignment[]
}

/** Takes the row with these values of a unique constraint, or makes it. `as` names one row, with `each` many. */
export interface EnsureStep extends StepBase {
  readonly verb: 'ensure'
  readonly entity: string
  /** The fields of the constraint. */
  readonly unique: readonly string[]
  readonly set: readonly Assignment[]
  /** The changes of an existing row. Bare names are its fields. */
  readonly existing: readonly Assignment[]
  /** Whether it makes nothing if the row exists, and then names no row. */
  readonly onlyNew?: true
}

/** Changes a row or rows. Bare names are the fields before the step. */
export interface UpdateStep extends StepBase {
  readonly verb: 'update'
  readonly target: StepTarget
  readonly entity: string
  readonly where: Predicate
  readonly set: readonly Assignment[]
}

/** Deletes a row or rows; none is no error. */
export interface DeleteStep extends StepBase {
  readonly verb: 'delete'
  readonly target: StepTarget
  readonly entity: string
  readonly where: Predicate
}

/** Runs the steps of another action in place; its `allow` and `as` are not checked. */
export interface CallStep extends StepBase {
  readonly verb: 'call'
  readonly action: ActionName
  /** The row of a row action; null for an action of the design. */
  readonly on: RowPath | null
  /** Values of the called action's inputs, by name; a reference gets the id of the row. */
  readonly inputs: readonly { readonly name: string; readonly value: Term }[]
}

/** Logs an event about a row, as the row is then, with values that its reactions may name. */
export interface EmitStep extends StepBase, LoggedValues {
  readonly verb: 'emit'
  readonly event: { readonly entity: string; readonly happening: string }
  readonly row: RowPath
}

/** Adds a job in the transaction of the action. */
export interface EnqueueStep extends StepBase {
  readonly verb: 'enqueue'
  readonly job: string
  /** Values of the inputs of the job, by name; a reference gets the id of the row. */
  readonly inputs: readonly { readonly name: string; readonly value: Term }[]
  /** The moment of the first run; null for after the delay. */
  readonly runAt: Term | null
  readonly delayMs: number
}

/** Begins a session: from here on, `auth` is the account. `as` names the row of an account that signs in with its password. */
export interface SignInStep extends StepBase {
  readonly verb: 'signIn'
  readonly entity: string
  readonly account: SigningAccount
}

/** What an action answers, as a JSON tree. */
export type AnswerTree =
  /** 204, without a body. */
  | { readonly kind: 'none' }
  /** The row as a read of the entity gives it; null if the row is missing. */
  | { readonly kind: 'row'; readonly row: RowPath }
  | { readonly kind: 'value'; readonly value: Term }
  /** An answer about one row, which is named `as` in it; null if the row is missing or hidden. All uses of a shape have the same `of`. */
  | { readonly kind: 'shape'; readonly shape: string; readonly row: RowPath; readonly as: string; readonly of: AnswerTree }
  /** The token of a row that a step of this action has made; null if the step was skipped. */
  | { readonly kind: 'token'; readonly step: string; readonly field: string }
  /** A token of the session: `auth.token` or `auth.refreshToken`. */
  | { readonly kind: 'session'; readonly part: SessionPart }
  | { readonly kind: 'constant'; readonly value: null | boolean | number | string }
  | { readonly kind: 'object'; readonly members: readonly AnswerMember[] }
  /** A list; with `key`, an object with the elements under their keys. */
  | { readonly kind: 'list'; readonly each: Each; readonly key: Term | null; readonly of: AnswerTree }
  /** The value that the code of the action returns. */
  | { readonly kind: 'output' }

/** A member of an object of an answer. */
export interface AnswerMember {
  readonly name: string
  readonly of: AnswerTree
  /** The member is left out where its value is null. A contract may allow that a member is missing and not that it is null. */
  readonly absent?: true
}
