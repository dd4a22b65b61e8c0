/** The steps that write rows. */

import { entityNamed } from '../../model/model.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { ActionWorld, NamesAt, OneChange } from './action-world.ts'
import { givenBy, surelyGiven } from './given.ts'
import { CallRefused, refuseCall } from './outcome.ts'
import { byId, isEntityName, isOneRow, rowsAt, type TakenRows } from './rows-at.ts'
import { applying, assigning, matching, NOTHING, nameOfRow, nameOfRows, type Result, type StepRun } from './step-run.ts'
import { change, FORBIDDEN, insert, judgeNew, mayMake, type RowChange, remove, rowOfStep, type StepValues } from './write-rows.ts'
import type { WrittenCreate, WrittenDelete, WrittenEnsure, WrittenUpdate } from './written-logic.ts'

/** Makes rows. @throws CallRefused */
export function createStep(running: StepRun, step: WrittenCreate, names: NamesAt): Result {
  const { world } = running
  const { create: entity } = step
  const made = applying(running, step, names).map((inner) => {
    const given = givenBy(assigning(running, entity), step.set, { names: inner, row: null })
    return { given, row: rowOfStep(world, entity, given) }
  })
  const isEach = world.hooks.isHooked(world, entity, 'Create')
  if (isEach && made.length > 0) world.seen.add('hooks of create')
  const rows = isEach
    ? made.map(({ given }) => world.hooks.makeRow(world, entity, given))
    : made.length === 0
      ? []
      : insert(world, entity, made)
  return { name: step.each === undefined ? nameOfRow(entity, rows[0]?.id ?? null) : nameOfRows(entity, rows) }
}

/** Takes rows, or makes them. @throws CallRefused */
export function ensureStep(running: StepRun, step: WrittenEnsure, names: NamesAt): Result {
  const { world } = running
  const { ensure: entity } = step
  const sure = surelyGiven(running.action, step.set)
  const { uniques } = entityNamed(world.reference.model, entity)
  // "The first of them all of whose fields surely have a value."
  const unique = uniques.find(({ fields }) => fields.every((name) => sure.has(name) || isServers(world, entity, name)))
  const drafts = applying(running, step, names).map((inner) => {
    const given = givenBy(assigning(running, entity), step.set, { names: inner, row: null })
    const row = rowOfStep(world, entity, given)
    const isSame = (one: PlainRow): boolean =>
      unique?.fields.every((name) => (row[name] ?? null) !== null && one[name] === row[name]) === true
    return { given, row, names: inner, isSame, there: world.live(entity).find(isSame) ?? null }
  })
  const ensuresWithHooks =
    world.hooks.isHooked(world, entity, 'Create') || (step.existing !== undefined && world.hooks.isHooked(world, entity, 'Update'))
  if (ensuresWithHooks) return ensureRows(running, step, drafts)
  // As caller, the row must be allowed to be made, whether it is there or not. Its values must be valid, too.
  judgeNew(world, entity, drafts, { isTwice: drafts.some(({ isSame }, i) => drafts.slice(0, i).some(({ row }) => isSame(row))) })
  const made = drafts.filter(({ there }) => there === null)
  const rows = made.length === 0 ? [] : insert(world, entity, made)
  for (const { there } of drafts) if (there !== null) world.found.add(there.id ?? null)
  for (const { there, names: inner } of drafts) if (there !== null) takeExisting(running, step, { row: there, names: inner })
  const ids = drafts.map((draft) => (draft.there ?? rows[made.indexOf(draft)])?.id ?? null)
  if (step.each !== undefined) return { name: { kind: 'rows', entity, ids, total: ids.length } }
  return { name: nameOfRow(entity, ids[0] ?? null) }
}

interface Draft {
  readonly given: StepValues
  readonly row: PlainRow
  readonly names: NamesAt
  readonly isSame: (one: PlainRow) => boolean
}

/** Rows with hooks are looked for one after the other. Only a row that is made must be valid. */
function ensureRows(running: StepRun, step: WrittenEnsure, drafts: readonly Draft[]): Result {
  const { world } = running
  const { ensure: entity } = step
  const ids: PlainValue[] = []
  for (const { given, row, names, isSame } of drafts) {
    const there = world.live(entity).find(isSame)
    world.seen.add(there === undefined ? 'hooks of ensure, a new row' : 'hooks of ensure, a row that is there')
    if (there !== undefined && !mayMake(world, entity, { row, given })) throw new CallRefused([FORBIDDEN])
    if (there !== undefined) takeExisting(running, step, { row: there, names })
    const id = there === undefined ? world.hooks.makeRow(world, entity, given).id : there.id
    if (ids.includes(id ?? null)) refuseCall(409, 'already_taken')
    ids.push(id ?? null)
  }
  if (step.each !== undefined) return { name: { kind: 'rows', entity, ids, total: ids.length } }
  return { name: nameOfRow(entity, ids[0] ?? null) }
}

