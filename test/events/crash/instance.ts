/** One instance of a crash test: serves the design at a port and runs its reactions, until it is killed. Arguments: URL, port, lease. */

import { createServer } from 'node:http'
import { openBackend } from '../../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../../src/server/http/rate-limits.ts'
import { crashModel } from './crash-design.ts'

const [databaseUrl = '', port = '', leaseMs = ''] = process.argv.slice(2)
const backend = await openBackend({
  model: crashModel(),
  databaseUrl,
  keys: null,
  mode: 'production',
  publicUrl: `http://127.0.0.1:${port}`,
  rateLimits: NO_RATE_LIMITS,
  patience: 10,
  eventLeaseMs: Number(leaseMs),
  observe: () => {},
})
createServer((request, response) => backend.handle(request, response)).listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
process.on('disconnect', () => process.exit())
