/** Turns errors of PostgreSQL into failures with the names of the design. */

import { Failure, failure, invalid } from '../../base/failure.ts'
import type { Rule } from '../../base/failures/rules.ts'
import type { Run, Value, Values } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Plan } from '../../compile/statements/plan.ts'
import { type ConstraintFact, factKey } from '../../compile/tables/tables.ts'
import { type ExplainedError, explainError } from '../../postgres/sqlstate.ts'
import type { Batch } from '../plan/planning.ts'
import { tooManyBytes, tooManyRows } from './answer-size.ts'

/** The constraints of the design, from `constraintFacts`. */
export type Violations = ReadonlyMap<string, ConstraintFact>

/**
 * The failure for the error of a statement. A `Failure` is returned unchanged. A violated constraint is never an internal error, even if
 * this version of the design does not have the constraint. Any other unexplained error becomes an internal error; only the log shows its
 * reason.
 */
export function databaseFailure(violations: Violations, batch: Batch, error: unknown): Failure {
  if (error instanceof Failure) return error
  const explained = explainError(error)
  switch (explained.kind) {
    case 'unique':
    case 'check':
    case 'foreign-key':
    case 'not-null':
      return violation(factOf(violations, explained), batch, explained)
    case 'index-row-too-large':
      return invalid([{ pointer: batch.pointers.length === 1 ? (batch.pointers[0] ?? '') : '', rule: 'maxLength', message: TOO_LONG }])
    case 'invalid-value':
    case 'schema-changed':
      return outOfRange(batch, explained) ?? statementFailure(batch.statement.name, error)
    case 'serialization':
    case 'deadlock':
    case 'lock-timeout':
    case 'statement-timeout':
    case 'disk-full':
    case 'read-only':
    case 'connection-lost':
    case 'cannot-connect':
    case 'too-many-connections':
    case 'not-allowed':
    case 'no-database':
    case 'too-many-rows':
    case 'too-many-bytes':
    case 'other':
      return statementFailure(batch.statement.name, error)
    default:
      return unreachable(explained.kind)
  }
}

/**
 * The failure of a number out of range. Sent values are checked before the statement, so there are two causes: a computed value, or a
 * column that a newer version of the design has narrowed.
 */
function outOfRange({ plan, pointers }: Batch, { sqlState }: ExplainedError): Failure | null {
  if (!isOutOfRange(sqlState) || (plan.kind !== 'create' && plan.kind !== 'update')) return null
  const computes = plan.entity.fields.some(({ type }) => type.kind === 'computed' && type.scalar === 'integer')
  const message = computes ? COMPUTED_OUT_OF_RANGE : 'holds a value that does not fit into the database'
  return invalid([{ pointer: pointers.length === 1 ? (pointers[0] ?? '') : '', rule: 'range', message }])
}

/** The message does not name the field, because the caller may not be allowed to read it. */
const COMPUTED_OUT_OF_RANGE = 'holds values from which a whole number out of range would be computed'

/** SQLSTATE string_data_right_truncation and numeric_value_out_of_range. */
const OUT_OF_RANGE: ReadonlySet<string> = new Set(['22001', '22003'])

/** Whether a value does not fit into its column. */
export function isOutOfRange(sqlState: string | null): boolean {
  return sqlState !== null && OUT_OF_RANGE.has(sqlState)
}

/** About a value that does not fit into an index. */
export const TOO_LONG = 'holds a value that is too long for an index on its field; shorten it, or let the design limit the field'

function noteOf(statement: string, explained: ExplainedError): string {
  return `${statement}: ${explained.sqlState ?? explained.kind} ${explained.message}`
}

/** The same `run`, but it throws failures instead of errors of the driver. For statements outside of writes. */
export function explained(run: Run): Run {
  return (statement, values) =>
    run(statement, values).catch((error: unknown) => {
      throw statementFailure(statement.name, error)
    })
}

/** Whether an error comes from the driver or PostgreSQL, and not from a defect of Plinth. */
export function isDatabaseError(error: unknown): boolean {
  const { kind, sqlState } = explainError(error)
  return kind !== 'other' || sqlState !== null
}

