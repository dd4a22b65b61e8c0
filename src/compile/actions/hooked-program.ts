/**
 * The parts of a program that belong to its steps with hooks, and the drafts of these steps: the rows that a step writes and the values
 * that it gives them, computed before the hooks of the rows run.
 */

import { empty, ident, join, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import {
  ACTION_ROW,
  type Action,
  type ActionStep,
  type Assignment,
  type CreateStep,
  type DeleteStep,
  type EnsureStep,
  type UpdateStep,
} from '../../model/action.ts'
import { ALWAYS, type Predicate } from '../../model/expression.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { isSecretField } from '../../model/privacy/sealed.ts'
import { rowScope, whenTrue } from '../rules/predicate-sql.ts'
import { idColumn, idType } from '../rules/term-sql.ts'
import { writeRulesOf } from '../rules/write-rules.ts'
import { fieldJson } from '../statements/json/json-sql.ts'
import { objectText } from '../statements/json/json-text.ts'
import { outputSql } from '../statements/output-sql.ts'
import { wholeRow } from '../statements/write/held-row.ts'
import { changedRows, hitOf, movedState } from './change-steps.ts'
import { newRowsFrame } from './create-steps.ts'
import { MAX_ELEMENTS, tooManyElements } from './elements.ts'
import type { ActionScope } from './frame.ts'
import { inputOfRules } from './given-fields.ts'
import {
  collectSql,
  type HookSlots,
  isHookedStep,
  lookSql,
  type RowStep,
  rowTarget,
  type WriteOfRow,
  writeOfRow,
  writtenSql,
} from './hooked-writes.ts'
import { holdRows } from './lock-statements.ts'
import type { Stops } from './parts/stops.ts'
import { judgeTrees } from './parts/trees.ts'
import { checkedAfter, checkedBefore } from './relation-checks.ts'
import { type AccountChange, accountChange, type CollectedOfStep, statementOf, stepSql } from './step-sql.ts'
import { valueFor } from './values.ts'

/** A step that runs between two statements of a program, with hooks around each row that it writes. */
export interface HookedStep {
  /** How many of the statements run before it. */
  readonly at: number
  readonly entity: Entity
  readonly operation: 'create' | 'update' | 'delete'
  /** The last one returns a row with the columns of `DRAFT` for each row to write. */
  readonly drafts: readonly Statement[]
  /** Makes the draft of a further row again, if the row has changed since; null where a step has no further rows, or makes new ones. */
  readonly again: Statement | null
  /** The fields that the step sets, in the order of the drafts, each with the input that must be sent for it; null if it is always set. */
  readonly fields: readonly { readonly field: Field; readonly ifSent: string | null }[]
  /** The statements that write one row; the last one returns its id and the row as JSON, or no row after a delete. */
  readonly write: readonly Statement[]
  /** Names the rows after the last one; null when nothing names them. */
  readonly collect: Statement | null
  /** Of an `ensure`: the statement that locks the row that exists and returns its id; null for other steps. */
  readonly look: Statement | null
  /** What an `ensure` does with a row that exists; null when it leaves the row as it is, and for other steps. */
  readonly existing: HookedStep | null
  readonly slots: HookSlots
  /** What it does to accounts; null for other entities. */
  readonly account: AccountChange['change'] | null
}

/** The transition of an action as a step, for its hooks; null for other actions. */
export function movingStep({ at, entity, transition }: Action): UpdateStep | null {
  if (transition === null || entity === null) return null
  const row = { binding: ACTION_ROW, root: entity, hops: [], entity }
  const base = { at, as: null, when: null, each: null, moves: true }
  return { ...base, verb: 'update', target: { kind: 'row', row }, entity, where: ALWAYS, set: [movedState(transition)] }
}

/** The writes of rows for the steps around which hooks run. */
export function writesOfRows(model: Model, action: Action, moving: UpdateStep | null): ReadonlyMap<ActionStep, WriteOfRow> {
  const steps = [...(moving === null ? [] : [moving]), ...action.steps]
  return new Map(
    steps.flatMap((step, i): readonly [RowStep, WriteOfRow][] =>
      isHookedStep(model, step) ? [[step, writeOfRow(model, step, `${i}`)]] : [],
    ),
  )
}

/** All writes, also those of rows that an `ensure` finds. */
export function allWrites(writes: ReadonlyMap<ActionStep, WriteOfRow>): readonly WriteOfRow[] {
  return [...writes.values()].flatMap((one) => (one.existing === null ? [one] : [one, one.existing]))
}

interface Hooking extends CollectedOfStep {
  readonly at: number
  /** Statements right before the write of a row. */
  readonly before: readonly Sql[]
}

/** The statements of a step with hooks. */
export function hookedStep(shared: ActionScope, one: WriteOfRow, { at, before, ...collecting }: Hooking): HookedStep {
  const { model, action } = shared
  const { stops } = collecting
  const { step, write, slots, existing } = one
  const entity = entityNamed(model, step.entity)
  const set = step.verb === 'delete' ? [] : step.set
  const drafts = draftSql(shared, step, collecting)
  const written = [
    ...before,
    ...checkedBefore(shared, write),
    stepSql(shared, write, collecting),
    judgeTrees(model, write, stops),
    ...checkedAfter(shared, write),
    writtenSql(shared, one),
  ]
  const look = lookSql(shared, one, collecting)
  const collect = collectSql(shared, one)
  const again = draftAgainSql(shared, one, stops)
  return {
    at,
    entity,
    operation: step.verb === 'ensure' ? 'create' : step.verb,
    drafts: drafts.map((part) => statementOf(action, part)),
    again: again === null ? null : statementOf(action, again),
    fields: set.map(({ field, ifSent }) => ({ field: fieldNamed(entity, field), ifSent })),
    write: written.flatMap((part) => (part === null ? [] : [statementOf(action, part)])),
    collect: collect === null ? null : statementOf(action, collect),
    look: look === null ? null : statementOf(action, look),
    existing: existing === null ? null : hookedStep(shared, existing, { at, before: [], ...collecting }),
    slots,
    account: accountChange(model, step),
  }
}

/** The columns of a draft: one row for each row that the step writes. The values of the fields that the step sets follow. */
export const DRAFT = { id: 0, input: 1, row: 2, stop: 3, element: 4, seen: 5, values: 6 } as const

/** The statements that find the rows of a step; the last one returns the drafts. They stop the action if the caller may not write a row. */
export function draftSql(shared: ActionScope, step: RowStep, { stops, locks }: Pick<CollectedOfStep, 'stops' | 'locks'>): readonly Sql[] {
  switch (step.verb) {
    case 'create':
    case 'ensure':
      return [createDraft(shared, step, stops)]
    case 'update': {
      const { lock, shared: held } = holdRows(shared, step, locks)
      return [...lock, updateDraft(held, step, { stops, isRow: sql`true` })]
    }
    case 'delete': {
      const { lock, shared: held } = holdRows(shared, step, locks)
      return [...lock, deleteDraft(held, step, { stops, isRow: sql`true` })]
    }
    default:
      return unreachable(step)
  }
}

const T = sql`t`
const D = sql`d`
const N = sql`n`

function createDraft(shared: ActionScope, step: CreateStep | EnsureStep, stops: Stops): Sql {
  const entity = entityNamed(shared.model, step.entity)
  const { from, scope, place, element } = newRowsFrame(shared, step)
  const fields = fieldsOf(entity, step.set)
  const given = step.set.map(({ value }, i) => {
    const field = fields[i] ?? fieldNamed(entity, 'id')
    return sql`, ${valueFor(field, value, scope)} as ${ident(field.column)}`
  })
  const tooMany = stops.at(tooManyElements(step.each))
  const stop = step.each === null ? sql`null` : sql`case when count(*) over () > ${numberLiteral(MAX_ELEMENTS)} then ${tooMany} end`
  const drafts = sql`select ${place} as "#ord", ${element} as "#element"${join(given, '', empty)} from ${from}`
  const shown = sql`null, ${inputSql(fields, D)}, null, ${stop}, d."#element", null`
  return sql`select ${shown}${columnsOf(fields, D)} from (${drafts}) d order by d."#ord"`
}

/**
 * The draft of one row, if the row has changed since the drafts of its step: a hook of an earlier row has written it. The slots `id` and
 * `seen` have the row. Null for a step that writes one row.
 */
export function draftAgainSql(shared: ActionScope, { step, name, entity, slots }: WriteOfRow, stops: Stops): Sql | null {
  if (step.verb === 'create' || step.verb === 'ensure' || (step.each === null && step.target.kind === 'row')) return null
  const isRow = sql`t.${idColumn(entity)} = ${slot(slots.id, idType(entity))} and t.ctid::text <> ${slot(slots.seen, 'text')}`
  const alone = step.each === null ? { when: null, target: rowTarget(name, entity.name), where: ALWAYS } : {}
  return step.verb === 'update'
    ? updateDraft(shared, { ...step, ...alone }, { stops, isRow })
    : deleteDraft(shared, { ...step, ...alone }, { stops, isRow })
}

interface Drafting {
  readonly stops: Stops
  /** A condition on the rows. */
  readonly isRow: Sql
}

function updateDraft(shared: ActionScope, step: UpdateStep, { stops, isRow }: Drafting): Sql {
  const { model } = shared
  const entity = entityNamed(model, step.entity)
  const { ctes, changes, changed } = changedRows(shared, step)
  const fields = fieldsOf(entity, step.set)
  const values = changes.map(({ field }, i) => sql`${changed[i] ?? empty} as ${ident(field.column)}`)
  const after = values.length === 0 ? empty : sql` cross join lateral (select ${join(values, ', ', empty)}) n`
  const input = inputOfRules(step.set, entity, N)
  const judged = (rule: Predicate): Sql => sql`(${whenTrue(rule, { ...rowScope(model, T), input })})`
  const isJudged = shared.action.as === 'caller' && step.moves !== true
  const forbidden = stops.at({ kind: 'forbidden', operation: 'update', entity: entity.name })
  const stop = isJudged ? sql`case when ${judged(writeRulesOf(entity).updateFrom)} is not true then ${forbidden} end` : sql`null`
  const shown = sql`t.${idColumn(entity)}::text, ${inputSql(fields, N)}, ${outputSql(model, wholeRow(entity), 't')}`
  const rows = sql`from hit h join ${ident(entity.table)} t on t.${idColumn(entity)} = h.id${after} where ${isRow} order by t.${idColumn(entity)}`
  return sql`${ctes} select ${shown}, ${stop}, null, t.ctid::text${columnsOf(fields, N)} ${rows}`
}

function deleteDraft(shared: ActionScope, step: DeleteStep, { stops, isRow }: Drafting): Sql {
  const { model } = shared
  const entity = entityNamed(model, step.entity)
  const allowed = whenTrue(writeRulesOf(entity).delete, rowScope(model, T))
  const forbidden = stops.at({ kind: 'forbidden', operation: 'delete', entity: entity.name })
  const stop = shared.action.as === 'caller' ? sql`case when (${allowed}) is not true then ${forbidden} end` : sql`null`
  const id = sql`t.${idColumn(entity)}`
  const shown = sql`${id}::text, null, ${outputSql(model, wholeRow(entity), 't')}, ${stop}, null, t.ctid::text`
  return sql`select ${shown} from ${ident(entity.table)} t where ${id} in (${hitIds(shared, step)}) and ${isRow} order by ${id}`
}

function hitIds(shared: ActionScope, step: UpdateStep | DeleteStep): Sql {
  const hit = hitOf(shared, step, [])
  return sql`select t.${idColumn(entityNamed(shared.model, step.entity))} from ${hit.from} where ${hit.where}`
}

function fieldsOf(entity: Entity, set: readonly Assignment[]): readonly Field[] {
  return set.map(({ field }) => fieldNamed(entity, field))
}

/** The values of fields as JSON in the form of answers, without passwords and tokens. */
function inputSql(fields: readonly Field[], row: Sql): Sql {
  const shown = fields.filter((field) => !isSecretField(field))
  return objectText(shown.map((field) => [field.name, fieldJson(field, sql`${row}.${ident(field.column)}`, null)] as const))
}

/** The values of fields as texts, from which slots read them again. */
function columnsOf(fields: readonly Field[], row: Sql): Sql {
  const columns = fields.map(({ column }) => sql`, ${row}.${ident(column)}::text`)
  return join(columns, '', empty)
}
