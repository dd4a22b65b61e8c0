/** Creates with a job of pg-boss, as its guide says: `send` with the client of the transaction, and a worker that NOTIFY wakes. */

import fastify from 'fastify'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { serve } from '../created.js'

const { DATABASE_URL, WORK } = process.env
const QUEUE = 'created'

const boss = new PgBoss({ connectionString: DATABASE_URL, useListenNotify: true })
boss.on('error', console.error)
await boss.start()
await boss.createQueue(QUEUE, { notify: true })

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 })
const add = (client, row) => boss.send(QUEUE, row, { db: { executeSql: (text, values) => client.query(text, values) } })
const handle = await serve(fastify(), pool, add)
if (WORK === 'here') {
  // Eight workers, as Plinth runs eight reactions. Full batches are followed by the next one at once.
  const options = { localConcurrency: 8, batchSize: 50, burstWhenBatchFull: true }
  await boss.work(QUEUE, options, async (jobs) => {
    for (const { data } of jobs) handle(data)
  })
}
