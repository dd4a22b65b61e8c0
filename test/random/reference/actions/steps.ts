/** Runs the steps of an action on the rows in memory, in order. */

import { unreachable } from '../../../../src/base/unreachable.ts'
import type {
  CallDesign,
  CreateDesign,
  DeleteDesign,
  EnsureDesign,
  FindDesign,
  ListDesign,
  RequireDesign,
  SignInDesign,
  StepDesign,
  UpdateDesign,
} from '../../../../src/design/authoring/logic-design.ts'
import { entityNamed, storedScalar } from '../../../../src/model/model.ts'
import { orderOfValues as compareValues } from '../../../../src/verify/expected/compare.ts'
import type { PlainRow } from '../../../../src/verify/oracle/oracle-rows.ts'
import type { PlainValue } from '../../../../src/verify/oracle/oracle-values.ts'
import type { ActionName, ActionNames, ActionWorld } from './action-world.ts'
import { type ActionDesignAt, actionLabelled, failureOf } from './authored-actions.ts'
import { type Assigning, givenBy, surelyGiven } from './given.ts'
import { changeRow, isHooked, judgeDrafts, makeRow, type OneChange, removeRows } from './hooked-rows.ts'
import { calledNames } from './input.ts'
import { Refused, refuse } from './outcome.ts'
import { byId, elementsOf, isEntityName, isOneRow, rowsAt, sorted, type TakenRows } from './rows-at.ts'
import { change, FORBIDDEN, type Given, insert, judgeNew, mayMake, newRow, type RowChange, remove } from './write-rows.ts'

/** What the steps of one action share. */
interface Running {
  readonly world: ActionWorld
  readonly action: ActionDesignAt
  /** The names of the inputs that the call or the caller gave. */
  readonly sent: ReadonlySet<string>
  /** The names for each element of a `call` with `each`, for all of which a step is done at once. */
  readonly elements?: readonly ActionNames[]
}

/** Runs all steps and returns the names for the answer. @throws Refused at the first step that fails. */
export function runSteps(running: Running, start: ActionNames): ActionNames {
  let names = start
  for (const step of running.action.design.steps ?? []) names = withResult(names, step, runStep(running, step, names))
  return names
}

function withResult(names: ActionNames, step: StepDesign, { name }: Result): ActionNames {
  const as = 'as' in step ? step.as : undefined
  return as === undefined || name === null ? names : new Map<string, ActionName>([...names, [as, name]])
}

interface Result {
  readonly name: ActionName | null
}

const NOTHING: Result = { name: null }

function runStep(running: Running, step: StepDesign, names: ActionNames): Result {
  if ('find' in step) return findStep(running, step, names)
  if ('list' in step) return listStep(running, step, names)
  if ('require' in step) return requireStep(running, step, names)
  if ('create' in step) return createStep(running, step, names)
  if ('ensure' in step) return ensureStep(running, step, names)
  if ('update' in step) return updateStep(running, step, names)
  if ('delete' in step) return deleteStep(running, step, names)
  if ('call' in step) return callStep(running, step, names)
  // Random designs have no reactions.
  if ('emit' in step) return NOTHING
  if ('signIn' in step) return signInStep(running, step, names)
  if ('enqueue' in step) throw new Error('random designs have no jobs')
  return unreachable(step)
}

function rowNamed(entity: string, id: PlainValue): ActionName {
  return { kind: 'row', entity, id }
}

function rowsNamed(entity: string, rows: readonly PlainRow[], total = rows.length): ActionName {
  return { kind: 'rows', entity, ids: rows.map(({ id }) => id ?? null), total }
}

/** `where`, of which all conditions must hold. Bare names are the fields of the row. */
function matching({ world }: Running, { entity, rows }: TakenRows, where: FindDesign['where'], names: ActionNames): readonly PlainRow[] {
  const conditions = where === undefined ? [] : typeof where === 'string' ? [where] : where
  return rows.filter((row) => conditions.every((source) => world.holds(source, names, { entity, row })))
}

