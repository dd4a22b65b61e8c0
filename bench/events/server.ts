/** Plinth in the measurement of events. Settings: DATABASE_URL, HOST, PORT, and WORK (`here` or `off`). */

import { createServer } from 'node:http'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { eventsModel } from './model.ts'

const { DATABASE_URL: databaseUrl = '', HOST: host = '', PORT: port = '', WORK: work = '' } = process.env
let handled: (readonly [likes: number, at: number])[] = []
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
createServer((request, response) => {
  if (request.url !== '/handled') return backend.handle(request, response)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ count, handled }))
  handled = []
}).listen(Number(port), host)
