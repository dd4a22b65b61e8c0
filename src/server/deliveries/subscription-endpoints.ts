/** Finds out which messages a caller may see: those to a subscription that the caller may read and that belongs to the caller. */

import { failure } from '../../base/failure.ts'
import { memo } from '../../base/memo.ts'
import { ident, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import type { SubscriptionEntity } from '../../compile/endpoints/delivery-endpoints.ts'
import { type EntityView, viewOf } from '../../compile/rules/view.ts'
import { rowsWhere } from '../../compile/statements/output-sql.ts'
import { idSlot, ownId, sqlList } from '../../compile/statements/write/write-parts.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import { fieldNamed, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import type { SubscribedWebhook } from '../../model/webhooks/webhook.ts'
import { subscriptionEndpoint } from '../../services/webhooks/destinations.ts'
import { callerValues, idValue } from '../plan/planning.ts'
import type { Stack } from '../run/stack.ts'

/** A subscription that a request names, and who asks. */
export interface AskedSubscription {
  readonly stack: Stack
  readonly caller: Caller
  /** For the statements of the request. */
  readonly run: Run
  readonly of: SubscriptionEntity
  /** The id of the subscription as it was sent. */
  readonly id: string
}

/** A subscription of the caller at one webhook. */
export interface OwnSubscription {
  readonly webhook: SubscribedWebhook
  /** The id as text. */
  readonly id: string
  /** What messages to it have as their receiver. */
  readonly endpoint: string
}

/**
 * The subscription at each webhook that has its entity; usually one.
 *
 * @throws Failure `not_found`, the same whether there is no such row, the caller may not read it, or it belongs to another account;
 *   `not_signed_in`.
 */
export async function ownSubscriptions({ stack, caller, run, of, id }: AskedSubscription): Promise<readonly OwnSubscription[]> {
  const { entity, webhooks } = of
  const account = claimOf(caller, 'id')
  if (account === null) throw failure('not_signed_in', {})
  const view = viewOf(stack.context.viewFor(caller).view, entity.name)
  if (isNever(view.read)) throw failure('not_found', { entity: entity.name })
  const values = { ...callerValues(stack.model, caller), id: idValue(entity, id) }
  const [row] = await run(statementFor(view)(stack.model, of), values)
  const [own, ...accounts] = row ?? []
  const found = webhooks.filter((_, i) => accounts[i] === String(account))
  if (own === undefined || own === null || found.length === 0) throw failure('not_found', { entity: entity.name })
  return found.map((webhook) => ({ webhook, id: own, endpoint: subscriptionEndpoint(webhook.name, own) }))
}

/** The statement for the callers of one view: the id of the subscription, and its account at each webhook. */
const statementFor = memo((view: EntityView) => {
  let known: Statement | undefined
  return (model: Model, { entity, webhooks }: SubscriptionEntity): Statement => {
    const accounts = webhooks.map(({ fields }) => sql`t.${ident(fieldNamed(entity, fields.account).column)}::text`)
    const isRow = sql`t.${ownId(entity)} = ${idSlot(entity)} and ${rowsWhere(model, entity, { alias: 't', holds: view.read })}`
    known ??= {
      name: `webhooks.own ${entity.name}`,
      sql: sql`select ${sqlList([sql`t.${ownId(entity)}::text`, ...accounts])} from ${ident(entity.table)} t where ${isRow}`,
    }
    return known
  }
})
