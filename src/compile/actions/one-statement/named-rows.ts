/** The rows that the request of an action names, and the query that locks them. */

import { empty, ident, join, type Sql, skipLockedAmongCalls, sql } from '../../../base/sql/sql.ts'
import { ACTION_ROW, type Action, inputBinding, STEP_ROW } from '../../../model/action.ts'
import { ALWAYS, type Predicate } from '../../../model/expression.ts'
import { type Entity, entityNamed, fieldNamed, storedScalar } from '../../../model/model.ts'
import { isAlways } from '../../../model/predicate.ts'
import type { ScalarKind } from '../../../model/scalar.ts'
import { type SqlScope, whenTrue } from '../../rules/predicate-sql.ts'
import { bindRow, idColumn, live } from '../../rules/term-sql.ts'
import { referredFirst } from '../../statements/checks/checked.ts'
import { ORD } from '../../statements/write/write-parts.ts'
import { type ActionScope, inputSql, isSent, rowSlot } from '../frame.ts'
import { LOCKS } from '../lock-statements.ts'
import { type Locked, type RowLock, strongestFor, strongestOf } from '../locks/locks.ts'
import { referencesOf, rulesOfKey } from '../look-up.ts'
import { columnOf } from './written-rows.ts'

/** A row that the request names. */
export interface NamedRow {
  readonly name: string
  readonly entity: Entity
  /** The field by which the request names the row. */
  readonly by: string
  /** The name of the slot with the value of this field. */
  readonly key: string
  readonly value: Sql
  /** True where the request leaves it out; null when it must be sent. */
  readonly isLeftOut: Sql | null
  /** A row for which it is not true counts as missing. */
  readonly where: Predicate
  /** Null for a row that is not locked. */
  readonly lock: RowLock | null
}

/** The column of intermediate tables with the whole row, as a value. No field can have this name. */
export const ROW = ident('#row')
const T = ident('#t')

/** The row of the action, and the rows of its references. */
export function namedRows({ model, action }: ActionScope, locks: readonly Locked[]): readonly NamedRow[] {
  const own: readonly NamedRow[] = action.entity === null ? [] : [rowOfAction(entityNamed(model, action.entity), action, locks)]
  const references = referencesOf(action.inputs).map(({ name, type, optional }): NamedRow => {
    const value = inputSql(action, name) ?? sql`null`
    return {
      name: inputBinding(name),
      entity: entityNamed(model, type.entity),
      by: type.by,
      key: `input.${name}`,
      value,
      isLeftOut: optional ? sql`(${isSent(name)} and ${value} is not null) is not true` : null,
      where: type.where,
      lock: strongestFor(locks, inputBinding(name)),
    }
  })
  return [...own, ...references]
}

function rowOfAction(entity: Entity, { address }: Action, locks: readonly Locked[]): NamedRow {
  const lock = strongestFor(locks, ACTION_ROW)
  const by = address.row?.by ?? 'id'
  const named = { by, key: by === 'id' ? 'id' : 'row', value: rowSlot(entity, address) }
  return { ...named, name: ACTION_ROW, entity, isLeftOut: null, where: ALWAYS, lock }
}

/** A locking query: all rows of one entity that the request names and the action locks, each with the number of its call. */
export interface Held {
  readonly entity: Entity
  readonly name: Sql
  readonly cte: Sql
}

/** Locks rows in the order of `lock-statements.ts`: those of an entity after those that it refers to, and by their ids. */
export function heldRows(shared: ActionScope, named: readonly NamedRow[], scope: SqlScope): readonly Held[] {
  const held: Held[] = []
  for (const entity of referredFirst(shared.model)) {
    const rows = named.filter((one) => one.entity === entity && one.lock !== null)
    if (rows.length === 0) continue
    const name = ident(`#held ${held.length}`)
    const before = held.at(-1)
    const isNamed = join(
      rows.map((row) => sql`(${isRow(shared, row, { alias: T, scope })})`),
      ' or ',
      empty,
    )
    const [first] = rows
    const values = join(
      rows.map(({ value }) => value),
      ', ',
      empty,
    )
    // One condition for all rows, which one search of the index answers.
    const isOneOf =
      first !== undefined && rows.every(({ by }) => by === first.by) ? sql`${T}.${columnOf(entity, first.by)} in (${values}) and ` : empty
    const isAfter = before === undefined ? empty : sql` and (select count(*) from ${before.name}) >= 0`
    const lock = LOCKS[strongestOf(rows.flatMap((row) => (row.lock === null ? [] : [row.lock])))]
    const found = sql`call join ${ident(entity.table)} ${T} on ${isOneOf}(${isNamed})${isAfter}`
    const locking = sql`order by ${T}.${idColumn(entity)} for ${lock} of ${T}${skipLockedAmongCalls}`
    const cte = sql`${name} as materialized (select call.ord as ${ORD}, ${T} as ${ROW} from ${found} ${locking})`
    held.push({ entity, name, cte })
  }
  return held
}

/** The condition that the row under an alias is the row that the request names and that the caller may use. */
export function isRow(
  { action }: ActionScope,
  { entity, by, value, where }: NamedRow,
  { alias, scope }: { readonly alias: Sql; readonly scope: SqlScope },
): Sql {
  const inner = bindRow(bindRow(scope, STEP_ROW, alias), 'row', alias)
  const readable = action.as === 'caller' ? [entity.access.read, ...rulesOfKey(entity, by)] : []
  const rules = [where, ...readable].filter((rule) => !isAlways(rule))
  const holds = rules.map((rule) => sql` and ${whenTrue(rule, inner)}`)
  return sql`${alias}.${columnOf(entity, by)} = ${value}${join(holds, '', empty)}${live(entity, alias)}`
}

/** The scalars of which equal values have equal texts. */
const ONE_SPELLING: ReadonlySet<ScalarKind> = new Set(['uuid', 'text', 'integer', 'email', 'url'])

/**
 * The slots that name rows which the action changes. Calls with different values in them share the statement; others run one after the
 * other. Null when the request does not tell whether two calls name the same row.
 */
export function rowsApart(named: readonly NamedRow[], changed: readonly Entity[]): readonly string[] | null {
  const own = named.filter(({ entity, lock }) => lock !== null && changed.includes(entity))
  const isTold = own.every((row) => {
    const isSame = own.every(({ entity, by }) => entity !== row.entity || by === row.by)
    return isSame && ONE_SPELLING.has(storedScalar(fieldNamed(row.entity, row.by).type))
  })
  return isTold ? own.map(({ key }) => key) : null
}
