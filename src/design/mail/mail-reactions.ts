/** Finds the reactions that send mails. */

import { ACTION_ROW } from '../../model/action.ts'
import { ROW_BEFORE } from '../../model/reaction.ts'
import type { NamedValue } from '../expression/scope.ts'
import { type LogicContext, rowNamed } from '../logic/logic-context.ts'
import type { MailReaction } from './resolve-mail.ts'

/** The reactions that send mails, in the order of the design. `actions` has the inputs of the actions, by `Entity.action`. */
export function mailReactions(
  { design, entities }: LogicContext,
  actions: ReadonlyMap<string, Pick<MailReaction, 'inputs'>>,
): readonly MailReaction[] {
  return Object.entries(design.on ?? {}).flatMap(([event, reactions]) => {
    const [entity = '', happening = ''] = event.split('.')
    if (!entities.has(entity)) return []
    const names = new Map<string, NamedValue>([[ACTION_ROW, rowNamed(ACTION_ROW, entity)]])
    if (happening === 'updated') names.set(ROW_BEFORE, rowNamed(ROW_BEFORE, entity))
    const of = { entity, happening, names, inputs: actions.get(event)?.inputs ?? new Map() }
    return reactions.flatMap((reaction, i) =>
      'email' in reaction ? [{ ...of, at: ['on', event, i], template: reaction.email, to: reaction.to }] : [],
    )
  })
}
