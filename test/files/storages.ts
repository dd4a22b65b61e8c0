/** The storages of files that tests run on: a folder, and a bucket of an S3 server that the test starts. */

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openDiskStorage } from '../../src/services/files/disk-storage.ts'
import { FILES_SETTINGS } from '../../src/services/files/file-settings.ts'
import { s3PlaceOf } from '../../src/services/files/s3-place.ts'
import { openS3Storage } from '../../src/services/files/s3-storage.ts'
import type { FileStorage } from '../../src/services/files/storage.ts'
import type { Ends } from '../support/backend.ts'
import { BUCKET, startS3 } from './s3/server.ts'
import { KEY, REGION } from './s3/signature.ts'

/** A storage for one test. */
export interface Place {
  readonly kind: Kind
  readonly storage: FileStorage
  /** What is stored now: files, and what uploads have stored that have not ended. */
  readonly left: () => Promise<readonly string[]>
  /** Makes the storage fail from now on. */
  readonly breakDown: () => Promise<void>
  /** The settings with which another process opens the same storage. */
  readonly environment: Readonly<Record<string, string>>
}

/** The kinds of storages. */
export const KINDS = ['disk', 's3'] as const
export type Kind = (typeof KINDS)[number]

/** Defines a test for each kind of storage. */
export function onEach(name: string, work: (t: TestContext, place: Place) => Promise<void>): void {
  for (const kind of KINDS) test(`${name} (${kind})`, async (t) => work(t, await openPlace(t, kind)))
}

/** Opens a storage that is removed after the test. */
async function openPlace(t: Ends, kind: Kind): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-files-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return kind === 'disk' ? onDisk(folder) : onS3(t, folder)
}

function onDisk(folder: string): Place {
  return {
    kind: 'disk',
    storage: openDiskStorage(folder),
    async left() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
    },
    async breakDown() {
      await rm(folder, { recursive: true })
      await writeFile(folder, 'no folder')
    },
    environment: { FILES: folder },
  }
}

const PREFIX = 'photos/of-tests'

async function onS3(t: Ends, folder: string): Promise<Place> {
  const server = await startS3(folder)
  t.after(() => server.close())
  const files = `s3://${BUCKET}/${PREFIX}`
  const settings = { endpoint: server.url, region: REGION, accessKey: KEY.id, secretKey: KEY.secret, pathStyle: null }
  const storage = await openS3Storage(s3PlaceOf(files, settings, FILES_SETTINGS))
  t.after(() => storage.close())
  return {
    kind: 's3',
    storage,
    left: async () => [...(await server.objects.list('')), ...server.objects.uploads('').map(({ id, key }) => `${key} ${id}`)],
    async breakDown() {
      server.fail('InternalError')
    },
    environment: {
      ...{ FILES: files, FILES_ENDPOINT: server.url, FILES_REGION: REGION },
      ...{ FILES_ACCESS_KEY: KEY.id, FILES_SECRET_KEY: KEY.secret },
    },
  }
}
