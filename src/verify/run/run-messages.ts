/** Asks the questions about messages, of a backend with workers. */

import { randomUUID } from 'node:crypto'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { type Connection, withClient } from '../../postgres/connect.ts'
import type { MessageCase, MessageTools, ServedWork } from '../cases/message-case.ts'
import { type CaseResult, shortBody } from './case-result.ts'
import { ANSWER_LENGTH } from './judge-case.ts'
import { readRows, removeRow, returnRow, rowText } from './rows.ts'
import type { WorkStage } from './work-stage.ts'
import { messageAttempts, readsEvents, workState } from './work-state.ts'

/** What is asked. */
export interface MessageRun {
  readonly model: Model
  readonly accounts: readonly string[]
  readonly cases: readonly MessageCase[]
}

/** The backend serves as usual first: then it knows from when on its reactions get events. */
const ORDER: readonly ServedWork[] = ['usual', 'crash', 'localhost']

/** Asks all cases, one by one. Rows are not put back, because workers may still change them. */
export async function runMessages(stage: WorkStage, { model, accounts, cases }: MessageRun): Promise<readonly CaseResult[]> {
  return withClient(stage.databaseUrl, async (client) => {
    const tokens = new Map<string, string>()
    for (const account of accounts) tokens.set(account, await stage.tokenFor(account))
    const tools = toolsFor(stage, { client, model, tokens })
    const results: CaseResult[] = []
    await stage.serve('usual')
    await readsEvents(client)
    for (const one of cases.toSorted((a, b) => ORDER.indexOf(a.served) - ORDER.indexOf(b.served))) {
      await stage.serve(one.served)
      const began = performance.now()
      const { wrong, statuses, why, sent, answer, left } = await one.ask(tools)
      results.push({
        case: one,
        ...(left === undefined ? {} : { left }),
        wrong,
        expected: { statuses, why },
        sent: { method: sent.method, url: sent.url, body: shortBody(sent.body) },
        status: answer.status,
        answer: answer.text.slice(0, ANSWER_LENGTH),
        ms: Math.round((performance.now() - began) * 10) / 10,
      })
    }
    return results
  })
}

interface Using {
  readonly client: Connection
  readonly model: Model
  readonly tokens: ReadonlyMap<string, string>
}

function toolsFor(stage: WorkStage, { client, model, tokens }: Using): MessageTools {
  const { mails, posts, answerPosts, receiver, canaries, isGuarded, crash } = stage
  return {
    ...{ mails, posts, answerPosts, receiver, canaries, isGuarded, crash },
    send: ({ instance: _, undescribed: __, ...request }) => stage.ask(request),
    tokenOf: (user) => (user === null ? null : (tokens.get(user) ?? null)),
    rows: () => readRows(client, model),
    removeRow: (entity, id) => removeRow(client, entityNamed(model, entity), id),
    copies: (entity, id, changes) => copiesOf(client, entityNamed(model, entity), { id, changes }),
    state: () => workState(client),
    attempts: () => messageAttempts(client),
  }
}

interface Copying {
  readonly id: string
  readonly changes: readonly Readonly<Record<string, string>>[]
}

/** Copies a row. Where a constraint refuses a copy, there is none. */
async function copiesOf(client: Connection, entity: Entity, { id, changes }: Copying): Promise<readonly string[]> {
  const text = await rowText(client, entity, id)
  if (text === null) return []
  const columns = new Map(entity.fields.map(({ name, column }) => [name, column]))
  const made: string[] = []
  for (const change of changes) {
    const own = randomUUID()
    const values = Object.entries(change).map(([name, value]) => [columns.get(name) ?? name, value])
    await returnRow(client, entity, JSON.stringify({ ...JSON.parse(text), id: own, ...Object.fromEntries(values) }))
    made.push(own)
  }
  return made
}
