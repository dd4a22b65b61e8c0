/**
 * An action that writes as one statement: it locks the rows that the request names, judges them as they are under the locks, writes, and
 * answers. Calls of it run together in one batch when they name different rows. It does the whole action or writes nothing. A call that is
 * refused for any other reason than a `require` gets no row; the statements of `program.ts` then decide and say why.
 */

import { calls, empty, ident, type Sql, sql } from '../../../base/sql/sql.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import { actionLabel } from '../../../model/action-tree.ts'
import type { Entity, Model } from '../../../model/model.ts'
import { rowScope, type SqlScope } from '../../rules/predicate-sql.ts'
import { bindRow, idColumn } from '../../rules/term-sql.ts'
import { sqlList, storedFields } from '../../statements/write/write-parts.ts'
import { answerJson, type OutputOf } from '../answer-sql.ts'
import { type ActionScope, inputSql } from '../frame.ts'
import type { ActionProgram } from '../program.ts'
import { checkedBy } from '../relation-checks.ts'
import { Constants } from '../values.ts'
import { fitsOneStatement } from './fit.ts'
import { judgedCalls, REFUSED } from './judged-calls.ts'
import { heldRows, type NamedRow, namedRows, rowsApart } from './named-rows.ts'
import { oneRead } from './one-read.ts'
import type { OneStatement } from './single-statement.ts'
import { madeSlot, type RowInStatement, type RowOfStep, rowsInStatement, writtenRows } from './written-rows.ts'

const GO = ident('#go')

/** The one statement of an action; null for an action that needs several. `outputOf` gives the fields of the rows in the answer. */
export function oneStatement(model: Model, { action, locks, places }: ActionProgram, outputOf: OutputOf): OneStatement | null {
  if (action.reads) return oneRead({ model, action, places }, locks, outputOf)
  if (checkedBy(model, action).length > 0 || !fitsOneStatement(model, action, { locks, outputOf })) return null
  const shared: ActionScope = { model, action, places: new Map() }
  const constants = new Constants()
  const named = namedRows(shared, locks)
  const written = writtenRows(model, action)
  const scope: SqlScope = { ...rowScope(model, empty), rows: new Map(), input: (input) => inputSql(action, input) }
  const held = heldRows(shared, named, scope)
  const judged = judgedCalls(shared, { named, held, scope, written, constants })
  const kept = named.reduce((inner, one) => bindRow(inner, one.name, sql`(call.${ident(`@${one.name}`)})`), scope)
  const rows = rowsInStatement(written, kept, constants)
  const from = (used: Sql): Sql => sql`${GO} call${rows.joinedFor(used)}`
  const ctes = [
    sql`call as (${calls})`,
    ...held.map(({ cte }) => cte),
    sql`${GO} as materialized (${judged.sql})`,
    ...writes(rows.rows).map((write, i) => sql`${ident(`#write ${i}`)} as (${write(from)})`),
  ]
  const isAnswered = action.answer.kind !== 'none'
  const body = isAnswered ? answerJson({ shared, scope: rows.scope, outputOf, fromScope: true }, action.answer) : sql`null::text`
  const answer = sql`select call.ord, call.${REFUSED}, case when call.${REFUSED} is null then ${body} end as body from ${from(body)}`
  return {
    statement: { name: `action ${actionLabel(action)}`, sql: sql`with ${sqlList(ctes)} ${answer}`, ...mergeOf(named, written) },
    constants: constants.values,
    made: written.flatMap(({ operation }, i) => (operation === 'create' ? [madeSlot(i)] : [])),
    refusals: judged.refusals,
  }
}

function mergeOf(named: readonly NamedRow[], written: readonly RowOfStep[]): Pick<Statement, 'merge' | 'distinct'> {
  const changed = written.flatMap(({ operation, entity }) => (operation === 'update' ? [entity] : []))
  const distinct = rowsApart(named, changed)
  if (distinct === null) return {}
  return distinct.length === 0 ? { merge: 'calls' } : { merge: 'calls', distinct }
}

type Write = (from: (used: Sql) => Sql) => Sql

/** The writes: one for all new rows of an entity, and one for all changes of its rows. */
function writes(rows: readonly RowInStatement[]): readonly Write[] {
  const groups = new Map<Entity, RowInStatement[]>()
  for (const row of rows) groups.set(row.entity, [...(groups.get(row.entity) ?? []), row])
  return [...groups].map(([entity, group]) => (group[0]?.before === null ? insertOf(entity, group) : updateOf(entity, group)))
}

function insertOf(entity: Entity, rows: readonly RowInStatement[]): Write {
  const columns = storedFields(entity).flatMap(({ column, system }) => (system === 'deletedAt' ? [] : [ident(column)]))
  const table = sql`${ident(entity.table)} (${sqlList(columns)})`
  return (from) => {
    const values = valuesOf(rows, columns)
    return sql`insert into ${table} select ${sqlList(columns.map((column) => sql`w.${column}`))} from ${from(values)}${values} where call.${REFUSED} is null`
  }
}

function updateOf(entity: Entity, rows: readonly RowInStatement[]): Write {
  const changed = new Set(rows.flatMap((row) => row.changed))
  const columns = storedFields(entity).flatMap(({ column }) => (changed.has(column) ? [ident(column)] : []))
  // A row that is changed twice is written once, as it is in the end.
  const last = [...new Map(rows.map((row) => [row.name, row])).values()]
  const id = idColumn(entity)
  const set = sqlList(columns.map((column) => sql`${column} = w.${column}`))
  return (from) => {
    const values = valuesOf(last, [id, ...columns])
    return sql`update ${ident(entity.table)} "#t" set ${set} from ${from(values)}${values} where "#t".${id} = w.${id} and call.${REFUSED} is null`
  }
}

/** The columns of several rows, as a table `w`. */
function valuesOf(rows: readonly RowInStatement[], columns: readonly Sql[]): Sql {
  const tuples = rows.map(({ after }) => sql`(${sqlList(columns.map((column) => sql`${after}.${column}`))})`)
  return sql` cross join lateral (values ${sqlList(tuples)}) w(${sqlList(columns)})`
}
