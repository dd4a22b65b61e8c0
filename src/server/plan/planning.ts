/** Shared by the planners of all operations: their input, their output, and the refusal of callers. */

import { failure } from '../../base/failure.ts'
import type { FailureCode } from '../../base/failures/failure-catalogue.ts'
import type { Lru } from '../../base/lru.ts'
import { memoPair } from '../../base/memo.ts'
import type { Statement, Value, Values } from '../../base/sql/statement.ts'
import { planSql } from '../../compile/plan-sql.ts'
import type { EntityView, View } from '../../compile/rules/view.ts'
import { guardOf, type WriteGuard } from '../../compile/statements/checks/guard-write.ts'
import type { CreatePlan, GetPlan, Plan, ReadPlan, WritePlan } from '../../compile/statements/plan.ts'
import { encodeText } from '../../compile/values/encode.ts'
import { type Caller, claimOf, isKnown } from '../../model/caller.ts'
import type { Operation, Predicate } from '../../model/expression.ts'
import { type Entity, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import type { Recipes } from './recipes/recipes.ts'

/** What planning needs besides the request. A backend has one context. */
export interface PlanContext {
  readonly model: Model
  readonly viewFor: (caller: Caller) => Variant
  readonly statements: Lru<Prepared>
  /** Recipes of lists; null when every list is planned anew. */
  readonly recipes: Recipes | null
  /** A new UUIDv7. */
  readonly newId: () => string
  /** Whether reads run as columns where columns cover their plans; false is for tests and measurements. */
  readonly columns: boolean
  /** Whether a denial shows the text of the rule. */
  readonly explainDenials: boolean
  /** Whether single writes may use the short forms of their statements, and actions their one statement. */
  readonly short: boolean
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
  /** The statements around a write that could break a check over relations; absent for any other. */
  readonly guard?: WriteGuard
}

/** A plan with the values of this request: one set of values per call. Only creates have several calls. */
export interface Batch<P extends Plan = Plan> extends Prepared<P> {
  readonly calls: readonly Values[]
  /** The JSON pointer of each call's values in the body. */
  readonly pointers: readonly string[]
}

/** A planned read. It has one call. */
export type PlannedRead<P extends ReadPlan = ReadPlan> = Batch<P>

/** A planned write: its statement, and the statements that follow in the same transaction. */
export interface PlannedWrite<P extends WritePlan = WritePlan> extends Batch<P> {
  /** Whether the request is a list of rows to create. Its answer is then a list, too. */
  readonly many: boolean
  readonly sequel?: Sequel
}

/** Statements that follow a write in its transaction. */
export interface Sequel {
  /** Nested rows of a create, parents before their children. */
  readonly children: readonly Children[]
  /** Reads each written row after all other statements; null when the answer contains no row. */
  readonly reading: Prepared<GetPlan> | null
}

/** New rows of one relation, whose parents the same request creates. */
export interface Children extends Batch<CreatePlan> {
  /** The parents: the rows of the request (0), or the rows of an earlier entry of `children` (from 1). */
  readonly of: number
  /** The index of the parent of each call. */
  readonly parents: readonly number[]
  readonly via: Field
}

/** The pointers of a single call, whose values are the whole body. */
export const WHOLE_BODY: readonly string[] = ['']

/** The input of the planner of one operation, besides the intent. */
export interface Planning {
  readonly context: PlanContext
  readonly caller: Caller
  readonly variant: Variant
  readonly entity: EntityView
}

/** The statement of a list with more pieces than this is not cached, because many different long filters could fill the memory. */
const MAX_KEPT_PIECES = 2_000

/** Finds the prepared plan of a key, or makes and keeps it. Keys are those of plan-key.ts. */
export function prepare<P extends Plan>(context: PlanContext, key: string, make: (key: string) => P): Prepared<P> {
  const known = context.statements.get(key)
  // Equal keys have equal plans, so the cached plan has the type that `make` returns.
  if (known !== undefined) return known as Prepared<P>
  const plan = make(key)
  const statement = planSql(context.model, plan)
  const guard = plan.kind === 'get' || plan.kind === 'list' ? null : guardOf(context.model, plan)
  const prepared = {
    plan,
    statement: context.short ? statement : { ...statement, short: undefined },
    ...(guard === null ? {} : { guard }),
  }
  // The length of other statements depends only on the design.
  if (plan.kind !== 'list' || prepared.statement.sql.parts.length <= MAX_KEPT_PIECES) context.statements.set(key, prepared)
  return prepared
}

/**
 * Refuses, before any SQL, an operation that the rule allows to this caller on no row: with 401 when signing in may help, otherwise with
 * 403.
 *
 * @throws Failure `not_signed_in` or `forbidden`.
 */
export function requireOpen({ context, caller, entity }: Planning, operation: Operation, rule: Predicate): void {
  if (!isNever(rule)) return
  const signedOut = !isKnown(caller) && context.model.identity !== null
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
    entity: entity.name,
  })
}

/** The slots that hold the claims of a caller. Cached by model, too, because all models share one object for the anonymous caller. */
export const callerValues = memoPair(
  (model: Model, caller: Caller): Values =>
    Object.freeze(Object.fromEntries(model.claims.map((claim) => [`auth.${claim.name}`, claimOf(caller, claim.name)]))),
)

/** Encodes the id of a URL. @throws Failure `not_found` for a text that is no id of the entity. */
export function idValue(entity: Entity, id: string): Value {
  return keyValue(entity, 'id', id)
}

/** Encodes the value of a unique field in a URL. @throws Failure `not_found` for a text that no row can have. */
export function keyValue(entity: Entity, field: string, text: string): Value {
  const encoded = encodeText(fieldNamed(entity, field).type, text)
  if (!encoded.ok) throw failure('not_found', { entity: entity.name })
  return encoded.value
}
