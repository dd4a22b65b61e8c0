/** What PostgreSQL refused, in the words of the design. */

import { Failure, failure, invalid } from '../base/failure.ts'
import type { Value } from '../base/statement.ts'
import { type ConstraintFact, factKey } from '../compile/tables.ts'
import { type ExplainedError, explainError } from '../postgres/sqlstate.ts'
import type { Planned } from './planning.ts'

/** Every constraint of the running design, as `constraintFacts` gives them. */
export type Violations = ReadonlyMap<string, ConstraintFact>

/** The failure of a request whose statement failed. A `Failure` stays what it is; what cannot be explained is an internal error, its reason for the log alone. */
export function databaseFailure(violations: Violations, planned: Planned, error: unknown): Failure {
  if (error instanceof Failure) return error
  const explained = explainError(error)
  switch (explained.kind) {
    case 'unique':
    case 'check':
    case 'foreign-key':
    case 'not-null':
      return violation(factOf(violations, explained), planned, noteOf(planned.statement.name, explained))
    default:
      return statementFailure(planned.statement.name, error)
  }
}

function noteOf(statement: string, explained: ExplainedError): string {
  return `${statement}: ${explained.sqlState ?? explained.kind} ${explained.message}`
}

/** The failure of a statement that no constraint of the design can explain: one of Plinth's own, or one that the database could not run. */
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
    case 'unique':
    case 'check':
    case 'foreign-key':
    case 'not-null':
    case 'invalid-value':
    case 'other':
      return failure('internal_error', {}, note)
  }
}

function factOf(violations: Violations, explained: ExplainedError): ConstraintFact | undefined {
  if (explained.constraint !== null) return violations.get(factKey({ constraint: explained.constraint }))
  if (explained.table === null || explained.column === null) return undefined
  return violations.get(factKey({ table: explained.table, column: explained.column }))
}

function violation(fact: ConstraintFact | undefined, planned: Planned, note: string): Failure {
  if (fact === undefined) return failure('internal_error', {}, note)
  const { entity } = planned.plan
  if (fact.kind === 'unique') return taken(fact, planned, note)
  if (fact.kind === 'foreign-key' && (planned.plan.kind === 'delete' || fact.entity !== entity.name))
    return failure('still_referenced', { entity: entity.name }, note)
  return invalid([{ pointer: fact.blame === null ? '' : `/${fact.blame}`, rule: fact.rule, message: fact.message }])
}

/** In a list the pointer has the index where it can be told: only one row, or a value that two rows of the list share. */
function taken(fact: ConstraintFact, planned: Planned, note: string): Failure {
  const field = fact.blame ?? fact.fields[0] ?? 'id'
  const base = failure('already_taken', { entity: fact.entity, field }, note)
  const at = planned.many ? repeatedRow(fact, planned) : ''
  const errors = at === null ? [] : [{ pointer: `${at}/${field}`, rule: fact.rule, message: fact.message }]
  return new Failure('already_taken', base.detail, { note, errors })
}

function repeatedRow(fact: ConstraintFact, planned: Planned): string | null {
  const seen = new Set<string>()
  for (const [i, call] of planned.calls.entries()) {
    const values: readonly Value[] = fact.fields.map((name) => call[`value.${name}`] ?? null)
    const key = JSON.stringify(values)
    if (!values.includes(null) && seen.has(key)) return `/${i}`
    seen.add(key)
  }
  return null
}
