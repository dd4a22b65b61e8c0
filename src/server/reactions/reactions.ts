/** The reactions of a design, as the engine of events calls them. */

import { Failure, refusalText } from '../../base/failure.ts'
import { unreachable } from '../../base/unreachable.ts'
import { type ReactionValues, reactionStatement, readValues } from '../../compile/reactions/reaction-values.ts'
import { entityNamed } from '../../model/model.ts'
import type { ModelEvent, Reaction } from '../../model/reaction.ts'
import { type Delivery, type EventReaction, GiveUp, type LoggedEvent, NotNow } from '../../services/events/delivery.ts'
import { explained } from '../run/database-failure.ts'
import { executorAtDepth, tooDeep } from '../run/executor-at-depth.ts'
import type { Stack } from '../run/stack.ts'
import { performCall } from './perform-call.ts'
import { performEmail } from './perform-email.ts'
import { performPublish } from './perform-publish.ts'
import { performRun } from './perform-run.ts'
import { performWebhook } from './perform-webhook.ts'

/** The reactions of the stack's model. */
export function reactionsOf(stack: Stack): readonly EventReaction[] {
  return stack.model.events.flatMap((event) => event.reactions.map((reaction) => eventReaction(stack, event, reaction)))
}

function eventReaction(stack: Stack, event: ModelEvent, reaction: Reaction): EventReaction {
  const statement = reactionStatement(stack.model, event, reaction)
  const { was } = entityNamed(stack.model, event.entity)
  const isOfEntity = ({ entity }: LoggedEvent): boolean => entity === event.entity || entity === was
  return {
    name: reaction.name,
    onDead: reaction.onDead,
    takes: (logged) => logged.happening === event.happening && isOfEntity(logged),
    perform: async (delivery) => {
      const { row: after, before, input } = delivery.event
      const values = readValues(await explained(stack.executor.run)(statement, { after, before, input }))
      if (!values.takes) return
      const refused = tooDeep(delivery.event.depth)
      if (refused !== null) throw new GiveUp(refused)
      await performKind(stack, event, { reaction, values, delivery }).catch(judgeFailure)
    },
  }
}

interface Performing {
  readonly reaction: Reaction
  readonly values: ReactionValues
  readonly delivery: Delivery
}

function performKind(stack: Stack, event: ModelEvent, { reaction, values, delivery }: Performing): Promise<void> {
  switch (reaction.kind) {
    case 'call':
      return performCall(stackBelow(stack, reaction, delivery), reaction, values, delivery)
    case 'run':
      return performRun(stackBelow(stack, reaction, delivery), reaction, values, delivery)
    case 'email':
      return performEmail(stack, reaction, delivery)
    case 'webhook':
      return performWebhook(stack, { modelEvent: event, reaction, values }, delivery)
    case 'publish':
      return performPublish(stack, reaction, values, delivery)
    default:
      return unreachable(reaction)
  }
}

/**
 * The stack for the writes of a reaction: their events are one level deeper than the event of the reaction. The reaction has one caller's
 * part of the connections, so that code that does not end leaves the others to requests and to other reactions.
 */
function stackBelow(stack: Stack, { name }: Reaction, { event }: Delivery): Stack {
  const own = stack.executor.forClient({ key: `reaction ${name}`, gone: () => false })
  return { ...stack, executor: executorAtDepth({ ...stack.executor, ...own }, event.depth + 1) }
}

/** Failures that the same call has again whenever it is repeated. */
const FOR_GOOD: ReadonlySet<string> = new Set(['not_found', 'validation_failed', 'forbidden', 'not_signed_in'])

function judgeFailure(error: unknown): never {
  if (!(error instanceof Failure)) throw error
  if (FOR_GOOD.has(error.code)) throw new GiveUp(refusalText(error), { cause: error })
  if (error.code === 'overloaded') throw new NotNow(error.message, { cause: error })
  throw error
}
