/** Reviews who may change and read the subscriptions of others: they get what their accounts may read. */

import { type ActionStep, STEP_ROW, type UpdateStep } from '../../model/action.ts'
import { actionLabel } from '../../model/action-tree.ts'
import { type Entity, entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import { isAlways, isNever } from '../../model/predicate.ts'
import type { SubscribedWebhook } from '../../model/webhooks/webhook.ts'
import type { Report } from '../findings/report.ts'
import { callersChoose, conditionsOf, namesInput, systemActions } from './review-reactions.ts'
import { mayNameOthers } from './rule-bounds.ts'

/** Adds findings about subscriptions of others that callers without a role may choose, change or read. Each entity is looked at once. */
export function reviewSubscriptions(model: Model, report: Report): void {
  const subscribed = model.webhooks.filter((webhook) => webhook.kind === 'subscribed')
  for (const webhook of new Map(subscribed.map((each) => [each.entity, each])).values()) {
    const reviewing: Reviewing = { model, entity: entityNamed(model, webhook.entity), webhook, report }
    reviewAccount(reviewing)
    reviewChanges(reviewing)
    reviewSteps(reviewing)
    reviewSecrets(reviewing)
  }
}

interface Reviewing {
  readonly model: Model
  readonly entity: Entity
  readonly webhook: SubscribedWebhook
  readonly report: Report
}

/** The fields with which a subscription could be taken over. */
function decisive({ fields }: SubscribedWebhook): readonly string[] {
  return [fields.url, ...secretsOf({ fields })]
}

function secretsOf({ fields }: Pick<SubscribedWebhook, 'fields'>): readonly string[] {
  return fields.previousSecret === null ? [fields.secret] : [fields.secret, fields.previousSecret]
}

/** Another way than sending it in which a caller chooses the account: a step of an action as system. */
function reviewAccount({ model, entity, webhook, report }: Reviewing): void {
  const { account } = webhook.fields
  const how = callersChoose(model, entity.name, account)
  if (how !== null)
    report.add('PLN-D663', ['entities', entity.name, 'fields', account], `${how}, and would get what another account may read`)
}

/** The rule for updates. */
function reviewChanges({ entity, webhook, report }: Reviewing): void {
  const named = { path: [webhook.fields.account], claim: 'id' }
  const open = decisive(webhook).filter((name) => {
    const field = fieldNamed(entity, name)
    if (isNever(field.write) || field.immutable || field.default?.kind === 'set') return false
    return mayNameOthers([entity.access.update.from, field.write], named)
  })
  if (open.length > 0)
    report.add(
      'PLN-D666',
      ['entities', entity.name, 'access', 'update'],
      `callers may change ${open.join(' and ')} of subscriptions of other accounts, and would get what these may read`,
      `use a rule such as update: ${webhook.fields.account} == auth.id`,
    )
}

/** Steps of actions as system, to which the rule for updates does not apply. */
function reviewSteps({ model, entity, webhook, report }: Reviewing): void {
  for (const action of systemActions(model)) {
    for (const step of action.steps) {
      if (!isUpdate(step) || step.entity !== entity.name) continue
      const open = step.set.filter(({ field, value }) => decisive(webhook).includes(field) && namesInput(value)).map(({ field }) => field)
      if (open.length === 0 || !mayBeOfOthers(step, webhook.fields.account, conditionsOf(action))) continue
      report.add(
        'PLN-D666',
        step.at,
        `callers of ${actionLabel(action)} may change ${open.join(' and ')} of subscriptions of other accounts`,
        `use a rule such as allow: ${webhook.fields.account} == auth.id`,
      )
    }
  }
}

function isUpdate(step: ActionStep): step is UpdateStep {
  return step.verb === 'update'
}

/** Whether the rows of a step may belong to others, in spite of the conditions of its action and its own. */
function mayBeOfOthers({ target, where }: UpdateStep, account: string, conditions: Parameters<typeof mayNameOthers>[0]): boolean {
  const named = { path: [account], claim: 'id' }
  if (!mayNameOthers([where], { ...named, binding: STEP_ROW })) return false
  if (target.kind === 'rows') return true
  const path = [...target.row.hops.map(({ field }) => field), account]
  return mayNameOthers(conditions, { path, claim: 'id', binding: target.row.binding })
}

/** Secrets that all may read are reported where the webhook is resolved. */
function reviewSecrets({ entity, webhook, report }: Reviewing): void {
  const named = { path: [webhook.fields.account], claim: 'id' }
  for (const name of secretsOf(webhook)) {
    const { read } = fieldNamed(entity, name)
    if (isAlways(read) && isAlways(entity.access.read)) continue
    if (mayNameOthers([entity.access.read, read], named))
      report.add(
        'PLN-D664',
        ['entities', entity.name, 'fields', name],
        `callers may read ${name} of subscriptions of other accounts`,
        `use a rule such as read: ${webhook.fields.account} == auth.id`,
      )
  }
}
