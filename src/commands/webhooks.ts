/** `plinth webhooks`: shows what was sent to receivers, and sends it again. */

import type { Run } from '../base/sql/statement.ts'
import { unreachable } from '../base/unreachable.ts'
import { sendsWebhooks } from '../model/reaction.ts'
import { withClient } from '../postgres/connect.ts'
import type { WebhookAttempt } from '../services/webhooks/deliveries.ts'
import type { DeliveryState, MessageTurn } from '../services/webhooks/delivery-states.ts'
import {
  countDeliveries,
  type DeliveryCounts,
  type DeliveryRecord,
  listDeliveries,
  type ReplayedDeliveries,
  replayDeliveries,
  showDelivery,
} from '../services/webhooks/log/inspect.ts'
import { inTables } from './setup/create-account.ts'
import { databaseOf, withDatabase } from './setup/database.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { runOn } from './setup/run-on.ts'
import { readDatabaseUrl } from './setup/settings/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { columns, count, plainText } from './terminal/layout.ts'
import { UsageError } from './terminal/usage-error.ts'

/** What the command does. */
const WEBHOOK_COMMANDS = ['list', 'show', 'replay'] as const
type Doing = (typeof WEBHOOK_COMMANDS)[number]

/** The arguments and options of the command. */
export interface WebhooksInput {
  /** `list` unless given. */
  readonly doing: string | undefined
  readonly id: string | undefined
  readonly design: string | undefined
  readonly webhook: string | undefined
  readonly state: DeliveryState | undefined
  readonly since: string | undefined
}

/** What a message waits for, after its number. */
const WAITS = {
  ready: 'is sent as soon as a process has a place for it',
  later: 'is sent at its time',
  sending: 'is being sent',
  behind: 'waits for an earlier message about its row',
} as const satisfies Record<MessageTurn, string>

/** The most messages of a list. */
const SHOWN = 50

/**
 * Lists messages, shows one, or sends some again. Exit code 1 when there is no such message.
 *
 * @throws UsageError for a wrong call, or a design without webhooks; EnvironmentError for a database that cannot be used.
 */
export async function webhooks(input: WebhooksInput, io: Io): Promise<Outcome> {
  const { doing: word = 'list' } = input
  const doing = WEBHOOK_COMMANDS.find((one) => one === word)
  if (doing === undefined) throw new UsageError(`plinth webhooks cannot ${word}`, `write one of ${WEBHOOK_COMMANDS.join(', ')}`)
  if (input.since !== undefined && doing !== 'replay') throw new UsageError('--since is for replay', 'leave it out, or write replay')
  const url = readDatabaseUrl(io.env)
  const design = await loadDesign(input.design, io.cwd)
  if (design.model === null) return unusableDesign(design, io.style)
  if (!sendsWebhooks(design.model))
    throw new UsageError('this design sends no webhooks', 'declare them under integrations.webhooks, and reactions under on')
  return withDatabase(databaseOf(design, url, io), (database) =>
    inTables(() => withClient(database.url, (client) => perform(doing, input, runOn(client)))),
  )
}

function perform(doing: Doing, input: WebhooksInput, run: Run): Promise<Outcome> {
  switch (doing) {
    case 'list':
      return listed(run, input)
    case 'show':
      return shown(run, idOf(input))
    case 'replay':
      return replayed(run, input)
    default:
      return unreachable(doing)
  }
}

async function listed(run: Run, input: WebhooksInput): Promise<Outcome> {
  const [webhook, state] = [input.webhook ?? null, input.state ?? null]
  const counts = webhook === null && state === null ? await countDeliveries(run) : []
  const records = await listDeliveries(run, { webhook, state, limit: SHOWN })
  const more = records.length === SHOWN ? [`the last ${SHOWN}`] : []
  const text = records.length === 0 ? 'no messages' : [...countLines(counts), ...recordLines(records), ...more].join('\n')
  return { exit: 0, data: { receivers: counts, messages: records }, text }
}

function countLines(counts: readonly DeliveryCounts[]): readonly string[] {
  if (counts.length === 0) return []
  const rows = counts.map(({ endpoint, waiting, sent, failed }) => [endpoint, `${waiting} waiting`, `${sent} sent`, `${failed} failed`])
  return ['receivers', ...columns(rows, '  '), 'messages, newest first']
}

