/** Passwords on their way to the database: refused when they are poor, hashed when they are not. */

import { type FieldProblem, invalid } from '../base/failure.ts'
import type { Value, Values } from '../base/statement.ts'
import type { Entity, Model } from '../model/model.ts'
import { checkPassword } from '../services/identity/password-rules.ts'
import type { Planned } from './planning.ts'

export interface Sealing {
  readonly model: Model
  readonly hashPassword: (password: string) => Promise<string>
}

/** The plan with every password in its values replaced by its hash. @throws Failure `validation_failed` for poor passwords, `overloaded`. */
export async function sealPasswords(sealing: Sealing, planned: Planned): Promise<Planned> {
  const { entity } = planned.plan
  const passwords = entity.fields.flatMap((field) => (field.type.kind === 'password' ? [{ name: field.name, rules: field.type }] : []))
  if (passwords.length === 0 || planned.plan.kind === 'get' || planned.plan.kind === 'list' || planned.plan.kind === 'delete')
    return planned
  const problems: FieldProblem[] = []
  for (const [i, call] of planned.calls.entries()) {
    const context = { backend: sealing.model.name, login: loginOf(sealing.model, entity, call) }
    for (const { name, rules } of passwords) {
      const value = call[`value.${name}`]
      if (typeof value !== 'string' || call[`given.${name}`] !== true) continue
      const found = await checkPassword(value, rules, context)
      problems.push(...found.map((p) => ({ pointer: `${planned.many ? `/${i}` : ''}/${name}`, rule: p.rule, message: p.message })))
    }
  }
  if (problems.length > 0) throw invalid(problems)
  const calls = await Promise.all(planned.calls.map((call) => sealCall(sealing, passwords, call)))
  return { ...planned, calls }
}

function loginOf(model: Model, entity: Entity, call: Values): string | null {
  if (model.identity?.entity !== entity.name) return null
  const login = call[`value.${model.identity.login}`]
  return typeof login === 'string' ? login : null
}

async function sealCall(sealing: Sealing, passwords: readonly { readonly name: string }[], call: Values): Promise<Values> {
  const sealed: Record<string, Value> = { ...call }
  for (const { name } of passwords) {
    const value = call[`value.${name}`]
    if (typeof value !== 'string' || call[`given.${name}`] !== true) continue
    sealed[`value.${name}`] = await sealing.hashPassword(value)
    // A rule may ask whether a password was sent, never what it is.
    sealed[`input.${name}`] = null
  }
  return sealed
}
