/** Resolves outgoing webhooks, and the fields that reactions send to them. */

import type { Field } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { isSecretField } from '../../model/privacy/sealed.ts'
import type { FixedWebhook, Webhook } from '../../model/webhooks/webhook.ts'
import type { FixedWebhookDesign, WebhookDesign } from '../authoring/behaviour-design.ts'
import { spanMs } from '../authoring/span.ts'
import { didYouMean, quote, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import { hasBroken } from '../outline/outline.ts'
import { subscribedWebhook } from './subscriptions.ts'

/** Milliseconds for an attempt: unless the design says otherwise, and at most. */
const USUAL_MS = 10_000
const LONGEST_MS = 15_000

/** The webhooks of a design, in its order. One that cannot be resolved is left out, with findings. */
export function resolveWebhooks(context: LogicContext): readonly Webhook[] {
  const { design, report, outline } = context
  const reactions = Object.values(design.on ?? {}).flat()
  return Object.entries(design.integrations?.webhooks ?? {}).flatMap(([name, webhook]): readonly Webhook[] => {
    const at = ['integrations', 'webhooks', name]
    if (!hasBroken(outline, ['on']) && !reactions.some((reaction) => 'webhook' in reaction && reaction.webhook === name))
      report.add(
        'PLN-D661',
        at,
        `no reaction sends to the webhook ${quote(name)}`,
        `declare { webhook: ${name} } under an event, or remove it`,
      )
    const timeoutMs = timeoutOf(webhook, at, report)
    if ('subscriptions' in webhook) {
      const subscribed = subscribedWebhook(webhook, { name, timeoutMs, at }, context)
      return subscribed === null ? [] : [subscribed]
    }
    if (/^http:/.test(webhook.url))
      report.add('PLN-D668', [...at, 'url'], `messages to ${quote(name)} and their signatures are sent without TLS`)
    return [{ kind: 'fixed', name, url: urlOf(webhook), secret: webhook.secret, timeoutMs }]
  })
}

function urlOf({ url }: FixedWebhookDesign): FixedWebhook['url'] {
  return /^https?:/.test(url) ? { kind: 'address', address: url } : { kind: 'variable', variable: url }
}

function timeoutOf({ timeout }: WebhookDesign, at: Path, report: Report): number {
  const ms = timeout === undefined ? USUAL_MS : (spanMs(timeout) ?? USUAL_MS)
  if (ms <= 0 || ms > LONGEST_MS) report.add('PLN-D105', [...at, 'timeout'], `expected more than 0 and at most 15s, found ${timeout}`)
  return ms
}

/** A reaction that sends the row of an event. */
interface Sending {
  readonly entity: string
  readonly webhook: WebhookDesign | undefined
  readonly at: Path
}

/**
 * The fields that a reaction sends: those that it names. Unless it names some, a receiver of the design gets those that everybody who may
 * read the row may read, and no personal data; a subscription may get all, as the rules of its account decide. Never passwords and tokens.
 */
export function sentFields(
  named: readonly string[] | undefined,
  { entity, webhook, at }: Sending,
  { entities, report }: Pick<LogicContext, 'entities' | 'report'>,
): readonly string[] {
  const fields = entities.get(entity)?.fields ?? []
  const sendable = fields.filter((field) => !isSecretField(field))
  const isSubscribed = webhook !== undefined && 'subscriptions' in webhook
  if (named === undefined) return namesOf(isSubscribed ? sendable : sendable.filter((field) => isAlways(field.read) && !field.private))
  for (const [i, name] of named.entries()) {
    if (sendable.some((field) => field.name === name)) continue
    const isSecretField = fields.some((field) => field.name === name)
    const problem = isSecretField ? `${quote(name)} is a secret, which is never sent` : `unknown field ${quote(name)}`
    report.add('PLN-D660', [...at, i], `${problem}${isSecretField ? '' : didYouMean(name, namesOf(sendable))}`)
  }
  return namesOf(sendable.filter(({ name }) => named.includes(name)))
}

function namesOf(fields: readonly Field[]): readonly string[] {
  return fields.map(({ name }) => name)
}
