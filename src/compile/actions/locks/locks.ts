/**
 * Which rows an action locks, how strongly, and in which order. A statement that waits for a lock still sees other rows as they were when
 * it started. So one statement locks rows, and a later one judges and counts them. An insert of a row waits for a `for update` of the row
 * that it refers to, so no row is added to a relation that a step uses until the commit.
 *
 * Source: PostgreSQL, "Explicit Locking", Row-Level Locks; "Transaction Isolation", Read Committed Isolation Level.
 */

import {
  ACTION_ROW,
  type Action,
  type ActionStep,
  type DeleteStep,
  type Each,
  type FindStep,
  inputBinding,
  type ListStep,
  STEP_ROW,
  type StepRows,
  type UpdateStep,
} from '../../../model/action.ts'
import { visitStep } from '../../../model/action-tree.ts'
import { type Predicate, type RelatedRows, type RowPath, type RowSet, rowBefore } from '../../../model/expression.ts'
import { entityNamed, fieldNamed, type Model } from '../../../model/model.ts'
import { conjuncts } from '../../../model/tree.ts'
import { rowReferredTo, rowsNamedIn, setVisitor, usedBy } from './expressions.ts'

/** The strength of a row lock, in ascending order. */
export type RowLock = 'share' | 'no key update' | 'update'

/** The elements of a relation, or of a list that a step has named, under a name. */
export interface ReachedElements {
  readonly over: RowSet
  readonly as: string
  /** Elements of these elements, each a relation of a row that is reached from those before. The row to lock is reached from the last. */
  readonly inner: readonly { readonly over: RelatedRows; readonly as: string }[]
}

/** The name of an element in locks. With one name, locks of the same rows are equal, whatever the design calls the element. */
export const ELEMENT = '#element'

/** Rows to lock: one row, or one row for each element of a relation. */
export interface Locked {
  /** The name from which the rows are reached. */
  readonly anchor: string
  readonly entity: string
  readonly lock: RowLock
  readonly rows: { readonly kind: 'row'; readonly row: RowPath } | (ReachedElements & { readonly kind: 'elements'; readonly row: RowPath })
  /**
   * Whether a condition uses the row and another request may change a reference on the path to it. The rows on the path have locks, too,
   * and when these are taken, the row to which the path leads by then is locked.
   */
  readonly moves: boolean
}

/** Everything that an action locks; nothing for an action that only reads. */
export function locksOf(model: Model, action: Action): readonly Locked[] {
  if (action.reads) return []
  const own: readonly Locked[] =
    action.entity === null ? [] : [lockedRow(pathTo(ACTION_ROW, action.entity), action.transition === null ? 'share' : 'no key update')]
  const steps = action.steps.flatMap((step) => locksOfStep(model, step))
  return [...own, ...locksOfEntry(model, action), ...steps, ...(action.run === null ? [] : locksOfCode(action))]
}

/** The locks of the conditions before the steps: `allow`, the guard of a transition, and the `where` of each input. */
function locksOfEntry(model: Model, { allow, transition, inputs }: Action): readonly Locked[] {
  const ofInputs = inputs.flatMap(({ name, type }) => {
    if (type.kind !== 'reference') return []
    const own = inputBinding(name)
    return usedBy(type.where).map(({ row, lock }) => ({ row: row.binding === STEP_ROW ? { ...row, binding: own } : row, lock }))
  })
  const guard = transition?.guard == null ? [] : usedBy(transition.guard)
  return [...usedBy(allow), ...guard, ...ofInputs].flatMap(({ row, lock }) => usedRow(model, row, lock))
}

/** The locks of an action of code: what the code does with the rows that it gets is not known, so each has the strongest lock. */
function locksOfCode({ entity, inputs }: Action): readonly Locked[] {
  const rows = inputs.flatMap(({ name, type }) => (type.kind === 'reference' ? [pathTo(inputBinding(name), type.entity)] : []))
  return [...(entity === null ? [] : [pathTo(ACTION_ROW, entity)]), ...rows].map((row) => lockedRow(row, 'update'))
}

function locksOfStep(model: Model, step: ActionStep): readonly Locked[] {
  const conditions = [step.when, ...(step.verb === 'require' ? [step.condition] : [])]
  const read = conditions.flatMap((condition) => (condition === null ? [] : readBy(model, condition, step.each)))
  const written = step.verb === 'update' || step.verb === 'delete' ? locksOfTarget(step) : []
  const found = step.verb === 'find' || step.verb === 'list' ? locksOfSearch(model, step) : []
  return [...lookedAt(model, step), ...read, ...written, ...found]
}

/** The locks of the rows that a step changes or deletes. Those that only a condition finds are locked right before the step. */
function locksOfTarget({ verb, target, each }: UpdateStep | DeleteStep): readonly Locked[] {
  const lock = verb === 'delete' ? 'update' : 'no key update'
  if (target.kind === 'row') return lockedTarget(target.row, each, lock)
  if (target.rows.kind === 'entity') return []
  // The step `list` itself locks the rows that it names.
  const { set } = target.rows
  return [set.via === null ? lockedRow(set.of, lock) : elements(set, lock)]
}

