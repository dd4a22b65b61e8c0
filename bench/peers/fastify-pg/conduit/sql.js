/**
 * Every statement of the Conduit API. `$1` is the caller, or null. PostgreSQL builds the JSON of an answer, and a name keeps each statement
 * prepared.
 */

const time = (column) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const FOLLOWING = 'exists (select from follows f where f.followed_id = u.id and f.follower_id = $1::uuid)'
const FAVORITED = 'exists (select from favorites f where f.article_id = a.id and f.user_id = $1::uuid)'
const COUNT = '(select count(*) from favorites f where f.article_id = a.id)'
/** Favourites of others: what this statement inserts or deletes is not visible to its other parts. */
const OTHERS = '(select count(*) from favorites f where f.article_id = a.id and f.user_id <> $1::uuid)'

const profile = (following = FOLLOWING) =>
  `json_build_object('username', u.username, 'bio', u.bio, 'image', u.image, 'following', ${following})`

const summary = ({ body = false, favorited = FAVORITED, count = COUNT } = {}) =>
  `json_build_object('slug', a.slug, 'title', a.title, 'description', a.description, ${body ? "'body', a.body, " : ''}
    'tagList', a.tag_list, 'createdAt', ${time('a.created_at')}, 'updatedAt', ${time('a.updated_at')},
    'favorited', ${favorited}, 'favoritesCount', ${count}, 'author', ${profile()})`

const article = (how = {}) => `json_build_object('article', ${summary({ body: true, ...how })})::text`
const AUTHOR = 'join users u on u.id = a.author_id'

const COMMENT = `json_build_object('id', c.id, 'createdAt', ${time('c.created_at')}, 'updatedAt', ${time('c.updated_at')},
  'body', c.body, 'author', ${profile()})`

const USER = "json_build_object('email', u.email, 'username', u.username, 'bio', u.bio, 'image', u.image, 'token', $2::text)"
const user = `json_build_object('user', ${USER})::text`

export const findLogin = { name: 'login', text: 'select u.id, u.password from users u where u.email = $1' }
export const createUser = { name: 'create-user', text: 'insert into users (username, email, password) values ($1, $2, $3) returning id' }
export const getUser = { name: 'get-user', text: `select ${user} from users u where u.id = $1::uuid` }

const updates = new Map()

/** A statement that sets columns of a table, made once for each list of columns. */
function updating(name, columns, makeText) {
  const key = `${name}-${columns.join('-')}`
  let statement = updates.get(key)
  if (statement === undefined) {
    statement = { name: key, text: makeText(columns.map((column, i) => `${column} = $${i + 3}, `).join('')) }
    updates.set(key, statement)
  }
  return statement
}

/** Sets columns of the caller: `$2` is the token, then the values. */
export const updateUser = (columns) =>
  updating('update-user', columns, (set) => `update users u set ${set}updated_at = now() where u.id = $1::uuid returning ${user}`)

export const getProfile = {
  name: 'get-profile',
  text: `select json_build_object('profile', ${profile()})::text from users u where u.username = $2`,
}
export const follow = {
  name: 'follow',
  text: `with u as (select * from users where username = $2),
    made as (insert into follows (follower_id, followed_id) select $1::uuid, u.id from u on conflict do nothing)
    select json_build_object('profile', ${profile('true')})::text from u`,
}
export const unfollow = {
  name: 'unfollow',
  text: `with u as (select * from users where username = $2),
    gone as (delete from follows f using u where f.followed_id = u.id and f.follower_id = $1::uuid)
    select json_build_object('profile', ${profile('false')})::text from u`,
}

/** The conditions of a list; `$4` and so on are their values in this order. */
const FILTERS = {
  tag: (value) => `a.tag_list @> array[${value}]`,
  author: (value) => `a.author_id = (select id from users where username = ${value})`,
  favorited: (value) =>
    `exists (select from favorites f join users v on v.id = f.user_id where f.article_id = a.id and v.username = ${value})`,
}
const FEED = 'a.author_id in (select followed_id from follows where follower_id = $1::uuid)'
const NEWEST = 'a.created_at desc, a.id desc'
const LISTED = 'a.id, a.slug, a.title, a.description, a.tag_list, a.created_at, a.updated_at, a.author_id'

