/** Passwords on their way to the database: refused when they are poor, hashed when they are not. */

import { type FieldProblem, invalid } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Value, Values } from '../../base/sql/statement.ts'
import type { Entity, FieldType, Model } from '../../model/model.ts'
import { checkPassword } from '../../services/identity/passwords/password-rules.ts'
import type { Batch, Children, Planned } from '../plan/planning.ts'

export interface Sealing {
  readonly model: Model
  readonly hashPassword: (password: string) => Promise<string>
}

/** The plan with every password in its values replaced by its hash. @throws Failure `validation_failed` for poor passwords, `overloaded`. */
export async function sealPasswords(sealing: Sealing, planned: Planned): Promise<Planned> {
  const batches = [planned, ...(planned.sequel?.children ?? [])]
  const count = batches.reduce((sum, batch) => sum + passwordsOf(batch).length * batch.calls.length, 0)
  if (count === 0) return planned
  if (count > LIMITS.passwords)
    throw invalid([
      { pointer: '', rule: 'maxItems', message: `must hold at most ${LIMITS.passwords} passwords, as each takes a while to hash` },
    ])
  const problems: FieldProblem[] = []
  for (const batch of batches) problems.push(...(await poorPasswords(sealing, batch)))
  if (problems.length > 0) throw invalid(problems)
  const sealed = await sealBatch(sealing, planned)
  if (sealed.sequel === undefined) return sealed
  const children: Children[] = []
  for (const batch of sealed.sequel.children) children.push(await sealBatch(sealing, batch))
  return { ...sealed, sequel: { ...sealed.sequel, children } }
}

interface PasswordField {
  readonly name: string
  readonly rules: Extract<FieldType, { kind: 'password' }>
}

const NONE: readonly PasswordField[] = []

/** The fields of a write that hold passwords. */
function passwordsOf({ plan }: Batch): readonly PasswordField[] {
  if (plan.kind !== 'create' && plan.kind !== 'update') return NONE
  return plan.entity.fields.flatMap((field) => (field.type.kind === 'password' ? [{ name: field.name, rules: field.type }] : []))
}

async function poorPasswords(sealing: Sealing, batch: Batch): Promise<readonly FieldProblem[]> {
  const problems: FieldProblem[] = []
  const passwords = passwordsOf(batch)
  for (const [i, call] of batch.calls.entries()) {
    const context = { backend: sealing.model.name, login: loginOf(sealing.model, batch.plan.entity, call) }
    for (const { name, rules } of passwords) {
      const value = call[`value.${name}`]
      if (typeof value !== 'string' || call[`given.${name}`] !== true) continue
      const found = await checkPassword(value, rules, context)
      problems.push(...found.map((p) => ({ pointer: `${batch.pointers[i] ?? ''}/${name}`, rule: p.rule, message: p.message })))
    }
  }
  return problems
}

/** One password after the other: a request for many users takes one place in the queue of hashes, so those who log in meanwhile have their turn. */
async function sealBatch<B extends Batch>(sealing: Sealing, batch: B): Promise<B> {
  const passwords = passwordsOf(batch)
  if (passwords.length === 0) return batch
  const calls: Values[] = []
  for (const call of batch.calls) calls.push(await sealCall(sealing, passwords, call))
  return { ...batch, calls }
}

function loginOf(model: Model, entity: Entity, call: Values): string | null {
  if (model.identity?.entity !== entity.name) return null
  const login = call[`value.${model.identity.login}`]
  return typeof login === 'string' ? login : null
}

async function sealCall(sealing: Sealing, passwords: readonly PasswordField[], call: Values): Promise<Values> {
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
