/** The types of the code of reactions. */

import { unreachable } from '../../base/unreachable.ts'
import { actionNamed, eventStepOf } from '../../model/action-tree.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import type { ModelEvent } from '../../model/reaction.ts'
import { object } from './declaration.ts'
import { argumentsOf, type OwnArguments } from './service-types.ts'
import { answered, listOf, valueType } from './value-types.ts'

/**
 * The types of the functions of reactions, by the event and the path of the code. `rowOf` gives the type of a row, and `own` has the type
 * arguments at the end of a context.
 */
export function reactionTypes(
  model: Model,
  rowOf: (entity: Entity) => string,
  own: OwnArguments,
): readonly (readonly [name: string, type: string])[] {
  return model.events.flatMap((event) => {
    const { entity: name, happening, reactions } = event
    const entity = entityNamed(model, name)
    const row = rowOf(entity)
    return reactions.flatMap((reaction): readonly (readonly [string, string])[] => {
      if (reaction.kind !== 'run') return []
      const db = reaction.as.kind === 'system' ? 'Tables & { readonly system: SystemTables }' : 'Tables'
      const isOwn = reaction.ownTransaction
      const ends = argumentsOf(own, isOwn)
      const before = happening === 'updated' ? `, ${row}` : ends === '' ? '' : ', null'
      const context = `${isOwn ? 'OwnReactionContext' : 'ReactionContext'}<${db}, Caller, ${row}${before}${ends}>${actionParts(model, event, rowOf)}`
      return [[`${name}.${happening} ${reaction.path ?? ''}`.trim(), `(ctx: ${context}) => Answer<void>`]]
    })
  })
}

/** The members of the context for an event that is an action: what was sent, and the results of its steps. */
function actionParts(model: Model, { entity, happening }: ModelEvent, rowOf: (entity: Entity) => string): string {
  const action = actionNamed(model.actions, { entity, name: happening })
  const step = action === undefined ? undefined : eventStepOf(action)
  if (action === undefined || step === undefined) return ''
  const stored = (name: string): string => rowOf(entityNamed(model, name))
  const kept = action.inputs.filter(({ type }) => type.type.kind !== 'password')
  const input = kept.map(({ name, type, optional, nullable, default: preset }) => {
    const mayLack = type.kind === 'reference' || nullable || (optional && preset === null)
    const plain = type.kind === 'reference' ? stored(type.entity) : valueType(type.type, answered)
    return { name, optional: false, type: `${plain}${mayLack ? ' | null' : ''}` }
  })
  const results = step.results.map(({ name, of }) => {
    switch (of.kind) {
      case 'row':
        return { name, optional: false, type: `${stored(of.row.entity)} | null` }
      case 'rows':
        return { name, optional: false, type: `readonly (${stored(of.rows.entity)})[] | null` }
      case 'items':
        return { name, optional: false, type: `${listOf(answered(of.items.type.scalar), true)} | null` }
      default:
        return unreachable(of)
    }
  })
  return ` & ${object([
    { name: 'input', optional: false, type: object(input) },
    { name: 'results', optional: false, type: object(results) },
  ])}`
}

/** The names of the types of the contexts of reactions. */
export function reactionContexts({ events }: Model): readonly string[] {
  const runs = events.flatMap(({ reactions }) => reactions.flatMap((one) => (one.kind === 'run' ? [one.ownTransaction] : [])))
  return [...new Set(runs.map((isOwn) => (isOwn ? 'OwnReactionContext' : 'ReactionContext')))]
}
