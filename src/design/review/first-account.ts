/** The first account of a backend: who may create it, and what `plinth grant --create` needs to make it. */

import type { Predicate } from '../../model/expression.ts'
import { type Default, type Entity, type Field, fieldNamed, type IdentityModel } from '../../model/model.ts'
import { anonymousMayPass, callerWithout } from './rule-bounds.ts'

/** Values of a role that name an administrator. */
export const ADMINISTRATORS = /^(super)?-?_?(admin|administrator|owner|root)$/i

/** The role that a first account probably has; null for an identity without roles. */
export function exampleRole(entity: Entity, identity: IdentityModel): string | null {
  if (identity.role === null) return null
  const { type } = fieldNamed(entity, identity.role)
  if (type.kind !== 'choice') return 'ROLE'
  return type.values.find((value) => ADMINISTRATORS.test(value)) ?? type.values.at(-1) ?? 'ROLE'
}

/** Whether a caller without an account may create a row with every field that it needs. */
export function anonymousMayCreate(entity: Entity): boolean {
  const needed = entity.fields.filter((f) => f.system === null && f.type.kind !== 'computed' && !f.optional)
  const rules = needed.flatMap((field): readonly Predicate[] => (field.default === null ? [field.write] : []))
  const set = needed.some(({ default: preset }) => preset?.kind === 'set' && callerWithout([], preset.term, []) !== null)
  return anonymousMayPass(entity.access.create) && rules.every(anonymousMayPass) && !set
}

/** The fields besides login, password and role that the database requires and does not fill in. */
export function requiredOfFirstAccount(entity: Entity, { login, password, role }: IdentityModel): readonly Field[] {
  const given = [login, password, role]
  return entity.fields.filter(
    ({ name, system, optional, type, default: preset }) =>
      system === null && !optional && type.kind !== 'computed' && !given.includes(name) && !isFilledByDatabase(preset),
  )
}

/** Whether the column has the default. Only requests fill in what depends on the caller, and what the server sets or counts. */
function isFilledByDatabase(preset: Default | null): boolean {
  if (preset === null || preset.kind === 'set' || preset.kind === 'sequence') return false
  return preset.kind !== 'expression' || callerWithout([], preset.term, []) === null
}
