/** A server with files in a process of its own: `node upload-server.ts DATABASE FOLDER`. Prints its address. */

import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { startServer } from '../../src/server/process/server.ts'
import { openDiskStorage } from '../../src/services/files/disk-storage.ts'
import { modelFrom } from '../support/backend.ts'
import { ARCHIVE } from './upload-memory.ts'

const [databaseUrl = '', folder = ''] = process.argv.slice(2)
const backend = await openBackend({
  model: modelFrom(ARCHIVE),
  databaseUrl,
  keys: null,
  mode: 'production',
  publicUrl: 'http://localhost',
  files: openDiskStorage(folder),
  rateLimits: NO_RATE_LIMITS,
  observe: () => {},
})
const server = await startServer({ host: '127.0.0.1', port: 0, backend })
process.stdout.write(`${server.url}\n`)
