/**
 * The statements that write. Each takes any number of calls. `call` holds the calls, `new` the rows as they would be after the write,
 * `verdict` the decisions of the rules about them, and `done` the write itself, which touches only rows that the rules allow. So the rule
 * and the write that it guards are one statement. An insert of further rows with the write (an outbox, history) is one more part, which
 * selects from `done`. Such a part must know that `done` of a delete has only ids, and that an update without fields puts the unchanged row
 * into `done`.
 *
 * Slots: `value.<field>` and `given.<field>` (was it sent?) for fields that the caller may send, `input.<field>` for `input` in a rule
 * (null when not sent), `id`, `versions` (what If-Match allows; null for anything), `auth.<claim>`.
 */

import { calls, empty, ident, join, type Sql, skipLockedAmongCalls, slot, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { ALWAYS } from '../../model/expression.ts'
import { type Entity, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { rowScope, whenTrue } from '../rules/predicate-sql.ts'
import { termSql } from '../rules/term-sql.ts'
import { setAt } from '../rules/write-rules.ts'
import { columnType } from '../values/column-type.ts'
import { circularFields, isAcyclic, lockTrees } from './acyclic.ts'
import { boundedBody, showsOtherRows } from './answer-meter.ts'
import { dependsOnOthers } from './merge-safety.ts'
import { outputSql, rowsWhere } from './output-sql.ts'
import type { CreatePlan, DeletePlan, UpdatePlan } from './plan.ts'
import { fitsSql } from './row-bytes.ts'
import { CREATED, DELETED, selectList, UPDATED } from './row-columns.ts'
import { deniedFields, sentOf, unresolvedFields, writeScope } from './sent-fields.ts'
import { countedRows, sequencesOf } from './sequences.ts'
import { createdValue, presetValue, updatedInput, updatedValue } from './written-values.ts'

/** Column with the number of the call, in every intermediate table; no field can have this name. */
const ORD = ident('#ord')

/** Inserts rows that the rules allow. Each call returns one row with the columns of `CREATED`. */
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
    sql`${fitsSql(entity, 'n', null) ?? sql`true`} as fits`,
  ])
  const returned = selectList(CREATED, {
    ord: sql`n.${ORD}`,
    allowed: sql`v.allowed`,
    denied: sql`v.denied`,
    unresolved: sql`v.unresolved`,
    fits: sql`v.fits`,
    id: sql`d.${idOf(entity)}::text`,
    body: visibleBody(model, plan),
    version: sql`d."version"`,
  })
  const extras = sent.columns({
    given: ({ field }) => sql`coalesce(${slot(`given.${field.name}`, 'boolean')}, false)`,
    input: ({ field }) => slot(`input.${field.name}`, columnType(field.type)),
  })
  const drafts = newRows(model, entity, sql`select call.ord as ${ORD}, ${list([...values, ...extras])} from call`)
  const judged = sql`select ${verdict} from new n join call on call.ord = n.${ORD}`
  const counted = sequencesOf(entity).map((field, i) => countedRows(entity, field, { name: ident(`#counted ${i}`), ord: ORD, ok }))
  const written = list(stored.map((f) => counted.find(({ field }) => field === f)?.number ?? sql`n.${ident(f.column)}`))
  const numbers = join(
    counted.map(({ joined }) => joined),
    '',
    empty,
  )
  const accepted = sql`select ${written} from new n join verdict v on v.${ORD} = n.${ORD}${numbers} where ${ok}`
  const conflict = plan.unlessTaken === true ? sql` on conflict do nothing` : sql``
  const done = sql`insert into ${ident(entity.table)} (${columns}) ${accepted} order by n.${ORD}${conflict} returning *`
  const writtenRow = sql`left join done d on d.${idOf(entity)} = n.${idOf(entity)}`
  const joins = sql`join call on call.ord = n.${ORD} join verdict v on v.${ORD} = n.${ORD} ${writtenRow}`
  const counters = join(
    counted.map(({ cte }) => cte),
    '',
    empty,
  )
  const ctes = sql`with call as (${calls}), ${drafts}, verdict as materialized (${judged})${counters}, done as (${done})`
  const answer = sql`select ${returned} from new n ${joins}`
  return {
    name: `create ${entity.name}`,
    ...mergeOf(model, plan),
    // Where clients choose ids, a row that is left out may have the same id as the existing row, and in a merged statement the two could
    // not be told apart.
    ...(plan.unlessTaken === true && sendable.has('id') ? { distinct: 'value.id' } : {}),
    sql: sql`${ctes} ${answer}`,
  }
}

