/** Loads the signing keys from a setting; in development also from a file of the project, which the first start makes. */

import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import { EnvironmentError } from '../../../base/environment-error.ts'
import { readOrMake } from '../../made-file.ts'
import { readKeys, type SigningKeys } from './keys.ts'

/** The setting that holds the keys. */
const KEYS_SETTING = 'AUTH_KEYS'

/** Where to look for keys. */
export interface KeyPlace {
  /** The value of `AUTH_KEYS`; undefined or empty when it is not set. */
  readonly setting: string | undefined
  readonly mode: 'development' | 'production'
  /** The folder for files of this copy of the project (`.plinth`). */
  readonly folder: string
}

/**
 * Loads the keys of the setting, or in development those of `auth-keys.json` in the folder. A missing file is made, with mode 0600. When
 * several processes start at once, one makes the file and all use it.
 *
 * @throws EnvironmentError when production has no setting, or the setting or the file cannot be used. The error never contains a key.
 */
export async function loadKeys(place: KeyPlace): Promise<SigningKeys> {
  if (place.setting !== undefined && place.setting.trim() !== '') return readKeys(KEYS_SETTING, place.setting)
  if (place.mode === 'production') {
    throw new EnvironmentError(
      `${KEYS_SETTING} is not set; production needs a signing key of its own`,
      `make one with: openssl genpkey -algorithm ed25519, and set ${KEYS_SETTING} to what it prints`,
    )
  }
  const file = join(place.folder, 'auth-keys.json')
  const text = await readOrMake(file, newKey)
  try {
    return readKeys(file, text)
  } catch (error) {
    if (error instanceof EnvironmentError) throw new EnvironmentError(error.message, `delete ${file}; the next start makes a new one`)
    throw error
  }
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  return `${JSON.stringify({ keys: [privateKey.export({ format: 'jwk' })] }, null, 2)}\n`
}
