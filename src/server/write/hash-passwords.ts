/** Checks the passwords of a planned write and replaces them by their hashes. */

import { type FieldProblem, invalid } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Value, Values } from '../../base/sql/statement.ts'
import type { MaybePromise } from '../../base/waiting/when-ready.ts'
import type { WritePlan } from '../../compile/statements/plan.ts'
import { type Caller, claimOf } from '../../model/caller.ts'
import type { FieldType } from '../../model/field-type.ts'
import type { Entity, Model } from '../../model/model.ts'
import { checkPassword } from '../../services/identity/passwords/password-rules.ts'
import type { Batch, Children, PlannedWrite } from '../plan/planning.ts'
import type { Stack } from '../run/stack.ts'

type Hashing = Pick<Stack, 'model' | 'hashPassword' | 'client' | 'rateLimits' | 'identity'>

/** Whose password a write may set. */
export interface Owner {
  readonly caller: Caller
  /** The login of the account, where the request names the account by it. */
  readonly login?: string
}

/**
 * The same write with hashes in place of passwords.
 *
 * @throws Failure `validation_failed` for weak passwords and for more than `LIMITS.passwords` of them; `too_many_requests`,
 * `overloaded`, `client_gone`.
 */
export function hashPasswords(hashing: Hashing, owner: Owner, planned: PlannedWrite): MaybePromise<PlannedWrite> {
  const batches: readonly Batch<WritePlan>[] = [planned, ...(planned.sequel?.children ?? [])]
  const count = batches.reduce((sum, batch) => sum + passwordsOf(batch).length * batch.calls.length, 0)
  return count === 0 ? planned : hashAll(hashing, owner, { planned, batches, count })
}

interface Hashed {
  readonly planned: PlannedWrite
  /** All batches of the write. */
  readonly batches: readonly Batch<WritePlan>[]
  /** The number of passwords in them. */
  readonly count: number
}

async function hashAll(hashing: Hashing, owner: Owner, { planned, batches, count }: Hashed): Promise<PlannedWrite> {
  if (count > LIMITS.passwords)
    throw invalid([
      {
        pointer: '',
        rule: 'maxItems',
        message: `must hold at most ${LIMITS.passwords} passwords, as each takes a while to hash`,
        limit: LIMITS.passwords,
      },
    ])
  const problems: FieldProblem[] = []
  for (const batch of batches) problems.push(...(await weakPasswords(hashing, owner, batch)))
  if (problems.length > 0) throw invalid(problems)
  if (hashing.client !== undefined) await hashing.rateLimits.take('passwords', hashing.client.key, count)
  const hashed = await hashBatch(hashing, planned)
  if (hashed.sequel === undefined) return hashed
  const children: Children[] = []
  for (const batch of hashed.sequel.children) children.push(await hashBatch(hashing, batch))
  return { ...hashed, sequel: { ...hashed.sequel, children } }
}

interface PasswordField {
  readonly name: string
  readonly rules: Extract<FieldType, { kind: 'password' }>
}

const NONE: readonly PasswordField[] = []

/** The fields of a write that hold passwords. */
function passwordsOf({ plan }: Batch<WritePlan>): readonly PasswordField[] {
  if (plan.kind === 'delete') return NONE
  return plan.entity.fields.flatMap((field) => (field.type.kind === 'password' ? [{ name: field.name, rules: field.type }] : []))
}

async function weakPasswords(hashing: Hashing, owner: Owner, batch: Batch<WritePlan>): Promise<readonly FieldProblem[]> {
  const problems: FieldProblem[] = []
  const passwords = passwordsOf(batch)
  for (const [i, call] of batch.calls.entries()) {
    const login = sentLogin(hashing.model, batch.plan.entity, call)
    for (const { name, rules } of passwords) {
      const value = call[`value.${name}`]
      if (typeof value !== 'string' || call[`given.${name}`] !== true) continue
      const context = { backend: hashing.model.name, login: login ?? (await ownLogin(hashing, owner, { batch, call })) }
      const found = await checkPassword(value, rules, context)
      problems.push(...found.map((problem) => ({ pointer: `${batch.pointers[i] ?? ''}/${name}`, ...problem })))
    }
  }
  return problems
}

/**
 * Hashes one password after the other. So a request with many passwords takes one place in the queue of hashes, and logins need not wait
 * for all of them.
 */
async function hashBatch<B extends Batch<WritePlan>>(hashing: Hashing, batch: B): Promise<B> {
  const passwords = passwordsOf(batch)
  if (passwords.length === 0) return batch
  const calls: Values[] = []
  for (const call of batch.calls) calls.push(await hashCall(hashing, passwords, call))
  return { ...batch, calls }
}

/**
 * The login of an account whose password its owner changes, and not the login; null for any other write. Of another account, the refusal
 * would tell the caller a login that it may not read.
 */
async function ownLogin({ model, identity }: Hashing, { caller, login }: Owner, { batch, call }: OneCall): Promise<string | null> {
  if (login !== undefined) return login
  const { plan } = batch
  const own = claimOf(caller, 'id')
  if (identity === null || own === null || plan.kind !== 'update' || model.identity?.entity !== plan.entity.name) return null
  // An upsert by another key may be about the own account. A refusal for the caller's own login tells nobody anything.
  const id = call.id ?? null
  return id === null || String(id) === String(own) ? identity.loginOf(String(own)) : null
}

interface OneCall {
  readonly batch: Batch<WritePlan>
  readonly call: Values
}

/** The login that a write holds; null for none. */
function sentLogin(model: Model, entity: Entity, call: Values): string | null {
  if (model.identity?.entity !== entity.name) return null
  const login = call[`value.${model.identity.login}`]
  return typeof login === 'string' ? login : null
}

async function hashCall(hashing: Hashing, passwords: readonly PasswordField[], call: Values): Promise<Values> {
  const hashed: Record<string, Value> = { ...call }
  for (const { name } of passwords) {
    const value = call[`value.${name}`]
    if (typeof value !== 'string' || call[`given.${name}`] !== true) continue
    hashed[`value.${name}`] = await hashing.hashPassword(value, hashing.client)
    // A rule may test whether a password was sent, but never reads it.
    hashed[`input.${name}`] = null
  }
  return hashed
}
