/**
 * Rows that are written one after the other, each with its hooks: the hook before, the write with all rules, which also judge what the hook
 * has set, the hook after. Hooks carry out scripts, on the rows in memory.
 */

import { isDeepStrictEqual } from 'node:util'
import { entityNamed } from '../../../../src/model/model.ts'
import type { ActionWorld, OneChange, RowHooks, RowOperation } from '../../../../src/verify/fold/action-world.ts'
import { CallRefused, type Refusal, refuseCall } from '../../../../src/verify/fold/outcome.ts'
import {
  change,
  FORBIDDEN,
  hasServersValues,
  insert,
  permits,
  remove,
  rowOfStep,
  type StepValues,
} from '../../../../src/verify/fold/write-rows.ts'
import { failureOf } from '../../../../src/verify/fold/written-actions.ts'
import type { PlainRow } from '../../../../src/verify/oracle/oracle-rows.ts'
import type { PlainValue } from '../../../../src/verify/oracle/oracle-values.ts'
import type { AuthoredDesign, AuthoredEntity, HookMoment } from '../../design/authored.ts'
import {
  JOURNAL,
  labelIn,
  MOST_LISTED,
  type Right,
  returnedBy,
  type Script,
  type ScriptChange,
  type ScriptOp,
  type Subject,
  type Sums,
  subjectOf,
  sumOf,
  together,
} from '../../design/code-scripts.ts'

/** The hooks of an entity. The designs of these worlds are random ones. */
function hooksOf({ reference }: ActionWorld, entity: string): NonNullable<AuthoredEntity['hooks']> {
  return (reference.design as AuthoredDesign).entities[entity]?.hooks ?? {}
}

/** Whether hooks run around an operation on rows of an entity. */
function isHooked(world: ActionWorld, entity: string, operation: RowOperation): boolean {
  const hooks = hooksOf(world, entity)
  return hooks[`before${operation}`] !== undefined || hooks[`after${operation}`] !== undefined
}

interface About {
  readonly moment: HookMoment
  readonly input: StepValues
  readonly row: PlainRow | null
}

/** Runs the hook of a moment, if there is one. It gives the values that the hook sets: those that differ from what it got. */
function runHook(world: ActionWorld, entity: string, { moment, input, row }: About): StepValues {
  const hook = hooksOf(world, entity)[moment]
  if (hook === undefined) return {}
  const { script } = hook.run
  world.seen.add(`hook ${moment}`).add(`hook as ${hook.as}`)
  const subject = subjectOf(script, input, row)
  runOps(world, script, subject)
  const returned = Object.entries(returnedBy(script, subject) ?? {})
  const set = returned.filter(([name, value]) => !Object.hasOwn(input, name) || !isDeepStrictEqual(value, input[name]))
  if (set.length < returned.length) world.seen.add('hook returns a value unchanged')
  const { fields } = entityNamed(world.reference.model, entity)
  const isNull = ([name, value]: readonly [string, PlainValue]) =>
    value === null && fields.find((one) => one.name === name)?.optional !== true
  if (set.some(isNull)) {
    world.seen.add('hook sets a value that the field does not take')
    refuseCall(400, 'validation_failed')
  }
  if (set.length > 0) world.seen.add(`hook ${moment} sets a value`)
  return Object.fromEntries(set)
}

/** Carries out the parts of a script. @throws CallRefused when one of them refuses. */
export function runOps(world: ActionWorld, { ops }: Script, subject: Subject): Sums {
  return together(ops.map((op) => carryOut(world, op, subject)))
}

function declined(world: ActionWorld, code: string): never {
  const failure = failureOf(world.reference, code)
  return refuseCall(failure.status, failure.code)
}

function counted(world: ActionWorld, entity: string, right: Right): readonly PlainRow[] {
  if (right === 'caller' && !world.sight.kind.mayHold(entity, 'read')) {
    world.seen.add('code may not read')
    const signIn: Refusal = { status: 401, code: 'not_signed_in', pointers: null }
    throw new CallRefused([FORBIDDEN, ...(isAnonymous(world) ? [signIn] : [])])
  }
  return world.as(right, (inner) => inner.usable(entity).map((row) => inner.shown(entity, row)))
}

function carryOut(world: ActionWorld, op: ScriptOp, subject: Subject): Sums {
  switch (op.op) {
    case 'journal':
      makeEntry(world, op.as, `${op.text} ${labelIn(subject)}`)
      return together([])
    case 'touch': {
      const id = (subject[op.via] ?? null) as PlainValue
      if (id !== null) touch(world, { entity: op.to, id }, op.changes)
      return together([])
    }
    case 'refuse':
      if (subject[op.field] !== op.is) return together([])
      world.seen.add('code refuses a value')
      return declined(world, op.code)
    case 'limit':
      if (counted(world, op.entity, op.as).length <= op.most) return together([])
      world.seen.add('code refuses a number of rows')
      return declined(world, op.code)
    case 'sum':
      world.seen.add(`code reads as ${op.as}`)
      return sumOf(counted(world, op.entity, op.as).slice(0, MOST_LISTED), op.field)
  }
}

