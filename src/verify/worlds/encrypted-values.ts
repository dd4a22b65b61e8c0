/** Encrypted fields in the database of a run: rows are inserted with encrypted values, and read with clear ones. */

import { randomBytes } from 'node:crypto'
import type { Entity, Field } from '../../model/model.ts'
import { readEncryptionKeys } from '../../services/encryption/keys.ts'
import { keyOfStored, open, seal } from '../../services/encryption/seal.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'

/** The setting `ENCRYPTION_KEYS` of all backends of a run: they serve the same rows. */
export const SAMPLE_ENCRYPTION_KEYS = `verify:${randomBytes(32).toString('base64')}`

const KEYS = readEncryptionKeys('ENCRYPTION_KEYS', SAMPLE_ENCRYPTION_KEYS)

/** The value of a field as the database of a run has it. */
export function storedValue({ type }: Field, row: PlainRow, value: PlainValue): PlainValue {
  if (type.kind !== 'scalar' || type.boundTo === undefined || typeof value !== 'string') return value
  return seal(KEYS, value, { context: type.boundTo, row: String(row.id), equality: type.scalar === 'encryptedEqual' })
}

/**
 * A row with the clear text of its encrypted fields. A value that is stored in clear text, or that is bound to something else, becomes a
 * text that says so: no row of the reference has it, so the case fails in which it was written.
 */
export function clearRow({ fields }: Entity, row: PlainRow): PlainRow {
  return Object.fromEntries(fields.map((field) => [field.name, clearValue(field, row, row[field.name] ?? null)]))
}

function clearValue({ type }: Field, row: PlainRow, value: PlainValue): PlainValue {
  if (type.kind !== 'scalar' || type.boundTo === undefined || typeof value !== 'string') return value
  if (keyOfStored(value) === null) return `(not encrypted) ${value}`
  const opened = open(KEYS, value, { contexts: [type.boundTo], row: String(row.id) })
  return opened.ok ? opened.clear : `(not readable) ${opened.why}`
}
