/**
 * The statements around a write that could break a check over relations. Before the write, they lock the rows whose checks it could break.
 * After it, they keep the ids of those locked rows that it has changed, or whose relations it has changed. At the end of the
 * request, the checks of the kept rows are judged. All statements run in the transaction of the write.
 *
 * The references of a row are read without a lock, so that the rows to which they lead are locked first. Then a row that leaves a relation
 * is locked itself, and its reference, as it is under the lock, is put into a setting. If another write has changed this reference in
 * between, the row to which it leads now is locked after the write.
 */

import { calls, ident, literal, type Sql, slot, sql, typeName } from '../../../base/sql/sql.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import { unreachable } from '../../../base/unreachable.ts'
import { type Entity, type Field, fieldNamed, type Model } from '../../../model/model.ts'
import { idColumn, idType, live } from '../../rules/term-sql.ts'
import type { CreatePlan, DeletePlan, UpdatePlan, WritePlan } from '../plan.ts'
import { changedFields } from '../write/statement-update.ts'
import { idSlot } from '../write/write-parts.ts'
import { createdValue, updatedValue } from '../written-values.ts'
import { type Checked, checkedEntities, idsIn, judgeWrittenStatement, keepRows, lockRows } from './checked.ts'

/** The statements around a write, in the order in which they run. */
export interface WriteGuard {
  /** They run before the write, for all of its calls. */
  readonly locks: readonly Statement[]
  /** They run after the write, once. The slot `made` has the ids of the rows of a create, as an array. */
  readonly keeps: readonly Statement[]
  /** They run at the end of the request, once. They fail when a kept row breaks a check: see `brokenCheck`. */
  readonly judges: readonly Statement[]
}

/** The guard of a write; null for a write that can break no check over relations. */
export function guardOf(model: Model, plan: WritePlan): WriteGuard | null {
  switch (plan.kind) {
    case 'create':
      return guardCreate(model, plan)
    case 'update':
      return guardUpdate(model, plan)
    case 'delete':
      return guardDelete(model, plan)
    default:
      return unreachable(plan)
  }
}

/** Queries of one column, by the entity whose ids they give. */
type IdsOf = (checked: Checked) => readonly Sql[]

/** The checked entities for which `idsOf` gives queries, with these queries. */
function withIds(model: Model, idsOf: IdsOf): readonly { readonly entity: Entity; readonly ids: readonly Sql[] }[] {
  return checkedEntities(model).flatMap((checked) => {
    const ids = idsOf(checked)
    return ids.length === 0 ? [] : [{ entity: checked.entity, ids }]
  })
}

function locksFor(model: Model, plan: WritePlan, idsOf: IdsOf): readonly Statement[] {
  return withIds(model, idsOf).map(({ entity, ids }) => ({
    ...part(plan, sql`with call as (${calls}) ${lockRows(entity, ids)}`),
    merge: 'calls',
  }))
}

function keepsFor(model: Model, plan: WritePlan, idsOf: IdsOf): Pick<WriteGuard, 'keeps' | 'judges'> {
  const kept = withIds(model, idsOf)
  return {
    keeps: kept.map(({ entity, ids }) => part(plan, keepRows(model, entity, { by: 'plinth.written', ids }))),
    judges: kept.map(({ entity }) => judgeWrittenStatement(model, entity)),
  }
}

function part({ kind, entity }: WritePlan, of: Sql): Statement {
  return { name: `checks of ${kind} ${entity.name}`, sql: of }
}

function guardCreate(model: Model, plan: CreatePlan): WriteGuard | null {
  const { entity } = plan
  const sendable = new Map(plan.fields.map((written) => [written.field.name, written]))
  const links = ({ links: all }: Checked) => all.filter(({ child }) => child === entity.name).map(({ via }) => fieldNamed(entity, via))
  const made = sql`c.${idColumn(entity)} = any(${slot('made', 'text[]')}::${typeName(`${idType(entity)}[]`)}) and ${isWritten}`
  const kept = keepsFor(model, plan, (checked) => [
    ...(checked.entity.name === entity.name ? [rowsOf(entity, idColumn(entity), made)] : []),
    ...links(checked).map((via) => rowsOf(entity, ident(via.column), made)),
  ])
  if (kept.judges.length === 0) return null
  const locks = locksFor(model, plan, (checked) =>
    links(checked).map((field) => sql`select ${createdValue(model, entity, { field, sendable })} from call`),
  )
  return { locks, ...kept }
}

