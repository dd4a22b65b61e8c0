/** What is sent after an event: exactly what the reactions of the design say, at least once, and with one id. */

import { entityNamed } from '../../model/model.ts'
import type { FamilyPlan } from '../cases/family-plan.ts'
import type { MessageCase, MessageTools, ReceivedPost } from '../cases/message-case.ts'
import type { ProbeOutcome } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { arrival, type Caused, type Causes, cause, settled } from './arrivals.ts'
import { mailProblem } from './mail-problems.ts'
import { type Happened, occasionsOf } from './occasions.ts'
import { messageBody, postProblem } from './post-problems.ts'
import { isFirstVersion, rowOfEvent } from './promised.ts'
import type { WrittenPost, WrittenReaction } from './written-reactions.ts'

/** A claim about messages with its cases. */
export interface MessageFamily {
  readonly plan: FamilyPlan
  readonly cases: readonly MessageCase[]
}

/** What a receiver gets late is not judged. */
export const LATE = 'the backend was still busy after two minutes'
/** No row and caller of the generated world leads to the event. */
export const NO_EVENT = 'no request of the generated world led to the event, or to a message after it'

/** The event of reactions, and the requests that cause it. */
export interface EventPlan extends Happened {
  readonly asking: PlannedWorld
  readonly reactions: readonly WrittenReaction[]
}

/** The claim about one event. */
export function eventFamily(plan: EventPlan): MessageFamily {
  const { entity, happening, reactions } = plan
  const id = `messages/${entity}.${happening}`
  const goals = [...new Set(reactions.map(goalOf))]
  const posts = reactions.some(({ kind }) => kind === 'post')
  return {
    plan: {
      id,
      claim: `After ${entity}.${happening}, exactly the messages of its reactions are sent, at least once and with one id each.`,
      path: ['on', `${entity}.${happening}`],
      oracle: 'the text of the reactions, evaluated on the row; signatures after Standard Webhooks',
      text: 'the event is caused by a request, and receivers of verify get what is sent; one answers 500 the first time',
      what: 'messages',
      asked: posts ? [...goals, 'again'] : goals,
      impossible: [],
      untested: [],
    },
    cases: [arriving(plan, { id, goals }), ...(posts ? [again(plan, id)] : [])],
  }
}

/** The goal of a reaction. */
export function goalOf(reaction: WrittenReaction): string {
  return reaction.kind === 'mail' ? `mail ${reaction.template}` : `webhook ${reaction.webhook}`
}

/** A case that shows nothing, because what it begins with did not happen. */
export interface Unasked {
  readonly unasked: string
}

/** What a case about messages saw. */
export type MessageOutcome = ProbeOutcome | Unasked

/** A case of messages. */
export function messageCase({
  ask,
  ...parts
}: Pick<MessageCase, 'name' | 'claim' | 'goals' | 'served'> & {
  readonly ask: (tools: MessageTools) => Promise<MessageOutcome>
}): MessageCase {
  return {
    ...{ ...parts, door: 'message', user: null, atoms: {} },
    async ask(tools) {
      const outcome = await ask(tools)
      if (!('unasked' in outcome)) return outcome
      const left = Object.fromEntries(parts.goals.map((goal) => [goal, outcome.unasked]))
      return { wrong: null, statuses: [], why: outcome.unasked, sent: NOTHING, answer: NO_ANSWER, left }
    },
  }
}

const NOTHING = { method: 'GET', url: '/' } as const
const NO_ANSWER = { status: 0, headers: {}, text: '', json: undefined }

function arriving(plan: EventPlan, { id, goals }: { readonly id: string; readonly goals: readonly string[] }): MessageCase {
  return messageCase({
    name: `${id}/sent`,
    claim: id,
    goals,
    served: 'usual',
    async ask(tools) {
      await settled(tools)
      const { caused, silent } = await causesOf(tools, plan, 2)
      const [first] = caused === null ? silent : [caused]
      if (first === undefined) return { unasked: NO_EVENT }
      const wrong = caused === null ? null : await unkept(tools, plan, caused)
      if (wrong !== null) return judged(first, wrong)
      await settled(tools)
      return judged(first, unpromised(tools, plan, caused === null ? silent : [...silent, caused]))
    },
  })
}

/** Causes the event of a plan. @param round as for `occasionsOf` */
export function causesOf(tools: MessageTools, { asking, entity, happening, reactions }: EventPlan, round: number): Promise<Causes> {
  const { design, model } = asking.reference
  return cause(tools, { design, model, entity, occasions: occasionsOf(asking, { entity, happening }, round), reactions })
}

/** The outcome of a case: what is wrong, or that nothing can be said. */
export function judged({ sent, answer }: Pick<Caused, 'sent' | 'answer'>, wrong: string | null): MessageOutcome {
  if (wrong === LATE) return { unasked: LATE }
  return {
    wrong,
    statuses: [answer.status],
    why: 'the reactions of the design say what is sent after the event',
    sent,
    answer,
  }
}

/** What is wrong with the messages that an event promises; null if nothing is. Waits for them. */
export async function unkept(tools: MessageTools, plan: EventPlan, caused: Caused): Promise<string | null> {
  for (const { reaction, promise } of caused.promised) {
    const found =
      promise.kind === 'mail'
        ? await mailsProblem(tools, plan, { to: promise.to, caused })
        : promise.kind === 'post' && reaction.kind === 'post'
          ? await postsProblem(tools, plan, { reaction, caused })
          : null
    if (found !== null) return found
  }
  return null
}