function isAnonymous({ caller }: ActionWorld): boolean {
  return (caller.claims.get('id') ?? null) === null
}

function makeEntry(world: ActionWorld, right: Right, text: string): void {
  const nth = world.live(JOURNAL).length
  world.seen.add(`code makes a row as ${right}`)
  const given = { text, nth }
  if (right === 'caller' && isAnonymous(world)) throw new CallRefused([FORBIDDEN, { status: 401, code: 'not_signed_in', pointers: null }])
  world.as(right, (inner) => insert(inner, JOURNAL, [{ given, row: rowOfStep(inner, JOURNAL, given) }]))
}

/** The change of a row by code as system, with the hooks of the row. */
function touch(
  world: ActionWorld,
  { entity, id }: { readonly entity: string; readonly id: PlainValue },
  changes: Readonly<Record<string, ScriptChange>>,
): void {
  const row = world.live(entity).find((one) => one.id === id)
  if (row === undefined) refuseCall(404, 'not_found')
  world.seen.add('code changes another row')
  if (isHooked(world, entity, 'Update')) world.seen.add('hook of a write of a hook')
  const values = Object.entries(changes).map(([name, by]): readonly [string, PlainValue] => {
    if (typeof by !== 'object' || by === null || !('increment' in by)) return [name, by]
    const now = row[name] ?? null
    return [name, now === null ? null : Number(now) + by.increment]
  })
  const isByCode = world.changedByCode.get(id) ?? true
  world.as('system', (inner) => {
    // The documents do not say which failure it is when the server has no value for a required field.
    if (!hasServersValues(inner, entity, 'write'))
      throw new CallRefused([400, 401, 403].map((status) => ({ status, code: null, pointers: null })))
    const given = Object.fromEntries(values)
    // Nothing can be added to a missing value, unless a hook gives another value.
    const added = Object.keys(changes).filter((name) => typeof changes[name] === 'object' && given[name] === null)
    changeRow(inner, entity, { id, given, input: changes as StepValues, draft: row, isJudged: false, needed: added })
  })
  world.changedByCode.set(id, isByCode)
}

/** Makes a row with its hooks. @throws CallRefused */
function makeRow(world: ActionWorld, entity: string, given: StepValues): PlainRow {
  const set = runHook(world, entity, { moment: 'beforeCreate', input: given, row: null })
  const merged = { ...given, ...set }
  const [row] = insert(world, entity, [{ given: merged, row: rowOfStep(world, entity, merged), hooks: new Set(Object.keys(set)) }])
  if (row === undefined) throw new Error('no row was made')
  runHook(world, entity, { moment: 'afterCreate', input: given, row })
  return row
}

/**
 * Refuses rows that the caller may not change, before any hook runs. Nobody may change a row for which the server has no value of a
 * required field that it sets at every write. @throws CallRefused
 */
function judgeDrafts(world: ActionWorld, entity: string, drafts: readonly OneChange[]): void {
  const isServed = hasServersValues(world, entity, 'write')
  const may = ({ draft, given }: OneChange): boolean => isServed && permits(world, 'update.from', entity, { row: draft, given })
  if (!drafts.every((one) => !one.isJudged || may(one))) throw new CallRefused([FORBIDDEN])
}

/** Changes a row with its hooks. @throws CallRefused */
function changeRow(world: ActionWorld, entity: string, { id, given, draft, input = given, isJudged, needed = [] }: OneChange): void {
  const set = runHook(world, entity, { moment: 'beforeUpdate', input, row: draft })
  const row = world.find(entity, id)
  if (row === null) return
  if (!needed.every((name) => Object.hasOwn(set, name))) refuseCall(400, 'validation_failed')
  const merged = { ...given, ...set }
  change(world, entity, { changes: [{ row, given: merged, hooks: new Set(Object.keys(set)) }], isJudged })
  runHook(world, entity, { moment: 'afterUpdate', input, row: world.find(entity, id) })
}

/** Deletes rows one after the other with their hooks. `keep` gets each row right before its deletion. @throws CallRefused */
function removeRows(
  world: ActionWorld,
  entity: string,
  { rows, keep }: { readonly rows: readonly PlainRow[]; readonly keep: (row: PlainRow) => void },
): void {
  const isSoft = world.reference.design.entities[entity]?.softDelete === true
  const isServed = !isSoft || hasServersValues(world, entity, 'write')
  const may = (row: PlainRow): boolean => isServed && permits(world, 'delete', entity, { row, given: {} })
  if (!world.isSystem && !rows.every(may)) throw new CallRefused([FORBIDDEN])
  for (const row of rows) {
    runHook(world, entity, { moment: 'beforeDelete', input: {}, row })
    const now = world.live(entity).find(({ id }) => id === row.id)
    if (now !== undefined) {
      keep(now)
      remove(world, entity, [now])
    }
    runHook(world, entity, { moment: 'afterDelete', input: {}, row })
  }
}

/** Hooks that carry out scripts. */
export const SCRIPTED: RowHooks = { isHooked, makeRow, judgeDrafts, changeRow, removeRows }
