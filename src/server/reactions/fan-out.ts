/** Messages to subscriptions: each gets the row as its account may read it. */

import { memoPair } from '../../base/memo.ts'
import type { Statement, Values } from '../../base/sql/statement.ts'
import { inParallel } from '../../base/waiting/in-parallel.ts'
import { eventDataStatement } from '../../compile/reactions/event-data.ts'
import type { View } from '../../compile/rules/view.ts'
import type { Model } from '../../model/model.ts'
import type { ModelEvent, WebhookReaction } from '../../model/reaction.ts'
import type { SubscribedWebhook } from '../../model/webhooks/webhook.ts'
import type { LoggedEvent } from '../../services/events/delivery.ts'
import { subscriptionEndpoint } from '../../services/webhooks/destinations.ts'
import { openSubscriptions, PAGE } from '../../services/webhooks/subscriptions.ts'
import { callerValues } from '../plan/planning.ts'
import { explained } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'

/** A message to a receiver. */
export interface FannedOut {
  readonly endpoint: string
  /** The account of a subscription; null for a receiver of the design. */
  readonly owner: string | null
  /** The host of a subscription; empty for a receiver of the design. */
  readonly host: string
  /** The row, as JSON. */
  readonly data: string
}

/** What is sent to whom. */
export interface FanOut {
  readonly webhook: SubscribedWebhook
  readonly reaction: WebhookReaction
  readonly modelEvent: ModelEvent
  readonly event: LoggedEvent
}

/** Accounts for which the row is read at the same time. More would fill the queue in which requests wait for a connection. */
const READS = 8

const subscriptionsOf = memoPair((model: Model, webhook: SubscribedWebhook) => openSubscriptions(model, webhook))

/** The statements of a reaction, by the view of the account. */
const statements = memoPair((_reaction: WebhookReaction, _view: View): { statement?: Statement | null } => ({}))

/** The messages of an event, page by page. A subscription whose account may not read the row gets none. */
export async function* fanOut(stack: Stack, { webhook, reaction, modelEvent, event }: FanOut): AsyncGenerator<readonly FannedOut[]> {
  const subscriptions = subscriptionsOf(stack.model, webhook)
  const run = explained(stack.executor.run)
  const type = `${event.entity}.${event.happening}`
  for (let after: string | null = null; ; ) {
    const page = await subscriptions.to(run, type, after)
    const rows = new Map<string, string | null>()
    await inParallel(READS, [...new Set(page.map(({ account }) => account))], async (account) => {
      rows.set(account, await rowFor(stack, account, { reaction, modelEvent, event }))
    })
    yield page.flatMap(({ id, account, host }) => {
      const data = rows.get(account) ?? null
      return data === null ? [] : [{ endpoint: subscriptionEndpoint(webhook.name, id), owner: account, host, data }]
    })
    if (page.length < PAGE) return
    after = page.at(-1)?.id ?? null
  }
}

/** The row as an account may read it, as JSON; null if it may not, or is not there any more. @throws the driver's error */
export async function rowFor(
  stack: Stack,
  account: string,
  { reaction, modelEvent, event }: Omit<FanOut, 'webhook'>,
): Promise<string | null> {
  const caller = (await stack.identity?.callerOf(account)) ?? null
  if (caller === null) return null
  const { view } = stack.context.viewFor(caller)
  const made = statements(reaction, view)
  made.statement ??= eventDataStatement(stack.model, { event: modelEvent, reaction, fields: reaction.fields }, view)
  if (made.statement === null) return null
  const values: Values = { ...callerValues(stack.model, caller), after: event.row, before: event.before, input: event.input }
  const [row] = await explained(stack.executor.run)(made.statement, values)
  return row?.[0] ?? null
}