/** The rows that `find` and `list` choose from, in order. */
function chosen(running: Running, source: string, step: FindDesign | ListDesign, names: ActionNames): TakenRows {
  const taken = rowsAt(running.world, source, names)
  const rows = sorted(running.world, { ...taken, rows: matching(running, taken, step.where, names) }, step.sort)
  return { entity: taken.entity, rows }
}

function findStep(running: Running, step: FindDesign, names: ActionNames): Result {
  if (!running.world.holds(step.when, names)) return { name: rowNamed(rowsAt(running.world, step.find, names).entity, null) }
  const { entity, rows } = chosen(running, step.find, step, names)
  const [first] = rows
  if (first === undefined && step.optional !== true) {
    const { status, code } = step.else === undefined ? { status: 404, code: 'not_found' } : failureOf(running.world.reference, step.else)
    refuse(status, code)
  }
  return { name: rowNamed(entity, first?.id ?? null) }
}

function listStep(running: Running, step: ListDesign, names: ActionNames): Result {
  const { world } = running
  const isDone = world.holds(step.when, names)
  if (!isDone && step.distinct === undefined) return { name: rowsNamed(rowsAt(world, step.list, names).entity, []) }
  const { entity, rows } = chosen(running, step.list, step.distinct === undefined ? step : { ...step, sort: [] }, names)
  const count = (source: ListDesign['limit'], unset: number): number =>
    source === undefined ? unset : Math.max(0, Number(world.value(source, names) ?? unset))
  const offset = count(step.offset, 0)
  if (step.distinct !== undefined) {
    const all = isDone ? differentValues(world, { entity, rows }, step) : []
    const { scalar } = entityNamed(world.reference.model, entity).fields.flatMap((field) =>
      field.name === step.distinct ? [{ scalar: storedScalar(field.type) }] : [],
    )[0] ?? { scalar: 'text' }
    return { name: { kind: 'value', scalar, value: all.slice(offset, offset + count(step.limit, all.length)) as PlainValue } }
  }
  return { name: rowsNamed(entity, rows.slice(offset, offset + count(step.limit, rows.length)), rows.length) }
}

/** "The different values of a field, or the different items of a list, in their order." */
function differentValues(world: ActionWorld, { entity, rows }: TakenRows, { distinct = '', sort = [] }: ListDesign): readonly PlainValue[] {
  const values = rows.flatMap((row) => {
    const value = world.shown(entity, row)[distinct] ?? null
    return Array.isArray(value) ? (value as readonly PlainValue[]) : [value]
  })
  const found = [...new Set(values)].filter((value) => value !== null).toSorted(compareValues)
  return sort[0]?.startsWith('-') === true ? found.toReversed() : found
}

/** The elements for which `when` is true. */
function applying({ world, elements }: Running, step: Exclude<StepDesign, SignInDesign>, names: ActionNames): readonly ActionNames[] {
  return (elements ?? elementsOf(world, step.each, names)).filter((inner) => world.holds(step.when, inner))
}

function requireStep(running: Running, step: RequireDesign, names: ActionNames): Result {
  const holds = applying(running, step, names).every((inner) => running.world.holds(step.require, inner))
  if (holds) return NOTHING
  if (step.else === undefined) refuse(409, 'requirement_failed')
  const { status, code } = failureOf(running.world.reference, step.else)
  return refuse(status, code)
}

function assigning({ world, action, sent }: Running, entity: string): Assigning {
  return { world, action, sent, entity }
}

