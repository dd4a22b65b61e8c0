/** The types of the code of reactions. */

import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { argumentsOf, type OwnArguments } from './service-types.ts'

/** The types of the functions of reactions, by the event and the path of the code. `rowOf` gives the type of a row, and `own` has the type
 * arguments at the end of a context. */
export function reactionTypes(
  model: Model,
  rowOf: (entity: Entity) => string,
  own: OwnArguments,
): readonly (readonly [name: string, type: string])[] {
  return model.events.flatMap(({ entity: name, happening, reactions }) => {
    const entity = entityNamed(model, name)
    const row = rowOf(entity)
    return reactions.flatMap((reaction): readonly (readonly [string, string])[] => {
      if (reaction.kind !== 'run') return []
      const db = reaction.as.kind === 'system' ? 'Tables & { readonly system: SystemTables }' : 'Tables'
      const isOwn = reaction.ownTransaction
      const ends = argumentsOf(own, isOwn)
      const before = happening === 'updated' ? `, ${row}` : ends === '' ? '' : ', null'
      const context = `${isOwn ? 'OwnReactionContext' : 'ReactionContext'}<${db}, Caller, ${row}${before}${ends}>`
      return [[`${name}.${happening} ${reaction.path ?? ''}`.trim(), `(ctx: ${context}) => Answer<void>`]]
    })
  })
}

/** The names of the types of the contexts of reactions. */
export function reactionContexts({ events }: Model): readonly string[] {
  const runs = events.flatMap(({ reactions }) => reactions.flatMap((one) => (one.kind === 'run' ? [one.ownTransaction] : [])))
  return [...new Set(runs.map((isOwn) => (isOwn ? 'OwnReactionContext' : 'ReactionContext')))]
}
