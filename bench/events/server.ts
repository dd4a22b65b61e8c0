/** The server of the measurement of events. Arguments: URL, port, `here` or `elsewhere`. Tells its parent when each row was handled. */

import { createServer } from 'node:http'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { eventsModel } from './model.ts'

const [databaseUrl = '', port = '', work = ''] = process.argv.slice(2)
const handled: (readonly [likes: number, at: number])[] = []
let count = 0
const backend = await openBackend({
  model: eventsModel((likes) => {
    count++
    if (likes > 0) handled.push([likes, performance.timeOrigin + performance.now()])
  }),
  databaseUrl,
  keys: null,
  mode: 'production',
  publicUrl: 'http://localhost',
  rateLimits: NO_RATE_LIMITS,
  work: work === 'here' ? 'here' : 'elsewhere',
  observe: () => {},
})
createServer((request, response) => backend.handle(request, response)).listen(Number(port), '127.0.0.1', () =>
  process.send?.({ kind: 'ready' }),
)
process.on('message', () => process.send?.({ kind: 'handled', handled: handled.splice(0), count }))
process.on('disconnect', () => process.exit())
