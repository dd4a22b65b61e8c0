/** Two backends of one design on one database, like instances behind a load balancer, and callers who use both. */

import { readKeys } from '../../../src/services/identity/tokens/keys.ts'
import { newPem } from '../../identity/instances.ts'
import type { Answered, Ends, TestBackend } from '../../support/backend.ts'
import { openDesign, type Person } from '../action-world.ts'

/** Two backends on one database. */
export interface Instances {
  readonly sql: TestBackend['sql']
  /** Sends a POST to the backend with this number. */
  readonly act: (instance: number, person: Person | undefined, path: string, body?: unknown) => Promise<Answered>
  /** Inserts accounts in one statement, `columns` as SQL of the number `i` from 1, and signs each of them in. */
  readonly people: (table: string, count: number, columns: Readonly<Record<string, string>>) => Promise<readonly Person[]>
  /** Inserts rows in one statement, `columns` as SQL of the number `i` from 1; returns their ids. */
  readonly rows: (table: string, count: number, columns: Readonly<Record<string, string>>) => Promise<readonly string[]>
}

/** Starts two backends of a design in the folder `designs`. */
export async function openInstances(ends: Ends, file: string): Promise<Instances> {
  const keys = readKeys('AUTH_KEYS', newPem())
  const first = await openDesign(ends, file, { keys })
  const second = await openDesign(ends, file, { keys, databaseUrl: first.databaseUrl })
  const backends = [first, second] as const
  const rows: Instances['rows'] = async (table, count, columns) => {
    const names = [...Object.keys(columns), 'id', 'created_at', 'updated_at', 'version'].join(', ')
    const values = [...Object.values(columns), 'gen_random_uuid()', 'now()', 'now()', '1'].join(', ')
    const made = await first.sql(`insert into ${table} (${names}) select ${values} from generate_series(1, ${count}) i returning id`)
    return made.map(({ id }) => String(id))
  }
  return {
    sql: first.sql,
    act: (instance, person, path, body) =>
      (backends[instance % 2] ?? first).ask('POST', `/api/${path}`, { token: person?.token, body: body ?? undefined }),
    rows,
    people: async (table, count, columns) =>
      Promise.all((await rows(table, count, { password: "'x'", ...columns })).map(async (id) => ({ id, token: await first.tokenFor(id) }))),
  }
}
