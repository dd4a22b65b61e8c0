/** The settings that say where files are. */

import { join, resolve } from 'node:path'
import { EnvironmentError } from '../../base/environment-error.ts'
import { hasFiles } from '../../model/files/file-fields.ts'
import type { Model } from '../../model/model.ts'
import { requireImages } from './image-sizes.ts'
import { bucketProblem, endpointProblem, isS3, regionProblem, type S3Names, type S3Settings, s3PlaceOf, switchProblem } from './s3-place.ts'
import type { FileStorage } from './storage.ts'

/** The problem of a value, as the end of a sentence that begins with its name; null for a valid one. */
function filesProblem(text: string): string | null {
  if (isS3(text)) return bucketProblem(text)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return 'is neither a folder nor an address such as s3://bucket/prefix'
  return text.trim() === '' ? 'is empty' : null
}

/** What decides about the storage. */
export interface StorageChoice {
  /** The setting: a folder, or `s3://bucket/prefix`; null for none. */
  readonly setting: string | null
  readonly s3: S3Settings
  /** The names of the settings, for errors. */
  readonly named: S3Names
  readonly mode: 'development' | 'production'
  /** The folder that a relative path starts from. */
  readonly cwd: string
  /** The folder of the project's state, in which files are in development. */
  readonly state: string
}

/**
 * Opens and checks the storage of the files of a design; null for a design without files. The code of a storage is loaded only here.
 *
 * @throws EnvironmentError for a storage that cannot be used, and in production when a design has files and there is no setting.
 */
export async function openStorage(model: Model, { setting, s3, named, mode, cwd, state }: StorageChoice): Promise<FileStorage | null> {
  if (!hasFiles(model)) return null
  await requireImages(model)
  if (setting === null && mode === 'production') throw new EnvironmentError(`${named.files} is not set, and the design has files`, HINT)
  const problem = setting === null ? null : filesProblem(setting)
  if (problem !== null) throw new EnvironmentError(`${named.files} ${problem}`, HINT)
  const storage = await open(setting, { s3, named, cwd, state })
  try {
    await storage.check()
  } catch (error) {
    storage.close()
    throw error
  }
  return storage
}

const HINT = 'set the folder in which files are stored, or a bucket: s3://bucket/prefix'

async function open(setting: string | null, { s3, named, cwd, state }: Omit<StorageChoice, 'setting' | 'mode'>): Promise<FileStorage> {
  if (setting !== null && isS3(setting)) {
    const place = s3PlaceOf(setting, s3, named)
    const { openS3Storage } = await import('./s3-storage.ts')
    return openS3Storage(place)
  }
  const { openDiskStorage } = await import('./disk-storage.ts')
  return openDiskStorage(setting === null ? join(state, 'files') : resolve(cwd, setting))
}

/** The names of the settings in the environment. */
export const FILES_SETTINGS: S3Names = {
  files: 'FILES',
  endpoint: 'FILES_ENDPOINT',
  region: 'FILES_REGION',
  accessKey: 'FILES_ACCESS_KEY',
  secretKey: 'FILES_SECRET_KEY',
  pathStyle: 'FILES_PATH_STYLE',
}

/** What the table of settings says about them, by name. */
export const FILE_SETTING_FACTS = {
  FILES: {
    meaning:
      'The folder in which files of rows are stored, or a bucket of an S3-compatible storage: `s3://bucket/prefix`. Required in production ' +
      'if the design has files. Unset in development: `.plinth/files`.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    type: { name: 'folder, s3://bucket', problem: filesProblem },
  },
  FILES_ACCESS_KEY: {
    meaning: 'The id of the key for the bucket of `FILES`. Required with a bucket.',
    default: { development: null, production: null },
    required: false,
    secret: true,
    type: { name: 'text', problem: () => null },
  },
  FILES_SECRET_KEY: {
    meaning: 'The secret of this key, which signs requests and is never sent. Required with a bucket.',
    default: { development: null, production: null },
    required: false,
    secret: true,
    type: { name: 'text', problem: () => null },
  },
  FILES_REGION: {
    meaning: 'The region of the bucket: `eu-central-1`. Required with a bucket of AWS; with `FILES_ENDPOINT`, `us-east-1` unless given.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    type: { name: 'text', problem: regionProblem },
  },
  FILES_ENDPOINT: {
    meaning: 'The address of an S3-compatible server: `https://minio.example.com:9000`. Unset: AWS.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    type: { name: 'URL', problem: endpointProblem },
  },
  FILES_PATH_STYLE: {
    meaning:
      'Whether the bucket is in the path of addresses (`on`) or in their host (`off`). Unset: `on` with `FILES_ENDPOINT`, else `off`.',
    default: { development: null, production: null },
    required: false,
    secret: false,
    type: { name: 'on, off', problem: switchProblem },
  },
} as const

/** The settings of a bucket. */
export function s3Of(values: ReadonlyMap<string, string>): S3Settings {
  return {
    endpoint: values.get('FILES_ENDPOINT') ?? null,
    region: values.get('FILES_REGION') ?? null,
    accessKey: values.get('FILES_ACCESS_KEY') ?? null,
    secretKey: values.get('FILES_SECRET_KEY') ?? null,
    pathStyle: values.get('FILES_PATH_STYLE') ?? null,
  }
}
