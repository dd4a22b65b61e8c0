/** Reviews a model that has no errors. Pure; findings come in the order of the design. */

import type { Predicate } from '../../model/expression.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import type { Report } from '../findings/report.ts'
import { either, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { reviewIndexes } from './review-indexes.ts'
import { reviewReferences } from './review-references.ts'
import { reviewRules } from './review-rules.ts'
import { anonymousMayPass, claimsIn, everyoneSignedInPasses, othersMayUpdate, passesOnlyByAbsence, signedInMayPass } from './rule-bounds.ts'

/** Adds the findings of a review. */
export function review(model: Model, report: Report): void {
  for (const entity of model.entities) {
    reviewClosed(entity, report)
    reviewAbsence(entity, report)
    reviewCreation(entity, report)
    reviewReading(entity, report)
  }
  reviewRole(model, report)
  reviewPassword(model, report)
  reviewReferences(model, report)
  reviewRules(model, report)
  reviewIndexes(model, report)
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

/** Reports when callers may set their own role, and so become administrators. */
function reviewRole(model: Model, report: Report): void {
  const entity = model.entities.find((e) => e.name === model.identity?.entity)
  const role = entity?.fields.find((field) => field.name === model.identity?.role)
  if (entity === undefined || role === undefined) return
  const at = ['entities', entity.name, 'fields', role.name]
  const hint = 'give it a rule such as write: \'auth.role == "admin"\', and a default'
  const how = waysToTakeRole(entity, role)
  if (how.length > 0)
    report.add('PLN-D409', at, `callers who may ${either(how)} rows of ${entity.name} may choose their own ${role.name}`, hint)
}

function waysToTakeRole(entity: Entity, role: Field): readonly string[] {
  const { create, update } = entity.access
  const strangers = anonymousMayPass(role.write) && anonymousMayPass(create)
  const byCreating = strangers || (everyoneSignedInPasses(role.write, 'any-row') && signedInMayPass(create, 'any-row'))
  const byUpdating = !role.immutable && everyoneSignedInPasses(role.write, 'own-row') && signedInMayPass(update.from, 'own-row')
  return [...(byCreating ? ['create'] : []), ...(byUpdating ? ['update'] : [])]
}

/** Reports when callers may set the password of another account, and so sign in as that account. */
function reviewPassword(model: Model, report: Report): void {
  const entity = model.entities.find((e) => e.name === model.identity?.entity)
  const password = entity?.fields.find((field) => field.name === model.identity?.password)
  if (entity === undefined || password === undefined || password.immutable) return
  const { read, update, source } = entity.access
  if (!othersMayUpdate([read, update.from, update.to, password.write])) return
  report.add(
    'PLN-D412',
    ['entities', entity.name, 'fields', password.name],
    `callers other than the account itself may set its ${password.name} and then sign in as that account: ` +
      `they may update rows of ${entity.name} (${source.update})`,
    "give it write: 'version == 1 || id == auth.id', so that others can set it only when they create the account",
  )
}
