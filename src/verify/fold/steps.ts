/** Runs the steps of an action on the rows in memory, in order. */

import { unreachable } from '../../base/unreachable.ts'
import { entityNamed, storedScalar } from '../../model/model.ts'
import { orderOfValues as compareValues } from '../expected/compare.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { ActionWorld, NameMeaning, NamesAt } from './action-world.ts'
import { calledNames } from './input.ts'
import { noteStep, placeOf } from './note-step.ts'
import { CallRefused, refuseCall } from './outcome.ts'
import { rowsAt, sorted, type TakenRows } from './rows-at.ts'
import { applying, matching, NOTHING, nameOfRow, nameOfRows, type Result, type StepRun } from './step-run.ts'
import { changeAll, createStep, deleteStep, ensureStep, updateStep } from './write-steps.ts'
import { type ActionDesignAt, actionLabelled, failureOf } from './written-actions.ts'
import type {
  WrittenCall,
  WrittenEmit,
  WrittenEnqueue,
  WrittenFind,
  WrittenList,
  WrittenRequire,
  WrittenSignIn,
  WrittenStep,
} from './written-logic.ts'

/** Runs all steps and returns the names for the answer. @throws CallRefused at the first step that fails. */
export function runSteps(running: StepRun, start: NamesAt): NamesAt {
  let names = start
  const { world, action } = running
  for (const [i, step] of (action.design.steps ?? []).entries()) {
    const place = placeOf(action, i)
    noteStep(running, { step, place }, names)
    try {
      names = withResult(names, step, runStep(running, step, names))
    } catch (error) {
      if (error instanceof CallRefused) world.notes?.add(`${place}/refused`)
      throw error
    }
    world.progress += 1
  }
  return names
}

function withResult(names: NamesAt, step: WrittenStep, { name }: Result): NamesAt {
  const as = 'as' in step ? step.as : undefined
  return as === undefined || name === null ? names : new Map<string, NameMeaning>([...names, [as, name]])
}

function runStep(running: StepRun, step: WrittenStep, names: NamesAt): Result {
  if ('find' in step) return findStep(running, step, names)
  if ('list' in step) return listStep(running, step, names)
  if ('require' in step) return requireStep(running, step, names)
  if ('create' in step) return createStep(running, step, names)
  if ('ensure' in step) return ensureStep(running, step, names)
  if ('update' in step) return updateStep(running, step, names)
  if ('delete' in step) return deleteStep(running, step, names)
  if ('call' in step) return callStep(running, step, names)
  if ('emit' in step) return emitStep(running, step, names)
  if ('signIn' in step) return signInStep(running, step, names)
  if ('enqueue' in step) return enqueueStep(running, step, names)
  return unreachable(step)
}

/** The rows that `find` and `list` choose from, in order. */
function chosen(running: StepRun, source: string, step: WrittenFind | WrittenList, names: NamesAt): TakenRows {
  const taken = rowsAt(running.world, source, names)
  const rows = sorted(running.world, { ...taken, rows: matching(running, taken, step.where, names) }, step.sort)
  return { entity: taken.entity, rows }
}

function findStep(running: StepRun, step: WrittenFind, names: NamesAt): Result {
  if (!running.world.holds(step.when, names)) return { name: nameOfRow(rowsAt(running.world, step.find, names).entity, null) }
  const { entity, rows } = chosen(running, step.find, step, names)
  const [first] = rows
  if (first === undefined && step.optional !== true) {
    const { status, code } = step.else === undefined ? { status: 404, code: 'not_found' } : failureOf(running.world.reference, step.else)
    refuseCall(status, code)
  }
  return { name: nameOfRow(entity, first?.id ?? null) }
}

function listStep(running: StepRun, step: WrittenList, names: NamesAt): Result {
  const { world } = running
  const isDone = world.holds(step.when, names)
  if (!isDone && step.distinct === undefined) return { name: nameOfRows(rowsAt(world, step.list, names).entity, []) }
  const { entity, rows } = chosen(running, step.list, step.distinct === undefined ? step : { ...step, sort: [] }, names)
  const count = (source: WrittenList['limit'], unset: number): number =>
    source === undefined ? unset : Math.max(0, Number(world.value(source, names) ?? unset))
  const offset = count(step.offset, 0)
  if (step.distinct !== undefined) {
    const all = isDone ? differentValues(world, { entity, rows }, step) : []
    const { scalar } = entityNamed(world.reference.model, entity).fields.flatMap((field) =>
      field.name === step.distinct ? [{ scalar: storedScalar(field.type) }] : [],
    )[0] ?? { scalar: 'text' }
    return { name: { kind: 'value', scalar, value: all.slice(offset, offset + count(step.limit, all.length)) as PlainValue } }
  }
  return { name: nameOfRows(entity, rows.slice(offset, offset + count(step.limit, rows.length)), rows.length) }
}

