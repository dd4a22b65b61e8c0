/**
 * The reference of actions: what a call answers, and all rows afterwards. It judges in the order that the documentation gives, runs the
 * steps on rows in memory, and knows no locks. The server's own choices (ids, numbers) come from outside.
 */

import type { PlainRow } from '../../../../src/verify/oracle/oracle-rows.ts'
import { type Script, type ScriptedCode, subjectOf } from '../../design/code-scripts.ts'
import { canBeTrue } from '../../design/possible.ts'
import { isLive, type Reference, type Rows } from '../reference.ts'
import { type ActionNames, ActionWorld } from './action-world.ts'
import { answerOf, defaultAnswer } from './answer.ts'
import { type ActionDesignAt, actionLabelled } from './authored-actions.ts'
import { runOps } from './hooked-rows.ts'
import { inputNames, inputsOf, problemsOf } from './input.ts'
import { type ActionCall, type NewValues, type Outcome, Refused, refuse } from './outcome.ts'
import { moveState, runSteps } from './steps.ts'

/** A call with its caller; null is an anonymous one. */
export interface Calling {
  readonly user: string | null
  readonly call: ActionCall
  readonly newValues: NewValues
  /** The rows of the server afterwards, for the times that it set. */
  readonly times: Rows
}

/** The label of the action of a call. */
export function labelOf({ entity, name }: Pick<ActionCall, 'entity' | 'name'>): string {
  return entity === null ? name : `${entity}.${name}`
}

/** Whether a kind of caller can ever run an action. */
export function mayEverRun(reference: Reference, user: string | null, { design }: ActionDesignAt): boolean {
  const { caller, full } = reference.sightOf(user)
  const decide = (source: string) => full.decide({ source, entity: null, row: null, caller, input: {}, now: new Date() })
  return design.allow !== undefined && canBeTrue(design.allow, { caller, rules: reference.design.rules, decide, canHold: () => true })
}

/** What the documentation expects of a call. */
export function expectAction(reference: Reference, { user, call, newValues, times }: Calling): Outcome {
  const action = actionLabelled(reference, labelOf(call))
  const { caller } = reference.sightOf(user)
  const seen = new Set<string>()
  const world = new ActionWorld(reference, caller, { isSystem: action.design.as === 'system', newValues, seen })
  const before = reference.rows()
  try {
    const names = judged(world, action, { user, call })
    const { run } = action.design
    if (typeof run === 'function') return performCode(world, { script: (run as unknown as ScriptedCode).script, names, before, times })
    moveState(world, action, names)
    const presets = inputsOf(action).flatMap(({ name, preset }) => (preset === null ? [] : [name]))
    const after = runSteps({ world, action, sent: new Set([...Object.keys(call.input), ...presets]) }, names)
    judgeRelationChecks(world, before)
    world.become(withTimes(world.rows, { before, times }))
    const { answer } = action.design
    return {
      kind: 'done',
      rows: world.rows,
      seen,
      answer: answer === undefined ? defaultAnswer(world, action, after) : answerOf(world, answer, after),
    }
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', refusals: error.refusals, seen }
    throw error
  }
}

interface CodeAction {
  readonly script: Script
  readonly names: ActionNames
  readonly before: Rows
  readonly times: Rows
}

/** An action of code. Code as caller gets its row with the values that the caller may read. */
function performCode(world: ActionWorld, { script, names, before, times }: CodeAction): Outcome {
  const { seen } = world
  const name = names.get('row')
  const row = name?.kind === 'row' ? world.find(name.entity, name.id) : null
  const subject = name?.kind === 'row' && row !== null ? world.shown(name.entity, row) : null
  const answer = runOps(world, script, subjectOf(script, {}, subject))
  judgeRelationChecks(world, before)
  world.become(withTimes(world.rows, { before, times }))
  return { kind: 'done', rows: world.rows, answer, seen }
}