/**
 * The failure of a statement when no constraint of the design explains the error: a statement of Plinth itself, or a statement that the
 * database could not run.
 */
export function statementFailure(statement: string, error: unknown): Failure {
  if (error instanceof Failure) return error
  const explained = explainError(error)
  const note = noteOf(statement, explained)
  switch (explained.kind) {
    case 'serialization':
    case 'deadlock':
    case 'lock-timeout':
      return failure('write_conflict', {}, note)
    case 'statement-timeout':
      return failure('statement_timeout', {}, note)
    case 'disk-full':
    case 'read-only':
      return failure('storage_full', {}, note)
    case 'connection-lost':
    case 'cannot-connect':
    case 'too-many-connections':
    case 'not-allowed':
    case 'no-database':
      return failure('database_unavailable', {}, note)
    case 'too-many-rows':
      return tooManyRows()
    case 'too-many-bytes':
      return tooManyBytes()
    case 'schema-changed':
      return failure('schema_changed', {}, note)
    case 'unique':
    case 'check':
    case 'foreign-key':
    case 'not-null':
    case 'invalid-value':
    case 'index-row-too-large':
    case 'other':
      return failure('internal_error', {}, note)
    default:
      return unreachable(explained.kind)
  }
}

function factOf(violations: Violations, explained: ExplainedError): ConstraintFact | undefined {
  if (explained.constraint !== null) return violations.get(factKey({ constraint: explained.constraint }))
  if (explained.table === null || explained.column === null) return undefined
  return violations.get(factKey({ table: explained.table, column: explained.column }))
}

function violation(fact: ConstraintFact | undefined, batch: Batch, explained: ExplainedError): Failure {
  const note = noteOf(batch.statement.name, explained)
  if (fact === undefined) return newerViolation(batch, explained)
  const { entity } = batch.plan
  if (fact.kind === 'unique') return taken(fact, batch, explained)
  if (fact.kind === 'foreign-key' && (batch.plan.kind === 'delete' || fact.entity !== entity.name))
    return failure('still_referenced', { entity: entity.name }, note)
  const at = pointerOf(fact, batch, explained)
  const pointer = at === null ? '' : fact.blame === null ? at : `${at}/${fact.blame}`
  return invalid([{ pointer, rule: fact.rule, message: fact.message }])
}

/**
 * The failure for a constraint that this version of the design does not have. During a deployment, the old version runs on the schema of
 * the new version; or an administrator has added the constraint. The answer does not describe the constraint, because the rules of this
 * version do not say which callers may know it.
 */
function newerViolation(batch: Batch, explained: ExplainedError): Failure {
  const { plan, pointers } = batch
  const note = noteOf(batch.statement.name, explained)
  const entity = plan.entity.name
  const refuse = (rule: Rule, message: string, field = '') =>
    invalid([{ pointer: pointers.length === 1 ? `${pointers[0] ?? ''}${field}` : '', rule, message }], note)
  switch (explained.kind) {
    case 'unique':
      return new Failure('already_taken', `another ${entity} already has one of these values`, { note })
    case 'foreign-key':
      if (plan.kind === 'delete') return failure('still_referenced', { entity }, note)
      return refuse('reference', 'refers to a row that does not exist')
    case 'not-null': {
      const field = explained.table === plan.entity.table ? plan.entity.fields.find(({ column }) => column === explained.column) : undefined
      if (field === undefined) return refuse('required', 'lacks a value that a newer version of this service requires')
      return refuse('required', 'is required', `/${field.name}`)
    }
    default:
      return refuse('check', 'is refused by a newer version of this service')
  }
}

function taken(fact: ConstraintFact, batch: Batch, explained: ExplainedError): Failure {
  return takenFailure(fact, batch.plan, { at: pointerOf(fact, batch, explained), note: noteOf(batch.statement.name, explained) })
}

/**
 * The failure for values that another row has. It names the fields only if this caller may know which of the values are taken.
 *
 * @param where the pointer to the row of the request, null when it is not known; and the note for the log.
 */
