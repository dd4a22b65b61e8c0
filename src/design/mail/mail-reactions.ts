/** Finds the reactions that send mails. */

import { eventNames, type NamesOfActions } from '../behaviour/event-names.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import type { MailReaction } from './resolve-mail.ts'

/** The reactions that send mails, in the order of the design. */
export function mailReactions({ design, entities }: LogicContext, actions: NamesOfActions): readonly MailReaction[] {
  return Object.entries(design.on ?? {}).flatMap(([event, reactions]) => {
    const [entity = '', happening = ''] = event.split('.')
    if (!entities.has(entity)) return []
    const of = { entity, happening, ...eventNames(entity, happening, actions) }
    return reactions.flatMap((reaction, i) =>
      'email' in reaction ? [{ ...of, at: ['on', event, i], template: reaction.email, to: reaction.to, when: reaction.when ?? null }] : [],
    )
  })
}
