/** Loads the keys of encrypted fields from a setting; in development also from a file of the project, which the first start makes. */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import type { Model } from '../../model/model.ts'
import { readOrMake } from '../made-file.ts'
import { ENCRYPTION_SETTING, type EncryptionKeys, readEncryptionKeys } from './keys.ts'
import { sealedFields } from './sealed-fields.ts'

/** Where to look for keys. */
export interface EncryptionKeyPlace {
  /** The value of `ENCRYPTION_KEYS`; undefined or empty when it is not set. */
  readonly setting: string | undefined
  /** The setting or the option, as errors name it. */
  readonly named?: string
  readonly mode: 'development' | 'production'
  /** The folder for files of this copy of the project (`.plinth`). */
  readonly folder: string
}

/**
 * Loads the keys of the setting, or in development those of `encryption-keys` in the folder. Null for a design without encrypted fields.
 *
 * @throws EnvironmentError when production has no setting, or the setting or the file cannot be used. It never contains a key.
 */
export async function loadEncryptionKeys(model: Model, place: EncryptionKeyPlace): Promise<EncryptionKeys | null> {
  const [field] = sealedFields(model)
  if (field === undefined) return null
  const { named = ENCRYPTION_SETTING } = place
  if (place.setting !== undefined && place.setting.trim() !== '') return readEncryptionKeys(named, place.setting)
  if (place.mode === 'production')
    throw new EnvironmentError(
      `${named} is not set, and ${field.context} is encrypted`,
      'set it to id:key, with a key of: openssl rand -base64 32',
    )
  const file = join(place.folder, 'encryption-keys')
  return readEncryptionKeys(file, await readOrMake(file, () => `development:${randomBytes(32).toString('base64')}\n`))
}
