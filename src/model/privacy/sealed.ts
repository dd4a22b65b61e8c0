/** Fields whose values no expression, event or message has. */

import { type Field, isToken, type Model } from '../model.ts'
import { isEncrypted } from '../scalar.ts'

/** Whether the database has the values of the field encrypted. */
export function isSealed({ type }: Pick<Field, 'type'>): boolean {
  return type.kind === 'scalar' && isEncrypted(type.scalar)
}

/** Whether a design has such fields, so that its backend needs keys. */
export function hasEncryptedFields({ entities }: Pick<Model, 'entities'>): boolean {
  return entities.some(({ fields }) => fields.some(isSealed))
}

/** Whether no event, message or input of a hook in an action has the field: passwords, tokens and encrypted texts. */
export function isSecretField(field: Pick<Field, 'type' | 'default'>): boolean {
  return field.type.kind === 'password' || isToken(field) || isSealed(field)
}
