/** What the cases about the effects of an action should show: each step done and left out, and each condition deciding both ways. */

import { placeOf } from '../fold/note-step.ts'
import { type ActionDesignAt, actionLabelled, writtenLabel } from '../fold/written-actions.ts'
import type { WrittenLogic, WrittenStep } from '../fold/written-logic.ts'
import { parseRule } from '../rules/rule-tree.ts'

/** A step that an action runs, also by calling another action. */
export interface PlacedStep {
  readonly place: string
  readonly step: WrittenStep
}

/** The steps of an action and of those that it calls, each once, in their order. */
export function placedSteps(design: WrittenLogic, action: ActionDesignAt, known: ReadonlySet<string> = new Set()): readonly PlacedStep[] {
  return (action.design.steps ?? []).flatMap((step, i): readonly PlacedStep[] => {
    const place = placeOf(action, i)
    if (known.has(place)) return []
    const own = { place, step }
    return 'call' in step ? [own, ...placedSteps(design, actionLabelled({ design }, step.call), new Set([...known, place]))] : [own]
  })
}

/** The goal of a call that is not refused. */
export function doneGoal(action: ActionDesignAt): string {
  return `${writtenLabel(action)}/done`
}

/** The goals of one step. */
export function goalsOfStep(design: WrittenLogic, { place, step }: PlacedStep): readonly string[] {
  const when = 'when' in step ? step.when : undefined
  const stops = 'require' in step || ('find' in step && step.optional !== true)
  return [
    `${place}/done`,
    ...(when === undefined ? [] : [`${place}/left-out`, ...atomGoals(design, `${place} when`, when)]),
    ...('each' in step && step.each !== undefined ? [`${place}/several`] : []),
    ...(stops ? [`${place}/refused`] : []),
    ...('require' in step ? atomGoals(design, `${place} require`, step.require) : []),
  ]
}

function atomGoals({ rules }: WrittenLogic, place: string, source: string): readonly string[] {
  return parseRule(source, (name) => rules?.[name]).atoms.flatMap(({ name }) => [`${place}: ${name}/true`, `${place}: ${name}/false`])
}

/** The texts that say what a step reads, also through the names that other steps give. */
export function textsOf(step: WrittenStep, all: readonly PlacedStep[]): readonly string[] {
  const own = ownTexts(step)
  const words = new Set(own.flatMap((text) => text.match(/[A-Za-z_]\w*/g) ?? []))
  const named = all.filter(({ step: other }) => other !== step && 'as' in other && other.as !== undefined && words.has(other.as))
  return [...own, ...named.flatMap(({ step: other }) => ownTexts(other))]
}

function ownTexts(step: WrittenStep): readonly string[] {
  return Object.entries(step).flatMap(([key, value]) => {
    if (key === 'as' || key === 'else') return []
    if (typeof value === 'string') return [value]
    if (Array.isArray(value)) return value.filter((one) => typeof one === 'string')
    return typeof value === 'object' && value !== null ? Object.values(value).filter((one) => typeof one === 'string') : []
  })
}
