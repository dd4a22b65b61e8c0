/** One of the backends that exchange events, until it is killed. Arguments: name, URL of the database, URL of NATS, port. */

import { createServer } from 'node:http'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { SHORT_TIMES } from '../jobs/desk.ts'
import { MODELS } from './exchange-design.ts'

const [name = '', databaseUrl = '', nats = '', port = ''] = process.argv.slice(2)
const backend = await openBackend({
  model: MODELS[name === 'shop' ? 'shop' : 'billing'](),
  databaseUrl,
  keys: null,
  mode: 'production',
  publicUrl: `http://127.0.0.1:${port}`,
  rateLimits: NO_RATE_LIMITS,
  patience: 10,
  eventLeaseMs: 2_000,
  workerTimes: SHORT_TIMES,
  variables: new Map([['NATS_URL', nats]]),
  observe: (observation) => {
    if (observation.kind === 'broker') process.send?.(observation.of)
  },
})
createServer((request, response) => backend.handle(request, response)).listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
process.on('disconnect', () => process.exit())
