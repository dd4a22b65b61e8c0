/**
 * Checks over relations in actions. The rows whose checks a step could break are locked `for update` and kept in a setting of the
 * transaction; after the last step, the checks of these rows are judged in statements of their own. A row that refers to a locked row
 * cannot be inserted by others until the commit, so the judgement is exact.
 */

import { empty, ident, join, literal, type Sql, sql } from '../../base/sql/sql.ts'
import { ACTION_ROW, type Action, type ActionStep, type DeleteStep, type EnsureStep, type UpdateStep } from '../../model/action.ts'
import { isWriteStep } from '../../model/action-tree.ts'
import type { RowPath } from '../../model/expression.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { idColumn, live } from '../rules/term-sql.ts'
import {
  type Belonging,
  breaksCheck,
  type Checked,
  checkedEntities,
  idsIn,
  idsLeft,
  keepRows,
  lockRows,
  movedBy,
} from '../statements/checks/checked.ts'
import { hitOf } from './change-steps.ts'
import { newRowsFrame, sameUnique } from './create-steps.ts'
import { type ActionScope, type NamedPlace, placeNamed } from './frame.ts'
import type { Locked } from './locks/locks.ts'
import type { Stops } from './parts/stops.ts'
import { valueFor } from './values.ts'

/** The action with a name for each row that it finds, and for each that it makes and that a check over relations is about. */
export function namingRows(model: Model, action: Action): Action {
  const checked = checkedEntities(model)
  const watched = new Set(checked.flatMap(({ entity, links }) => [entity.name, ...links.map(({ child }) => child)]))
  const steps = action.steps.map((step, i) => {
    const isMade = (step.verb === 'create' || step.verb === 'ensure') && watched.has(step.entity)
    return (isMade || step.verb === 'find') && step.as === null ? { ...step, as: `#made_${i}` } : step
  })
  return { ...action, steps }
}

/** The entities whose checks an action could break. */
export function checkedBy(model: Model, { steps, transition, entity }: Action): readonly Entity[] {
  const moved = transition === null || entity === null ? [] : [{ verb: 'update', entity } as const]
  const written = [...moved, ...steps.flatMap((step) => (isWriteStep(step) ? [step] : []))]
  const breaks = ({ entity: checked, links }: Checked): boolean =>
    written.some(({ verb, entity: name }) => {
      const gone = verb === 'delete' ? goneWith(model, entityNamed(model, name), () => empty).map(({ child }) => child.name) : []
      const changed = new Set([name, ...gone])
      return (verb !== 'delete' && name === checked.name) || gone.includes(checked.name) || links.some(({ child }) => changed.has(child))
    })
  return checkedEntities(model)
    .filter(breaks)
    .map((checked) => checked.entity)
}

/** The locks that checks need, where the rows are known before the steps. Other rows are locked by the statements around a step. */
export function locksOfChecks(model: Model, action: Action): readonly Locked[] {
  const checked = checkedEntities(model)
  const own = action.transition === null || action.entity === null ? [] : rowLocks(checked, pathTo(ACTION_ROW, action.entity))
  return [...own, ...action.steps.flatMap((step) => locksOfStep(checked, step))]
}

function locksOfStep(checked: readonly Checked[], step: ActionStep): readonly Locked[] {
  if ((step.verb === 'update' || step.verb === 'delete') && step.target.kind === 'row' && step.target.row.binding !== step.each?.name)
    return rowLocks(checked, step.target.row)
  if (step.verb !== 'create' && step.verb !== 'ensure') return []
  return checked.flatMap(({ links }) =>
    links.flatMap(({ child, via }) => {
      const set = child !== step.entity ? [] : step.verb === 'ensure' ? [...step.set, ...step.existing] : step.set
      return set.flatMap(({ field, value }) => {
        const isKnown = field === via && value.kind === 'field' && value.field === 'id' && value.row.binding !== step.each?.name
        return isKnown ? [locked(value.row)] : []
      })
    }),
  )
}

function rowLocks(checked: readonly Checked[], row: RowPath): readonly Locked[] {
  return checked.flatMap(({ entity, links }) => [
    ...(entity.name === row.entity ? [locked(row)] : []),
    ...links.flatMap(({ child, via }) =>
      child === row.entity ? [locked({ ...row, hops: [...row.hops, { field: via, entity: entity.name }], entity: entity.name })] : [],
    ),
  ])
}