function recordLines(records: readonly DeliveryRecord[]): readonly string[] {
  const rows = records.map(({ id, endpoint, type, state, turn, attempts, at }) => {
    const last = attempts.at(-1)
    return [
      id,
      endpoint,
      type,
      state,
      count(attempts.length, 'attempt'),
      at ?? (turn === null ? '' : WAITS[turn]),
      last === undefined ? '' : plainText(last.error ?? `${last.status}`),
    ]
  })
  return columns(rows, '  ')
}

async function shown(run: Run, id: string): Promise<Outcome> {
  const record = await showDelivery(run, id)
  if (record === null) return missing(id)
  const { endpoint, state, turn, type, event, row, message, addedAt, at, attempts, body } = record
  const since = turn === null ? `, since ${at}` : turn === 'later' ? `, next attempt at ${at}` : `, ${WAITS[turn]}`
  const rows = [
    ['message', `${message} (${id}) to ${endpoint}`],
    ['event', `${type}, number ${event}, about ${plainText(row)}`],
    ['state', `${state}${since}`],
    ['added', addedAt],
    ['body', plainText(body)],
  ]
  return { exit: 0, data: record, text: [...columns(rows, ''), ...attemptLines(attempts)].join('\n') }
}

function attemptLines(attempts: readonly WebhookAttempt[]): readonly string[] {
  if (attempts.length === 0) return ['no attempts yet']
  const rows = attempts.map(({ at, durationMs, status, error, answer }) => [
    at,
    `${durationMs} ms`,
    status === null ? '' : String(status),
    plainText(error ?? ''),
    answer === '' ? '' : plainText(JSON.stringify(answer)),
  ])
  return ['attempts', ...columns(rows, '  ')]
}

async function replayed(run: Run, input: WebhooksInput): Promise<Outcome> {
  const which = chosen(input)
  const { again, waiting } = await replayDeliveries(run, which)
  if (again.length + waiting.length === 0 && 'ids' in which) return missing(which.ids.join())
  const waits =
    waiting.length === 0 ? [] : [`${count(waiting.length, 'message')} ${waiting.length === 1 ? 'waits' : 'wait'} already, unchanged`]
  const why = waiting.slice(0, SHOWN).map(({ id, turn }) => `  ${id} ${WAITS[turn]}`)
  const more = waiting.length > SHOWN ? [`  and ${waiting.length - SHOWN} more`] : []
  const sent = `${count(again.length, 'message')} ${again.length === 1 ? 'is' : 'are'} sent again`
  return { exit: 0, data: { ids: again, waiting }, text: [sent, ...waits, ...why, ...more].join('\n') }
}

/** @throws UsageError when the call says not, or twice, which messages, or the moment cannot be read. */
function chosen({ id, webhook, state, since }: WebhooksInput): ReplayedDeliveries {
  if ((id === undefined) === (webhook === undefined))
    throw new UsageError('say which messages', 'give an id, or --webhook NAME with --state or --since for several')
  if (webhook === undefined) return { ids: [idOf({ id })] }
  if (since !== undefined && Number.isNaN(Date.parse(since)))
    throw new UsageError(`${JSON.stringify(since)} is no moment`, 'write 2026-11-29 or 2026-11-29T10:00:00Z')
  return { webhook, state: state ?? null, since: since === undefined ? null : new Date(since).toISOString() }
}

/** @throws UsageError without an id, or for a text that is none. */
function idOf({ id }: Pick<WebhooksInput, 'id'>): string {
  if (id === undefined) throw new UsageError('the number of the message is missing', 'plinth webhooks list shows the numbers')
  if (!/^[1-9]\d{0,17}$/.test(id))
    throw new UsageError(`${JSON.stringify(id)} is no number of a message`, 'plinth webhooks list shows them')
  return id
}

function missing(id: string): Outcome {
  const message = `there is no such message: ${id}`
  const hint = 'sent messages are kept for 7 days, and those that were given up for 30'
  return { exit: 1, reason: { message, hint }, data: { ids: [] }, text: `${message}\n${hint}` }
}
