/** F201: texts of rows in mails are no markup, no header fields and no recipients. */

import type { MessageCase, MessageTools, ReceivedMail } from '../cases/message-case.ts'
import type { LeftGoals } from '../cases/probe.ts'
import type { AllRows } from '../expected/reference.ts'
import { isLive } from '../expected/reference.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { arrival, type Caused } from './arrivals.ts'
import { causesOf, type EventPlan, goalOf, judged, type MessageFamily, messageCase, NO_EVENT, unkept } from './event-cases.ts'
import { mailProblem, shownTexts } from './mail-problems.ts'
import { promisedBy } from './promised.ts'
import { blocksOf } from './written-reactions.ts'

/** Rows about which an event is logged. */
const MOST_ROWS = 3
const NO_TEXT = 'no text that a user can write came there in a mail of the generated world'

/** The claim about all mails of a design. @param events those after which mails are sent */
export function mailFamily(events: readonly EventPlan[]): MessageFamily {
  const id = 'security/F201/mails'
  const cases = events.flatMap((plan) => {
    const mails = plan.reactions.filter(({ kind }) => kind === 'mail')
    const own = { ...plan, reactions: mails }
    return [requestedCase(id, own), loggedCase(id, own)]
  })
  return {
    plan: {
      id,
      claim: 'No text of a row becomes markup, a header field or a recipient of a mail (OWASP API8).',
      path: ['integrations', 'email', 'templates'],
      oracle: 'a parser of HTML and of header fields: templates have no scripts and no further recipients',
      text: 'scripts and lines of a header in the texts of all rows, in each kind of block of a template, and a mail server of verify that takes what is sent; events that no request leads to are logged as an action would log them',
      what: 'attacks',
      asked: [...new Set(cases.flatMap(({ goals }) => goals))],
      impossible: [],
      untested: [],
    },
    cases,
  }
}

function requestedCase(id: string, plan: EventPlan): MessageCase {
  return messageCase({
    name: `${id}/${plan.entity}.${plan.happening}`,
    claim: id,
    goals: plan.reactions.map(goalOf),
    served: 'usual',
    async ask(tools) {
      const { caused } = await causesOf(tools, plan, 4)
      return caused === null ? { unasked: NO_EVENT } : judged(caused, await unkept(tools, plan, caused))
    },
  })
}

/** The goal of a kind of block: `table receipt`. */
const blockGoal = (block: string, template: string): string => `${block} ${template}`

/** The event is logged about rows to which many others refer, so that tables of mails have lines. */
function loggedCase(id: string, plan: EventPlan): MessageCase {
  const { design } = plan.asking.reference
  const wanted = plan.reactions.flatMap((one) =>
    one.kind === 'mail' ? blocksOf(design, one.template).map((block) => [block, blockGoal(block, one.template)] as const) : [],
  )
  return messageCase({
    name: `${id}/${plan.entity}.${plan.happening}/blocks`,
    claim: id,
    goals: [...new Set(wanted.map(([, goal]) => goal))],
    served: 'usual',
    async ask(tools) {
      const seen = new Set<string>()
      const all = await tools.rows()
      for (const row of fullRows(plan, all).slice(0, MOST_ROWS)) {
        const mails = await mailsAbout(tools, plan, { row, all })
        const wrong = mails.map((mail) => mailProblem(mail, null)).find((one) => one !== null) ?? null
        if (wrong !== null) return judged(LOGGED, wrong)
        for (const mail of mails) for (const block of shownTexts(mail)) seen.add(block)
      }
      const left: LeftGoals = Object.fromEntries(wanted.filter(([block]) => !seen.has(block)).map(([, goal]) => [goal, NO_TEXT]))
      const outcome = judged(LOGGED, null)
      return 'unasked' in outcome ? outcome : { ...outcome, left }
    },
  })
}

const LOGGED: Pick<Caused, 'sent' | 'answer'> = {
  sent: { method: 'GET', url: '/' },
  answer: { status: 0, headers: {}, text: '', json: undefined },
}

/** The rows of the event, those first to which most rows refer. */
function fullRows({ entity, asking }: EventPlan, all: AllRows): readonly PlainRow[] {
  const referring = asking.reference.model.entities.flatMap(({ name, fields }) =>
    fields.flatMap((field) => (field.type.kind === 'ref' && field.type.entity === entity ? [{ name, field: field.name }] : [])),
  )
  const count = (row: PlainRow): number =>
    referring.reduce((sum, { name, field }) => sum + (all.get(name) ?? []).filter((one) => one[field] === row.id).length, 0)
  return (all.get(entity) ?? []).filter(isLive).toSorted((a, b) => count(b) - count(a))
}

/** The mails that come after the event is logged about a row. A template may need what only a request has, so none need come. */
async function mailsAbout(
  tools: MessageTools,
  { asking, entity, happening, reactions }: EventPlan,
  { row, all }: { readonly row: PlainRow; readonly all: AllRows },
): Promise<readonly ReceivedMail[]> {
  const { design, model } = asking.reference
  const event = { entity, before: null, after: row, rows: all }
  const promised = reactions.map((one) => promisedBy(design, model, one, event)).filter(({ kind }) => kind === 'mail')
  if (promised.length === 0) return []
  const since = tools.mails().length
  await tools.logEvent(entity, { happening, id: String(row.id) })
  await arrival(tools, () => tools.mails().length >= since + promised.length)
  return tools.mails().slice(since)
}
