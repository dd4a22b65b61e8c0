/** What the planners of all operations share: their input, their output, and the refusal of callers. */

import { type FailureCode, failure } from '../../base/failure.ts'
import type { Lru } from '../../base/lru.ts'
import { memoPair } from '../../base/memo.ts'
import type { Statement, Value, Values } from '../../base/sql/statement.ts'
import type { EntityView, View } from '../../compile/rules/view.ts'
import type { CreatePlan, GetPlan, Plan, ReadPlan, WritePlan } from '../../compile/statements/plan.ts'
import { planSql } from '../../compile/statements/plan-sql.ts'
import { encodeText } from '../../compile/values/encode.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import type { Operation, Predicate } from '../../model/expression.ts'
import { type Entity, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'

/** What planning needs besides the request. It lives as long as the backend. */
export interface PlanContext {
  readonly model: Model
  readonly viewFor: (caller: Caller) => Variant
  readonly statements: Lru<Prepared>
  /** A new UUIDv7. */
  readonly newId: () => string
  /** Whether a denial shows the text of the rule. */
  readonly explainDenials: boolean
}

/** A kind of caller. All callers of a variant have the same view and the same statements. */
export interface Variant {
  readonly key: string
  readonly view: View
}

/** A plan and its statement. */
export interface Prepared<P extends Plan = Plan> {
  readonly plan: P
  readonly statement: Statement
}

/** A plan with the values of this request: one set per call, several only for creates. */
export interface Batch<P extends Plan = Plan> extends Prepared<P> {
  readonly calls: readonly Values[]
  /** The JSON pointer of each call's values in the body. */
  readonly pointers: readonly string[]
}

/** A read, planned: one call. */
export type PlannedRead<P extends ReadPlan = ReadPlan> = Batch<P>

/** A write, planned: its statement, and the statements that follow it in its transaction. */
export interface PlannedWrite<P extends WritePlan = WritePlan> extends Batch<P> {
  /** Whether the request is a list of rows to create; its answer is a list, too. */
  readonly many: boolean
  readonly sequel?: Sequel
}

/** Statements that follow a write in its transaction. */
export interface Sequel {
  /** Nested rows of a create, parents before their children. */
  readonly children: readonly Children[]
  /** Reads each written row after all of the write; null when the answer shows no row. */
  readonly reading: Prepared<GetPlan> | null
}

/** Rows of one relation, created under rows that the same request created. */
export interface Children extends Batch<CreatePlan> {
  /** Which rows they belong to: those of the request (0) or of an earlier entry of `children` (from 1). */
  readonly of: number
  /** For each call, which of those is its parent. */
  readonly parents: readonly number[]
  readonly via: Field
}

/** The pointer of a single call: its values are the whole body. */
export const WHOLE_BODY: readonly string[] = ['']

/** The input of the planner of one operation, besides the intent. */
export interface Planning {
  readonly context: PlanContext
  readonly caller: Caller
  readonly variant: Variant
  readonly entity: EntityView
}

/**
 * The statement of a list with more pieces than this is not kept: a caller who sends many different long filters could otherwise
 * fill the memory.
 */
const MAX_KEPT_PIECES = 2_000

/** Finds the prepared plan of a key, or makes and keeps it. Keys are those of plan-key.ts. */
export function prepare<P extends Plan>(context: PlanContext, key: string, make: (key: string) => P): Prepared<P> {
  const known = context.statements.get(key)
  // Equal keys have equal plans, so the kept plan has the type of what `make` returns.
  if (known !== undefined) return known as Prepared<P>
  const plan = make(key)
  const prepared = { plan, statement: planSql(context.model, plan) }
  // The length of other statements depends on the design alone.
  if (plan.kind !== 'list' || prepared.statement.sql.parts.length <= MAX_KEPT_PIECES) context.statements.set(key, prepared)
  return prepared
}

/**
 * Refuses, before any SQL, an operation whose rule holds for no row of this caller: 401 when signing in may help, 403 otherwise.
 *
 * @throws Failure `not_signed_in` or `forbidden`.
 */
export function requireOpen({ context, caller, entity }: Planning, operation: Operation, rule: Predicate): void {
  if (!isNever(rule)) return
  const signedOut = claimOf(caller, 'id') === null && context.model.identity !== null
  const closed = entity.entity.access.source[operation] === null
  throw signedOut && !closed ? failure('not_signed_in', {}) : denied(context, entity.entity, operation)
}

/**
 * The failure `forbidden`. In development it shows the text of the rule, or says that the design has none; in production it names
 * the rule by its code.
 */
export function denied(context: PlanContext, entity: Entity, operation: Operation, field?: string) {
  const code = field === undefined ? `${entity.name}.${operation}` : `${entity.name}.${field}.write`
  const source = entity.access.source[operation]
  const named = source === null ? `${code}, which the design does not have` : `${code}: ${source}`
  const rule = context.explainDenials && field === undefined ? named : code
  return failure('forbidden' satisfies FailureCode, {
    what: field === undefined ? `${operation} this ${entity.name}` : `set ${entity.name}.${field}`,
    rule,
  })
}

/** The slots that hold the claims of a caller. Kept by model, too, because the caller who is not signed in is one object for all models. */
export const callerValues = memoPair(
  (model: Model, caller: Caller): Values =>
    Object.freeze(Object.fromEntries(model.claims.map((claim) => [`auth.${claim.name}`, claimOf(caller, claim.name)]))),
)

/** Encodes the id of a URL. @throws Failure `not_found` for a text that is no id of the entity. */
export function idValue(entity: Entity, id: string): Value {
  const encoded = encodeText(fieldNamed(entity, 'id').type, id)
  if (!encoded.ok) throw failure('not_found', { what: entity.name })
  return encoded.value
}
