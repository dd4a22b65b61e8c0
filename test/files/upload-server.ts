/** A server with files in a process of its own: `node upload-server.ts DATABASE`, with the settings of files. Prints its address. */

import { readSettings } from '../../src/commands/setup/settings/settings.ts'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { startServer } from '../../src/server/process/server.ts'
import { FILES_SETTINGS, openStorage } from '../../src/services/files/file-settings.ts'
import { modelFrom } from '../support/backend.ts'
import { ARCHIVE } from './upload-memory.ts'

const [databaseUrl = ''] = process.argv.slice(2)
const model = modelFrom(ARCHIVE)
const { files: setting, s3 } = readSettings(process.env, 'development')
const files = await openStorage(model, {
  setting,
  s3,
  named: FILES_SETTINGS,
  mode: 'development',
  cwd: process.cwd(),
  state: process.cwd(),
})
const backend = await openBackend({
  model,
  databaseUrl,
  keys: null,
  mode: 'production',
  publicUrl: 'http://localhost',
  files,
  rateLimits: NO_RATE_LIMITS,
  observe: () => {},
})
const server = await startServer({ host: '127.0.0.1', port: 0, backend })
process.stdout.write(`${server.url}\n`)
