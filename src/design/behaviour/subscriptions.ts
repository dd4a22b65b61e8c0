/** Resolves the entity whose rows are subscriptions to webhooks. */

import { type Entity, type Field, isToken, storedScalar } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import type { SubscribedWebhook } from '../../model/webhooks/webhook.ts'
import type { SubscribedWebhookDesign } from '../authoring/behaviour-design.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { LogicContext } from '../logic/logic-context.ts'

/** What the fields of a subscription must be. */
const FIELDS = {
  url: { is: isUrl, form: '{ type: url }', optional: false },
  secret: {
    is: isSecretField,
    form: `{ type: text, read: 'false', default: { expression: "'whsec_' + random(24) + random(24)" } }`,
    optional: false,
  },
  previousSecret: { is: isText, form: "{ type: text, read: 'false', optional: true }", optional: true },
  events: { is: isTexts, form: '{ type: list, of: { type: choice, values: [Post.created] } }', optional: false },
  active: { is: isBoolean, form: '{ type: boolean, default: true }', optional: false },
} as const

/** The webhook; null, with findings, if the entity cannot hold subscriptions. */
export function subscribedWebhook(
  { subscriptions, account }: SubscribedWebhookDesign,
  { name, timeoutMs, at }: { readonly name: string; readonly timeoutMs: number; readonly at: Path },
  { entities, report, design }: LogicContext,
): SubscribedWebhook | null {
  const entity = entities.get(subscriptions)
  if (entity === undefined) {
    report.add('PLN-D208', [...at, 'subscriptions'], `unknown entity ${quote(subscriptions)}${didYouMean(subscriptions, entities.keys())}`)
    return null
  }
  const identity = Object.entries(design.entities).find(([, each]) => each.identity !== undefined)?.[0]
  const problem = accountProblem(fieldOf(entity, account), { account, identity })
  if (problem !== null)
    report.add('PLN-D663', [...at, 'account'], problem, 'use a reference such as owner: { type: ref, entity: User, set: auth.id }')
  let isSound = problem === null
  for (const [field, { is, form, optional }] of Object.entries(FIELDS)) {
    const found = fieldOf(entity, field)
    if (found === undefined ? optional : is(found) && (optional || !found.optional)) continue
    const message = `${entity.name} ${found === undefined ? `has no field ${field}` : `has a field ${field} that does not fit`}`
    report.add('PLN-D662', [...at, 'subscriptions'], message, `declare ${field}: ${form}`)
    isSound = false
  }
  for (const name of ['secret', 'previousSecret']) {
    const secret = fieldOf(entity, name)
    if (secret !== undefined && isAlways(secret.read) && isAlways(entity.access.read))
      report.add(
        'PLN-D664',
        ['entities', entity.name, 'fields', name],
        'everybody may read the secrets of subscriptions',
        "use a rule such as read: 'false'",
      )
  }
  const previousSecret = fieldOf(entity, 'previousSecret') === undefined ? null : 'previousSecret'
  const fields = { account, url: 'url', secret: 'secret', previousSecret, events: 'events', active: 'active' }
  return isSound ? { kind: 'subscribed', name, entity: entity.name, fields, timeoutMs } : null
}

function fieldOf({ fields }: Entity, name: string): Field | undefined {
  return fields.find((field) => field.name === name)
}

/** A subscription gets what its account may read. So a caller must not choose another account for it. */
function accountProblem(
  field: Field | undefined,
  { account, identity }: { readonly account: string; readonly identity: string | undefined },
): string | null {
  if (identity === undefined) return 'the design has no accounts to which subscriptions could belong'
  if (field?.type.kind !== 'ref' || field.type.entity !== identity || field.optional)
    return `${quote(account)} is not a reference to ${identity}`
  const { default: preset } = field
  const isCaller = preset?.kind === 'set' && preset.on === 'create' && preset.term.kind === 'auth' && preset.term.claim === 'id'
  return isCaller ? null : `callers can choose ${quote(account)}, and would get what another account may read`
}

function isUrl({ type }: Field): boolean {
  return type.kind === 'scalar' && type.scalar === 'url'
}

function isText(field: Field): boolean {
  return field.type.kind === 'scalar' && field.type.scalar === 'text' && !isToken(field)
}

/** A secret that all rows have would be none. */
function isSecretField(field: Field): boolean {
  return isText(field) && field.default?.kind !== 'value'
}

function isTexts({ type }: Field): boolean {
  return type.kind === 'list' && storedScalar(type) === 'text'
}

function isBoolean({ type }: Field): boolean {
  return type.kind === 'scalar' && type.scalar === 'boolean'
}
