/**
 * A process that runs the jobs of the help desk until it is killed: `node worker-process.ts URL MILLISECONDS TIMES`. Each run of the job
 * `custom` first writes a row of the table `runs`, which stays if the run is cut off, then takes some time, then writes an entry.
 */

import pg from 'pg'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { newPem } from '../identity/instances.ts'
import { PATIENCE } from '../support/patience.ts'
import { deskModel, SHORT_TIMES } from './desk.ts'

const [url = '', takesMs = '100', times = 'short'] = process.argv.slice(2)

const client = new pg.Pool({ connectionString: url })

// A job may be cut off again and again.
const model = deskModel(
  async (ctx) => {
    await client.query('insert into runs values ($1, $2, $3, clock_timestamp())', [ctx.job.id, ctx.job.attempt, process.pid])
    await new Promise((resolve) => setTimeout(resolve, Number(takesMs)))
    await ctx.db.system.Entry.create({ text: ctx.job.id })
  },
  { retry: { attempts: 100 } },
)

await openBackend({
  model,
  databaseUrl: url,
  keys: readKeys('AUTH_KEYS', newPem()),
  mode: 'production',
  publicUrl: 'http://localhost',
  rateLimits: NO_RATE_LIMITS,
  observe: () => {},
  patience: PATIENCE,
  jobConcurrency: 4,
  ...(times === 'short' ? { workerTimes: SHORT_TIMES } : {}),
})
process.stdout.write('ready\n')
