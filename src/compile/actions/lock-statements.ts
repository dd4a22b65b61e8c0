/** The statements that lock the rows of an action. */

import { empty, ident, join, literal, type Sql, sql, typeName } from '../../base/sql/sql.ts'
import type { ActionStep } from '../../model/action.ts'
import { type Entity, entityNamed, fieldNamed } from '../../model/model.ts'
import { bindRow, idColumn, idType, rowKey, termSql } from '../rules/term-sql.ts'
import { referredFirst } from '../statements/checks/checked.ts'
import { hitOf } from './change-steps.ts'
import { type ActionScope, type Frame, frameOf, idTerm, placeNamed } from './frame.ts'
import { heldName } from './locks/behind-elements.ts'
import { looksElsewhere } from './locks/expressions.ts'
import { isLocked, type Locked, type RowLock, strongestOf } from './locks/locks.ts'

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

/** The number of references on the path to a row, and of relations after the first one. */
function distanceOf({ rows }: Locked): number {
  const inner = rows.kind === 'row' ? [] : rows.inner
  return inner.reduce((sum, { over }) => sum + over.of.hops.length + 1, rows.row.hops.length)
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
      return [JSON.stringify(rows), idsOfElements(shared, rows, frame)]
    }),
  )
  const id = sql`t.${idColumn(entity)}`
  const isEach = locks.some(({ rows }) => rows.kind === 'elements')
  // PostgreSQL finds the ids first, and then each row by its id. With `in`, it may read all elements of the table.
  const isOne = isEach
    ? sql`${id} = any(array(${join([...ids.values()], ' union all ', empty)}))`
    : join(
        [...ids.values()].map((one) => sql`${id} in (${one})`),
        ' or ',
        empty,
      )
  return sql`select 1 from ${frame.from} join ${ident(entity.table)} t on ${isOne} order by ${id} for ${LOCKS[strongestOf(locks.map(({ lock }) => lock))]} of t`
}

/** A query of the ids of the rows that are reached from elements. */
function idsOfElements({ model, places }: ActionScope, rows: Exclude<Locked['rows'], { readonly kind: 'row' }>, frame: Frame): Sql {
  const { over, as, inner, row } = rows
  const first = entityNamed(model, over.entity)
  const isElement =
    over.via === null
      ? sql`e.${idColumn(first)} = any(${placeNamed(places, over.of.binding).key})`
      : sql`e.${ident(fieldNamed(first, over.via).column)} = ${rowKey(over.of, frame.scope)}`
  const joins: Sql[] = []
  let scope = bindRow(frame.scope, as, sql`e`)
  for (const next of inner) {
    const alias = ident(`e${joins.length + 1}`)
    const element = entityNamed(model, next.over.entity)
    const via = ident(fieldNamed(element, next.over.via).column)
    joins.push(sql` join ${ident(element.table)} ${alias} on ${alias}.${via} = ${rowKey(next.over.of, scope)}`)
    scope = bindRow(scope, next.as, alias)
  }
  const from = sql`${ident(first.table)} e${join(joins, '', empty)}`
  return sql`select ${termSql(idTerm(model, row), scope)} from ${from} where ${isElement}`
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
 * known before the steps. Then it locks what the condition reads behind these rows. A later statement is the step itself; it judges only
 * these rows, again, and computes their values.
 */
export function holdRows(shared: ActionScope, step: ActionStep, locks: readonly Locked[]): HeldStep {
  if ((step.verb !== 'update' && step.verb !== 'delete') || isLocked(shared.action, step)) return { lock: [], shared }
  const entity = entityNamed(shared.model, step.entity)
  const id = sql`t.${idColumn(entity)}`
  const setting = literal('plinth.held')
  const hit = hitOf(shared, step, [])
  const strength = LOCKS[step.verb === 'delete' || looksElsewhere(step.where) ? 'update' : 'no key update']
  const locked = sql`select ${id} from ${ident(entity.table)} t where ${id} in (select ${id} from ${hit.from} where ${hit.where}) order by ${id} for ${strength} of t`
  const held = sql`coalesce(nullif(current_setting(${setting}, true), ''), '{}')::${typeName(`${idType(entity)}[]`)}`
  const name = heldName(step.entity)
  const place = { entity, many: true, key: held, setting: null, lastValues: [], values: null, total: sql`null::bigint` }
  const behind = lockStatements({ ...shared, places: new Map([...shared.places, [name, place]]) }, locks, new Set([name]))
  return { lock: [sql`select set_config(${setting}, array(${locked})::text, true)`, ...behind], shared: { ...shared, held } }
}
