/** Reviews the entity that signs in: who may choose a role, a claim or a password, and whether a first account can be made. */

import type { Predicate, Term } from '../../model/expression.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type IdentityModel, type Model } from '../../model/model.ts'
import { isAlways, isNever } from '../../model/predicate.ts'
import type { Report } from '../findings/report.ts'
import { either, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { ADMINISTRATORS, anonymousMayCreate, exampleRole, requiredOfFirstAccount } from './first-account.ts'
import { anonymousMayPass, everyoneSignedInPasses, othersMayUpdate, signedInMayPass } from './rule-bounds.ts'
import { predicatesIn, termsOf } from './walk.ts'

/** Adds the findings about the identity of a model. */
export function reviewIdentity(model: Model, report: Report): void {
  const { identity } = model
  if (identity === null) return
  const entity = entityNamed(model, identity.entity)
  if (identity.role !== null) reviewRole(entity, fieldNamed(entity, identity.role), report)
  reviewClaims(model, { entity, identity }, report)
  reviewPassword(entity, fieldNamed(entity, identity.password), report)
  reviewFirstAccount(model, { entity, identity }, report)
  reviewTokens(identity, report)
}

/** Access tokens that last an hour or less have no finding. */
const SHORT_SECONDS = 3_600

/** Reports access tokens that last longer: a copied token works until it expires. */
function reviewTokens({ entity, token }: IdentityModel, report: Report): void {
  if (token.lastsSeconds <= SHORT_SECONDS) return
  const hours = Math.round(token.lastsSeconds / 3_600)
  report.add(
    'PLN-D418',
    ['entities', entity, 'identity', 'token', 'lasts'],
    `an access token that is copied works for up to ${hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`}, unless its session ends earlier`,
    'leave lasts out for tokens of 15 minutes, which clients refresh, unless a contract needs more',
  )
}

/** Reports when callers may set their own role, and so become administrators. */
function reviewRole(entity: Entity, role: Field, report: Report): void {
  const how = waysToChoose(entity, role)
  if (how.length === 0) return
  const message = `callers who may ${either(how)} rows of ${entity.name} may choose their own ${role.name}`
  report.add('PLN-D409', fieldPath(entity, role), message, `${closingHint(role, role)}; plinth grant gives an account another role`)
}

/** A write rule for a field that callers may not choose for themselves, and the default that a new account then needs. */
function closingHint(field: Field, role: Field | null): string {
  const administrator = role?.type.kind === 'choice' ? role.type.values.find((value) => ADMINISTRATORS.test(value)) : undefined
  const rule = administrator === undefined ? 'false' : `auth.role == ${JSON.stringify(administrator)}`
  if (field.optional || field.default !== null) return `give it write: '${rule}'`
  const value = field.type.kind === 'choice' ? field.type.values.find((one) => !ADMINISTRATORS.test(one)) : undefined
  return `give it write: '${rule}' and ${value === undefined ? 'optional: true' : `default: '${value}'`}`
}

/** Reports claims that an account may choose for itself, unless the design says `write: 'true'`. */
function reviewClaims(model: Model, { entity, identity }: { entity: Entity; identity: IdentityModel }, report: Report): void {
  const role = identity.role === null ? null : fieldNamed(entity, identity.role)
  const listed = model.claims.filter(({ name }) => name !== 'id' && (identity.role === null || name !== 'role'))
  for (const claim of listed) {
    const field = fieldNamed(entity, claim.field)
    const how = waysToChoose(entity, field)
    if (how.length === 0 || isOpenOnPurpose(field)) continue
    const message = `callers who may ${either(how)} rows of ${entity.name} may choose their own auth.${claim.name}`
    if (field.type.kind === 'scalar' && field.type.scalar === 'email')
      report.add(
        'PLN-D415',
        fieldPath(entity, field),
        `${message}, as addresses are not verified`,
        `remove ${quote(claim.name)} from claims and compare auth.id instead, or give it write: 'true' if callers may choose any address`,
      )
    else report.add('PLN-D415', fieldPath(entity, field), message, `${closingHint(field, role)}, or write: 'true' if callers may choose it`)
  }
}

/** Whether the design says that every caller may write the field. */
export function isOpenOnPurpose(field: Field): boolean {
  return field.writeSource !== null && isAlways(field.write)
}

/** How a caller may choose the value of a field of its own row: `create`, `update`, both or neither. */
export function waysToChoose(entity: Entity, field: Field): readonly string[] {
  const { create, update } = entity.access
  const strangers = anonymousMayPass(field.write) && anonymousMayPass(create)
  const byCreating = strangers || (everyoneSignedInPasses(field.write, 'any-row') && signedInMayPass(create, 'any-row'))
  const byUpdating = !field.immutable && everyoneSignedInPasses(field.write, 'own-row') && signedInMayPass(update.from, 'own-row')
  return [...(byCreating ? ['create'] : []), ...(byUpdating ? ['update'] : [])]
}

/** Reports when callers may set the password of another account, and so sign in as that account. */
function reviewPassword(entity: Entity, password: Field, report: Report): void {
  if (password.immutable) return
  const { read, update, source } = entity.access
  if (!othersMayUpdate([read, update.from, update.to, password.write])) return
  report.add(
    'PLN-D412',
    fieldPath(entity, password),
    `callers other than the account itself may set its ${password.name} and then sign in as that account: ` +
      `they may update rows of ${entity.name} (${source.update})`,
    "give it write: 'version == 1 || id == auth.id', so that others can set it only when they create the account",
  )
}

/**
 * Reports an entity whose accounts only signed-in callers can create, so that nobody can create the first. A rule that is false says that
 * accounts are made in another way. Another backend whose role the rule names can create it.
 */
function reviewFirstAccount(
  { acceptedBackends }: Model,
  { entity, identity }: { entity: Entity; identity: IdentityModel },
  report: Report,
): void {
  const { create } = entity.access
  if (isNever(create) || anonymousMayCreate(entity) || acceptedBackends.some(({ role }) => role !== null && names(create, role))) return
  const role = exampleRole(entity, identity)
  const further = requiredOfFirstAccount(entity, identity).map(({ name }) => ` --set ${name}=…`)
  report.add(
    'PLN-D416',
    ['entities', entity.name, 'access', 'create'],
    `only a caller with an account may create a ${entity.name}, so nobody can create the first`,
    role === null
      ? 'open create to everybody, or name a role in identity and make the first with: plinth grant --create'
      : `make the first with: plinth grant --create you@example.com ${role}${further.join('')}`,
  )
}

/** Whether a rule compares something with a role. */
function names(rule: Predicate, role: string): boolean {
  const isRole = (term: Term): boolean =>
    term.kind === 'literal' && (Array.isArray(term.value) ? term.value.includes(role) : term.value === role)
  return [...predicatesIn(rule)].some((part) => termsOf(part).some(isRole))
}

function fieldPath(entity: Entity, field: Field): Path {
  return ['entities', entity.name, 'fields', field.name]
}
