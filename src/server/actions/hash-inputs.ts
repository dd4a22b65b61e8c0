/** Checks the passwords in the input of an action and replaces them by their hashes. */

import { type FieldProblem, invalid } from '../../base/failure.ts'
import type { Value, Values } from '../../base/sql/statement.ts'
import type { Action } from '../../model/action.ts'
import { inputPointer } from '../../model/address/action-address.ts'
import type { FieldType } from '../../model/field-type.ts'
import type { Model } from '../../model/model.ts'
import { checkPassword } from '../../services/identity/passwords/password-rules.ts'
import type { Stack } from '../run/stack.ts'

type Hashing = Pick<Stack, 'model' | 'hashPassword' | 'client' | 'rateLimits'>

interface SentPassword {
  readonly name: string
  readonly pointer: string
  readonly rules: Extract<FieldType, { readonly kind: 'password' }>
  readonly value: string
}

/**
 * The same values with hashes in place of passwords. An action has few inputs, so the number of passwords needs no limit of its own.
 *
 * @throws Failure `validation_failed` for weak passwords; `too_many_requests`, `overloaded`, `client_gone`.
 */
export async function hashInputs(hashing: Hashing, action: Action, values: Values): Promise<Values> {
  const passwords = passwordsIn(action, values)
  if (passwords.length === 0) return values
  const context = { backend: hashing.model.name, login: loginIn(hashing.model, action, values) }
  const problems: FieldProblem[] = []
  for (const { pointer, rules, value } of passwords)
    problems.push(...(await checkPassword(value, rules, context)).map((problem) => ({ pointer, ...problem })))
  if (problems.length > 0) throw invalid(problems)
  if (hashing.client !== undefined) await hashing.rateLimits.take('passwords', hashing.client.key, passwords.length)
  const hashed: Record<string, Value> = { ...values }
  for (const { name, value } of passwords) hashed[`input.${name}`] = await hashing.hashPassword(value, hashing.client)
  return hashed
}

function passwordsIn({ inputs }: Action, values: Values): readonly SentPassword[] {
  return inputs.flatMap(({ name, type, from }): readonly SentPassword[] => {
    const value = values[`input.${name}`]
    if (type.kind !== 'value' || type.type.kind !== 'password' || typeof value !== 'string') return []
    return [{ name, pointer: inputPointer(from), rules: type.type, value }]
  })
}

/** The login in the input, which a password must not resemble; null for none. */
function loginIn({ identity }: Model, { inputs }: Action, values: Values): string | null {
  const isLogin = ({ type }: Action['inputs'][number]) =>
    type.kind === 'value' && type.of?.entity === identity?.entity && type.of?.field === identity?.login
  const value = identity === null ? undefined : values[`input.${inputs.find(isLogin)?.name ?? ''}`]
  return typeof value === 'string' ? value : null
}