function isServers({ reference }: ActionWorld, entity: string, name: string): boolean {
  return reference.design.entities[entity]?.fields[name]?.set !== undefined
}

/** The row that `ensure` finds. As caller, it must be readable, and its changes must be allowed. */
function takeExisting(running: StepRun, step: WrittenEnsure, { row, names }: { row: PlainRow; names: NamesAt }): void {
  const { world } = running
  const { ensure: entity, existing = {} } = step
  if (!world.isSystem && !world.sight.sees(entity, row)) refuseCall(403, 'forbidden')
  if (Object.keys(existing).length === 0) return
  const given = givenBy(assigning(running, entity), existing, { names, row })
  changeAll(world, entity, [{ row, given }], { isJudged: !world.isSystem })
}

/** Changes rows: all at once, or with hooks one after the other. */
export function changeAll(
  world: ActionWorld,
  entity: string,
  changes: readonly RowChange[],
  { isJudged }: { readonly isJudged: boolean },
): void {
  if (!world.hooks.isHooked(world, entity, 'Update')) {
    change(world, entity, { changes, isJudged })
    return
  }
  const drafts = changes.map(({ row, given }): OneChange => ({ id: row.id ?? null, given, draft: row, isJudged }))
  world.hooks.judgeDrafts(world, entity, drafts)
  for (const draft of drafts) world.hooks.changeRow(world, entity, draft)
}

/** The rows that an `update` or a `delete` is about, with the element of `each` that leads to each of them. */
function targets(
  running: StepRun,
  step: WrittenUpdate | WrittenDelete,
  { source, names }: { readonly source: string; readonly names: NamesAt },
): { readonly entity: string; readonly hits: readonly { readonly row: PlainRow; readonly names: NamesAt }[] } {
  const { world } = running
  let entity = isEntityName(source) ? source : ''
  const hits = applying(running, step, names).flatMap((inner) => {
    const taken = takenBy(running, source, inner)
    entity = taken.entity
    return matching(running, taken, step.where, inner).map((row) => ({ row, names: inner }))
  })
  return { entity: entity === '' ? entityOf(world, source, step, names) : entity, hits }
}

function takenBy({ world }: StepRun, source: string, names: NamesAt): TakenRows {
  if (!isOneRow(world, source, names)) return rowsAt(world, source, names)
  const { entity, id } = world.rowAt(source, names)
  return { entity, rows: world.usable(entity).filter((row) => row.id === id) }
}

/** The entity of a step that reached no row. */
function entityOf(world: ActionWorld, source: string, { each }: WrittenUpdate | WrittenDelete, names: NamesAt): string {
  const [, name = '', over = ''] = /^(\w+) +in +(.*)$/.exec(each ?? '') ?? []
  const list = names.get(over)
  const known = new Map(names)
  if (name !== '' && list?.kind !== 'value') known.set(name, { kind: 'row', entity: rowsAt(world, over, names).entity, id: null })
  return isOneRow(world, source, known) ? world.entityAt(source, known) : rowsAt(world, source, known).entity
}

/** Changes rows. @throws CallRefused */
export function updateStep(running: StepRun, step: WrittenUpdate, names: NamesAt): Result {
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
  if (inOrder.length > 0 && world.hooks.isHooked(world, entity, 'Update')) world.seen.add('hooks of update')
  if (inOrder.length > 0) changeAll(world, entity, inOrder, { isJudged: !world.isSystem })
  if (as === undefined) return NOTHING
  if (each === undefined && isOneRow(world, source, names)) return { name: nameOfRow(entity, world.rowAt(source, names).id) }
  return { name: nameOfRows(entity, byId([...changes.keys()])) }
}

/** "What several of them add to or take from one row is summed": each value was calculated from the row before the step. */
function together(row: PlainRow, set: WrittenUpdate['set'], [first, second]: readonly [PlainRow, PlainRow]): PlainRow {
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

/** Deletes rows. @throws CallRefused */
export function deleteStep(running: StepRun, step: WrittenDelete, names: NamesAt): Result {
  const { world } = running
  const { entity, hits } = targets(running, step, { source: step.delete, names })
  const rows = [...new Set(hits.map(({ row }) => row))]
  if (rows.length === 0) return NOTHING
  // "A row that a step deletes by itself keeps its last values", for all of its names.
  const isAlone = step.each === undefined && running.elements === undefined && isOneRow(world, step.delete, names)
  const keep = (row: PlainRow): void => {
    if (isAlone) world.gone.set(row.id ?? null, row)
  }
  if (world.hooks.isHooked(world, entity, 'Delete')) {
    world.seen.add('hooks of delete')
    world.hooks.removeRows(world, entity, { rows: byId(rows), keep })
  } else {
    rows.forEach(keep)
    remove(world, entity, rows)
  }
  return { name: nameOfRows(entity, rows) }
}
