/** The statements that lock the rows of an action. */

import { empty, ident, join, literal, type Sql, sql, typeName } from '../../base/sql/sql.ts'
import {
  ACTION_ROW,
  type Action,
  type ActionStep,
  type DeleteStep,
  inputBinding,
  type StepRows,
  type UpdateStep,
} from '../../model/action.ts'
import { type Entity, entityNamed, fieldNamed } from '../../model/model.ts'
import { bindRow, idColumn, idType, rowKey, termSql } from '../rules/term-sql.ts'
import { referredFirst } from '../statements/checks/checked.ts'
import { hitOf } from './change-steps.ts'
import { type ActionScope, frameOf, idTerm, placeNamed } from './frame.ts'
import { looksElsewhere } from './locks/expressions.ts'
import { type Locked, type RowLock, strongestOf } from './locks/locks.ts'

/**
 * The statements that lock the rows reached from `names`: first the rows themselves and those that they refer to, then the elements of
 * relations. Within each, an entity comes after those that it refers to, and rows are locked in the order of their ids. So actions lock the
 * same rows in the same order, and do not deadlock. A row that is reached from locked rows may have become another one meanwhile: then the
 * other one is locked at the end, the nearer ones first.
 */
export function lockStatements(shared: ActionScope, locks: readonly Locked[], names: ReadonlySet<string>): readonly Sql[] {
  // A `list` itself locks the rows that it names.
  const isKnown = ({ rows, anchor }: Locked): boolean => rows.kind === 'elements' || shared.places.get(anchor)?.many !== true
  const reached = locks.filter((one) => names.has(one.anchor) && isKnown(one))
  return (['row', 'elements'] as const).flatMap((kind) => {
    const own = reached.filter(({ rows }) => rows.kind === kind)
    const moving = own.filter(({ moves }) => moves)
    const distances = [...new Set(moving.map(distanceOf))].toSorted((a, b) => a - b)
    const again = distances.flatMap((distance) =>
      byEntity(
        shared,
        moving.filter((one) => distanceOf(one) === distance),
      ),
    )
    return [...byEntity(shared, own), ...again]
  })
}

/** The number of references on the path to a row. */
function distanceOf({ rows }: Locked): number {
  return rows.row.hops.length
}

function byEntity(shared: ActionScope, locks: readonly Locked[]): readonly Sql[] {
  return referredFirst(shared.model).flatMap((entity) => {
    const own = locks.filter((one) => one.entity === entity.name)
    return own.length === 0 ? [] : [lockSql(shared, entity, own)]
  })
}

function lockSql(shared: ActionScope, entity: Entity, locks: readonly Locked[]): Sql {
  const { model } = shared
  const used = locks.flatMap(({ rows }) => {
    if (rows.kind === 'row') return [idTerm(model, rows.row)]
    return rows.over.via === null ? [] : [idTerm(model, rows.over.of)]
  })
  const frame = frameOf(shared, used)
  const ids = new Map(
    locks.map(({ rows }): readonly [string, Sql] => {
      if (rows.kind === 'row') return [JSON.stringify(rows.row), termSql(idTerm(model, rows.row), frame.scope)]
      const { over, as, row } = rows
      const child = entityNamed(model, over.entity)
      const scope = bindRow(frame.scope, as, sql`e`)
      const isElement =
        over.via === null
          ? sql`e.${idColumn(child)} = any(${placeNamed(shared.places, over.of.binding).key})`
          : sql`e.${ident(fieldNamed(child, over.via).column)} = ${rowKey(over.of, frame.scope)}`
      return [JSON.stringify(rows), sql`select ${termSql(idTerm(model, row), scope)} from ${ident(child.table)} e where ${isElement}`]
    }),
  )
  const id = sql`t.${idColumn(entity)}`
  const isOne = join(
    [...ids.values()].map((one) => sql`${id} in (${one})`),
    ' or ',
    empty,
  )
  return sql`select 1 from ${frame.from} join ${ident(entity.table)} t on ${isOne} order by ${id} for ${LOCKS[strongestOf(locks.map(({ lock }) => lock))]} of t`
}

/** Each lock in SQL. */
export const LOCKS: Readonly<Record<RowLock, Sql>> = {
  share: sql`share`,
  'no key update': sql`no key update`,
  update: sql`update`,
}

/** A step with the statement that locks its rows; without one, the rows are locked before. */
export interface HeldStep {
  readonly lock: readonly Sql[]
  /** The scope in which the step writes only the locked rows. */
  readonly shared: ActionScope
}

/**
 * Locks the rows of a step where no earlier statement has done so: those of an entity for which `where` holds, and others that are not
 * known before the steps. A later statement is the step itself; it judges only these rows, again, and computes their values.
 */
export function holdRows(shared: ActionScope, step: ActionStep): HeldStep {
  if ((step.verb !== 'update' && step.verb !== 'delete') || isLocked(shared.action, step)) return { lock: [], shared }
  const entity = entityNamed(shared.model, step.entity)
  const id = sql`t.${idColumn(entity)}`
  const setting = literal('plinth.held')
  const hit = hitOf(shared, step, [])
  const strength = LOCKS[step.verb === 'delete' || looksElsewhere(step.where) ? 'update' : 'no key update']
  const locked = sql`select ${id} from ${ident(entity.table)} t where ${id} in (select ${id} from ${hit.from} where ${hit.where}) order by ${id} for ${strength} of t`
  const held = sql`coalesce(nullif(current_setting(${setting}, true), ''), '{}')::${typeName(`${idType(entity)}[]`)}`
  return { lock: [sql`select set_config(${setting}, array(${locked})::text, true)`], shared: { ...shared, held } }
}

/** Whether the rows of a step are locked before it: by the locks of the action, or by the step that has found, named or made them. */
function isLocked(action: Action, { target, each }: UpdateStep | DeleteStep): boolean {
  if (target.kind === 'rows') return areLocked(action, target.rows)
  const { binding, hops } = target.row
  if (each === null || each.name !== binding) return hops.length === 0 || isAnchor(action, binding)
  return each.over.kind !== 'rows' || (areLocked(action, each.over.rows) && (hops.length === 0 || isAnchored(action, each.over.rows)))
}

function areLocked(action: Action, rows: StepRows): boolean {
  return rows.kind === 'set' && (rows.set.via === null || isAnchor(action, rows.set.of.binding))
}

function isAnchored(action: Action, rows: StepRows): boolean {
  return rows.kind === 'set' && isAnchor(action, rows.set.of.binding)
}

/** Whether the rows that are reached from a name are locked: before the steps, or after the `find` or `list` that gives the name. */
function isAnchor({ inputs, steps }: Action, name: string): boolean {
  if (name === ACTION_ROW || inputs.some((input) => inputBinding(input.name) === name)) return true
  return steps.some((step) => (step.verb === 'find' || step.verb === 'list') && step.as === name)
}