function guardUpdate(model: Model, plan: UpdatePlan): WriteGuard | null {
  const { entity, fields } = plan
  if (fields.length === 0) return null
  const changed = new Set(changedFields(plan).map(({ name }) => name))
  const given = new Map(fields.map((written) => [written.field.name, written]))
  const isOwn = ({ entity: { name }, reads }: Checked): boolean => name === entity.name && hasAny(reads.get(name), changed)
  const links = (checked: Checked) =>
    checked.links.flatMap(({ child, via }) => {
      const touched = child === entity.name && (changed.has(via) || hasAny(checked.reads.get(child), changed))
      return touched ? [fieldNamed(entity, via)] : []
    })
  const isRow = sql`c.${idColumn(entity)} = ${idSlot(entity)}`
  const written = sql`${isRow} and ${isWritten}`
  const moving = (field: Field): boolean => changed.has(field.name)
  const left = leftSettings(model, (checked) => links(checked).filter(moving))
  const kept = keepsFor(model, plan, (checked) => [
    ...(isOwn(checked) ? [rowsOf(entity, idColumn(entity), written)] : []),
    ...links(checked).map((via) => rowsOf(entity, ident(via.column), written)),
    ...left.of(checked).map(({ ids }) => sql`${ids} where exists (${rowsOf(entity, idColumn(entity), written)})`),
  ])
  if (kept.judges.length === 0) return null
  const old = sql`from call join ${ident(entity.table)} o on o.${idColumn(entity)} = ${idSlot(entity)}`
  const locks = locksFor(model, plan, (checked) => [
    ...(isOwn(checked) ? [sql`select ${idSlot(entity)} from call`] : []),
    ...links(checked).flatMap((field) => [
      sql`select o.${ident(field.column)} ${old}`,
      ...(moving(field) ? [sql`select ${updatedValue(model, entity, { field, given })} ${old}`] : []),
    ]),
  ])
  const leaving = left.all.map(({ setting, field }) => keepLeft(plan, setting, lockedValues(entity, field, isRow)))
  return { locks: [...locks, ...leaving], ...kept }
}

function guardDelete(model: Model, plan: DeletePlan): WriteGuard | null {
  const { entity } = plan
  const isRow = sql`c.${idColumn(entity)} = ${idSlot(entity)}`
  const groups = groupsOf(model, { rows: entity, where: isRow, by: null, deleted: true })
  const left = groups.map((group, i) => ({ group, settings: leftSettings(model, (checked) => lostReferences(checked, group), i) }))
  const isGone = sql`not exists (select 1 from ${ident(entity.table)} c where ${isRow}${live(entity, sql`c`)})`
  const kept = keepsFor(model, plan, (checked) =>
    left.flatMap(({ settings }) => settings.of(checked).map(({ ids }) => sql`${ids} where ${isGone}`)),
  )
  if (kept.judges.length === 0) return null
  const locks = locksFor(model, plan, (checked) =>
    left.flatMap(({ group: { rows, where }, settings }) =>
      settings.of(checked).map(({ field }) => rowsOf(rows, ident(field.column), where)),
    ),
  )
  const leaving = left.flatMap(({ group: { rows, where }, settings }) =>
    settings.all.length === 0
      ? [part(plan, sql`select ${lockedValues(rows, fieldNamed(rows, 'id'), where)}`)]
      : settings.all.map(({ setting, field }) => keepLeft(plan, setting, lockedValues(rows, field, where))),
  )
  return { locks: [...locks, ...leaving], ...kept }
}

/** Rows that a deletion deletes or changes: of one entity, for one reason. */
interface Group {
  readonly rows: Entity
  /** The condition on the rows, under the alias `c`. */
  readonly where: Sql
  /** The reference to a deleted row for which they are deleted or changed; null for the row that the request deletes. */
  readonly by: Field | null
  /** Whether they are deleted. Otherwise they only lose the reference. */
  readonly deleted: boolean
}

