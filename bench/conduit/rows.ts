/** The rows of the Conduit benchmark: the same in the tables of the design and in those by hand. */

import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../../src/services/identity/passwords/passwords.ts'
import type { Query } from '../database/client.ts'

/** How many rows there are. */
export interface Size {
  readonly users: number
  readonly articles: number
}

/** The password of every user. */
export const PASSWORD = 'quiet-Otter-42-lamp'
/** How many tags there are. An article has three. */
export const TAGS = 60

const FOLLOWS = 10
const FAVORITES = 8
const COMMENTS = 5

/** The name of a user, from 0. */
export function usernameOf(i: number): string {
  return `user${i}`
}

/** The slug of an article, from 0. */
export function slugOf(i: number): string {
  return `an-article-about-something-${i}`
}

/** Fills the empty tables. Columns that a table does not have are left out. */
export async function loadRows(query: Query, { users, articles }: Size): Promise<void> {
  const password = await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(PASSWORD)
  const insert = inserter(query, await columnsOf(query))
  const [series, each] = [`generate_series(0, ${users - 1}) i`, `generate_series(0, ${articles - 1}) i`]
  const named = { id: idOf('user', 'i'), username: `'user' || i`, email: `'user' || i || '@example.com'`, password: `'${password}'` }
  await insert('users', { ...named, bio: `'I am number ' || i`, image: `'https://example.com/' || i || '.png'`, ...STAMPS }, series)
  const followed = `(i + n * 7) % ${users}`
  const follows = { id: idOf('follow', "i || ' ' || n"), follower_id: idOf('user', 'i'), followed_id: idOf('user', followed) }
  await insert('follows', { ...follows, ...STAMPS }, `${series}, generate_series(1, ${FOLLOWS}) n`)
  const written = `timestamptz '2026-01-01 00:00:00Z' + i * interval '1 minute'`
  const tag = (n: number): string => `'tag' || (i * ${n} + ${n}) % ${TAGS}`
  const texts = {
    slug: `'an-article-about-something-' || i`,
    title: `'An article about something ' || i`,
    description: `'What is there to say of ' || i`,
  }
  const body = `repeat('Lorem ipsum dolor sit amet, consetetur sadipscing elitr. ', 30)`
  const rest = { tag_list: `array[${tag(1)}, ${tag(2)}, ${tag(7)}]`, author_id: idOf('user', `i % ${users}`) }
  await insert('articles', { id: idOf('article', 'i'), ...texts, body, ...rest, ...STAMPS, created_at: written, updated_at: written }, each)
  const reader = `(i * 3 + n * 11) % ${users}`
  const ids = { article_id: idOf('article', 'i'), user_id: idOf('user', reader) }
  await insert(
    'favorites',
    { id: idOf('favorite', "i || ' ' || n"), ...ids, ...STAMPS },
    `${each}, generate_series(1, i % ${FAVORITES + 1}) n`,
  )
  const comment = { body: `'I agree with number ' || n`, article_id: idOf('article', 'i'), author_id: idOf('user', reader) }
  await insert('comments', { ...comment, ...STAMPS }, `${each}, generate_series(1, ${COMMENTS}) n`)
  await query('vacuum (analyze)')
}

const STAMPS = { created_at: 'now()', updated_at: 'now()', version: '1' }

function idOf(kind: string, i: string): string {
  return `md5('${kind} ' || (${i})::text)::uuid`
}

type Columns = ReadonlyMap<string, ReadonlySet<string>>

async function columnsOf(query: Query): Promise<Columns> {
  const rows = await query(
    "select table_name as table, column_name as column from information_schema.columns where table_schema = 'public'",
  )
  const columns = new Map<string, Set<string>>()
  for (const { table, column } of rows) columns.set(String(table), (columns.get(String(table)) ?? new Set()).add(String(column)))
  return columns
}

type Insert = (table: string, values: Readonly<Record<string, string>>, from: string) => Promise<void>

function inserter(query: Query, columns: Columns): Insert {
  return async (table, values, from) => {
    const known = Object.entries(values).filter(([column]) => columns.get(table)?.has(column) === true)
    const names = known.map(([column]) => column)
    await query(`insert into ${table} (${names.join(', ')}) select ${known.map(([, value]) => value).join(', ')} from ${from}`)
  }
}