export function takenFailure(
  fact: ConstraintFact,
  plan: Plan,
  { at, note }: { readonly at: string | null; readonly note: string },
): Failure {
  const fields = plan.kind === 'create' || plan.kind === 'update' ? namedFields(fact, plan) : []
  const detail = takenDetail(fact, fields)
  if (fields.length === 0) {
    const errors = at === null || at === '' ? [] : [{ pointer: at, rule: fact.rule, message: 'has a value that is already taken' }]
    return new Failure('already_taken', detail, { note, errors })
  }
  const message = fields.length < 2 ? fact.message : `the combination of ${inWords(fields)} is already taken`
  const errors = at === null ? [] : pointedAt(fields, fact, plan).map((field) => ({ pointer: `${at}/${field}`, rule: fact.rule, message }))
  return new Failure('already_taken', detail, { note, errors })
}

/** The sentence about a taken value or combination. @param fields the fields that it may name */
export function takenDetail({ entity }: ConstraintFact, fields: readonly string[]): string {
  if (fields.length === 0) return `another ${entity} already has one of these values`
  const what = fields.length < 2 ? fields.join('') : `combination of ${inWords(fields)}`
  return failure('already_taken', { entity, what }).detail
}

/**
 * The fields that an answer may name, in the order of the constraint; none when the caller may not know which values are taken.
 *
 * @param caller the fields of the entity that the caller may read on some row, and those that the caller may read or set.
 */
export function namedFields(
  { fields, blame, named }: ConstraintFact,
  caller: { readonly named: ReadonlySet<string>; readonly known: ReadonlySet<string> },
): readonly string[] {
  if (named === false) return []
  if (named === true) return fields.filter((name) => name === blame || caller.known.has(name))
  return blame !== null && caller.named.has(blame) ? fields.filter((name) => caller.named.has(name)) : []
}

/** The fields that the request holds. The likely cause is first, because some clients read only one pointer. */
function pointedAt(fields: readonly string[], { blame }: ConstraintFact, plan: Plan): readonly string[] {
  const isSent = (name: string) => plan.kind !== 'update' || plan.fields.some(({ field }) => field.name === name)
  return fields.filter((name) => name === blame || isSent(name)).toSorted((x, y) => Number(y === blame) - Number(x === blame))
}

function inWords(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** The pointer to the row that violates the constraint; null when several rows are possible. */
function pointerOf(fact: ConstraintFact, { calls, pointers }: Batch, explained: ExplainedError): string | null {
  if (pointers.length === 1) return pointers[0] ?? ''
  if (fact.isPartial === true) {
    // When several calls have these values, the error does not show which call violates the constraint.
    const about = calls.flatMap((call, i) => (isAbout(explained.detail, fact, call) ? [i] : []))
    return about.length === 1 ? (pointers[about[0] ?? -1] ?? null) : null
  }
  const guilty = fact.kind === 'unique' ? repeatedCall(fact, calls) : -1
  const found = guilty >= 0 ? guilty : calls.findIndex((call) => isAbout(explained.detail, fact, call))
  return pointers[found] ?? null
}

/** The index of the first call with the same values as an earlier one; -1 when there is none. */
function repeatedCall(fact: ConstraintFact, calls: readonly Values[]): number {
  const seen = new Set<string>()
  return calls.findIndex((call) => {
    const values = valuesOf(fact, call)
    const key = JSON.stringify(values)
    const isRepeated = !values.includes(null) && seen.has(key)
    seen.add(key)
    return isRepeated
  })
}

/**
 * Whether the error concerns the row of a call. In every language, PostgreSQL's detail contains the key (`Key (email)=(a@b.c) …`) or the
 * row with its id first (`Failing row contains (0191…, …`).
 */
function isAbout(detail: string | null, fact: ConstraintFact, call: Values): boolean {
  if (detail === null) return false
  if (fact.kind === 'check' || fact.kind === 'not-null') return detail.includes(`(${call['value.id'] ?? call.id}, `)
  return detail.includes(`)=(${valuesOf(fact, call).join(', ')})`)
}

function valuesOf(fact: ConstraintFact, call: Values): readonly Value[] {
  return fact.fields.map((name) => call[`value.${name}`] ?? null)
}
