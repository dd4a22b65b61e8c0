/** The statement of an update. `old` holds the rows before the write; the other parts are those of `statement-create.ts`. */

import { calls, empty, ident, numberLiteral, type Sql, sql } from '../../../base/sql/sql.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import type { Field, Model } from '../../../model/model.ts'
import { rowScope } from '../../rules/predicate-sql.ts'
import { setAt } from '../../rules/write-rules.ts'
import { circularFields, isAcyclic, lockTrees } from '../acyclic.ts'
import type { UpdatePlan } from '../plan.ts'
import { fitsSql } from '../row-bytes.ts'
import { selectList, UPDATED } from '../row-columns.ts'
import { deniedFields, sentOf, unresolvedFields, writeScope } from '../sent-fields.ts'
import { updatedInput, updatedValue } from '../written-values.ts'
import {
  allGood,
  answered,
  type Decision,
  draftRow,
  freshness,
  idSlot,
  isThere,
  mergeOf,
  newRows,
  ORD,
  oldRows,
  ownId,
  refused,
  ruled,
  sqlList,
  storedFields,
  visibleBody,
  yesOrNo,
} from './write-parts.ts'

/** Changes rows that the rules allow. A call returns one row with the columns of `UPDATED`, or none for an id that does not exist. */
export function updateStatement(model: Model, plan: UpdatePlan): Statement {
  const { entity } = plan
  const isEmpty = plan.fields.length === 0
  const sendsAcyclic = plan.fields.some(isAcyclic)
  const draft = draftOf(model, plan)
  const decisions = Object.values(draft.decisions)
  const accepted = allGood(decisions, sql`n`)
  const changes = sqlList(changedFields(plan).map((f) => sql`${ident(f.column)} = n.${ident(f.column)}`))
  // Nothing was sent, so nothing is written and the version stays.
  const done = isEmpty
    ? sql`select o.* from old o join new n on n.${ORD} = o.${ORD} where ${accepted}`
    : sql`update ${ident(entity.table)} t set ${changes} from new n where t.${ownId(entity)} = n.${ownId(entity)} and ${accepted} returning t.*, n.${ORD}`
  const drafts = newRows({ from: sql`old o join call on call.ord = o.${ORD}`, row: draft.row(sql`o.${ORD}`), decisions })
  const ctes = sql`with call as (${calls}), ${oldRows(model, entity)}, ${drafts}, done as (${done})`
  const returned = returnedBy(model, plan, { draft, alias: 'd', ord: sql`n.${ORD}`, row: sql`n` })
  return {
    name: `update ${entity.name}`,
    ...mergeOf(model, plan),
    distinct: ['id'],
    ...(sendsAcyclic ? { before: lockTrees(entity) } : {}),
    ...(isEmpty || sendsAcyclic ? {} : { short: shortUpdate(model, plan, draft) }),
    sql: sql`${ctes} select ${returned} from new n join call on call.ord = n.${ORD} left join done d on d.${ORD} = n.${ORD}`,
  }
}

/**
 * Changes the row `o` of one call and returns it, or does nothing. PostgreSQL locks the row before it writes; if another transaction has
 * changed the row meanwhile, it tests the whole condition again on the new version (manual, section 13.2.1).
 */
function shortUpdate(model: Model, plan: UpdatePlan, draft: Draft): Sql {
  const { entity } = plan
  const { readable, fresh, ...about } = draft.decisions
  const further = Object.values(about)
  const values = new Map(draft.values)
  const changes = sqlList(changedFields(plan).map((field) => sql`${ident(field.column)} = ${values.get(field) ?? empty}`))
  const isRow = sql`o.${ownId(entity)} = ${idSlot(entity)} and ${isThere(model, entity, 'o')}`
  const after = further.every(({ value }) => value === null)
    ? empty
    : sql` and exists (select 1 from (${draft.row(numberLiteral(1))}) n where ${allGood(further)})`
  const update = sql`update ${ident(entity.table)} o set ${changes} where ${isRow} and ${allGood([readable, fresh])}${after}`
  return sql`${update} returning ${returnedBy(model, plan, { draft, alias: 'o', ord: numberLiteral(1) })}`
}

interface Draft {
  /** The value of each field after the write. */
  readonly values: readonly (readonly [Field, Sql])[]
  /** A query of the row after the write; `ord` is the number of the call. */
  readonly row: (ord: Sql) => Sql
  readonly decisions: Decisions
}

type Decisions = Readonly<Record<'readable' | 'allowed' | 'fresh' | 'denied' | 'unresolved' | 'settled' | 'fits', Decision>> & {
  readonly circular?: Decision
}

function draftOf(model: Model, plan: UpdatePlan): Draft {
  const { entity } = plan
  const given = new Map(plan.fields.map((f) => [f.field.name, f]))
  const isEmpty = plan.fields.length === 0
  const value = (field: Field) => (isEmpty ? sql`o.${ident(field.column)}` : updatedValue(model, entity, { field, given }))
  const values = storedFields(entity).map((field) => [field, value(field)] as const)
  const sent = sentOf(plan.fields)
  const before = writeScope(model, 'o', sent, 'n')
  const after = writeScope(model, 'n', sent)
  const decisions: Decisions = {
    readable: ruled('readable', plan.readable, rowScope(model, ident('o'))),
    allowed: ruled('allowed', plan.from, before),
    fresh: yesOrNo('fresh', freshness(sql`o`)),
    denied: refused('denied', deniedFields(sent, [before, after])),
    unresolved: refused('unresolved', unresolvedFields(model, sent)),
    settled: ruled('settled', plan.to, after),
    fits: yesOrNo('fits', fitsSql(entity, 'n', new Set(given.keys()))),
    ...(plan.fields.some(isAcyclic) ? { circular: refused('circular', circularFields(entity, plan.fields)) } : {}),
  }
  const extras = sent.columns({ given: () => sql`true`, input: updatedInput })
  const columns = [...values.map(([field, sent]) => sql`${sent} as ${ident(field.column)}`), ...extras]
  return { values, row: (ord) => draftRow(model, entity, [sql`${ord} as ${ORD}`, ...columns]), decisions }
}

/** The fields that an update with fields changes. */
export function changedFields({ entity, fields }: UpdatePlan): readonly Field[] {
  const sent = new Set(fields.map(({ field }) => field.name))
  return storedFields(entity).filter(
    (field) => sent.has(field.name) || setAt(field, 'update') !== null || field.system === 'updatedAt' || field.system === 'version',
  )
}

interface Returned {
  readonly draft: Draft
  /** The alias of the written row. */
  readonly alias: string
  readonly ord: Sql
  /** The row with the decisions; absent when they are known to be good. */
  readonly row?: Sql
}

function returnedBy(model: Model, plan: UpdatePlan, { draft, alias, ord, row }: Returned): Sql {
  const { circular, ...decisions } = draft.decisions
  return selectList(UPDATED, {
    ord,
    readable: answered(decisions.readable, row),
    allowed: answered(decisions.allowed, row),
    fresh: answered(decisions.fresh, row),
    denied: answered(decisions.denied, row),
    unresolved: answered(decisions.unresolved, row),
    settled: answered(decisions.settled, row),
    fits: answered(decisions.fits, row),
    id: sql`${ident(alias)}.${ownId(plan.entity)}::text`,
    body: visibleBody(model, plan, alias),
    version: sql`${ident(alias)}."version"`,
    circular: circular === undefined ? null : answered(circular, row),
  })
}
