/**
 * Every statement of the blog. `$2` is the caller and `$3` says whether he is staff, so that the statement contains the rule `published ||
 * author.id == auth.id || staff`. Each statement has a name, under which PostgreSQL keeps it prepared.
 */

const TIME = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`

const time = (column) => `to_char(${column} at time zone 'UTC', ${TIME})`

const POST_COLUMNS = `p.id, p.title, p.body, p.tags, p.published`
const POST_TIMES = `${time('p.created_at')} as "createdAt", ${time('p.updated_at')} as "updatedAt", p.version`
const POST = `(select row_to_json(j) from (select ${POST_COLUMNS}, p.author_id as author, ${POST_TIMES}) j)`

const VISIBLE = '(p.published or p.author_id = $2::uuid or $3::boolean)'

/** A user as other users see him: only he himself and staff see the address. */
const USER = `select u.id, u.name, case when u.id = $2::uuid or $3::boolean then u.email end as email, u.role,
  ${time('u.created_at')} as "createdAt", ${time('u.updated_at')} as "updatedAt", u.version`

/** Reads a post. */
export const getPost = {
  name: 'get-post',
  text: `select ${POST}::text, p.author_id, p.published from posts p where p.id = $1::uuid and ${VISIBLE}`,
}

/** One row more than the page, which tells whether there is another page; each with its sort key. */
const list = (after) => `select
    (select row_to_json(j) from (select ${POST_COLUMNS}, (select row_to_json(a) from (${USER}) a) as author, ${POST_TIMES}) j)::text,
    ${time('p.created_at')}, p.id
  from posts p join users u on u.id = p.author_id
  where p.author_id = $1::uuid and ${VISIBLE}${after}
  order by p.created_at desc, p.id desc limit $4::integer + 1`

export const listPosts = { name: 'list-posts', text: list('') }

/** Reads the next page of posts. */
export const listPostsAfter = { name: 'list-posts-after', text: list(' and (p.created_at, p.id) < ($5::timestamptz, $6::uuid)') }

/** Creates a post and returns it. */
export const createPost = {
  name: 'create-post',
  text: `with p as (
      insert into posts (id, title, body, tags, published, author_id)
      values ($1::uuid, $2, $3, $4::text[], $5::boolean, $6::uuid) returning *
    ) select ${POST}::text from p`,
}

const updates = new Map()

/** The statement that sets these columns: `$1` the post, `$2` the caller, `$3` whether he is staff, then the values. */
export function updatePost(columns) {
  const name = `update-post-${columns.join('-')}`
  let statement = updates.get(name)
  if (statement === undefined) {
    const set = columns.map((column, i) => `${column} = $${i + 4}${column === 'tags' ? '::text[]' : ''}`)
    const text = `with p as (
        update posts p set ${[...set, 'updated_at = now()', 'version = p.version + 1'].join(', ')}
        where p.id = $1::uuid and (p.author_id = $2::uuid or $3::boolean) returning p.*
      ) select ${POST}::text from p`
    statement = { name, text }
    updates.set(name, statement)
  }
  return statement
}

/** Reads what a login compares. */
export const findLogin = { name: 'find-login', text: 'select id, password, role from users where email = $1' }

/** Opens a session and returns its user as he sees himself. */
export const openSession = {
  name: 'open-session',
  text: `with opened as (insert into bench.sessions (id, user_id, token_hash, expires_at)
      values ($1::uuid, $2::uuid, $4, now() + interval '30 days'))
    select (select row_to_json(j) from (${USER}) j)::text from users u where u.id = $2::uuid`,
}
