/**
 * A client of the database of a test that ends before the database is dropped. What a test leaves for its end runs in the order in which it
 * was added, and a client whose connection the drop has closed may wait for its end for ever.
 */

import pg from 'pg'
import type { Ends } from './backend.ts'

/** Connects the client. Call it once. */
export type ConnectEarlyClient = (url: string) => Promise<pg.Client>

/** Adds the end of the client, before the backend of the test is opened. */
export function earlyClient(t: Ends): ConnectEarlyClient {
  let client: pg.Client | null = null
  t.after(() => client?.end())
  return async (url) => {
    client = new pg.Client({ connectionString: url, application_name: 'other' })
    await client.connect()
    return client
  }
}