/** Changes rows that the rules allow. A call returns one row with the columns of `UPDATED`, or none for an id that does not exist. */
export function updateStatement(model: Model, plan: UpdatePlan): Statement {
  const { entity } = plan
  const stored = storedFields(entity)
  const given = new Map(plan.fields.map((f) => [f.field.name, f]))
  const isEmpty = plan.fields.length === 0
  const sendsAcyclic = plan.fields.some(isAcyclic)
  const value = (field: Field) => (isEmpty ? sql`o.${ident(field.column)}` : updatedValue(model, field, given.get(field.name)))
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
    sql`${fitsSql(entity, 'n', new Set(given.keys())) ?? sql`true`} as fits`,
    ...(sendsAcyclic ? [sql`${circularFields(entity, plan.fields)} as circular`] : []),
  ])
  const returned = selectList(UPDATED, {
    ord: sql`v.${ORD}`,
    readable: sql`v.readable`,
    allowed: sql`v.allowed`,
    fresh: sql`v.fresh`,
    denied: sql`v.denied`,
    unresolved: sql`v.unresolved`,
    settled: sql`v.settled`,
    fits: sql`v.fits`,
    id: sql`d.${idOf(entity)}::text`,
    body: visibleBody(model, plan),
    version: sql`d."version"`,
    circular: sendsAcyclic ? sql`v.circular` : null,
  })
  const extras = sent.columns({ given: () => sql`true`, input: updatedInput })
  const changes = list(
    stored
      .filter((f) => f.system === null || f.system === 'updatedAt' || f.system === 'version')
      .map((f) => sql`${ident(f.column)} = n.${ident(f.column)}`),
  )
  const accepted = sql`v.readable and v.fresh and v.settled and ${acceptable(sql`v`)}${sendsAcyclic ? sql` and v.circular = '[]'` : empty}`
  const target = sql`from new n join verdict v on v.${ORD} = n.${ORD} where t.${idOf(entity)} = n.${idOf(entity)}`
  // Nothing was sent, so nothing is written and the version stays.
  const done = isEmpty
    ? sql`select o.* from old o join verdict v on v.${ORD} = o.${ORD} where ${accepted}`
    : sql`update ${ident(entity.table)} t set ${changes} ${target} and ${accepted} returning t.*, n.${ORD}`
  const drafts = newRows(model, entity, sql`select o.${ORD}, ${list([...values, ...extras])} from old o join call on call.ord = o.${ORD}`)
  const judged = sql`select ${verdict} from new n join old o on o.${ORD} = n.${ORD} join call on call.ord = n.${ORD}`
  const joins = sql`join call on call.ord = v.${ORD} left join done d on d.${ORD} = v.${ORD}`
  const ctes = sql`with call as (${calls}), ${oldRows(model, entity)}, ${drafts}, verdict as materialized (${judged}), done as (${done})`
  const answer = sql`select ${returned} from verdict v ${joins}`
  return {
    name: `update ${entity.name}`,
    ...mergeOf(model, plan),
    distinct: 'id',
    ...(sendsAcyclic ? { before: lockTrees(entity) } : {}),
    sql: sql`${ctes} ${answer}`,
  }
}

