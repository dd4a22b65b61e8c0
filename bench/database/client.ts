/** A connection for what a benchmark does outside of the servers: making rows, and checking them. */

import pg from 'pg'

/** Runs a statement and returns its rows. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>

/** Lends a connection to a database, and returns what the work returns. */
export async function withClient<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(async (text, values = []) => (await client.query(text, [...values])).rows)
  } finally {
    await client.end()
  }
}
