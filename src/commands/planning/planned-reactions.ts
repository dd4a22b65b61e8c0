/** The reactions of a plan. */

import { unreachable } from '../../base/unreachable.ts'
import { actionLabel } from '../../model/action-tree.ts'
import type { Model } from '../../model/model.ts'
import type { Reaction } from '../../model/reaction.ts'
import { columns } from '../terminal/layout.ts'

/** A reaction. */
export interface PlannedReaction {
  /** `Post.created`. */
  readonly event: string
  /** `call Post.index`, `run ./reactions/post.ts`, `email welcome to email`, or `webhook crm: id, title`. */
  readonly does: string
  /** For whom: `system`, or the author's text. */
  readonly as: string
  /** The author's text of its condition; null for none. */
  readonly when: string | null
  readonly onDead: Reaction['onDead']
}

/** The reactions of a model, in its order. */
export function plannedReactions({ events, webhooks }: Model): readonly PlannedReaction[] {
  return events.flatMap(({ entity, happening, reactions }) =>
    reactions.map((reaction) => ({
      event: `${entity}.${happening}`,
      does: doing(reaction),
      as: identityOf(reaction, webhooks),
      when: reaction.whenSource,
      onDead: reaction.onDead,
    })),
  )
}

/** For whom a reaction runs. Subscriptions get what their accounts may read. */
function identityOf(reaction: Reaction, webhooks: Model['webhooks']): string {
  if ('as' in reaction && reaction.as.kind === 'account') return reaction.as.source
  const webhook = reaction.kind === 'webhook' ? webhooks.find(({ name }) => name === reaction.webhook) : undefined
  return webhook?.kind === 'subscribed' ? `${webhook.entity}.${webhook.fields.account}` : 'system'
}

function doing(reaction: Reaction): string {
  switch (reaction.kind) {
    case 'call':
      return `call ${actionLabel(reaction.action)}`
    case 'run':
      return `run ${reaction.path ?? 'a function of the design'}${typeof reaction.code === 'string' ? ', not written yet' : ''}`
    case 'email':
      return `email ${reaction.mail.template} to ${reaction.mail.toSource}`
    case 'webhook':
      return `webhook ${reaction.webhook}: ${reaction.fields.join(', ')}`
    case 'publish':
      return `publish ${reaction.subject}: ${reaction.fields.join(', ')}`
    default:
      return unreachable(reaction)
  }
}

/** Each reaction: its event, what it does, and for whom. */
export function reactionLines(reactions: readonly PlannedReaction[], heading: string): readonly string[] {
  if (reactions.length === 0) return []
  const rows = reactions.map(({ event, does, as, when, onDead }) => [
    event,
    does,
    as === 'system' ? 'AS SYSTEM' : `for ${as}`,
    when === null ? '' : `when ${when}`,
    onDead === 'hold' ? 'holds its row' : '',
  ])
  return [heading, ...columns(rows, '  ')]
}