/**
 * Marks the rows as deleted, under the alias `t`. It is a write like others, so the server also sets the fields that it sets at every
 * write.
 */
function softDelete(model: Model, entity: Entity): Sql {
  const set = entity.fields.flatMap((field) => {
    const value = setAt(field, 'update')
    return value === null ? [] : [sql`${ident(field.column)} = ${presetValue(model, field, value)}`]
  })
  const changes = join([sql`"deleted_at" = now(), "updated_at" = now(), "version" = t."version" + 1`, ...set], ', ', empty)
  const caller = set.length === 0 ? empty : sql` join call on call.ord = v.${ORD}`
  return sql`update ${ident(entity.table)} t set ${changes} from verdict v${caller}`
}

/** Deletes rows that the rules allow. A call returns one row with the columns of `DELETED`, or none for an id that does not exist. */
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
  const returned = selectList(DELETED, {
    ord: sql`v.${ORD}`,
    readable: sql`v.readable`,
    allowed: sql`v.allowed`,
    fresh: sql`v.fresh`,
    id: sql`d.${idOf(entity)}::text`,
  })
  const table = ident(entity.table)
  const hit = sql`t.${idOf(entity)} = v.${idOf(entity)} and v.readable and v.allowed and v.fresh`
  const done = entity.softDelete
    ? sql`${softDelete(model, entity)} where ${hit} returning v.${ORD}, t.${idOf(entity)}`
    : sql`delete from ${table} t using verdict v where ${hit} returning v.${ORD}, t.${idOf(entity)}`
  const judged = sql`select ${verdict} from old o join call on call.ord = o.${ORD}`
  const ctes = sql`with call as (${calls}), ${oldRows(model, entity)}, verdict as materialized (${judged}), done as (${done})`
  const answer = sql`select ${returned} from verdict v left join done d on d.${ORD} = v.${ORD}`
  return {
    name: `delete ${entity.name}`,
    ...mergeOf(model, plan),
    distinct: 'id',
    sql: sql`${ctes} ${answer}`,
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

/** `new`: the rows as they would be after the write. It has the computed fields too, because rules may use them. */
function newRows(model: Model, entity: Entity, stored: Sql): Sql {
  const computed = entity.fields.flatMap((field) =>
    field.type.kind === 'computed' ? [sql`${termSql(field.type.term, rowScope(model, sql`b`))} as ${ident(field.column)}`] : [],
  )
  if (computed.length === 0) return sql`new as materialized (${stored})`
  return sql`base as materialized (${stored}), new as materialized (select b.*, ${list(computed)} from base b)`
}

/**
 * The rows before the write, locked, so that nothing changes between the verdict and the write. In a merged statement, a row that another
 * transaction has locked is left out.
 */
function oldRows(model: Model, entity: Entity): Sql {
  const { table } = entity
  const rows = sql`call join ${ident(table)} t on t.${idOf(entity)} = ${slot('id', idType(entity))}`
  const there = rowsWhere(model, entity, { alias: 't', holds: ALWAYS })
  const lock = sql`for no key update of t${skipLockedAmongCalls}`
  return sql`old as materialized (select call.ord as ${ORD}, t.* from ${rows} where ${there} ${lock})`
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
  return sql`(${verdict}.allowed and ${verdict}.denied = '[]' and ${verdict}.unresolved = '[]' and ${verdict}.fits)`
}

/** Null where the row is not asked for, or not to be seen. A row by itself, without rows around it, is never too large. */
function visibleBody(model: Model, { visible, output, ...plan }: CreatePlan | UpdatePlan): Sql {
  if (output === null) return sql`null::text`
  const isMany = plan.kind === 'create' && plan.atomic
  const json = outputSql(model, output, 'd')
  const shown = isMany ? boundedBody(json, 'of-all') : showsOtherRows(output) ? boundedBody(json, 'of-one') : json
  return sql`case when ${whenTrue(visible, rowScope(model, ident('d')))} then ${shown} end`
}