function createStep(running: Running, step: CreateDesign, names: ActionNames): Result {
  const { world } = running
  const { create: entity } = step
  const made = applying(running, step, names).map((inner) => {
    const given = givenBy(assigning(running, entity), step.set, { names: inner, row: null })
    return { given, row: newRow(world, entity, given) }
  })
  const isEach = isHooked(world, entity, 'Create')
  if (isEach && made.length > 0) world.seen.add('hooks of create')
  const rows = isEach ? made.map(({ given }) => makeRow(world, entity, given)) : made.length === 0 ? [] : insert(world, entity, made)
  return { name: step.each === undefined ? rowNamed(entity, rows[0]?.id ?? null) : rowsNamed(entity, rows) }
}

function ensureStep(running: Running, step: EnsureDesign, names: ActionNames): Result {
  const { world } = running
  const { ensure: entity } = step
  const sure = surelyGiven(running.action, step.set)
  const { uniques } = entityNamed(world.reference.model, entity)
  // "The first of them all of whose fields surely have a value."
  const unique = uniques.find(({ fields }) => fields.every((name) => sure.has(name) || isServers(world, entity, name)))
  const drafts = applying(running, step, names).map((inner) => {
    const given = givenBy(assigning(running, entity), step.set, { names: inner, row: null })
    const row = newRow(world, entity, given)
    const isSame = (one: PlainRow): boolean =>
      unique?.fields.every((name) => (row[name] ?? null) !== null && one[name] === row[name]) === true
    return { given, row, names: inner, isSame, there: world.live(entity).find(isSame) ?? null }
  })
  const ensuresWithHooks = isHooked(world, entity, 'Create') || (step.existing !== undefined && isHooked(world, entity, 'Update'))
  if (ensuresWithHooks) return ensureRows(running, step, drafts)
  // As caller, the row must be allowed to be made, whether it is there or not. Its values must be valid, too.
  judgeNew(world, entity, drafts, { isTwice: drafts.some(({ isSame }, i) => drafts.slice(0, i).some(({ row }) => isSame(row))) })
  const made = drafts.filter(({ there }) => there === null)
  const rows = made.length === 0 ? [] : insert(world, entity, made)
  for (const { there } of drafts) if (there !== null) world.found.add(there.id ?? null)
  for (const { there, names: inner } of drafts) if (there !== null) takeExisting(running, step, { row: there, names: inner })
  const ids = drafts.map((draft) => (draft.there ?? rows[made.indexOf(draft)])?.id ?? null)
  if (step.each !== undefined) return { name: { kind: 'rows', entity, ids, total: ids.length } }
  return { name: rowNamed(entity, ids[0] ?? null) }
}

interface Draft {
  readonly given: Given
  readonly row: PlainRow
  readonly names: ActionNames
  readonly isSame: (one: PlainRow) => boolean
}

/** Rows with hooks are looked for one after the other. Only a row that is made must be valid. */
function ensureRows(running: Running, step: EnsureDesign, drafts: readonly Draft[]): Result {
  const { world } = running
  const { ensure: entity } = step
  const ids: PlainValue[] = []
  for (const { given, row, names, isSame } of drafts) {
    const there = world.live(entity).find(isSame)
    world.seen.add(there === undefined ? 'hooks of ensure, a new row' : 'hooks of ensure, a row that is there')
    if (there !== undefined && !mayMake(world, entity, { row, given })) throw new Refused([FORBIDDEN])
    if (there !== undefined) takeExisting(running, step, { row: there, names })
    const id = there === undefined ? makeRow(world, entity, given).id : there.id
    if (ids.includes(id ?? null)) refuse(409, 'already_taken')
    ids.push(id ?? null)
  }
  if (step.each !== undefined) return { name: { kind: 'rows', entity, ids, total: ids.length } }
  return { name: rowNamed(entity, ids[0] ?? null) }
}

function isServers({ reference }: ActionWorld, entity: string, name: string): boolean {
  return reference.design.entities[entity]?.fields[name]?.set !== undefined
}

