/** What an action does once it is called: its move, its steps, the checks over relations, and its answer. It knows no locks. */

import type { AllRows } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { ActionWorld, NamesAt } from './action-world.ts'
import { answerOf, defaultAnswer } from './answer.ts'
import { refuseCall } from './outcome.ts'
import { moveState, runSteps } from './steps.ts'
import type { ActionDesignAt } from './written-actions.ts'

/** A call that has passed everything before the first step. */
export interface Begun {
  readonly action: ActionDesignAt
  /** The names of the row and the inputs. */
  readonly names: NamesAt
  /** The inputs that the call or a default gives. */
  readonly sent: ReadonlySet<string>
  /** The rows of the server afterwards, for the times that it set. */
  readonly times: AllRows
  /** Whether the address answers nothing unless the design says what. */
  readonly answersNothing: boolean
}

/** Carries out an action in a world and returns its answer; undefined for none. @throws CallRefused at the first thing that fails. */
export function carryOut(world: ActionWorld, { action, names, sent, times, answersNothing }: Begun): unknown {
  const before = world.rows
  moveState(world, action, names)
  const after = runSteps({ world, action, sent }, names)
  settle(world, { before, times })
  const { answer } = action.design
  if (answer !== undefined) return answerOf(world, answer, after)
  return answersNothing ? undefined : defaultAnswer(world, action, after)
}

/** Judges the checks over relations, and takes the times of the server. @throws CallRefused for a broken check. */
export function settle(world: ActionWorld, { before, times }: { readonly before: AllRows; readonly times: AllRows }): void {
  judgeRelationChecks(world, before)
  world.become(withTimes(world.rows, { before, times }))
}

/** The rows with the times that the server set in new and changed rows. */
function withTimes(rows: AllRows, { before, times }: { readonly before: AllRows; readonly times: AllRows }): AllRows {
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

/**
 * "A check that looks at the to-many relations of its row is judged after the last step, of every row that the steps have made or changed,
 * and of every row whose relations they have changed." @throws CallRefused
 */
function judgeRelationChecks(world: ActionWorld, before: AllRows): void {
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
      if (broken) refuseCall(409, 'check_failed')
    }
  }
}

/** The rows that are new, gone or different, before and after. */
function changedRows(before: AllRows, after: AllRows, entity: string): readonly PlainRow[] {
  const [was, is] = [new Set(before.get(entity) ?? []), new Set(after.get(entity) ?? [])]
  return [...[...was].filter((row) => !is.has(row)), ...[...is].filter((row) => !was.has(row))]
}
