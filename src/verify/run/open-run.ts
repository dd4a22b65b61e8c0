/** The state of a run: the rows of the world in the database, and a session of each caller. */

import type { Model } from '../../model/model.ts'
import type { Connection } from '../../postgres/connect.ts'
import type { CasePlan } from '../cases/cases-of.ts'
import type { KnownSecret } from '../cases/probe.ts'
import type { AnswerBook } from '../contract/answer-book.ts'
import { type Answered, NO_ANSWER } from '../expected/answered.ts'
import { type AllRows, type ReferenceBackend, referenceOf } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { askAgain } from './ask-again.ts'
import { askingAccount } from './asking-account.ts'
import { clearLog } from './event-log.ts'
import { insertRows, readRows, restoreRows, type Snapshot, takeSnapshot } from './rows.ts'
import type { SentRequest, Stage } from './stage.ts'

/** A run that has begun. */
export interface OpenRun {
  readonly stage: Stage
  readonly model: Model
  readonly client: Connection
  readonly reference: ReferenceBackend
  readonly rows: AllRows
  readonly snapshot: Snapshot
  /** The access token of each account. */
  readonly tokens: Map<string, string>
  /** What answers have given that opens something: refresh tokens, and the first links and tickets of files. */
  readonly givenSecrets: readonly KnownSecret[]
  /** Sends a request of a case, and keeps its answer. @param instance which backend is asked; 0 unless given. */
  readonly ask: (by: Asker, sent: SentRequest, instance?: number) => Promise<Answered>
}

/** Who sends a request. */
export interface Asker {
  /** The case. */
  readonly name: string
  readonly user: string | null
  /** Whether the caller is none of the world, so that no document describes the answer. */
  readonly undescribed?: boolean
}

/** What a run is opened with. */
export interface OpeningRun {
  readonly design: WrittenDesign
  readonly model: Model
  readonly plan: CasePlan
  /** Keeps all answers; null: answers are only compared with what their case expects. */
  readonly book: AnswerBook | null
}

/** Inserts the rows of the world and begins a session of each caller. */
export async function openRun(stage: Stage, { design, model, plan, book }: OpeningRun, client: Connection): Promise<OpenRun> {
  await insertRows(client, model, plan.world.rows)
  await clearLog(client, model)
  const rows = await readRows(client, model)
  const snapshot = await takeSnapshot(client, model)
  const tokens = new Map<string, string>()
  for (const account of plan.world.accounts) tokens.set(account, await stage.tokenFor(account))
  await book?.open([null, ...plan.world.accounts], (user, sent) =>
    stage.ask({ ...sent, token: user === null ? null : (tokens.get(user) ?? null) }),
  )
  const accounts = new Set(plan.world.accounts)
  const givenSecrets: KnownSecret[] = []
  return {
    givenSecrets,
    stage,
    model,
    client,
    reference: referenceOf(design, model, rows),
    rows,
    snapshot,
    tokens,
    async ask({ name, user, undescribed = false }, sent, instance = 0) {
      const ask = instance === 0 ? stage.ask : (stage.others[instance - 1] ?? stage.ask)
      const answer = await askAgain(ask, sent)
      givenSecrets.push(...secretsIn(sent, answer))
      if (answer.status !== NO_ANSWER && !undescribed) book?.see({ by: name, user: askingAccount(user, sent, accounts), sent, answer })
      return answer
    },
  }
}

/** How many characters a part of an address has at least that opens something. */
const LEAST_SECRET = 20

/** The secrets that an answer gives. */
function secretsIn({ url, method }: SentRequest, { json, status }: Answered): readonly KnownSecret[] {
  const { refreshToken, url: link, ticket } = (json ?? {}) as Readonly<Record<string, unknown>>
  if (url.includes('/auth/')) return typeof refreshToken === 'string' ? [{ kind: 'a refresh token', text: refreshToken }] : []
  if (method !== 'POST' || status >= 300 || !/\/(link|uploads)$/.test(url) || typeof link !== 'string') return []
  const kind = url.endsWith('/link') ? 'a link to a file' : 'a ticket for an upload'
  const parts = [...new URL(link, 'http://localhost').searchParams.values(), typeof ticket === 'string' ? ticket : '']
  return parts.filter((text) => text.length >= LEAST_SECRET).map((text) => ({ kind, text }))
}

/** Puts the rows back, and empties the log of events. Accounts that were changed get a new session, because theirs may have ended. */
export async function putBack(open: OpenRun, after: AllRows): Promise<void> {
  const { client, model, snapshot, rows, tokens, stage } = open
  const changed = await restoreRows(client, model, { snapshot, before: rows, after })
  await clearLog(client, model)
  const accounts = changed.get(model.identity?.entity ?? '') ?? []
  for (const account of accounts) if (tokens.has(account)) tokens.set(account, await stage.tokenFor(account))
}
