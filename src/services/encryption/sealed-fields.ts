/** The encrypted fields of a design, and the functions that encrypt and decrypt their values. */

import { EnvironmentError } from '../../base/environment-error.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import { isSealed } from '../../model/privacy/sealed.ts'
import { ENCRYPTION_SETTING, type EncryptionKeys } from './keys.ts'
import { type BoundTo, digestsOf, type Opened, open, seal } from './seal.ts'

/** An encrypted field. */
export interface SealedField {
  readonly entity: Entity
  readonly field: Field
  /** What its values are bound to. */
  readonly context: string
  readonly equality: boolean
}

/** The encrypted fields of a design, in its order. */
export function sealedFields({ entities }: Model): readonly SealedField[] {
  return entities.flatMap((entity) =>
    entity.fields.flatMap((field) => {
      const { type } = field
      if (!isSealed(field) || type.kind !== 'scalar' || type.boundTo === undefined) return []
      return [{ entity, field, context: type.boundTo, equality: type.scalar === 'encryptedEqual' }]
    }),
  )
}

/** Encrypts and decrypts the values of the encrypted fields of one design. */
export interface FieldCipher {
  readonly seal: (clear: string, to: BoundTo) => string
  /** A value that was encrypted under a former name of the field or the entity is read too. */
  readonly open: (stored: string, to: { readonly context: string; readonly row: string }) => Opened
  readonly digests: (clear: string, context: string) => readonly string[]
  /** The id of the key that encrypts. */
  readonly current: string
}

/** @returns null for a design without encrypted fields. @throws Error when there are such fields and no keys. */
export function openFieldCipher(model: Model, keys: EncryptionKeys | null): FieldCipher | null {
  const sealed = new Map(sealedFields(model).map((one) => [one.context, one]))
  if (sealed.size === 0) return null
  if (keys === null) throw new Error('a design with encrypted fields needs keys')
  const names = new Map([...sealed].map(([context, one]) => [context, contextsOf(one)]))
  return {
    seal: (clear, to) => seal(keys, clear, { ...to, equality: sealed.get(to.context)?.equality ?? false }),
    open: (stored, { context, row }) => open(keys, stored, { contexts: names.get(context) ?? [context], row }),
    digests: (clear, context) => digestsOf(keys, context, clear),
    current: keys[0].id,
  }
}

/** The field, and its former names. */
function contextsOf({ entity, field, context }: SealedField): readonly string[] {
  const entities = [entity.name, ...(entity.was === null ? [] : [entity.was])]
  const fields = [field.name, ...(field.was === null ? [] : [field.was])]
  return [context, ...entities.flatMap((one) => fields.map((other) => `${one}.${other}`)).filter((one) => one !== context)]
}

/** The clear text of a stored value, for commands. @throws EnvironmentError when it cannot be decrypted. */
export function clearText(cipher: FieldCipher, stored: string, to: { readonly context: string; readonly row: string }): string {
  const opened = cipher.open(stored, to)
  if (opened.ok) return opened.clear
  throw new EnvironmentError(
    `${to.context} of ${to.row} cannot be decrypted: ${opened.why}`,
    `set ${ENCRYPTION_SETTING} to all keys with which values were encrypted; plinth keys status counts them`,
  )
}
