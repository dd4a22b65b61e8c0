/** Messages that were promised before a crash are sent after it. */

import { causesOf, type EventPlan, judged, type MessageFamily, messageCase, NO_EVENT, unkept } from './event-cases.ts'

/** The claim about crashes: the serving process is killed after commits, and before anything was sent. */
export function crashFamily(events: readonly EventPlan[]): MessageFamily {
  const id = 'messages/crash'
  const goals = events.map(({ entity, happening }) => `${entity}.${happening}`)
  const asked = messageCase({
    name: `${id}/kill-9`,
    claim: id,
    goals,
    served: 'crash',
    async ask(tools) {
      const before = []
      for (const plan of events) {
        const { caused } = await causesOf(tools, plan, 5)
        if (caused !== null) before.push({ plan, caused })
      }
      await tools.crash()
      const [first] = before
      if (first === undefined) return { unasked: NO_EVENT }
      for (const { plan, caused } of before) {
        const wrong = await unkept(tools, plan, caused)
        if (wrong !== null) return judged(caused, `after kill -9 between commit and delivery: ${wrong}`)
      }
      return judged(first.caused, null)
    },
  })
  return {
    plan: {
      id,
      claim: 'What was promised before a crash is sent after it.',
      path: ['on'],
      oracle: 'the text of the reactions, evaluated on the rows',
      text: 'each event is caused by a request; then the serving process is killed (SIGKILL) before it has sent anything, and another one is started',
      what: 'messages',
      asked: goals,
      impossible: [],
      untested: [],
    },
    cases: [asked],
  }
}