/**
 * The locks of what a step finds by a condition: the row itself, the rows that the condition reads, and those whose relations it uses.
 * Where the action may go on without a row, other requests must not add one: rows that refer to a row of the action are locked with it.
 */
function locksOfSearch(model: Model, step: FindStep | ListStep): readonly Locked[] {
  const { as, where, from } = step
  const mayBeNone = step.verb === 'list' || step.optional
  const referred = from.kind === 'entity' && mayBeNone ? conjuncts(where).flatMap(rowReferredTo) : []
  // The id of a row never changes, so it needs no lock.
  const used = step.verb === 'find' && as !== null ? usedBy(where).filter(({ field, row }) => field !== 'id' || row.hops.length > 0) : []
  return [
    ...referred.map((row) => lockedRow(row, 'update')),
    ...used.flatMap(({ row, lock }) => usedRow(model, row.binding === STEP_ROW ? { ...row, binding: as ?? '' } : row, lock)),
  ]
}

/** The rows whose relations a step uses. What it finds by a condition has locks of its own. */
function lookedAt(model: Model, step: ActionStep): readonly Locked[] {
  const found: Locked[] = []
  const add = (set: RowSet): void => {
    if (set.via !== null && set.of.binding !== STEP_ROW) found.push(...usedRow(model, set.of, 'update'))
  }
  visitStep(step, { ...setVisitor(add), rows: add })
  return found
}

/** The rows whose fields a condition reads. */
function readBy(model: Model, condition: Predicate, each: Each | null): readonly Locked[] {
  return rowsNamedIn(condition).flatMap((row) => {
    if (row.binding !== each?.name) return usedRow(model, row, 'share')
    const moving = movingRows(model, row)
    const last = lockedTarget(row, each, 'share').map((one) => ({ ...one, moves: moving.length > 0 }))
    return [...last, ...moving.flatMap((before) => lockedTarget(before, each, 'share'))]
  })
}

/** The locks of a row that a condition uses, and of the rows on the path to it whose references may change. */
export function usedRow(model: Model, row: RowPath, lock: RowLock): readonly Locked[] {
  const moving = movingRows(model, row)
  return [{ ...lockedRow(row, lock), moves: moving.length > 0 }, ...moving.map((before) => lockedRow(before, 'share'))]
}

/** The rows on a path whose reference to the next row may change, or be removed when that row is deleted. */
export function movingRows(model: Model, row: RowPath): readonly RowPath[] {
  const before = rowBefore(row)
  if (before === null) return []
  const { type, immutable, default: preset } = fieldNamed(entityNamed(model, before.entity), row.hops.at(-1)?.field ?? '')
  // A step as system may change what the server sets.
  const stays = immutable && preset?.kind !== 'set' && type.kind === 'ref' && type.onDelete === 'restrict'
  return [...(stays ? [] : [before]), ...movingRows(model, before)]
}

function lockedTarget(row: RowPath, each: Each | null, lock: RowLock): readonly Locked[] {
  if (each === null || each.name !== row.binding) return [lockedRow(row, lock)]
  if (each.over.kind !== 'rows' || each.over.rows.kind === 'entity') return []
  const { set } = each.over.rows
  // The step `list` itself locks the rows that it names.
  if (set.via === null && row.hops.length === 0) return [lockedRow(set.of, lock)]
  const rows = { kind: 'elements', over: set, as: ELEMENT, inner: [], row: { ...row, binding: ELEMENT } } as const
  return [{ anchor: set.of.binding, entity: row.entity, lock, rows, moves: false }]
}

function lockedRow(row: RowPath, lock: RowLock): Locked {
  return { anchor: row.binding, entity: row.entity, lock, rows: { kind: 'row', row }, moves: false }
}

function elements(over: RelatedRows, lock: RowLock): Locked {
  const row = pathTo(ELEMENT, over.entity)
  const rows = { kind: 'elements', over, as: ELEMENT, inner: [], row } as const
  return { anchor: over.of.binding, entity: over.entity, lock, rows, moves: false }
}

/** The row that a name stands for. */
export function pathTo(binding: string, entity: string): RowPath {
  return { binding, root: entity, hops: [], entity }
}

const STRENGTH: Readonly<Record<RowLock, number>> = { share: 0, 'no key update': 1, update: 2 }

/** The strongest lock for the row that a name stands for; null when it needs no lock. */
export function strongestFor(locks: readonly Locked[], name: string): RowLock | null {
  const own = locks.filter(
    ({ anchor, rows }) =>
      anchor === name && rows.row.hops.length === 0 && (rows.kind === 'row' || (rows.over.via === null && rows.inner.length === 0)),
  )
  return own.length === 0 ? null : strongestOf(own.map(({ lock }) => lock))
}

/** The strongest of several locks. */
export function strongestOf(locks: readonly RowLock[]): RowLock {
  return locks.reduce<RowLock>((most, lock) => (STRENGTH[lock] > STRENGTH[most] ? lock : most), 'share')
}

/** Whether the rows of a step are locked before it: by the locks of the action, or by the step that has found, named or made them. */
export function isLocked(action: Action, { target, each }: UpdateStep | DeleteStep): boolean {
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