async function mailsProblem(
  tools: MessageTools,
  plan: EventPlan,
  { to, caused }: { readonly to: string; readonly caused: Caused },
): Promise<string | null> {
  if (hasNoRoom(tools, plan, to)) return null
  const mine = () =>
    tools
      .mails()
      .slice(caused.since.mails)
      .filter((mail) => mail.to.some((one) => one.toLowerCase() === to.toLowerCase()))
  const came = await arrival(tools, () => mine().length > 0)
  if (came !== 'there') return came === 'late' ? LATE : `no mail has come to ${to}`
  return (
    mine()
      .map((mail) => mailProblem(mail, to))
      .find((problem) => problem !== null) ?? null
  )
}

/** Whether an address has got as many mails as the design allows. */
function hasNoRoom(tools: MessageTools, { asking }: EventPlan, to: string): boolean {
  const most = asking.reference.model.mail?.limit.mails ?? 0
  return tools.mails().filter((mail) => mail.to.includes(to)).length >= most
}

/** A message after an event whose condition is not true, where no other reaction can have sent it. */
function unpromised(tools: MessageTools, { reactions, asking }: EventPlan, events: readonly Caused[]): string | null {
  const mails = asking.reference.model.events.flatMap((event) => event.reactions.filter(({ kind }) => kind === 'email')).length
  for (const [i, { promised, since }] of events.entries()) {
    for (const { reaction, promise } of promised) {
      if (promise.kind !== 'nothing') continue
      const isAlone =
        reaction.kind === 'post'
          ? reactions.filter((one) => one.kind === 'post' && one.webhook === reaction.webhook).length === 1
          : mails === 1
      const until = events[i + 1]?.since
      const caused = events[i]
      const came =
        reaction.kind === 'post' && caused !== undefined
          ? postsOf(tools, reaction, caused).length
          : tools.mails().slice(since.mails, until?.mails).length
      if (isAlone && came > 0) return `a message was sent (${goalOf(reaction)}), although its condition is not true: ${reaction.when}`
    }
  }
  return null
}

interface Posting {
  readonly reaction: WrittenPost
  readonly caused: Caused
}

/** The messages after an event that a receiver has got. */
function postsOf(tools: MessageTools, { webhook, entity, happening }: WrittenPost, { id, since }: Caused): readonly ReceivedPost[] {
  const path = tools.receiver(webhook)?.path
  return tools
    .posts()
    .slice(since.posts)
    .filter((post) => {
      const { type, data } = messageBody(post)
      return post.url === path && type === `${entity}.${happening}` && (data?.id === undefined || String(data.id) === id)
    })
}

/** What is wrong with the messages to a receiver of the design. Those to subscriptions are sent to public addresses alone. */
async function postsProblem(tools: MessageTools, { asking, entity }: EventPlan, { reaction, caused }: Posting): Promise<string | null> {
  const receiver = tools.receiver(reaction.webhook)
  if (receiver === null) return null
  const mine = (): readonly ReceivedPost[] => postsOf(tools, reaction, caused)
  const came = await arrival(tools, () => mine().length > 0)
  if (came !== 'there') return came === 'late' ? LATE : `no message has come to the webhook ${reaction.webhook}`
  const row = isFirstVersion(caused.event) ? rowOfEvent(reaction, caused.event) : null
  const { design, model } = asking.reference
  const expected = { key: receiver.key, design, entity: entityNamed(model, entity), fields: reaction.fields, row }
  const wrong = mine().map((post) => postProblem(post, expected))
  return wrong.find((problem) => problem !== null) ?? idsProblem(mine())
}

/** All attempts of a message have one id. */
function idsProblem(posts: readonly ReceivedPost[]): string | null {
  const ids = new Set(posts.map(({ headers }) => headers['webhook-id']))
  return ids.size <= 1 ? null : `the event has come with ${ids.size} ids: ${[...ids].slice(0, 3).join(', ')}`
}

/** The time of a message is that of its attempt, and a second one is made five seconds after the first (docs/reference/webhooks.md). */
function timesProblem(posts: readonly ReceivedPost[]): string | null {
  const times = posts.map(({ headers }) => Number(headers['webhook-timestamp']))
  const [first = 0, second = 0] = times
  return times.length > 1 && second <= first ? `the second attempt has the time ${second}, and the first one ${first}` : null
}

/** A receiver that fails the first time gets the same message again. */
function again(plan: EventPlan, id: string): MessageCase {
  return messageCase({
    name: `${id}/again`,
    claim: id,
    goals: ['again'],
    served: 'usual',
    async ask(tools) {
      const reaction = plan.reactions.find((one): one is WrittenPost => one.kind === 'post' && tools.receiver(one.webhook) !== null)
      if (reaction === undefined) return { unasked: 'no receiver of the design gets it' }
      const failed: ReceivedPost[] = []
      tools.answerPosts((post) => {
        if (failed.length > 0 || post.url !== tools.receiver(reaction.webhook)?.path) return { status: 204 }
        failed.push(post)
        return { status: 500 }
      })
      try {
        const { caused } = await causesOf(tools, { ...plan, reactions: [reaction] }, 3)
        if (caused === null) return { unasked: NO_EVENT }
        const came = await arrival(tools, () => failed.length > 0 && postsOf(tools, reaction, caused).length > 1)
        if (came === 'there') {
          const wrong = (await postsProblem(tools, plan, { reaction, caused })) ?? timesProblem(postsOf(tools, reaction, caused))
          return judged(caused, wrong)
        }
        return judged(caused, came === 'late' ? LATE : `a message that was answered 500 has not come again to ${reaction.webhook}`)
      } finally {
        tools.answerPosts(null)
      }
    },
  })
}
