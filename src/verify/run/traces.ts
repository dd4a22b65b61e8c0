/** What the writes of a backend leave in the schema `plinth`: events, jobs, mails, files, kept answers and counters. */

import type { Connection } from '../../postgres/connect.ts'
import { quoted } from '../../postgres/schema/ddl.ts'
import type { Traces } from '../cases/probe.ts'

/** Tables that change with time, with requests that only read, or with signing in. */
const RESTLESS: ReadonlySet<string> = new Set([
  ...['sessions', 'login_attempts', 'workers', 'schedule_times', 'event_consumers', 'broker_receivers'],
])

const TABLES = `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'plinth' and c.relkind in ('r', 'p') and not c.relispartition order by 1`

/** The tables of a database do not change during a run. */
const tablesOf = new WeakMap<Connection, readonly string[]>()

/** What is read of a table in place of its number of rows: values of counters, and files that are not about to be removed. */
const READ: Readonly<Record<string, string>> = {
  counters: "coalesce(string_agg(t::text, ' ' order by t::text), '')",
  files: "(count(*) filter (where t.state not in ('removed', 'deleting')))::text",
}

/** Counts the rows of each table; of the counters, it reads the values. */
export async function readTraces(client: Connection): Promise<Traces> {
  const tables =
    tablesOf.get(client) ??
    (await client.query<{ name: string }>(TABLES)).rows.map(({ name }) => name).filter((name) => !RESTLESS.has(name))
  tablesOf.set(client, tables)
  if (tables.length === 0) return {}
  const parts = tables.map((name) => {
    return `(select ${READ[name] ?? 'count(*)::text'} from plinth.${quoted(name)} t) as ${quoted(name)}`
  })
  const { rows } = await client.query<Record<string, string>>(`select ${parts.join(', ')}`)
  return rows[0] ?? {}
}
