/**
 * Two ways to use the database: a pool, with one statement at a time on each connection; or pipelines, where statements follow each other
 * without waiting.
 */

import pg from 'pg'

/** Columns stay text as received: most of it is JSON that goes to the client unchanged. */
const types = { getTypeParser: () => (value) => value }

/**
 * @param {{ url: string, mode: 'pool' | 'pipeline', connections: number }} options
 * @returns {Promise<(statement: { name: string, text: string }, values: unknown[]) => Promise<(string | null)[][]>>}
 */
export async function openDatabase({ url, mode, connections }) {
  const send = mode === 'pool' ? pool(url, connections) : await pipelines(url, connections)
  return async ({ name, text }, values) => (await send({ name, text, values, rowMode: 'array', types })).rows
}

function pool(url, connections) {
  const clients = new pg.Pool({ connectionString: url, max: connections, min: connections, idleTimeoutMillis: 0 })
  clients.on('error', () => {})
  return (query) => clients.query(query)
}

async function pipelines(url, connections) {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: url, pipeline: true })
      await client.connect()
      return client
    }),
  )
  let turn = 0
  return (query) => {
    turn = (turn + 1) % clients.length
    return clients[turn].query(query)
  }
}