/** The row that `ensure` finds. As caller, it must be readable, and its changes must be allowed. */
function takeExisting(running: Running, step: EnsureDesign, { row, names }: { row: PlainRow; names: ActionNames }): void {
  const { world } = running
  const { ensure: entity, existing = {} } = step
  if (!world.isSystem && !world.sight.sees(entity, row)) refuse(403, 'forbidden')
  if (Object.keys(existing).length === 0) return
  const given = givenBy(assigning(running, entity), existing, { names, row })
  changeAll(world, entity, [{ row, given }], { isJudged: !world.isSystem })
}

/** Changes rows: all at once, or with hooks one after the other. */
function changeAll(world: ActionWorld, entity: string, changes: readonly RowChange[], { isJudged }: { readonly isJudged: boolean }): void {
  if (!isHooked(world, entity, 'Update')) {
    change(world, entity, { changes, isJudged })
    return
  }
  const drafts = changes.map(({ row, given }): OneChange => ({ id: row.id ?? null, given, draft: row, isJudged }))
  judgeDrafts(world, entity, drafts)
  for (const draft of drafts) changeRow(world, entity, draft)
}

/** The rows that an `update` or a `delete` is about, with the element of `each` that leads to each of them. */
function targets(
  running: Running,
  step: UpdateDesign | DeleteDesign,
  { source, names }: { readonly source: string; readonly names: ActionNames },
): { readonly entity: string; readonly hits: readonly { readonly row: PlainRow; readonly names: ActionNames }[] } {
  const { world } = running
  let entity = isEntityName(source) ? source : ''
  const hits = applying(running, step, names).flatMap((inner) => {
    const taken = takenBy(running, source, inner)
    entity = taken.entity
    return matching(running, taken, step.where, inner).map((row) => ({ row, names: inner }))
  })
  return { entity: entity === '' ? entityOf(world, source, step, names) : entity, hits }
}

function takenBy({ world }: Running, source: string, names: ActionNames): TakenRows {
  if (!isOneRow(world, source, names)) return rowsAt(world, source, names)
  const { entity, id } = world.rowAt(source, names)
  return { entity, rows: world.usable(entity).filter((row) => row.id === id) }
}

/** The entity of a step that reached no row. */
function entityOf(world: ActionWorld, source: string, { each }: UpdateDesign | DeleteDesign, names: ActionNames): string {
  const [, name = '', over = ''] = /^(\w+) +in +(.*)$/.exec(each ?? '') ?? []
  const list = names.get(over)
  const known = new Map(names)
  if (name !== '' && list?.kind !== 'value') known.set(name, { kind: 'row', entity: rowsAt(world, over, names).entity, id: null })
  return isOneRow(world, source, known) ? world.entityAt(source, known) : rowsAt(world, source, known).entity
}

function updateStep(running: Running, step: UpdateDesign, names: ActionNames): Result {
  const { world } = running
  const { update: source, set, as, each } = step
  const { entity, hits } = targets(running, step, { source, names })
  const changes = new Map<PlainRow, RowChange>()
  for (const { row, names: inner } of hits) {
    const given = givenBy(assigning(running, entity), set, { names: inner, row })
    const earlier = changes.get(row)
    changes.set(row, { row, given: earlier === undefined ? given : together(row, set, [earlier.given, given]) })
  }
  const inOrder = byId([...changes.keys()]).flatMap((row) => changes.get(row) ?? [])
  if (inOrder.length > 0 && isHooked(world, entity, 'Update')) world.seen.add('hooks of update')
  if (inOrder.length > 0) changeAll(world, entity, inOrder, { isJudged: !world.isSystem })
  if (as === undefined) return NOTHING
  if (each === undefined && isOneRow(world, source, names)) return { name: rowNamed(entity, world.rowAt(source, names).id) }
  return { name: rowsNamed(entity, byId([...changes.keys()])) }
}

