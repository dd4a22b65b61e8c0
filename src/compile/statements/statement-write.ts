/**
 * The statements that write. Each answers any number of calls in one go: `call` holds the calls, `new` the rows as they would be,
 * `verdict` what the rules say of them, `done` the write itself, which touches only rows whose verdict is good. So a rule is never checked
 * apart from the write that it guards.
 *
 * Slots: `value.<field>` and `given.<field>` (was it sent?) for what the caller sends, `input.<field>` for `input` in a rule (null when not
 * sent), `id`, `versions` (what If-Match allows; null for anything), `auth.<claim>`.
 */

import { calls, ident, join, literal, type Sql, skipLockedAmongCalls, slot, sql, typeName } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import { ALWAYS, type Predicate } from '../../model/expression.ts'
import { type Entity, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { rowScope, type SqlScope, whenTrue } from '../rules/predicate-sql.ts'
import { termSql } from '../rules/term-sql.ts'
import { columnType } from '../values/column-type.ts'
import { dependsOnOthers } from './merge-safety.ts'
import { outputSql, rowsWhere } from './output-sql.ts'
import type { CreatePlan, DeletePlan, Output, UpdatePlan, WrittenField } from './plan.ts'
import { sumSql } from './sum-sql.ts'

/** Where the statement of a write has the id of its row; the row's JSON and its version follow. */
export const ID_AT = { create: 4, update: 7 } as const

/** Column of every intermediate table that tells which call a row belongs to; no field can have this name. */
const ORD = ident('#ord')

/**
 * Columns: ord, allowed, fields that the caller may not set (JSON), fields that refer to nothing the caller may read (JSON), the row's id,
 * its JSON if visible, its version.
 */
export function createStatement(model: Model, plan: CreatePlan): Statement {
  const { entity } = plan
  const stored = storedFields(entity).filter((f) => f.system !== 'deletedAt')
  const sendable = new Map(plan.fields.map((f) => [f.field.name, f]))
  const values = stored.map((field) => sql`${createdValue(model, entity, field, sendable.get(field.name))} as ${ident(field.column)}`)
  const sent = sentOf(plan.fields)
  const scope = writeScope(model, 'n', sent)
  const ok = plan.atomic ? sql`(select bool_and(${acceptable(sql`w`)}) from verdict w)` : acceptable(sql`v`)
  const columns = list(stored.map((field) => ident(field.column)))
  const verdict = list([
    sql`n.${ORD}`,
    sql`(${whenTrue(plan.allowed, scope)}) is true as allowed`,
    sql`${deniedFields(sent, [scope])} as denied`,
    sql`${unresolvedFields(model, sent)} as unresolved`,
  ])
  const extras = sent.columns({
    given: ({ field }) => sql`coalesce(${slot(`given.${field.name}`, 'boolean')}, false)`,
    input: ({ field }) => slot(`input.${field.name}`, columnType(field.type)),
  })
  return {
    name: `create ${entity.name}`,
    ...mergeOf(model, plan),
    // Where clients choose ids, a row that gives way has the id of the one that it gives way to: among others it
    // could not be told from that one.
    ...(plan.unlessTaken === true && sendable.has('id') ? { distinct: 'value.id' } : {}),
    sql: sql`with call as (${calls}), ${newRows(model, entity, sql`select call.ord as ${ORD}, ${list([...values, ...extras])} from call`)}, verdict as materialized (select ${verdict} from new n join call on call.ord = n.${ORD}), done as (insert into ${ident(entity.table)} (${columns}) select ${list(stored.map((f) => sql`n.${ident(f.column)}`))} from new n join verdict v on v.${ORD} = n.${ORD} where ${ok} order by n.${ORD}${plan.unlessTaken === true ? sql` on conflict do nothing` : sql``} returning *) select n.${ORD}, v.allowed, v.denied, v.unresolved, d.${idOf(entity)}::text, ${visibleBody(model, plan.visible, plan.output)}, d."version" from new n join call on call.ord = n.${ORD} join verdict v on v.${ORD} = n.${ORD} left join done d on d.${idOf(entity)} = n.${idOf(entity)}`,
  }
}

/**
 * Columns: ord, readable, allowed before, fresh, fields not to be set (JSON), unresolved references (JSON), allowed after, the row's id,
 * its JSON if visible, its version. No row for an id that does not exist.
 */
export function updateStatement(model: Model, plan: UpdatePlan): Statement {
  const { entity } = plan
  const stored = storedFields(entity)
  const given = new Map(plan.fields.map((f) => [f.field.name, f]))
  const isEmpty = plan.fields.length === 0
  const value = (field: Field) => (isEmpty ? sql`o.${ident(field.column)}` : updatedValue(field, given.get(field.name)))
  const values = stored.map((field) => sql`${value(field)} as ${ident(field.column)}`)
  const sent = sentOf(plan.fields)
  const before = writeScope(model, 'o', sent, 'n')
  const after = writeScope(model, 'n', sent)
  const verdict = list([
    sql`n.${ORD}`,
    sql`(${whenTrue(plan.readable, rowScope(model, ident('o')))}) is true as readable`,
    sql`(${whenTrue(plan.from, before)}) is true as allowed`,
    sql`${freshness(sql`o`)} as fresh`,
    sql`${deniedFields(sent, [before, after])} as denied`,
    sql`${unresolvedFields(model, sent)} as unresolved`,
    sql`(${whenTrue(plan.to, after)}) is true as settled`,
  ])
  const extras = sent.columns({ given: () => sql`true`, input: updatedInput })
  const changes = list(
    stored
      .filter((f) => f.system === null || f.system === 'updatedAt' || f.system === 'version')
      .map((f) => sql`${ident(f.column)} = n.${ident(f.column)}`),
  )
  const accepted = sql`v.readable and v.fresh and v.settled and ${acceptable(sql`v`)}`
  // Nothing was sent, so nothing is written: the version that others have seen stays the one that is there.
  const done = isEmpty
    ? sql`select o.* from old o join verdict v on v.${ORD} = o.${ORD} where ${accepted}`
    : sql`update ${ident(entity.table)} t set ${changes} from new n join verdict v on v.${ORD} = n.${ORD} where t.${idOf(entity)} = n.${idOf(entity)} and ${accepted} returning t.*, n.${ORD}`
  return {
    name: `update ${entity.name}`,
    ...mergeOf(model, plan),
    distinct: 'id',
    sql: sql`with call as (${calls}), ${oldRows(model, entity)}, ${newRows(model, entity, sql`select o.${ORD}, ${list([...values, ...extras])} from old o join call on call.ord = o.${ORD}`)}, verdict as materialized (select ${verdict} from new n join old o on o.${ORD} = n.${ORD} join call on call.ord = n.${ORD}), done as (${done}) select v.${ORD}, v.readable, v.allowed, v.fresh, v.denied, v.unresolved, v.settled, d.${idOf(entity)}::text, ${visibleBody(model, plan.visible, plan.output)}, d."version" from verdict v join call on call.ord = v.${ORD} left join done d on d.${ORD} = v.${ORD}`,
  }
}

/** Columns: ord, readable, allowed, fresh, the id when it was deleted. No row for an id that does not exist. */
export function deleteStatement(model: Model, plan: DeletePlan): Statement {
  const { entity } = plan
  const scope = rowScope(model, ident('o'))
  const verdict = list([
    sql`o.${ORD}`,
    sql`o.${idOf(entity)}`,
    sql`(${whenTrue(plan.readable, scope)}) is true as readable`,
    sql`(${whenTrue(plan.allowed, scope)}) is true as allowed`,
    sql`${freshness(sql`o`)} as fresh`,
  ])
  const table = ident(entity.table)
  const hit = sql`t.${idOf(entity)} = v.${idOf(entity)} and v.readable and v.allowed and v.fresh`
  const done = entity.softDelete
    ? sql`update ${table} t set "deleted_at" = now(), "updated_at" = now(), "version" = t."version" + 1 from verdict v where ${hit} returning v.${ORD}, t.${idOf(entity)}`
    : sql`delete from ${table} t using verdict v where ${hit} returning v.${ORD}, t.${idOf(entity)}`
  return {
    name: `delete ${entity.name}`,
    ...mergeOf(model, plan),
    distinct: 'id',
    sql: sql`with call as (${calls}), ${oldRows(model, entity)}, verdict as materialized (select ${verdict} from old o join call on call.ord = o.${ORD}), done as (${done}) select v.${ORD}, v.readable, v.allowed, v.fresh, d.${idOf(entity)}::text from verdict v left join done d on d.${ORD} = v.${ORD}`,
  }
}

function mergeOf(model: Model, plan: CreatePlan | UpdatePlan | DeletePlan): Pick<Statement, 'merge'> {
  return dependsOnOthers(model, plan) ? {} : { merge: 'calls' }
}

function storedFields(entity: Entity): readonly Field[] {
  return entity.fields.filter((f) => f.type.kind !== 'computed')
}

function idOf(entity: Entity): Sql {
  return ident(fieldNamed(entity, 'id').column)
}

function list(pieces: readonly Sql[]): Sql {
  return join(pieces, ', ', sql`null`)
}

/**
 * What was sent, as columns of `new`: whether a field was, and its value for `input` in a rule. Only what
 * something asks for becomes a column.
 */
interface Sent {
  readonly fields: readonly WrittenField[]
  given(field: Field): Sql
  /** Null for a field that cannot be sent. */
  input(name: string): Sql | null
  /** Definitions of the columns that have been asked for by now. */
  columns(of: { readonly given: (field: WrittenField) => Sql; readonly input: (field: WrittenField) => Sql }): readonly Sql[]
}

/** Its columns are named by position, as no field's column can be. */
function sentOf(fields: readonly WrittenField[]): Sent {
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

function createdValue(model: Model, entity: Entity, field: Field, sendable: WrittenField | undefined): Sql {
  const type = columnType(field.type)
  const sent = slot(`value.${field.name}`, type)
  const preset = field.default
  if (preset === null) return sent
  switch (preset.kind) {
    case 'generated':
      return generatedValue(entity, field, preset.by)
    case 'expression': {
      const value = sql`(${termSql(preset.term, rowScope(model, sql`call`))})::${typeName(type)}`
      return sendable === undefined ? value : sql`case when ${slot(`given.${field.name}`, 'boolean')} then ${sent} else ${value} end`
    }
    // A value default travels as the value, also where the caller may not set the field.
    case 'value':
      return sent
    default:
      return unreachable(preset)
  }
}

function generatedValue(entity: Entity, field: Field, by: 'uuidv7' | 'identity' | 'now' | 'one'): Sql {
  switch (by) {
    case 'uuidv7':
      return slot('id', 'uuid')
    case 'identity':
      return sql`nextval(pg_get_serial_sequence(${literal(`"${entity.table.replaceAll('"', '""')}"`)}, ${literal(field.column)}))`
    case 'now':
      return sql`now()`
    case 'one':
      return sql`1::bigint`
    default:
      return unreachable(by)
  }
}

function updatedValue(field: Field, given: WrittenField | undefined): Sql {
  if (field.system === 'updatedAt') return sql`now()`
  if (field.system === 'version') return sql`o.${ident(field.column)} + 1`
  if (given === undefined) return sql`o.${ident(field.column)}`
  return given.change === 'add' ? sumSql(field) : slot(`value.${field.name}`, columnType(field.type))
}

/** `input` in a rule is the value as it will be, also where only an amount was sent. */
function updatedInput({ field, change }: WrittenField): Sql {
  return change === 'add' ? sumSql(field) : slot(`input.${field.name}`, columnType(field.type))
}

/** `new`: the rows as they would be, with the computed fields, so that rules about the row after the write can use them. */
function newRows(model: Model, entity: Entity, stored: Sql): Sql {
  const computed = entity.fields.flatMap((field) =>
    field.type.kind === 'computed' ? [sql`${termSql(field.type.term, rowScope(model, sql`b`))} as ${ident(field.column)}`] : [],
  )
  if (computed.length === 0) return sql`new as materialized (${stored})`
  return sql`base as materialized (${stored}), new as materialized (select b.*, ${list(computed)} from base b)`
}

/**
 * The rows before the write, locked, so that nothing changes between the verdict and the write. Among other calls, a row that
 * somebody else has locked is missing.
 */
function oldRows(model: Model, entity: Entity): Sql {
  const { table } = entity
  return sql`old as materialized (select call.ord as ${ORD}, t.* from call join ${ident(table)} t on t.${idOf(entity)} = ${slot('id', idType(entity))} where ${rowsWhere(model, entity, { alias: 't', holds: ALWAYS })} for no key update of t${skipLockedAmongCalls})`
}

function idType(entity: Entity): string {
  const { type } = fieldNamed(entity, 'id')
  return type.kind === 'scalar' && type.scalar === 'integer' ? 'bigint' : type.kind === 'scalar' && type.scalar === 'text' ? 'text' : 'uuid'
}

function freshness(row: Sql): Sql {
  const versions = slot('versions', 'bigint[]')
  return sql`(${versions} is null or ${row}."version" = any(${versions}))`
}

function acceptable(verdict: Sql): Sql {
  return sql`(${verdict}.allowed and ${verdict}.denied = '[]' and ${verdict}.unresolved = '[]')`
}

/** Null where the row is not asked for, or not to be seen. */
function visibleBody(model: Model, visible: Predicate, output: Output | null): Sql {
  if (output === null) return sql`null::text`
  return sql`case when ${whenTrue(visible, rowScope(model, ident('d')))} then ${outputSql(model, output, 'd')} end`
}

/**
 * Names of fields that were sent although their write rule refuses, as JSON text. The rule must hold in every given
 * scope: before and after the write.
 */
function deniedFields(sent: Sent, scopes: readonly SqlScope[]): Sql {
  const ruled = sent.fields.filter((f) => !isAlways(f.write))
  return names(
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
 * Names of references that were sent and lead to no row that the caller may read (a foreign id answers like a random one), and of
 * amounts without a sum, as JSON text.
 */
function unresolvedFields(model: Model, sent: Sent): Sql {
  return names(
    sent.fields.flatMap(({ field, change, target }) => {
      const value = sql`n.${ident(field.column)}`
      if (change === 'add') return [sql`case when ${value} is null then ${literal(field.name)} end`]
      if (target === null) return []
      const found = sql`exists (select 1 from ${ident(target.entity.table)} r where r.${idOf(target.entity)} = ${value} and ${rowsWhere(model, target.entity, { alias: 'r', holds: target.visible })})`
      return [sql`case when n.${sent.given(field)} and ${value} is not null and not ${found} then ${literal(field.name)} end`]
    }),
  )
}

function names(cases: readonly Sql[]): Sql {
  return cases.length === 0 ? sql`'[]'` : sql`to_json(array_remove(array[${list(cases)}], null))::text`
}

/** Rules read the row under `alias`, and `input` from the columns that `new` has for it (under `inputAlias`). */
function writeScope(model: Model, alias: string, sent: Sent, inputAlias = alias): SqlScope {
  const input = (name: string): Sql | null => {
    const column = sent.input(name)
    return column === null ? null : sql`${ident(inputAlias)}.${column}`
  }
  return { ...rowScope(model, ident(alias)), input }
}
