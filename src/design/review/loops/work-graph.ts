/** The work that a design does after requests, and which work causes which. */

import { actionNamed } from '../../../model/action-tree.ts'
import type { Predicate } from '../../../model/expression.ts'
import { entityNamed, type Model } from '../../../model/model.ts'
import { type Effect, effectsOf, jobEffect } from './effects.ts'
import { mayHold } from './may-hold.ts'

/** A reaction that calls an action, or a job with steps. */
export interface Work {
  readonly at: readonly (string | number)[]
  /** For messages: the event and the reaction, or the job. */
  readonly label: string
  /** The event or the job, as effects name it. */
  readonly of: string
  readonly entity: string | null
  readonly when: Predicate | null
  readonly effects: readonly Effect[]
}

/** Work that is caused by other work. */
export interface Cause {
  readonly by: Work
  readonly to: Work
  /** Whether a condition decides. */
  readonly isConditional: boolean
  /** Milliseconds that surely pass before the caused work. */
  readonly waitsMs: number
}

/** All work whose effects the design shows, in its order: reactions, then jobs. */
export function workOf(model: Model): readonly Work[] {
  const reactions = model.events.flatMap(({ entity, happening, reactions: all }) =>
    all.flatMap((reaction): readonly Work[] => {
      const action = reaction.kind === 'call' ? actionNamed(model.actions, reaction.action) : undefined
      if (action === undefined) return []
      const of = `${entity}.${happening}`
      return [{ at: reaction.at, label: `${of} → ${reaction.name}`, of, entity, when: reaction.when, effects: effectsOf(model, action) }]
    }),
  )
  const jobs = model.jobs.map(({ kind, action }): Work => {
    const of = jobEffect(kind)
    return { at: ['jobs', kind], label: of, of, entity: null, when: null, effects: effectsOf(model, action) }
  })
  return [...reactions, ...jobs]
}

/** What the work of a design causes. */
export function causesOf(model: Model, all: readonly Work[]): readonly Cause[] {
  return all.flatMap((by) => by.effects.flatMap((effect) => all.flatMap((to) => causeOf(model, { by, effect, to }) ?? [])))
}

function causeOf(model: Model, { by, effect, to }: { readonly by: Work; readonly effect: Effect; readonly to: Work }): Cause | null {
  if (effect.of !== to.of) return null
  const { change } = effect
  if (to.when !== null && to.entity !== null && change !== null) {
    const { fields } = entityNamed(model, to.entity)
    if (!mayHold(to.when, { change, fields })) return null
  }
  return { by, to, isConditional: effect.isConditional || to.when !== null, waitsMs: effect.waitsMs }
}