/** "What several of them add to or take from one row is summed": each value was calculated from the row before the step. */
function together(row: PlainRow, set: UpdateDesign['set'], [first, second]: readonly [PlainRow, PlainRow]): PlainRow {
  const adds = (name: string): boolean => {
    const source = typeof set === 'object' ? set[name] : undefined
    return typeof source === 'string' && new RegExp(`^${name} [+-] `).test(source)
  }
  const sum = (name: string, value: PlainValue): PlainValue => {
    const [old, one] = [row[name], first[name]]
    if (!adds(name)) return value
    if (value === null || (one ?? null) === null) return null
    return typeof old === 'number' && typeof one === 'number' && typeof value === 'number' ? one + value - old : value
  }
  return Object.fromEntries(Object.entries(second).map(([name, value]) => [name, sum(name, value)]))
}

function deleteStep(running: Running, step: DeleteDesign, names: ActionNames): Result {
  const { world } = running
  const { entity, hits } = targets(running, step, { source: step.delete, names })
  const rows = [...new Set(hits.map(({ row }) => row))]
  if (rows.length === 0) return NOTHING
  // "A row that a step deletes by itself keeps its last values", for all of its names.
  const isAlone = step.each === undefined && running.elements === undefined && isOneRow(world, step.delete, names)
  const keep = (row: PlainRow): void => {
    if (isAlone) world.gone.set(row.id ?? null, row)
  }
  if (isHooked(world, entity, 'Delete')) {
    world.seen.add('hooks of delete')
    removeRows(world, entity, { rows: byId(rows), keep })
  } else {
    rows.forEach(keep)
    remove(world, entity, rows)
  }
  return { name: rowsNamed(entity, rows) }
}

/**
 * Runs the steps of another action in place: its `allow` is not asked, and the caller's or the system's rights stay. With `each`, each step
 * runs for all elements, then the next step.
 */
function callStep(running: Running, step: CallDesign, names: ActionNames): Result {
  const { world } = running
  const action = actionLabelled(world.reference, step.call)
  const starts = applying(running, step, names).map((inner) => calledNames(world, { step, action }, inner))
  const [first] = starts
  if (first === undefined) return NOTHING
  const elements = starts.map((start) => start.names)
  moveStates(world, action, elements)
  const called: Running = { world, action, sent: first.sent }
  if (step.each === undefined) runSteps(called, first.names)
  else for (const one of action.design.steps ?? []) runStep({ ...called, elements }, one, first.names)
  return NOTHING
}

/** "From here on, `auth` is that account." A password was verified before the steps. */
function signInStep({ world }: Running, { signIn }: SignInDesign, names: ActionNames): Result {
  const id = typeof signIn === 'string' ? world.rowAt(signIn, names).id : (world.attempt?.account ?? null)
  world.signIn(id, { isNew: typeof signIn === 'string' })
  return typeof signIn === 'string' ? NOTHING : { name: rowNamed('User', id) }
}

/** Makes the transition that an action is, before its steps. @throws Refused from another state, or when the guard is not true. */
export function moveState(world: ActionWorld, action: ActionDesignAt, names: ActionNames): void {
  moveStates(world, action, [names])
}

/** All states are judged before all guards, and both before the first row is changed. */
function moveStates(world: ActionWorld, { transition, entity }: ActionDesignAt, all: readonly ActionNames[]): void {
  if (transition === null || entity === null) return
  const { field, from, to, guard } = transition
  const rows = all.map((names) => {
    const name = names.get('row')
    // A row that the caller may not read is not there, also for a call.
    const row = name?.kind === 'row' ? world.usable(entity).find(({ id }) => id === name.id) : undefined
    if (row === undefined || !from.includes(String(row[field]))) refuse(409, 'illegal_transition')
    return { row, names }
  })
  if (guard !== undefined && !rows.every(({ row, names }) => world.allows(guard, names, { entity, row }))) refuse(409, 'requirement_failed')
  if (isHooked(world, entity, 'Update')) world.seen.add('hooks of a transition')
  const changes = rows.map(({ row }) => ({ row, given: { [field]: to } }))
  changeAll(world, entity, changes, { isJudged: false })
}
