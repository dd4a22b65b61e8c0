/** The parts of a program that belong to its steps with hooks. */

import type { Sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import { ACTION_ROW, type Action, type ActionStep, type UpdateStep } from '../../model/action.ts'
import { ALWAYS } from '../../model/expression.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { movedState } from './change-steps.ts'
import type { ActionScope } from './frame.ts'
import {
  collectSql,
  draftSql,
  type HookSlots,
  isHookedStep,
  lookSql,
  type RowStep,
  type WriteOfRow,
  writeOfRow,
  writtenSql,
} from './hooked-writes.ts'
import { checkedAfter, checkedBefore } from './relation-checks.ts'
import { type AccountChange, accountChange, type CollectedOfStep, statementOf, stepSql } from './step-sql.ts'
import { judgeTrees } from './trees.ts'

/** A step that runs between two statements of a program, with hooks around each row that it writes. */
export interface HookedStep {
  /** How many of the statements run before it. */
  readonly at: number
  readonly entity: Entity
  readonly operation: 'create' | 'update' | 'delete'
  /** The last one returns a row with the columns of `DRAFT` for each row to write. */
  readonly drafts: readonly Statement[]
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
  const drafts = draftSql(shared, step, stops)
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
  return {
    at,
    entity,
    operation: step.verb === 'ensure' ? 'create' : step.verb,
    drafts: drafts.map((part) => statementOf(action, part)),
    fields: set.map(({ field, ifSent }) => ({ field: fieldNamed(entity, field), ifSent })),
    write: written.flatMap((part) => (part === null ? [] : [statementOf(action, part)])),
    collect: collect === null ? null : statementOf(action, collect),
    look: look === null ? null : statementOf(action, look),
    existing: existing === null ? null : hookedStep(shared, existing, { at, before: [], ...collecting }),
    slots,
    account: accountChange(model, step),
  }
}
