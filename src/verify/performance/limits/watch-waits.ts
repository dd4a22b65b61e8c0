/** What the sessions of a database wait for while a load runs, seen every 50 ms. */

import type { Connection } from '../../../postgres/connect.ts'

/** What was seen in all looks together. */
export interface SeenWaits {
  readonly looks: number
  /** Looks at which a session waited for a lock of another one. */
  readonly waiting: number
  /** Sessions of the backend that were in use, as a mean, and how many there were at most. */
  readonly inUse: number
  readonly sessions: number
  /** The table of which one row alone was contended, in which part of the looks that saw contended rows; null for none. */
  readonly row: { readonly table: string; readonly part: number } | null
  /** What holds others back: how long its transaction has run in the median, and how often it did nothing in the database. */
  readonly holder: { readonly ms: number; readonly idle: number; readonly looks: number } | null
}

const EVERY_MS = 50
/** From this part of the looks on, waiting limits an operation. */
const WAITING = 0.3

/** Whether sessions waited for one another so often that it limits them. */
export function isWaiting({ looks, waiting }: SeenWaits): boolean {
  return looks > 0 && waiting / looks >= WAITING
}

/** A session of the backend at one moment. */
export interface SessionLook {
  readonly pid: number
  readonly state: string | null
  /** Whether it waits for a lock, and for which sessions. */
  readonly lock: boolean
  readonly blockers: readonly number[]
  /** Milliseconds since its transaction began. */
  readonly ms: number | null
}

/** The sessions of the backend, and the rows that somebody waits for. */
export interface Look {
  readonly sessions: readonly SessionLook[]
  readonly rows: readonly { readonly table: string; readonly place: string }[]
}

const SESSIONS = `select pid, state, wait_event_type is not distinct from 'Lock' as lock,
    (extract(epoch from clock_timestamp() - xact_start) * 1000)::float8 as ms,
    case when wait_event_type = 'Lock' then pg_blocking_pids(pid) else '{}' end as blockers
  from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`

/** Rows for which somebody waits: one waiter has a lock of the row in order to be the next, and the others wait for this lock. */
const ROWS = `select l.relation::regclass::text as "table", l.page || '/' || l.tuple as place from pg_locks l
  where l.locktype = 'tuple' and l.database = (select oid from pg_database where datname = current_database()) group by 1, 2`

/** Looks until the work is done. */
export async function watchWaits<T>(
  client: Connection,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly waits: SeenWaits }> {
  const looks: Look[] = []
  const over = Promise.withResolvers<void>()
  let isOver = false
  const looking = (async () => {
    while (!isOver) {
      const { rows: sessions } = await client.query<SessionLook>(SESSIONS)
      const { rows } = sessions.some(({ lock }) => lock) ? await client.query<{ table: string; place: string }>(ROWS) : { rows: [] }
      if (!isOver) looks.push({ sessions, rows })
      await Promise.race([over.promise, new Promise((resolve) => setTimeout(resolve, EVERY_MS))])
    }
  })()
  try {
    const result = await work()
    return { result, waits: seenIn(looks) }
  } finally {
    isOver = true
    over.resolve()
    await looking
  }
}

/** Sums up looks. Those before the first session was in use, and after the last one was, saw no load. */
export function seenIn(all: readonly Look[]): SeenWaits {
  const used = all.map(({ sessions }) => sessions.filter(({ state }) => state !== null && state !== 'idle').length)
  const [first, end] = [used.findIndex((count) => count > 0), used.findLastIndex((count) => count > 0) + 1]
  const [looks, inUse] = first < 0 ? [all, used] : [all.slice(first, end), used.slice(first, end)]
  const sessions = Math.max(0, ...looks.map((look) => look.sessions.length))
  const seen = looks.filter(({ rows }) => rows.length > 0)
  const alone = seen.flatMap(({ rows }) => (rows.length === 1 ? rows : []))
  const [most] = [...Map.groupBy(alone, ({ table }) => table).values()].toSorted((a, b) => b.length - a.length)
  const holders = looks.flatMap((look) => holdersIn(look.sessions))
  const ms = holders.flatMap((holder) => holder.ms ?? []).toSorted((a, b) => a - b)
  return {
    looks: looks.length,
    waiting: looks.filter((look) => look.sessions.some(({ lock }) => lock)).length,
    inUse: inUse.length === 0 ? 0 : inUse.reduce((sum, count) => sum + count, 0) / inUse.length,
    sessions,
    row: most?.[0] === undefined ? null : { table: most[0].table, part: most.length / seen.length },
    holder:
      ms.length === 0
        ? null
        : {
            ms: ms[Math.floor(ms.length / 2)] ?? 0,
            idle: holders.filter(({ state }) => state === 'idle in transaction').length,
            looks: holders.length,
          },
  }
}

/** The sessions that hold others back and do not wait for a lock themselves. */
function holdersIn(sessions: readonly SessionLook[]): readonly SessionLook[] {
  const blockers = new Set(sessions.flatMap((session) => session.blockers))
  return sessions.filter(({ pid, lock }) => blockers.has(pid) && !lock)
}