const lists = new Map()

function list(name, condition) {
  const text = `with a as (select ${LISTED} from articles a where ${condition} order by ${NEWEST} limit $2::integer offset $3::integer)
    select json_build_object(
      'articles', coalesce((select json_agg(${summary()} order by ${NEWEST}) from a ${AUTHOR}), '[]'),
      'articlesCount', (select count(*) from articles a where ${condition}))::text`
  return { name, text }
}

/** The list with these filters: `$2` the limit, `$3` the offset. */
export function listArticles(names) {
  const name = `list-${names.join('-')}`
  const known = lists.get(name)
  if (known !== undefined) return known
  const made = list(name, ['true', ...names.map((filter, i) => FILTERS[filter](`$${i + 4}::text`))].join(' and '))
  lists.set(name, made)
  return made
}
export const listFeed = list('feed', FEED)

export const getArticle = { name: 'get-article', text: `select ${article()} from articles a ${AUTHOR} where a.slug = $2` }
export const createArticle = {
  name: 'create-article',
  text: `with a as (insert into articles (slug, title, description, body, tag_list, author_id)
      values ($2, $3, $4, $5, $6::text[], $1::uuid) returning *)
    select ${article({ favorited: 'false', count: '0' })} from a ${AUTHOR}`,
}
/** Sets columns of an article of the caller: `$2` is its slug, then the values. */
export const updateArticle = (columns) =>
  updating(
    'update-article',
    columns,
    (set) => `with a as (update articles a set ${set}updated_at = now() where a.slug = $2 and a.author_id = $1::uuid returning a.*)
      select ${article()} from a ${AUTHOR}`,
  )
export const deleteArticle = {
  name: 'delete-article',
  text: 'delete from articles a where a.slug = $2 and a.author_id = $1::uuid returning a.id',
}
export const favorite = {
  name: 'favorite',
  text: `with a as (select * from articles where slug = $2),
    made as (insert into favorites (article_id, user_id) select a.id, $1::uuid from a on conflict do nothing)
    select ${article({ favorited: 'true', count: `${OTHERS} + 1` })} from a ${AUTHOR}`,
}
export const unfavorite = {
  name: 'unfavorite',
  text: `with a as (select * from articles where slug = $2),
    gone as (delete from favorites f using a where f.article_id = a.id and f.user_id = $1::uuid)
    select ${article({ favorited: 'false', count: OTHERS })} from a ${AUTHOR}`,
}

export const listComments = {
  name: 'list-comments',
  text: `select json_build_object('comments', coalesce((
      select json_agg(${COMMENT} order by c.id) from comments c join users u on u.id = c.author_id where c.article_id = a.id), '[]'))::text
    from articles a where a.slug = $2`,
}
export const createComment = {
  name: 'create-comment',
  text: `with c as (insert into comments (body, article_id, author_id) select $3, a.id, $1::uuid from articles a where a.slug = $2 returning *)
    select json_build_object('comment', ${COMMENT})::text from c join users u on u.id = c.author_id`,
}
export const deleteComment = {
  name: 'delete-comment',
  text: `delete from comments c using articles a
    where a.slug = $2 and c.article_id = a.id and c.id = $3::bigint and c.author_id = $1::uuid returning c.id`,
}
export const findComment = {
  name: 'find-comment',
  text: 'select c.id from comments c join articles a on a.id = c.article_id where a.slug = $1 and c.id = $2::bigint',
}

export const listTags = {
  name: 'list-tags',
  text: `select json_build_object('tags', coalesce(json_agg(t order by t), '[]'))::text
    from (select distinct unnest(tag_list) as t from articles order by t limit 1000) d`,
}
