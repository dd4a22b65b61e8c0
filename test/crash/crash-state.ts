/** What the database holds of an operation, and what must hold when nothing waits any more. */

import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { processorWait } from '../support/processor-wait.ts'

/** The rows, jobs and events of one tag, as text: two states are equal if the texts are. */
export async function stateOf(client: pg.Client, tag: string): Promise<string> {
  const { rows } = await client.query<{ state: string }>(STATE, [tag])
  return rows[0]?.state ?? ''
}

/** A job and its note count as one, because the end of a job is in the transaction of its writes. */
const STATE = `select json_build_object(
  'things', (select count(*) from things where tag = $1), 'n', (select sum(n) from things where tag = $1),
  'codes', (select count(code) from things where tag = $1),
  'parts', (select count(*) from parts where tag = $1), 'hooked', (select sum(n) from hookeds where tag = $1),
  'accounts', (select count(*) from users where tag = $1),
  'jobs', (select count(*) from plinth.jobs where payload::jsonb ->> 'tag' = $1) + (select count(*) from notes where tag = $1)
    + (select count(*) from plinth.dead_jobs where payload::jsonb ->> 'tag' = $1),
  'events', (select json_object_agg(name, times) from (select entity || '.' || happening as name, count(*) as times
    from plinth.events where coalesce(after, before) ->> 'tag' = $1 group by 1 order by 1) e))::text as state`

/** Waits until the sessions of a process that was killed have ended: what they were doing is then committed or rolled back. */
export async function sessionsEnded(client: pg.Client): Promise<void> {
  const look = async (): Promise<boolean> => {
    const { rows } = await client.query<{ left: number }>(
      "select count(*)::int as left from pg_stat_activity where datname = current_database() and application_name like 'plinth%'",
    )
    return rows[0]?.left === 0
  }
  await until('the sessions of the killed process have ended', look)
}

/**
 * Waits until all events are delivered, all jobs are done and all mails are sent, or until `isOver`. Pauses and holds count as over.
 */
export async function settled(client: pg.Client, isOver: () => boolean = () => false): Promise<void> {
  await until('everything that follows has happened', async () => {
    if (isOver()) return true
    await client.query(ALL_DUE)
    await client.query('update plinth.mails set held_until = now() where held_until > now()')
    const { rows } = await client.query<{ left: number }>(LEFT)
    return rows[0]?.left === 0
  })
}

/** Without the rows that the process is changing: to wait for several of them, in another order than the process has, may be a deadlock. */
const ALL_DUE = `update plinth.event_waiting set run_at = now() where ctid in (
    select ctid from plinth.event_waiting where not dead and run_at > now() for update skip locked)`

const LEFT = `select ((select count(*) from plinth.jobs) + (select count(*) from plinth.event_waiting where not dead)
  + (select count(*) from users u where not exists (
      select from plinth.mails m where m.sent and m.recipient = sha256(lower(u.email)::bytea)))
  + (select count(*) from plinth.events e where e.entity = 'Thing' and e.happening <> 'built' and not exists (
      select from deliveries d where d.event = e.id::text))
  + (select count(*) from plinth.events e where e.happening = 'built' and not exists (
      select from notes n where n.tag = (e.after ->> 'tag') || ' built')))::int as left`

/** What is wrong when nothing waits any more; empty when nothing is. `mailed`: the addresses that got a mail. */
export async function violations(client: pg.Client, mailed: ReadonlySet<string>): Promise<readonly string[]> {
  const { rows } = await client.query<{ what: string }>(WRONG)
  const { rows: users } = await client.query<{ email: string }>('select email from users')
  const addresses = new Set(users.map(({ email }) => email))
  return [
    ...rows.map(({ what }) => what),
    ...[...addresses].filter((email) => !mailed.has(email)).map((email) => `${email} got no mail`),
    ...[...mailed].filter((email) => !addresses.has(email)).map((email) => `${email} got a mail and has no account`),
  ]
}

const WRONG = `
  select 'number ' || number || ' is used twice' as what from things group by number having count(*) > 1
  union all select 'thing ' || t.tag || ' has no event' from things t where not exists (
    select from plinth.events e where e.entity = 'Thing' and e.happening = 'created' and e.row_id = t.id::text)
  union all select 'thing ' || t.tag || ' has not an event for each version' from things t where t.version <> (
    select count(*) from plinth.events e where e.entity = 'Thing' and e.happening in ('created', 'updated') and e.row_id = t.id::text)
  union all select 'event ' || e.id || ' has no row' from plinth.events e where e.entity = 'Thing' and e.happening = 'created'
    and not exists (select from things t where t.id::text = e.row_id)
    and not exists (select from plinth.events d where d.happening = 'deleted' and d.row_id = e.row_id)
  union all select 'delivery ' || d.event || ' has no event' from deliveries d where not exists (
    select from plinth.events e where e.id::text = d.event)
  union all select 'job ' || id || ' is dead: ' || error from plinth.dead_jobs
  union all select 'event ' || event || ' is dead: ' || error from plinth.event_waiting where dead
  union all select 'the action of the event built of ' || tag || ' took effect ' || count(*) || ' times' from notes
    where tag like '% built' group by tag having count(*) > 1
  union all select 'part of ' || p.tag || ' has no thing' from parts p where not exists (select from things t where t.id = p.thing_id)`

/** Milliseconds to wait, beside those in which other processes of the machine have run. */
const LONGEST_MS = 60_000

/** Waits until `look` is true. @throws Error when it does not become true. */
export async function until(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  const waited = processorWait()
  const began = performance.now()
  while (!(await look())) {
    if (performance.now() - began > LONGEST_MS + waited()) throw new Error(`waited in vain until ${what}`)
    await sleep(5)
  }
}
