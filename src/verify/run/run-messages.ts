/** Asks the questions about messages, of a backend with workers. */

import { randomUUID } from 'node:crypto'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { type Connection, withClient } from '../../postgres/connect.ts'
import type { MessageCase, MessageTools, ServedWork } from '../cases/message-case.ts'
import type { AllRows } from '../expected/reference.ts'
import { settled } from '../messages/arrivals.ts'
import { type CaseResult, shortBody } from './case-result.ts'
import { forgetOwnEvents, logEvent } from './event-log.ts'
import { ANSWER_LENGTH } from './judge-case.ts'
import { readRows, removeRow, restoreRows, returnRow, rowText, type Snapshot, takeSnapshot } from './rows.ts'
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

/** Asks all cases, one by one. After each, rows are put back as soon as the workers have nothing to do. */
export async function runMessages(stage: WorkStage, { model, accounts, cases }: MessageRun): Promise<readonly CaseResult[]> {
  return withClient(stage.databaseUrl, async (client) => {
    const tokens = new Map<string, string>()
    for (const account of accounts) tokens.set(account, await stage.tokenFor(account))
    const tools = toolsFor(stage, { client, model, tokens })
    const results: CaseResult[] = []
    await stage.serve('usual')
    await readsEvents(client)
    const world = { snapshot: await takeSnapshot(client, model), before: await readRows(client, model) }
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
      await settled(tools)
      // Workers that are still busy may change the rows again, so these stay as they are.
      if ((await workState(client)).waiting === 0) await putBack(client, model, world)
    }
    return results
  })
}

/** Puts the rows back. What this logs is gone before anybody reads it. */
async function putBack(client: Connection, model: Model, world: { readonly snapshot: Snapshot; readonly before: AllRows }): Promise<void> {
  await restoreRows(client, model, { ...world, after: await readRows(client, model) }, () => forgetOwnEvents(client, model))
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
    logEvent: (entity, event) => logEvent(client, entityNamed(model, entity), event),
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
