/** Notes what a call shows of its steps: which are done or left out, and which conditions decide. */

import type { NamesAt } from './action-world.ts'
import { namesOfEach } from './rows-at.ts'
import type { StepRun } from './step-run.ts'
import { type ActionDesignAt, writtenLabel } from './written-actions.ts'
import type { WrittenStep } from './written-logic.ts'

/** The place of a step in names: `Order.giveBack.1`. */
export function placeOf(action: Pick<ActionDesignAt, 'entity' | 'name'>, index: number): string {
  return `${writtenLabel(action)}.${index + 1}`
}

/** Notes a step before it runs. It is `done`, also for `several` elements, or `left-out` if its condition holds for none. */
export function noteStep(
  { world, elements }: StepRun,
  { step, place }: { readonly step: WrittenStep; readonly place: string },
  names: NamesAt,
): void {
  if (world.notes === null) return
  world.namesAt.set(place, names)
  const of = elements ?? namesOfEach(world, 'each' in step ? step.each : undefined, names)
  const when = 'when' in step ? step.when : undefined
  const applying = of.filter((inner) => {
    if (when !== undefined) world.noteCondition(`${place} when`, when, inner)
    return world.holds(when, inner)
  })
  if ('require' in step) for (const inner of applying) world.noteCondition(`${place} require`, step.require, inner)
  world.notes.add(`${place}/${applying.length === 0 ? 'left-out' : 'done'}`)
  if (applying.length > 1) world.notes.add(`${place}/several`)
}
