/** F201: texts of rows in mails are no markup, no header fields and no recipients. */

import { causesOf, type EventPlan, goalOf, judged, type MessageFamily, messageCase, NO_EVENT, unkept } from './event-cases.ts'

/** The claim about all mails of a design. @param events those after which mails are sent */
export function mailFamily(events: readonly EventPlan[]): MessageFamily {
  const id = 'security/F201/mails'
  const cases = events.map((plan) => {
    const mails = plan.reactions.filter(({ kind }) => kind === 'mail')
    return messageCase({
      name: `${id}/${plan.entity}.${plan.happening}`,
      claim: id,
      goals: mails.map(goalOf),
      served: 'usual',
      async ask(tools) {
        const { caused } = await causesOf(tools, { ...plan, reactions: mails }, 4)
        return caused === null ? { unasked: NO_EVENT } : judged(caused, await unkept(tools, plan, caused))
      },
    })
  })
  return {
    plan: {
      id,
      claim: 'No text of a row becomes markup, a header field or a recipient of a mail (OWASP API8).',
      path: ['integrations', 'email', 'templates'],
      oracle: 'a parser of HTML and of header fields: templates have no scripts and no further recipients',
      text: 'scripts and lines of a header in the texts of all rows, and a mail server of verify that takes what is sent',
      what: 'attacks',
      asked: [...new Set(cases.flatMap(({ goals }) => goals))],
      impossible: [],
      untested: [],
    },
    cases,
  }
}
