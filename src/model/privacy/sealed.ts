/** Fields whose values no expression, event or message has. */

import { type Field, isToken } from '../model.ts'
import { isEncrypted } from '../scalar.ts'

/** Whether the database has the values of the field encrypted. */
export function isSealed({ type }: Pick<Field, 'type'>): boolean {
  return type.kind === 'scalar' && isEncrypted(type.scalar)
}

/** Whether no event, message or input of a hook in an action has the field: passwords, tokens and encrypted texts. */
export function isSecretField(field: Pick<Field, 'type' | 'default'>): boolean {
  return field.type.kind === 'password' || isToken(field) || isSealed(field)
}