/** "The different values of a field, or the different items of a list, in their order." */
function differentValues(
  world: ActionWorld,
  { entity, rows }: TakenRows,
  { distinct = '', sort = [] }: WrittenList,
): readonly PlainValue[] {
  const values = rows.flatMap((row) => {
    const value = world.shown(entity, row)[distinct] ?? null
    return Array.isArray(value) ? (value as readonly PlainValue[]) : [value]
  })
  const found = [...new Set(values)].filter((value) => value !== null).toSorted(compareValues)
  return sort[0]?.startsWith('-') === true ? found.toReversed() : found
}

function requireStep(running: StepRun, step: WrittenRequire, names: NamesAt): Result {
  const holds = applying(running, step, names).every((inner) => running.world.holds(step.require, inner))
  if (holds) return NOTHING
  if (step.else === undefined) refuseCall(409, 'requirement_failed')
  const { status, code } = failureOf(running.world.reference, step.else)
  return refuseCall(status, code)
}

/**
 * Runs the steps of another action in place: its `allow` is not asked, and the caller's or the system's rights stay. With `each`, each step
 * runs for all elements, then the next step.
 */
function callStep(running: StepRun, step: WrittenCall, names: NamesAt): Result {
  const { world } = running
  const action = actionLabelled(world.reference, step.call)
  const starts = applying(running, step, names).map((inner) => calledNames(world, { step, action }, inner))
  const [first] = starts
  if (first === undefined) return NOTHING
  const elements = starts.map((start) => start.names)
  moveStates(world, action, elements)
  const called: StepRun = { world, action, sent: first.sent }
  if (step.each === undefined) runSteps(called, first.names)
  else for (const one of action.design.steps ?? []) runStep({ ...called, elements }, one, first.names)
  return NOTHING
}

/** An event of its own, about the row of the action unless `on` says another one. */
function emitStep(running: StepRun, step: WrittenEmit, names: NamesAt): Result {
  const { world } = running
  for (const inner of applying(running, step, names)) {
    const { entity, id } = world.rowAt(step.on ?? 'row', inner)
    if (id !== null) world.emitted.push({ entity, happening: step.emit.slice(step.emit.indexOf('.') + 1), rowId: String(id) })
  }
  return NOTHING
}

function enqueueStep(running: StepRun, step: WrittenEnqueue, names: NamesAt): Result {
  running.world.enqueued.push(...applying(running, step, names).map(() => step.enqueue))
  return NOTHING
}

/** "From here on, `auth` is that account." A password was verified before the steps. */
function signInStep({ world }: StepRun, { signIn }: WrittenSignIn, names: NamesAt): Result {
  const id = typeof signIn === 'string' ? world.rowAt(signIn, names).id : (world.attempt?.account ?? null)
  world.signIn(id, { isNew: typeof signIn === 'string' })
  return typeof signIn === 'string' ? NOTHING : { name: nameOfRow('User', id) }
}

/** Makes the transition that an action is, before its steps. @throws CallRefused from another state, or when the guard is not true. */
export function moveState(world: ActionWorld, action: ActionDesignAt, names: NamesAt): void {
  moveStates(world, action, [names])
}

/** All states are judged before all guards, and both before the first row is changed. */
function moveStates(world: ActionWorld, { transition, entity }: ActionDesignAt, all: readonly NamesAt[]): void {
  if (transition === null || entity === null) return
  const { field, from, to, guard } = transition
  const rows = all.map((names) => {
    const name = names.get('row')
    // A row that the caller may not read is not there, also for a call.
    const row = name?.kind === 'row' ? world.usable(entity).find(({ id }) => id === name.id) : undefined
    if (row === undefined || !from.includes(String(row[field]))) refuseCall(409, 'illegal_transition')
    return { row, names }
  })
  if (guard !== undefined && !rows.every(({ row, names }) => world.allows(guard, names, { entity, row })))
    refuseCall(409, 'requirement_failed')
  if (world.hooks.isHooked(world, entity, 'Update')) world.seen.add('hooks of a transition')
  const changes = rows.map(({ row }) => ({ row, given: { [field]: to } }))
  changeAll(world, entity, changes, { isJudged: false })
}
