/** The backend of the figures, in a process of its own. It tells its port. */

import { openBackend } from '../../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../../src/server/http/rate-limits.ts'
import { startServer } from '../../../src/server/process/server.ts'
import { figureModel } from './figure-design.ts'

const { DATABASE_URL = '', UPSTREAM_URL = '', PAUSE = '10s' } = process.env
const backend = await openBackend({
  model: figureModel(PAUSE),
  databaseUrl: DATABASE_URL,
  keys: null,
  mode: 'production',
  publicUrl: 'http://localhost:3000',
  rateLimits: NO_RATE_LIMITS,
  variables: new Map(['guarded', 'steady', 'unsafe'].map((name) => [`${name.toUpperCase()}_URL`, `${UPSTREAM_URL}/${name}`])),
  observe: (one) => {
    if (one.kind === 'service' && one.of.kind === 'breaker' && one.of.service === 'guarded') process.send?.({ breaker: one.of.state })
    if (one.kind === 'defect') console.error(one.error)
  },
})
const server = await startServer({ backend, host: '127.0.0.1', port: 0 })
process.send?.({ url: server.url })
process.on('disconnect', () => process.exit(0))