function locked(row: RowPath): Locked {
  return { anchor: row.binding, entity: row.entity, lock: 'update', rows: { kind: 'row', row }, moves: false }
}

function pathTo(binding: string, entity: string): RowPath {
  return { binding, root: entity, hops: [], entity }
}

/**
 * Locks and keeps the rows that could break a check because of an `update` or `delete`. It runs before the step. A row that the step
 * changes or deletes may move to another row while its former one is locked. So these rows are then locked, too, and the rows that they
 * belong to by then are kept.
 */
export function checkedBefore(shared: ActionScope, step: ActionStep): readonly Sql[] {
  if (step.verb === 'ensure') return lockLeft(shared, step)
  if (step.verb !== 'update' && step.verb !== 'delete') return []
  const { model } = shared
  const moved = step.verb === 'update' ? keepMoved(shared, step) : []
  const hits = (column: Sql): Sql => hitColumn(shared, step, column)
  const written = step.verb === 'update' ? [] : goneWith(model, entityNamed(model, step.entity), hits)
  const kept = checkedEntities(model).flatMap(({ entity, links }) => {
    const ids = [
      ...(step.verb === 'update' && step.entity === entity.name ? [hits(idColumn(entity))] : []),
      ...written.flatMap(({ child, where }) => (child.name === entity.name ? [rowsOf(child, idColumn(child), where)] : [])),
      ...links.flatMap(({ child, via }) => (child === step.entity ? [hits(columnOf(model, child, via))] : [])),
      ...written.flatMap(({ child, where }) =>
        links.flatMap((link) => (link.child === child.name ? [rowsOf(child, columnOf(model, link.child, link.via), where)] : [])),
      ),
    ]
    return ids.length === 0 ? [] : [keep(model, entity, ids)]
  })
  if (kept.length === 0) return moved
  const unlocked =
    step.target.kind === 'row' ? [] : [lockRows(entityNamed(model, step.entity), [hits(idColumn(entityNamed(model, step.entity)))])]
  const locks = [...unlocked, ...written.map(({ child, where }) => lockRows(child, [rowsOf(child, idColumn(child), where)]))]
  return [...kept, ...locks, ...(locks.length === 0 ? [] : kept), ...moved]
}

/** Locks the rows that the rows of an `ensure` belong to, if its `existing` moves them. */
function lockLeft(shared: ActionScope, step: EnsureStep): readonly Sql[] {
  const { model } = shared
  const child = entityNamed(model, step.entity)
  const moved = movedByExisting(model, step)
  if (moved.length === 0) return []
  const { from, scope } = newRowsFrame(shared, step)
  const given = step.set.flatMap(({ field: name, value }) => {
    const field = fieldNamed(child, name)
    return step.unique.includes(name) ? [sql`${valueFor(field, value, scope)} as ${ident(field.column)}`] : []
  })
  const found = sql`from (select ${join(given, ', ', empty)} from ${from}) n join ${ident(child.table)} t on ${sameUnique(step, child, [sql`t`, sql`n`])}`
  return moved.map(({ entity, via }) => lockRows(entity, [sql`select t.${ident(via.column)} ${found}${live(child, sql`t`)}`]))
}

function movedByExisting(model: Model, { entity, existing }: EnsureStep): readonly Belonging[] {
  if (existing.length === 0) return []
  return movedBy(
    model,
    entityNamed(model, entity),
    existing.map(({ field }) => field),
  )
}

function rowsOf(entity: Entity, column: Sql, where: Sql): Sql {
  return sql`select c.${column} from ${ident(entity.table)} c where ${where}`
}

function hitColumn(shared: ActionScope, step: UpdateStep | DeleteStep, column: Sql): Sql {
  const hit = hitOf(shared, step, [])
  return sql`select t.${column} from ${hit.from} where ${hit.where}`
}

interface Gone {
  readonly child: Entity
  /** The condition on the rows, under the alias `c`. */
  readonly where: Sql
}

/** The rows that a deletion also deletes or changes, through references that cascade. */
function goneWith(model: Model, entity: Entity, ids: (column: Sql) => Sql): readonly Gone[] {
  const gone: Gone[] = []
  const follow = (from: Entity, found: Sql, seen: ReadonlySet<string>): void => {
    for (const child of model.entities)
      for (const field of child.fields) {
        if (field.type.kind !== 'ref' || field.type.entity !== from.name || field.type.onDelete === 'restrict') continue
        const where = sql`c.${ident(field.column)} in (${found})`
        gone.push({ child, where })
        if (field.type.onDelete === 'cascade' && !seen.has(child.name))
          follow(child, sql`select c.${idColumn(child)} from ${ident(child.table)} c where ${where}`, new Set([...seen, child.name]))
      }
  }
  if (!entity.softDelete) follow(entity, ids(idColumn(entity)), new Set([entity.name]))
  return gone
}

