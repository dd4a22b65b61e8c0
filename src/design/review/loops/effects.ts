/** What an action causes later: events of the rows that it writes, events of its own, and jobs. */

import { unreachable } from '../../../base/unreachable.ts'
import type { Action, ActionStep, Assignment } from '../../../model/action.ts'
import { actionNamed } from '../../../model/action-tree.ts'
import { scalarType, type Term } from '../../../model/expression.ts'
import { type Entity, entityNamed, hasHooksFor, type Model } from '../../../model/model.ts'
import { isAlways } from '../../../model/predicate.ts'

/** The values that a write gives to fields. Those that it does not give stay as they were. */
export type WrittenFields = ReadonlyMap<string, Term>

/** An event or a job that follows from work. */
export interface Effect {
  /** `Article.updated`, or `job remind`. */
  readonly of: string
  /** What an update writes; null where other fields may change, and for what is no update. */
  readonly change: WrittenFields | null
  /** Whether it may be left out: by a condition, or because there are no rows left. */
  readonly isConditional: boolean
  /** Milliseconds that a job surely waits before it runs. */
  readonly waitsMs: number
}

/** The name of a job among effects. */
export function jobEffect(kind: string): string {
  return `job ${kind}`
}

/** The effects of an action and of those that it calls. What code does is not known. */
export function effectsOf(model: Model, action: Action): readonly Effect[] {
  const found: Effect[] = []
  const seen = new Set<Action>()
  const visit = (one: Action, isConditional: boolean): void => {
    if (seen.has(one)) return
    seen.add(one)
    const { entity, transition } = one
    if (entity !== null && transition !== null) {
      const to: Term = { kind: 'literal', type: scalarType('text'), value: transition.to }
      found.push(updated(entityNamed(model, entity), new Map([[transition.field, to]]), true))
    }
    for (const step of one.steps) {
      const may = isConditional || step.when !== null
      const called = step.verb === 'call' ? actionNamed(model.actions, step.action) : undefined
      if (called !== undefined) visit(called, may)
      found.push(...effectsOfStep(model, step, may))
    }
  }
  visit(action, false)
  return found
}

function effectsOfStep(model: Model, step: ActionStep, isConditional: boolean): readonly Effect[] {
  const one = (of: string): Effect => ({ of, change: null, isConditional, waitsMs: 0 })
  switch (step.verb) {
    case 'create':
      return [one(`${step.entity}.created`)]
    case 'ensure':
      return [
        { ...one(`${step.entity}.created`), isConditional: true },
        ...(step.existing.length > 0 ? [updated(entityNamed(model, step.entity), changeOf(step.existing), isConditional)] : []),
      ]
    case 'update':
      return [updated(entityNamed(model, step.entity), changeOf(step.set), isConditional || !isAlways(step.where))]
    case 'delete':
      return deleted(model, entityNamed(model, step.entity), new Set())
    case 'emit':
      return [one(`${step.event.entity}.${step.event.happening}`)]
    case 'enqueue':
      return [{ ...one(jobEffect(step.job)), waitsMs: step.runAt === null ? step.delayMs : 0 }]
    case 'find':
    case 'list':
    case 'require':
    case 'call':
    case 'signIn':
      return []
    default:
      return unreachable(step)
  }
}

function changeOf(set: readonly Assignment[]): WrittenFields {
  return new Map(set.map(({ field, value }) => [field, value]))
}

/** An update. A hook before it may set any field, and the server sets some itself. */
function updated(entity: Entity, change: WrittenFields, isConditional: boolean): Effect {
  const own = entity.fields.flatMap(({ name, default: preset }) =>
    preset?.kind === 'set' && preset.on === 'write' ? [[name, preset.term] as const] : [],
  )
  const isKnown = !hasHooksFor(entity.hooks, 'update')
  return { of: `${entity.name}.updated`, change: isKnown ? new Map([...change, ...own]) : null, isConditional, waitsMs: 0 }
}

/** A deletion, with what it does to rows that refer to the deleted ones. A row is deleted once, so there is an end. */
function deleted(model: Model, entity: Entity, seen: Set<string>): readonly Effect[] {
  if (seen.has(entity.name)) return []
  seen.add(entity.name)
  const own: Effect = { of: `${entity.name}.deleted`, change: null, isConditional: true, waitsMs: 0 }
  if (entity.softDelete) return [own]
  const others = model.entities.flatMap((other) =>
    other.fields.flatMap(({ name, type }): readonly Effect[] => {
      if (type.kind !== 'ref' || type.entity !== entity.name || type.onDelete === 'restrict') return []
      if (type.onDelete === 'cascade') return deleted(model, other, seen)
      return [updated(other, new Map([[name, { kind: 'null', type: scalarType('uuid') }]]), true)]
    }),
  )
  return [own, ...others]
}
