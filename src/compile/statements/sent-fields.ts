/**
 * The fields that a request sends to a write statement: which of them the caller may not set, and which references lead to no readable row.
 */

import { empty, ident, join, literal, type Sql, sql } from '../../base/sql/sql.ts'
import { type Field, fieldNamed, type Model } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { rowScope, type SqlScope, whenTrue } from '../rules/predicate-sql.ts'
import { rowsWhere } from './output-sql.ts'
import type { WrittenField } from './plan.ts'

/**
 * The sent fields as columns of `new`: whether a field was sent, and its value for `input` in a rule. Only columns that an expression uses
 * exist.
 */
export interface Sent {
  readonly fields: readonly WrittenField[]
  given(field: Field): Sql
  /** Null for a field that cannot be sent. */
  input(name: string): Sql | null
  /** Definitions of the columns that were used so far. */
  columns(of: { readonly given: (field: WrittenField) => Sql; readonly input: (field: WrittenField) => Sql }): readonly Sql[]
}

/** Prepares the columns of the fields that a request may send. Their names are numbers, and a field's column never has such a name. */
export function sentOf(fields: readonly WrittenField[]): Sent {
  const asked = { given: new Set<number>(), input: new Set<number>() }
  const column = (kind: 'given' | 'input', at: number): Sql => ident(`#${kind} ${at}`)
  const ask = (kind: 'given' | 'input', name: string): Sql | null => {
    const at = fields.findIndex((f) => f.field.name === name)
    if (at < 0) return null
    asked[kind].add(at)
    return column(kind, at)
  }
  return {
    fields,
    given(field) {
      const flag = ask('given', field.name)
      if (flag === null) throw new Error(`${field.name} is not written`)
      return flag
    },
    input: (name) => ask('input', name),
    columns: (of) =>
      (['given', 'input'] as const).flatMap((kind) =>
        fields.flatMap((field, at) => (asked[kind].has(at) ? [sql`${of[kind](field)} as ${column(kind, at)}`] : [])),
      ),
  }
}

/**
 * SQL for the names of sent fields that the caller may not set, as JSON text; null when there are none by design. The write rule must hold
 * in each scope: before and after the write.
 */
export function deniedFields(sent: Sent, scopes: readonly SqlScope[]): Sql | null {
  const ruled = sent.fields.filter((f) => !isAlways(f.write))
  return namesOf(
    ruled.map(({ field, write }) => {
      const held = join(
        scopes.map((scope) => sql`(${whenTrue(write, scope)}) is true`),
        ' and ',
        sql`false`,
      )
      return sql`case when n.${sent.given(field)} and not (${held}) then ${literal(field.name)} end`
    }),
  )
}

/**
 * SQL for the names of sent references that lead to no row that the caller may read, and of amounts whose sum is missing or out of range,
 * as JSON text; null when there are none by design. The id of a hidden row and an id that does not exist give the same answer.
 */
export function unresolvedFields(model: Model, sent: Sent): Sql | null {
  return namesOf(
    sent.fields.flatMap(({ field, change, target }) => {
      const value = sql`n.${ident(field.column)}`
      if (change === 'add') return [sql`case when ${value} is null then ${literal(field.name)} end`]
      if (target === null) return []
      const isTarget = sql`r.${ident(fieldNamed(target.entity, 'id').column)} = ${value}`
      const isVisible = rowsWhere(model, target.entity, { alias: 'r', holds: target.visible })
      const found = sql`exists (select 1 from ${ident(target.entity.table)} r where ${isTarget} and ${isVisible})`
      return [sql`case when n.${sent.given(field)} and ${value} is not null and not ${found} then ${literal(field.name)} end`]
    }),
  )
}

/** SQL that collects the names that the cases give, as a JSON text; null without cases. */
export function namesOf(cases: readonly Sql[]): Sql | null {
  return cases.length === 0 ? null : sql`to_json(array_remove(array[${join(cases, ', ', empty)}], null))::text`
}

/** The scope of a rule: it reads the row under `alias`, and `input` from the columns of `new` under `inputAlias`. */
export function writeScope(model: Model, alias: string, sent: Sent, inputAlias = alias): SqlScope {
  const input = (name: string): Sql | null => {
    const column = sent.input(name)
    return column === null ? null : sql`${ident(inputAlias)}.${column}`
  }
  return { ...rowScope(model, ident(alias)), input }
}