/** Locks and keeps the rows to which a step has added rows, and the rows that it has made. It runs after the step. */
export function checkedAfter(shared: ActionScope, step: ActionStep): readonly Sql[] {
  const { model } = shared
  if (step.verb === 'update') return movedRows(shared, step)
  if ((step.verb !== 'create' && step.verb !== 'ensure') || step.as === null) return []
  const child = entityNamed(model, step.entity)
  const moved = step.verb === 'ensure' ? movedByExisting(model, step) : []
  const left = moved.map((one) => keep(model, one.entity, [idsLeft(model, child, one)]))
  return [...left, ...keptOf(model, step.entity, placeNamed(shared.places, step.as))]
}

/** Locks and keeps the rows that the row of a transition belongs to, if the transition moves it: the server sets a reference. */
export function checkedBeforeTransition(shared: ActionScope): readonly Sql[] {
  const { entity } = placeNamed(shared.places, ACTION_ROW)
  return movedBy(shared.model, entity, []).length === 0 ? [] : checkedTransition(shared)
}

/** Locks and keeps the row of a transition, or the rows that it belongs to. */
export function checkedTransition(shared: ActionScope): readonly Sql[] {
  const { entity } = placeNamed(shared.places, ACTION_ROW)
  return keptOf(shared.model, entity.name, placeNamed(shared.places, ACTION_ROW))
}

function keptOf(model: Model, name: string, { many, key }: NamedPlace): readonly Sql[] {
  return checkedEntities(model).flatMap(({ entity, links }) => {
    const isRow = many ? sql`= any(${key})` : sql`= ${key}`
    const ids = [
      ...(entity.name === name
        ? [sql`select c.${idColumn(entity)} from ${ident(entity.table)} c where c.${idColumn(entity)} ${isRow}`]
        : []),
      ...links.flatMap(({ child, via }) => {
        if (child !== name) return []
        const from = entityNamed(model, child)
        return [sql`select c.${columnOf(model, child, via)} from ${ident(from.table)} c where c.${idColumn(from)} ${isRow}`]
      }),
    ]
    return ids.length === 0 ? [] : [keep(model, entity, ids)]
  })
}

/** Keeps the rows that an `update` may move to other rows. */
function keepMoved(shared: ActionScope, step: UpdateStep): readonly Sql[] {
  const child = entityNamed(shared.model, step.entity)
  if (movingLinks(shared.model, step).length === 0) return []
  return [sql`select set_config(${MOVED}, array(${hitColumn(shared, step, idColumn(child))})::text, true)`]
}

/** Locks and keeps the rows to which an `update` has moved rows. */
function movedRows({ model }: ActionScope, step: UpdateStep): readonly Sql[] {
  const child = entityNamed(model, step.entity)
  return movingLinks(model, step).map(({ entity, via }) =>
    keep(model, entity, [
      sql`select c.${ident(via.column)} from ${ident(child.table)} c where c.${idColumn(child)} = any(${idsIn(child, MOVED)})`,
    ]),
  )
}

function movingLinks(model: Model, { entity, set }: UpdateStep): readonly Belonging[] {
  return movedBy(
    model,
    entityNamed(model, entity),
    set.map(({ field }) => field),
  )
}

const MOVED = literal('plinth.moved')

/** The statements that judge the checks of all kept rows; none for an action that breaks no check. */
export function judgeChecks({ model, action }: ActionScope, stops: Stops): readonly Sql[] {
  return checkedBy(model, action).flatMap((entity) =>
    entity.relationChecks.map(({ rule, message }) => {
      const found = breaksCheck(model, entity, { by: 'plinth.checked', rule })
      return sql`select case when ${found} then ${stops.at({ kind: 'check', message })} end`
    }),
  )
}

function keep(model: Model, entity: Entity, ids: readonly Sql[]): Sql {
  return keepRows(model, entity, { by: 'plinth.checked', ids })
}

function columnOf(model: Model, entity: string, field: string): Sql {
  const { column }: Field = fieldNamed(entityNamed(model, entity), field)
  return ident(column)
}