/**
 * A group and those that its deletion also deletes or changes, each after the one to which it refers. Groups that lead to no row with a
 * check are left out. A soft deletion deletes and changes no other rows.
 */
function groupsOf(model: Model, group: Group, seen: ReadonlySet<string> = new Set()): readonly Group[] {
  const { rows, where, by, deleted } = group
  const ends = !deleted || seen.has(rows.name) || (by === null && rows.softDelete)
  const below = ends ? [] : model.entities.flatMap((entity) => entity.fields.map((field) => ({ entity, field })))
  const further = below.flatMap(({ entity, field }) => {
    if (field.type.kind !== 'ref' || field.type.entity !== rows.name || field.type.onDelete === 'restrict') return []
    const refers = sql`c.${ident(field.column)} in (${rowsOf(rows, idColumn(rows), where)})`
    const next: Group = { rows: entity, where: refers, by: field, deleted: field.type.onDelete === 'cascade' }
    return groupsOf(model, next, new Set([...seen, rows.name]))
  })
  const isNeeded = further.length > 0 || checkedEntities(model).some((checked) => lostReferences(checked, group).length > 0)
  return isNeeded ? [group, ...further] : []
}

/**
 * The fields of a group with the ids of rows whose checks could break. A row behind the reference for which the group is deleted is deleted
 * itself. A row that loses this reference can break its own checks, or those of the rows to which it still belongs, if they read it.
 */
function lostReferences({ entity, links, reads }: Checked, { rows, by, deleted }: Group): readonly Field[] {
  const isRead = deleted || (by !== null && reads.get(rows.name)?.has(by.name) === true)
  const own = !deleted && isRead && entity.name === rows.name ? [fieldNamed(rows, 'id')] : []
  const from = links.filter(({ child, via }) => isRead && child === rows.name && via !== by?.name)
  return [...own, ...from.map(({ via }) => fieldNamed(rows, via))]
}

interface Left {
  readonly field: Field
  /** The setting that holds what the field referred to before the write. */
  readonly setting: Sql
  /** A query of the ids in it, without conditions. */
  readonly ids: Sql
}

/** A setting for each field of the rows that leave a relation. */
function leftSettings(model: Model, fieldsOf: (checked: Checked) => readonly Field[], group = 0) {
  const byEntity = new Map(
    checkedEntities(model).map((checked, i): readonly [string, readonly Left[]] => [
      checked.entity.name,
      fieldsOf(checked).map((field, j) => {
        const setting = literal(`plinth.left_${group}_${i}_${j}`)
        return { field, setting, ids: sql`select l.id from unnest(${idsIn(checked.entity, setting)}) l(id)` }
      }),
    ]),
  )
  return { of: ({ entity }: Checked) => byEntity.get(entity.name) ?? [], all: [...byEntity.values()].flat() }
}

function keepLeft(plan: WritePlan, setting: Sql, values: Sql): Statement {
  return part(plan, sql`select set_config(${setting}, (${values})::text, true)`)
}

/** Locks rows and gives the array of the values of a field. Under the lock, the values do not change until the commit. */
function lockedValues(rows: Entity, field: Field, where: Sql): Sql {
  return sql`array(select c.${ident(field.column)} from ${ident(rows.table)} c where ${where} order by c.${idColumn(rows)} for update of c)`
}

function rowsOf(entity: Entity, column: Sql, where: Sql): Sql {
  return sql`select c.${column} from ${ident(entity.table)} c where ${where}`
}

/**
 * Whether this transaction has written the row `c`; a lock alone does not count. After a savepoint, rows have the id of a subtransaction,
 * which is higher than that of the transaction. So a row that another transaction has written since this one began counts, too; its checks
 * hold. Source: PostgreSQL, "Transactions and Identifiers", "Subtransactions"; `age` counts back from the transaction in a ring of ids.
 */
const isWritten = sql`age(c.xmin) <= age(pg_current_xact_id()::xid)`

function hasAny(read: ReadonlySet<string> | undefined, changed: ReadonlySet<string>): boolean {
  return read !== undefined && [...read].some((name) => changed.has(name))
}
