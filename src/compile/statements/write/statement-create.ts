/**
 * The statements that write: this one, `statement-update.ts` and `statement-delete.ts`. Each takes any number of calls, and has three
 * parts: `call` has the calls; `new` has the rows as they would be after the write, with the decisions of the rules about them; `done`
 * writes the rows that the rules allow, and no others. So a rule and the write that it guards are one statement. To insert further rows
 * with the write (such as a history), add a part that selects from `done`; events are logged by triggers. Two facts matter for it: `done`
 * of a delete has only ids, and `done` of an update without fields has the unchanged row.
 *
 * The short form of a create and an update, for one call, is the write alone with all decisions as its condition. If it writes nothing, the
 * long form runs and gives the reason. It has no `done`, so a statement that adds rows after `done` must have no short form.
 *
 * Slots: `value.<field>` and `given.<field>` (was it sent?) for fields that the caller may send, `input.<field>` for `input` in a rule
 * (null when not sent), `id`, `versions` (what If-Match allows; null for anything), `auth.<claim>`.
 */

import { calls, empty, ident, numberLiteral, type Sql, slot, sql } from '../../../base/sql/sql.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import type { Model } from '../../../model/model.ts'
import { loggedSql, takenSql, unlessLoginTaken } from '../hidden-login.ts'
import type { CreatePlan } from '../plan.ts'
import { fitsSql } from '../row-bytes.ts'
import { CREATED, selectList } from '../row-columns.ts'
import { deniedFields, sentOf, unresolvedFields, writeScope } from '../sent-fields.ts'
import { countedRows } from '../sequences.ts'
import { createdValue, sentInput } from '../written-values.ts'
import {
  allGood,
  answered,
  type Decision,
  draftRow,
  mergeOf,
  newRows,
  ORD,
  oneAfterTheOther,
  ownId,
  refused,
  ruled,
  sqlList,
  storedFields,
  visibleBody,
  yesOrNo,
} from './write-parts.ts'

/** Inserts rows that the rules allow. Each call returns one row with the columns of `CREATED`. */
export function createStatement(model: Model, plan: CreatePlan): Statement {
  const { entity } = plan
  const draft = draftOf(model, plan)
  const { decisions, columns } = draft
  const ok = plan.atomic ? sql`(select bool_and(${allGood(decisions, sql`w`)}) from new w)` : allGood(decisions, sql`n`)
  const drafts = newRows({ from: sql`call`, row: draft.row(sql`call.ord`), decisions })
  const counted = countedRows(entity, { ord: ORD, ok })
  const written = sqlList(storedOf(plan).map((f) => counted.find(({ field }) => field === f)?.number ?? sql`n.${ident(f.column)}`))
  const accepted = sql`select ${written} from new n${oneAfterTheOther(counted.map(({ joined }) => joined))} where ${ok}`
  const done = sql`insert into ${ident(entity.table)} (${columns}) ${accepted} order by n.${ORD}${onConflict(plan)} returning *`
  const counters = oneAfterTheOther(counted.map(({ cte }) => cte))
  const ctes = sql`with call as (${calls}), ${drafts}${counters}, done as (${done})`
  const returned = returnedBy(model, plan, { draft, ord: sql`n.${ORD}`, row: sql`n` })
  const joins = sql`join call on call.ord = n.${ORD} left join done d on d.${ownId(entity)} = n.${ownId(entity)}`
  return {
    name: `create ${entity.name}`,
    ...(plan.hiddenLogin === undefined ? mergeOf(model, plan) : {}),
    // `on conflict do nothing` may leave out the row of a call. If clients choose ids, another call may have the same id and write its row.
    // One statement could not tell which of the two it was, so calls with the same id do not share one.
    ...(plan.unlessTaken === true && plan.fields.some(({ field }) => field.name === 'id') ? { distinct: ['value.id'] } : {}),
    ...(counted.length > 0 || plan.unlessTaken === true || plan.hiddenLogin !== undefined
      ? {}
      : { short: shortCreate(model, plan, draft) }),
    sql: sql`${ctes} select ${returned} from new n ${joins}`,
  }
}

function onConflict({ entity, unlessTaken, hiddenLogin }: CreatePlan): Sql {
  if (hiddenLogin !== undefined) return unlessLoginTaken(entity, hiddenLogin)
  return unlessTaken === true ? sql` on conflict do nothing` : empty
}

/** Inserts the row of one call and returns it, or does nothing. */
function shortCreate(model: Model, plan: CreatePlan, draft: Draft): Sql {
  const { decisions, columns } = draft
  const values = sqlList(storedOf(plan).map((field) => sql`n.${ident(field.column)}`))
  const row = sql`select ${values} from (${draft.row(numberLiteral(1))}) n where ${allGood(decisions)}`
  const returned = returnedBy(model, plan, { draft, ord: numberLiteral(1) })
  return sql`insert into ${ident(plan.entity.table)} as d (${columns}) ${row} returning ${returned}`
}

interface Draft {
  /** The names of the columns that an insert fills. */
  readonly columns: Sql
  /** A query of the new row; `ord` is the number of the call. */
  readonly row: (ord: Sql) => Sql
  readonly decisions: readonly [allowed: Decision, denied: Decision, unresolved: Decision, fits: Decision, ...taken: Decision[]]
}

function draftOf(model: Model, plan: CreatePlan): Draft {
  const { entity } = plan
  const stored = storedOf(plan)
  const sendable = new Map(plan.fields.map((f) => [f.field.name, f]))
  const values = stored.map((field) => sql`${createdValue(model, entity, { field, sendable })} as ${ident(field.column)}`)
  const sent = sentOf(plan.fields)
  const scope = writeScope(model, 'n', sent)
  const decisions = [
    ruled('allowed', plan.allowed, scope),
    refused('denied', deniedFields(sent, [scope])),
    refused('unresolved', unresolvedFields(model, sent)),
    yesOrNo('fits', fitsSql(entity, 'n', null)),
    ...(plan.hiddenLogin === undefined ? [] : [refused('taken', takenSql(model, entity, plan.hiddenLogin))]),
  ] as const
  const extras = sent.columns({
    given: ({ field }) => sql`coalesce(${slot(`given.${field.name}`, 'boolean')}, false)`,
    input: ({ field }) => sentInput(field),
  })
  return {
    columns: sqlList(stored.map((field) => ident(field.column))),
    row: (ord) => draftRow(model, entity, [sql`${ord} as ${ORD}`, ...values, ...extras]),
    decisions,
  }
}

interface Returned {
  readonly draft: Draft
  readonly ord: Sql
  /** The row with the decisions; absent when they are known to be good. */
  readonly row?: Sql
}

/** The select list of the answer. The written row is `d`. */
function returnedBy(model: Model, plan: CreatePlan, { draft, ord, row }: Returned): Sql {
  const [allowed, denied, unresolved, fits, taken] = draft.decisions
  return selectList(CREATED, {
    ord,
    allowed: answered(allowed, row),
    denied: answered(denied, row),
    unresolved: answered(unresolved, row),
    fits: answered(fits, row),
    id: sql`d.${ownId(plan.entity)}::text`,
    body: visibleBody(model, plan, 'd'),
    version: sql`d."version"`,
    taken: taken === undefined ? null : answered(taken, row),
    logged: taken === undefined ? null : loggedSql,
  })
}

function storedOf({ entity }: CreatePlan) {
  return storedFields(entity).filter((f) => f.system !== 'deletedAt')
}
