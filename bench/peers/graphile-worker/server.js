/** Creates with a job of Graphile Worker, as its guide says: `add_job` in the transaction, and a worker that NOTIFY wakes. */

import fastify from 'fastify'
import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import pg from 'pg'
import { serve } from '../created.js'

const { DATABASE_URL, WORK } = process.env
const logger = new Logger(() => (level, message) => {
  if (level === 'error') console.error(message)
})

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
const utils = await makeWorkerUtils({ connectionString: DATABASE_URL, logger })
await utils.migrate()
await utils.release()

const ADD = { name: 'add', text: "select graphile_worker.add_job('created', $1::json)" }
const handle = await serve(fastify(), pool, (client, row) => client.query({ ...ADD, values: [JSON.stringify(row)] }))
// Eight jobs at a time, as Plinth runs eight reactions.
if (WORK === 'here')
  await run({ connectionString: DATABASE_URL, concurrency: 8, logger, noHandleSignals: true, taskList: { created: handle } })
