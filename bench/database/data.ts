/** The data of the benchmark, made in SQL: the same rows on every machine. */

import { constants, setPriority } from 'node:os'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../../src/services/identity/passwords/passwords.ts'

export interface Size {
  readonly users: number
  /** Twenty for each user of the first half. */
  readonly posts: number
}

/** A size by its number of posts: as many posts an author whatever the size. */
export function sizeOf(posts: number): Size {
  return { users: posts / 10, posts }
}

export const FULL: Size = sizeOf(1_000_000)
export const QUICK: Size = sizeOf(20_000)

/** Everybody's. */
export const PASSWORD = 'Correct-horse-7'

/** To be changed with the statements below, so that databases of before are loaded anew. */
export const DATA_VERSION = 2

/** When the first row was made; later rows follow at even distances. */
const EPOCH = "timestamptz '2024-01-01 00:00:00Z'"

type Query = (text: string) => Promise<readonly Record<string, unknown>[]>

/** Fills the migrated, empty tables. Indexes are made afterwards, as a dump is restored. */
export async function loadData(query: Query, size: Size): Promise<void> {
  await query(
    "set synchronous_commit = off; set maintenance_work_mem = '512MB'; set work_mem = '64MB'; set max_parallel_maintenance_workers = 0",
  )
  await giveWay(query)
  const password = await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(PASSWORD)
  await query(usersSql(size, password))
  const indexes = await query(
    "select indexdef as create, format('drop index %I.%I', schemaname, indexname) as drop from pg_indexes i where schemaname = 'public' and tablename = 'posts' and not exists (select from pg_constraint where conname = i.indexname)",
  )
  for (const index of indexes) await query(String(index.drop))
  await query(postsSql(size))
  for (const index of indexes) await query(String(index.create))
  await query('vacuum (analyze, freeze)')
  // During a run nobody but the servers shall use the processors.
  for (const table of ['users', 'posts']) await query(`alter table ${table} set (autovacuum_enabled = false)`)
  await query('checkpoint')
}

/** Ten comments on each post of the first thousand authors, written by those who signed up after them; adds none where there are comments. */
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
    select ${idSql('comment', "(p.id::text || ' ' || n)", `(${at})`)}, 'Comment ' || n || ' on ' || p.title || ', and what there is to say of it.', p.id, w.id, ${at}, ${at}, 1
    from authors a join posts p on p.author_id = a.id join generate_series(1, 10) n on true join authors w on w.rank = a.rank + n
    where a.rank <= 1000`)
}

/** Loading takes minutes, and whoever else works on the machine comes first. Without the right to say so it goes on as it is. */
async function giveWay(query: Query): Promise<void> {
  const [row] = await query('select pg_backend_pid() as pid')
  try {
    setPriority(Number(row?.pid), constants.priority.PRIORITY_LOW)
  } catch {}
}

/** UUIDv7 of a moment and a number: sorted by time, and the same on every machine. */
function idSql(table: string, n: string, at: string): string {
  const ms = `lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0')`
  const random = `md5('${table}' || ${n})`
  return `(${ms} || '7' || substr(${random}, 1, 3) || '8' || substr(${random}, 4, 15))::uuid`
}

function userId(n: string): string {
  return idSql('user', n, `(${EPOCH} + ${n} * interval '1 second')`)
}

/** One administrator, nine moderators, and all others. */
function usersSql({ users }: Size, password: string): string {
  const at = `${EPOCH} + n * interval '1 second'`
  const role = "case when n = 1 then 'admin' when n <= 10 then 'moderator' else 'user' end"
  return `insert into users (id, name, email, password, role, created_at, updated_at, version)
    select ${userId('n')}, 'User ' || n, 'user' || n || '@example.com', '${password}', ${role}, ${at}, ${at}, 1
    from generate_series(1, ${users}) n`
}

/** Each author writes one post after the other in turn; one in four stays a draft. */
function postsSql({ users, posts }: Size): string {
  const authors = users / 2
  const at = `${EPOCH} + interval '30 days' + n * interval '10 seconds'`
  const body = "repeat('Lorem ipsum dolor sit amet ' || md5(n::text) || '. ', 7)"
  return `insert into posts (id, title, body, tags, published, author_id, created_at, updated_at, version)
    select ${idSql('post', 'n', `(${at})`)}, 'Post ' || n || ' of many', ${body}, array['tag' || n % 50, 'topic' || n % 7],
      (n / ${authors} + n) % 4 <> 0, ${userId(`(n % ${authors} + 1)`)}, ${at}, ${at}, 1
    from generate_series(0, ${posts} - 1) n`
}
