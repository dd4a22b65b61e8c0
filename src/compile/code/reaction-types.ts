/** The types of the code of reactions. */

import { type Entity, entityNamed, type Model } from '../../model/model.ts'

/** The types of the functions of reactions, by the event and the path of the code. `rowOf` gives the type of a row, and `jobInputs` is the
 * type argument for jobs. */
export function reactionTypes(
  model: Model,
  rowOf: (entity: Entity) => string,
  jobInputs: string,
): readonly (readonly [name: string, type: string])[] {
  return model.events.flatMap(({ entity: name, happening, reactions }) => {
    const entity = entityNamed(model, name)
    const row = rowOf(entity)
    return reactions.flatMap((reaction): readonly (readonly [string, string])[] => {
      if (reaction.kind !== 'run') return []
      const db = reaction.as.kind === 'system' ? 'Tables & { readonly system: SystemTables }' : 'Tables'
      const before = happening === 'updated' ? `, ${row}` : jobInputs === '' ? '' : ', null'
      return [
        [
          `${name}.${happening} ${reaction.path ?? ''}`.trim(),
          `(ctx: ReactionContext<${db}, Caller, ${row}${before}${jobInputs}>) => Answer<void>`,
        ],
      ]
    })
  })
}
