/** Whether a design has code of its own. */

import type { Model } from './model.ts'

/** Whether a design has code: hooks, or actions or reactions with `run`. */
export function hasCode({ entities, actions, events }: Model): boolean {
  const reactions = events.flatMap((event) => event.reactions)
  const runs = actions.some(({ run }) => run !== null) || reactions.some(({ kind }) => kind === 'run')
  return runs || entities.some(({ hooks }) => hooks.length > 0)
}
