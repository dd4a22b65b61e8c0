/** The data of the benchmarks, made in SQL: the same rows on every machine. */

import { constants, setPriority } from 'node:os'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../../src/services/identity/passwords/passwords.ts'

/** How many rows there are. */
export interface Size {
  readonly users: number
  /** 20 for each user of the first half. */
  readonly posts: number
}

/** The size with this number of posts. The number of posts an author is the same for all sizes. */
export function sizeOf(posts: number): Size {
  return { users: posts / 10, posts }
}

/** The size of whole runs. */
export const FULL: Size = sizeOf(1_000_000)
/** The size of runs with `--quick`. */
export const QUICK: Size = sizeOf(20_000)

/** The password of every user. */
export const PASSWORD = 'Correct-horse-7'

/** Raise it with every change of the statements below: databases loaded by an earlier version are then loaded again. */
export const DATA_VERSION = 2

/** When the first row was made. Later rows follow at even distances. */
const EPOCH = "timestamptz '2024-01-01 00:00:00Z'"

type Query = (text: string) => Promise<readonly Record<string, unknown>[]>

/** Fills the migrated, empty tables. Makes the indexes afterwards, as a restore of a dump does. */
export async function loadData(query: Query, size: Size): Promise<void> {
  await query(
    "set synchronous_commit = off; set maintenance_work_mem = '512MB'; set work_mem = '64MB'; set max_parallel_maintenance_workers = 0",
  )
  await giveWay(query)
  const password = await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(PASSWORD)
  await query(usersSql(size, password))
  const indexes = await query(
    `select indexdef as create, format('drop index %I.%I', schemaname, indexname) as drop from pg_indexes i
      where schemaname = 'public' and tablename = 'posts' and not exists (select from pg_constraint where conname = i.indexname)`,
  )
  for (const index of indexes) await query(String(index.drop))
  await query(postsSql(size))
  for (const index of indexes) await query(String(index.create))
  await query('vacuum (analyze, freeze)')
  // Autovacuum is off, so that during a run only the servers use the processors.
  for (const table of ['users', 'posts']) await query(`alter table ${table} set (autovacuum_enabled = false)`)
  await query('checkpoint')
}

/**
 * Adds ten comments to each post of the first thousand authors, written by the users who signed up after them. Adds none where there are
 * comments.
 */
export async function loadComments(query: Query): Promise<void> {
  const [known] = await query('select 1 from comments limit 1')
  if (known === undefined) await addComments(query)
  await query('vacuum (analyze, freeze) comments')
  await query('alter table comments set (autovacuum_enabled = false)')
}

async function addComments(query: Query): Promise<void> {
  const at = "p.created_at + n * interval '1 hour'"
  await query(`with authors as (select id, row_number() over (order by id) as rank from users order by id limit 1010)
    insert into comments (id, text, post_id, author_id, created_at, updated_at, version)
    select ${idSql('comment', "(p.id::text || ' ' || n)", `(${at})`)},
      'Comment ' || n || ' on ' || p.title || ', and what there is to say of it.',
      p.id, w.id, ${at}, ${at}, 1
    from authors a join posts p on p.author_id = a.id join generate_series(1, 10) n on true join authors w on w.rank = a.rank + n
    where a.rank <= 1000`)
}

/** Lowers the priority of the loading process, since loading takes minutes. Does nothing without the right to do so. */
async function giveWay(query: Query): Promise<void> {
  const [row] = await query('select pg_backend_pid() as pid')
  try {
    setPriority(Number(row?.pid), constants.priority.PRIORITY_LOW)
  } catch {}
}

/** A UUIDv7 (RFC 9562) of a time and a number: sorted by time, and the same on every machine. */
function idSql(table: string, n: string, at: string): string {
  const ms = `lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0')`
  const random = `md5('${table}' || ${n})`
  return `(${ms} || '7' || substr(${random}, 1, 3) || '8' || substr(${random}, 4, 15))::uuid`
}

function userId(n: string): string {
  return idSql('user', n, `(${EPOCH} + ${n} * interval '1 second')`)
}

/** One administrator, nine moderators; all others are users. */
function usersSql({ users }: Size, password: string): string {
  const at = `${EPOCH} + n * interval '1 second'`
  const role = "case when n = 1 then 'admin' when n <= 10 then 'moderator' else 'user' end"
  return `insert into users (id, name, email, password, role, created_at, updated_at, version)
    select ${userId('n')}, 'User ' || n, 'user' || n || '@example.com', '${password}', ${role}, ${at}, ${at}, 1
    from generate_series(1, ${users}) n`
}

/** Posts go to the authors in turn; one in four is a draft. */
function postsSql({ users, posts }: Size): string {
  const authors = users / 2
  const at = `${EPOCH} + interval '30 days' + n * interval '10 seconds'`
  const body = "repeat('Lorem ipsum dolor sit amet ' || md5(n::text) || '. ', 7)"
  return `insert into posts (id, title, body, tags, published, author_id, created_at, updated_at, version)
    select ${idSql('post', 'n', `(${at})`)}, 'Post ' || n || ' of many', ${body}, array['tag' || n % 50, 'topic' || n % 7],
      (n / ${authors} + n) % 4 <> 0, ${userId(`(n % ${authors} + 1)`)}, ${at}, ${at}, 1
    from generate_series(0, ${posts} - 1) n`
}
