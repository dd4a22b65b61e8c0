/** Reviews a model that has no errors. Pure; findings come in the order of the design. */

import type { Predicate } from '../../model/expression.ts'
import type { Entity, Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import type { Report } from '../findings/report.ts'
import { either, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { reviewLoops } from './loops/review-loops.ts'
import { reviewActions } from './review-actions.ts'
import { reviewBackends } from './review-backends.ts'
import { reviewCalls } from './review-calls.ts'
import { reviewClosedSteps } from './review-closed-steps.ts'
import { reviewHooks } from './review-hooks.ts'
import { reviewIdentity } from './review-identity.ts'
import { reviewIndexes } from './review-indexes.ts'
import { reviewIsolation } from './review-isolation.ts'
import { reviewMails } from './review-mails.ts'
import { reviewReactions } from './review-reactions.ts'
import { reviewReferences } from './review-references.ts'
import { reviewRules } from './review-rules.ts'
import { reviewSenders } from './review-senders.ts'
import { reviewSequences } from './review-sequences.ts'
import { reviewSubscriptions } from './review-subscriptions.ts'
import { claimsIn, passesOnlyByAbsence } from './rule-bounds.ts'

/** Adds the findings of a review. */
export function review(model: Model, report: Report): void {
  for (const entity of model.entities) {
    reviewClosed(entity, report)
    reviewAbsence(entity, report)
    reviewCreation(entity, report)
    reviewReading(entity, report)
  }
  reviewIdentity(model, report)
  reviewBackends(model, report)
  reviewSenders(model, report)
  reviewSequences(model, report)
  reviewReferences(model, report)
  reviewRules(model, report)
  reviewIndexes(model, report)
  reviewActions(model, report)
  reviewHooks(model, report)
  reviewCalls(model, report)
  reviewClosedSteps(model, report)
  reviewMails(model, report)
  reviewReactions(model, report)
  reviewLoops(model, report)
  reviewSubscriptions(model, report)
  reviewIsolation(model, report)
}

/** Every rule of an entity, with its path. The two rules of an update are one entry when they are equal. */
function rulesOf(entity: Entity): readonly { readonly at: Path; readonly rule: Predicate }[] {
  const at = ['entities', entity.name]
  const { read, create, update, delete: remove } = entity.access
  const sides =
    update.from === update.to
      ? [{ at: [...at, 'access', 'update'], rule: update.from }]
      : (['from', 'to'] as const).map((side) => ({ at: [...at, 'access', 'update', side], rule: update[side] }))
  return [
    { at: [...at, 'access', 'read'], rule: read },
    { at: [...at, 'access', 'create'], rule: create },
    ...sides,
    { at: [...at, 'access', 'delete'], rule: remove },
    ...entity.fields.flatMap((field) => [
      { at: [...at, 'fields', field.name, 'read'], rule: field.read },
      { at: [...at, 'fields', field.name, 'write'], rule: field.write },
    ]),
  ]
}

const OPERATIONS = ['read', 'create', 'update', 'delete'] as const

/** Names the operations that are closed because the design has no rule for them. */
function reviewClosed(entity: Entity, report: Report): void {
  const closed = OPERATIONS.filter((operation) => entity.access.source[operation] === null)
  if (closed.length === 0) return
  const hint = `write a rule, or ${closed[0]}: 'false' to close it on purpose`
  if (closed.length === OPERATIONS.length)
    report.add('PLN-D401', ['entities', entity.name], `every operation of ${entity.name} is closed to all`, hint)
  else
    report.add(
      'PLN-D401',
      ['entities', entity.name, 'access'],
      `${either(closed).replace(' or ', ' and ')} of ${entity.name} ${closed.length === 1 ? 'is' : 'are'} closed to all`,
      hint,
    )
}

function reviewAbsence(entity: Entity, report: Report): void {
  for (const { at, rule } of rulesOf(entity)) {
    if (!passesOnlyByAbsence(rule)) continue
    const claims = claimsIn(rule).map((claim) => `auth.${claim}`)
    const message = `an anonymous caller would satisfy this only because ${either(claims)} is missing, so Plinth refuses them`
    report.add(
      'PLN-D403',
      at,
      message,
      `write auth.id != null && (…) for signed-in callers, or ${claims[0] ?? 'auth.id'} == null || (…) for everyone`,
    )
  }
}

function reviewCreation(entity: Entity, report: Report): void {
  if (isNever(entity.access.create)) return
  for (const field of entity.fields) {
    const needed = field.system === null && field.type.kind !== 'computed' && !field.optional && field.default === null
    if (!needed || !isNever(field.write)) continue
    report.add(
      'PLN-D404',
      ['entities', entity.name, 'fields', field.name],
      `${quote(field.name)} is required, has no default and may never be written`,
      'give it a default, make it optional, or open write',
    )
  }
}

function reviewReading(entity: Entity, report: Report): void {
  const { read, update, delete: remove } = entity.access
  const open = [...(isNever(update.from) ? [] : ['update']), ...(isNever(remove) ? [] : ['delete'])]
  if (!isNever(read) || open.length === 0) return
  report.add(
    'PLN-D405',
    ['entities', entity.name, 'access'],
    `${either(open).replace(' or ', ' and ')} ${open.length === 1 ? 'is' : 'are'} open, but nobody may read rows of ${entity.name}`,
    'open read to those who may write',
  )
}
