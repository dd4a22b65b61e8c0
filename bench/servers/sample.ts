/** Reads the rows that requests are made from, and signs callers in. */

import { PASSWORD } from '../database/data.ts'
import type { Database } from '../database/database.ts'
import type { Caller, Sample, Samples } from '../requests/request.ts'
import { forDirectus, logIn, withSecret } from './tokens.ts'

/** How many different rows and users take part. */
const POSTS = 200_000
const AUTHORS = 20_000
const LOGINS = 2_000
const CALLERS = 64
/** Users before this one are staff. */
const FIRST_CALLER = 11
const MODERATOR = 'user2@example.com'

/** A sample without its signed-in callers. */
export type Rows = Omit<Sample, 'callers' | 'moderator'> & { readonly callerEmails: readonly string[] }

/** Reads the rows that requests are made from; the same rows each time. */
export async function readRows(database: Database): Promise<Rows> {
  const callerEmails = Array.from({ length: CALLERS }, (_, i) => `user${FIRST_CALLER + i}@example.com`)
  const [size] = await database.query("select greatest(reltuples, 1) as rows from pg_class where oid = 'posts'::regclass")
  // Twice as many rows as needed, since some are drafts; the whole table when it is small.
  const percent = Math.min(100, (POSTS * 200) / Number(size?.rows))
  const posts = await database.query(
    `select id from posts tablesample bernoulli (${percent}) repeatable (1) where published order by md5(id::text) limit ${POSTS}`,
  )
  const authors = await database.query(
    `select id from users where exists (select from posts where author_id = users.id) order by md5(id::text) limit ${AUTHORS}`,
  )
  const commented = await database.query(
    `select id from users u
      where exists (select from posts p join comments c on c.post_id = p.id where p.author_id = u.id) order by md5(id::text)`,
  )
  const own = await database.query(
    'select p.id, u.email from posts p join users u on u.id = p.author_id where u.email = any($1) order by p.id',
    [callerEmails],
  )
  const logins = await database.query(`select email from users where role = 'user' order by md5(id::text) limit ${LOGINS}`)
  const ids = posts.map((row) => String(row.id))
  return {
    posts: ids,
    authors: authors.map((row) => String(row.id)),
    commented: commented.map((row) => String(row.id)),
    own: own.map((row) => ({ id: String(row.id), caller: callerEmails.indexOf(String(row.email)) })),
    hot: ids[0] ?? '',
    logins: logins.map((row) => String(row.email)),
    password: PASSWORD,
    callerEmails,
  }
}

/**
 * Signs callers in at a server with Plinth's interface and returns the samples with them. The tokens last for 15 minutes.
 *
 * @throws Error when a caller cannot sign in.
 */
export async function openSamples(
  { callerEmails, ...rows }: Rows,
  { port, secret }: { readonly port: number; readonly secret: string },
): Promise<Samples> {
  const callers: Caller[] = []
  for (const email of callerEmails) callers.push(await logIn(port, email))
  const moderator = await logIn(port, MODERATOR)
  return {
    EdDSA: { ...rows, callers, moderator },
    HS256: { ...rows, callers: callers.map((caller) => withSecret(caller, secret)), moderator: withSecret(moderator, secret) },
    Directus: {
      ...rows,
      callers: callers.map((caller) => forDirectus(caller, { secret, role: 'user' })),
      moderator: forDirectus(moderator, { secret, role: 'moderator' }),
    },
  }
}