/** The rows with the times that the server set in new and changed rows. */
function withTimes(rows: Rows, { before, times }: { readonly before: Rows; readonly times: Rows }): Rows {
  return new Map(
    [...rows].map(([entity, all]) => {
      const old = new Set(before.get(entity) ?? [])
      const servers = new Map((times.get(entity) ?? []).map((row) => [row.id, row] as const))
      const timed = (row: PlainRow): PlainRow => {
        const { createdAt = null, updatedAt = null, deletedAt = null } = servers.get(row.id ?? null) ?? row
        return { ...row, createdAt, updatedAt, ...((row.deletedAt ?? null) === null ? {} : { deletedAt }) }
      }
      return [entity, all.map((row) => (old.has(row) ? row : timed(row)))]
    }),
  )
}

/** Everything before the first step; returns the names of the row and the input. @throws Refused */
function judged(world: ActionWorld, action: ActionDesignAt, { user, call }: Pick<Calling, 'user' | 'call'>): ActionNames {
  const { reference } = world
  const { allow = 'false' } = action.design
  // (1) 401, if nobody who is not signed in could pass `allow`. (2) The input by itself; all problems at once.
  if (user === null && !mayEverRun(reference, user, action)) refuse(401, 'not_signed_in')
  const problems = problemsOf(reference.model, action, call.input)
  if (problems.length > 0) refuse(400, 'validation_failed', problems)
  // (3) The row, then the references. (4) `allow`; 404 instead where the caller may not read the row.
  const { entity } = action
  const row = entity === null || call.id === null ? null : world.find(entity, call.id)
  const start: ActionNames = new Map(entity === null ? [] : [['row', { kind: 'row', entity, id: row?.id ?? null, last: null }]])
  const bare = entity === null || row === null ? null : { entity, row }
  if (entity !== null && (row === null || !isLive(row))) refuse(404, 'not_found')
  const { names, lost } = inputNames(world, action, { call, names: start })
  const isAllowed = world.allows(allow, names, bare)
  const isReadable = entity === null || row === null || world.sight.sees(entity, row)
  if (!isReadable && !(world.isSystem && isAllowed)) refuse(404, 'not_found')
  const [first] = lost
  if (first !== undefined) refuse(400, 'validation_failed', [`/${first}`])
  if (!isAllowed) refuse(user === null ? 401 : 403, user === null ? 'not_signed_in' : 'forbidden')
  // (5) If-Match.
  if (row !== null && call.version !== null && row.version !== call.version) refuse(412, 'stale_version')
  return names
}

/**
 * "A check that looks at the to-many relations of its row is judged after the last step, of every row that the steps have made or changed,
 * and of every row whose relations they have changed." @throws Refused
 */
function judgeRelationChecks(world: ActionWorld, before: Rows): void {
  const { design, model } = world.reference
  for (const entity of model.entities) {
    for (const { name } of entity.relationChecks) {
      const rule = design.entities[entity.name]?.checks?.[name]?.rule ?? ''
      // The checks count rows, so a change by code of other fields is not judged. A change by a step is.
      const changed = (name: string) =>
        changedRows(before, world.rows, name).filter(({ id }) => world.changedByCode.get(id ?? null) !== true)
      const found = (world.rows.get(entity.name) ?? []).filter(({ id }) => world.found.has(id ?? null))
      const touched = new Set([...changed(entity.name), ...found].map(({ id }) => id))
      for (const { name: relation, entity: child, via } of entity.relations)
        if (rule.includes(relation)) for (const row of changed(child)) touched.add(row[via] ?? null)
      const broken = world.live(entity.name).some((row) => touched.has(row.id) && !world.sight.holds(entity.name, rule, row))
      if (broken) refuse(409, 'check_failed')
    }
  }
}

/** The rows that are new, gone or different, before and after. */
function changedRows(before: Rows, after: Rows, entity: string): readonly PlainRow[] {
  const [was, is] = [new Set(before.get(entity) ?? []), new Set(after.get(entity) ?? [])]
  return [...[...was].filter((row) => !is.has(row)), ...[...is].filter((row) => !was.has(row))]
}
