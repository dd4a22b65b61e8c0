/** What the planners of all operations share: what they are given, what they make, and whom they refuse. */

import { type FailureCode, failure } from '../../base/failure.ts'
import type { Lru } from '../../base/lru.ts'
import { memoPair } from '../../base/memo.ts'
import type { Statement, Value, Values } from '../../base/sql/statement.ts'
import type { EntityView, View } from '../../compile/rules/view.ts'
import type { Plan } from '../../compile/statements/plan.ts'
import { planSql } from '../../compile/statements/plan-sql.ts'
import { encodeText } from '../../compile/values/encode.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import type { Operation, Predicate } from '../../model/expression.ts'
import { type Entity, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'

/** What planning needs to know; lives as long as the design it serves. */
export interface PlanContext {
  readonly model: Model
  readonly viewFor: (caller: Caller) => Variant
  readonly statements: Lru<Prepared>
  /** A new UUIDv7. */
  readonly newId: () => string
  /** Whether a denial shows the text of the rule. */
  readonly explainDenials: boolean
}

/** The kind of caller: all callers of one variant have the same view, and their requests the same statements. */
export interface Variant {
  readonly key: string
  readonly view: View
}

/** A plan and what it renders to. */
export interface Prepared {
  readonly plan: Plan
  readonly statement: Statement
}

/** A plan with the values of this request: one set a call, more than one only for creates. */
export interface Batch extends Prepared {
  readonly calls: readonly Values[]
  /** JSON pointer of each call's values in the body. */
  readonly pointers: readonly string[]
}

/** What a request amounts to. */
export interface Planned extends Batch {
  /** A create of many answers with a list. */
  readonly many: boolean
  /** What follows within the transaction of the write. */
  readonly sequel?: Sequel
}

/** More than one statement can do. */
export interface Sequel {
  /** Rows that a create brings along, parents before their children. */
  readonly children: readonly Children[]
  /** Reads each written row as it has become; null when none is answered. */
  readonly reading: Prepared | null
}

/** Rows of one relation, created under rows that were created just before. */
export interface Children extends Batch {
  /** Which rows they belong to: those of the request (0) or of an earlier entry of `children` (from 1). */
  readonly of: number
  /** For each call, which of those is its parent. */
  readonly parents: readonly number[]
  readonly via: Field
}

/** Where the values of a single call are in the body. */
export const WHOLE_BODY: readonly string[] = ['']

/** What a planner of one operation is given. */
export interface Planning {
  readonly context: PlanContext
  readonly caller: Caller
  readonly variant: Variant
  readonly entity: EntityView
}

/** A list of more pieces than this is planned anew each time: a caller who writes one long filter after another could otherwise fill the memory. */
const MAX_KEPT_PIECES = 2_000

/** Finds the prepared plan of a key, or makes it. */
export function prepare(context: PlanContext, key: string, make: (key: string) => Plan): Prepared {
  const known = context.statements.get(key)
  if (known !== undefined) return known
  const plan = make(key)
  const prepared = { plan, statement: planSql(context.model, plan) }
  // How long another statement gets is up to the design.
  if (plan.kind !== 'list' || prepared.statement.sql.parts.length <= MAX_KEPT_PIECES) context.statements.set(key, prepared)
  return prepared
}

/**
 * Refuses an operation that can hold for no row of this caller, before any SQL: 401 where signing in might help, 403 otherwise.
 *
 * @throws Failure `not_signed_in` or `forbidden`.
 */
export function requireOpen({ context, caller, entity }: Planning, operation: Operation, rule: Predicate): void {
  if (!isNever(rule)) return
  const signedOut = claimOf(caller, 'id') === null && context.model.identity !== null
  const closed = entity.entity.access.source[operation] === null
  throw signedOut && !closed ? failure('not_signed_in', {}) : denied(context, entity.entity, operation)
}

/** The failure of a denial; in development it names the rule by its text, or says that there is none, in production by its code. */
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

/** The id of the address. One that cannot be an id of the entity names no row. @throws Failure `not_found`. */
export function idValue(entity: Entity, id: string): Value {
  const encoded = encodeText(fieldNamed(entity, 'id').type, id)
  if (!encoded.ok) throw failure('not_found', { what: entity.name })
  return encoded.value
}
