/** Causes events, and waits for what the backend sends after them. */

import { setTimeout as wait } from 'node:timers/promises'
import type { Model } from '../../model/model.ts'
import type { MessageTools } from '../cases/message-case.ts'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import type { AllRows } from '../expected/reference.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { Occasion } from './occasions.ts'
import { type Promised, promisedBy, type SeenEvent } from './promised.ts'
import type { WrittenReaction } from './written-reactions.ts'

/** A message is lost if it is not there after the backend has had nothing to do for so long, in milliseconds. */
const QUIET_MS = 3_000
/** Nothing is said about messages that the backend still has to send after this time, in milliseconds. */
const LONGEST_MS = 120_000
const STEP_MS = 20
/** What the backend has still to do is read so often, in milliseconds. */
const LOOK_MS = 200

/** Whether something has arrived: it has, it is lost, or the backend is still busy. */
export type Arrival = 'there' | 'lost' | 'late'

/** Waits until something has arrived, or the backend has had nothing to do for a while. */
export async function arrival({ state }: MessageTools, isThere: () => boolean): Promise<Arrival> {
  const began = performance.now()
  let quiet: number | null = null
  for (let looked = began; ; await wait(STEP_MS)) {
    if (isThere()) return 'there'
    const now = performance.now()
    if (now - looked < LOOK_MS) continue
    looked = now
    const isBusy = (await state()).waiting > 0
    quiet = isBusy ? null : (quiet ?? now)
    if (quiet !== null && now - quiet > QUIET_MS) return isThere() ? 'there' : 'lost'
    if (now - began > LONGEST_MS) return 'late'
  }
}

/** Waits until the backend has nothing to do, for a short time. */
export async function settled({ state }: MessageTools): Promise<void> {
  for (const began = performance.now(); performance.now() - began < QUIET_MS; await wait(STEP_MS)) {
    if ((await state()).waiting === 0) return
  }
}

/** An event that a request has caused, with what each reaction promises. */
export interface Caused {
  readonly sent: SentOverHttp
  readonly answer: Answered
  readonly id: string
  readonly event: SeenEvent
  readonly promised: readonly { readonly reaction: WrittenReaction; readonly promise: Promised }[]
  /** How many messages had come before the request. */
  readonly since: { readonly mails: number; readonly posts: number }
}

/** What events are caused for. */
export interface Causing {
  readonly design: WrittenDesign
  readonly model: Model
  readonly entity: string
  readonly occasions: readonly Occasion[]
  readonly reactions: readonly WrittenReaction[]
}

/** The first event after which something is sent, and those before it after which nothing is. */
export interface Causes {
  readonly caused: Caused | null
  readonly silent: readonly Caused[]
}

/** Sends requests until one causes an event after which something is sent. */
export async function cause(tools: MessageTools, causing: Causing): Promise<Causes> {
  const silent: Caused[] = []
  for (const occasion of causing.occasions) {
    const caused = await causeOne(tools, causing, occasion)
    if (caused === null) continue
    const kinds = caused.promised.map(({ promise }) => promise.kind)
    if (kinds.includes('mail') || kinds.includes('post')) return { caused, silent }
    if (kinds.every((kind) => kind === 'nothing')) silent.push(caused)
  }
  return { caused: null, silent }
}

/** Sends one request; null if it caused no event. */
export async function causeOne(
  tools: MessageTools,
  { design, model, entity, reactions }: Causing,
  { user, sent, id }: Occasion,
): Promise<Caused | null> {
  const was = await tools.rows()
  const since = { mails: tools.mails().length, posts: tools.posts().length }
  const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
  if (answer.status < 200 || answer.status >= 300) return null
  const rows = await tools.rows()
  const own = id ?? newId(entity, { was, rows, answer })
  if (own === null) return null
  const event = { entity, before: rowOf(was, entity, own), after: rowOf(rows, entity, own), rows }
  const promised = reactions.map((reaction) => ({ reaction, promise: promisedBy(design, model, reaction, event) }))
  return { sent, answer, id: own, event, promised, since }
}

function rowOf(rows: AllRows, entity: string, id: string): PlainRow | null {
  return rows.get(entity)?.find((row) => String(row.id) === id) ?? null
}

/** The id of a new row: the answer has it, or the only row that was not there before. */
function newId(
  entity: string,
  { was, rows, answer }: { readonly was: AllRows; readonly rows: AllRows; readonly answer: Answered },
): string | null {
  const known = new Set((was.get(entity) ?? []).map(({ id }) => id))
  const added = (rows.get(entity) ?? []).filter(({ id }) => !known.has(id)).map(({ id }) => String(id))
  const said: unknown = answer.json?.id
  if (said !== undefined && added.includes(String(said))) return String(said)
  return added.length === 1 ? (added[0] ?? null) : null
}
