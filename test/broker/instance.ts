/**
 * One of the backends that exchange events, until it is killed. Arguments: name, URL of the database, URL of NATS, URLs of the shop and of
 * billing, key.
 */

import { createServer } from 'node:http'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { SHORT_TIMES } from '../jobs/desk.ts'
import { MODELS } from './exchange-design.ts'

const [name = '', databaseUrl = '', nats = '', shop = '', billing = '', key = ''] = process.argv.slice(2)
const url = name === 'shop' ? shop : billing
const backend = await openBackend({
  model: MODELS[name === 'shop' ? 'shop' : 'billing'](),
  databaseUrl,
  keys: readKeys('AUTH_KEYS', key),
  mode: 'production',
  publicUrl: url,
  rateLimits: NO_RATE_LIMITS,
  patience: 10,
  eventLeaseMs: 2_000,
  workerTimes: SHORT_TIMES,
  variables: new Map([
    ['NATS_URL', nats],
    ['SHOP_URL', shop],
    ['BILLING_URL', billing],
  ]),
  observe: (observation) => {
    if (observation.kind === 'broker') process.send?.(observation.of)
  },
})
createServer((request, response) => backend.handle(request, response)).listen(Number(new URL(url).port), '127.0.0.1', () =>
  process.send?.('ready'),
)
process.on('disconnect', () => process.exit())
