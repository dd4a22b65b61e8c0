/** Shapes in the answers of actions: what they show to whom, in REST and in GraphQL. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertPeople, insertRows, openDesign, type Person } from '../actions/action-world.ts'
import type { TestBackend } from '../support/backend.ts'

interface Press {
  readonly world: TestBackend
  readonly ann: Person
  readonly ben: Person
  readonly hid: Person
  readonly articles: readonly string[]
}

async function openPress(t: TestContext): Promise<Press> {
  const world = await openDesign(t, 'press.yaml')
  const [ann, ben, hid] = await insertPeople(world, 'users', [
    { username: 'ann', email: 'ann@example.org', bio: 'writes' },
    { username: 'ben', email: 'ben@example.org' },
    { username: 'hid', email: 'hid@example.org', hidden: true },
  ])
  assert.ok(ann !== undefined && ben !== undefined && hid !== undefined)
  const articles = await insertRows(world, 'articles', [
    { slug: 'one', title: 'One', body: 'first', tag_list: ['b', 'a'], price: '1.50', author_id: ann.id, editor_id: ben.id },
    { slug: 'two', title: 'Two', body: 'second', tag_list: [], author_id: hid.id, editor_id: hid.id },
  ])
  await insertRows(world, 'favorites', [
    { article_id: articles[0], user_id: ben.id },
    { article_id: articles[0], user_id: hid.id },
  ])
  await insertRows(world, 'follows', [{ follower_id: ben.id, followed_id: ann.id }])
  await insertRows(world, 'comments', [
    { body: 'good', article_id: articles[0], author_id: ben.id },
    { body: 'bad', article_id: articles[0], author_id: hid.id },
  ])
  return { world, ann, ben, hid, articles }
}

test('a shape shows fields, computed fields and further members, with shapes inside', async (t) => {
  const { world, ann, ben, articles } = await openPress(t)
  const { status, json } = await world.ask('GET', `/api/articles/${articles[0]}/show`, { token: ben.token })
  assert.equal(status, 200)
  const { createdAt, comments, ...rest } = json.article
  assert.match(createdAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  assert.deepEqual(rest, {
    id: articles[0],
    slug: 'one',
    title: 'One',
    body: 'first',
    tagList: ['b', 'a'],
    price: '1.50',
    author: ann.id,
    favorited: true,
    favoritesCount: 2,
    by: { username: 'ann', bio: 'writes', following: true },
    shout: 'ONE!',
    mine: false,
    texts: rest.texts,
    fans: { ben: { username: 'ben', bio: null, following: false } },
    size: { body: 5, tags: ['b', 'a'] },
  })
  assert.deepEqual(new Set(rest.texts), new Set(['good', 'bad']))
  const byBody = new Map(comments.map((comment: { body: string; author: unknown }) => [comment.body, comment.author]))
  assert.deepEqual(byBody.get('good'), { username: 'ben', bio: null, following: false })
  assert.equal(byBody.get('bad'), null)
})

test('a shape of a row that is missing or hidden from the caller is null, and hidden fields in it are null', async (t) => {
  const { world, ann, hid, articles } = await openPress(t)
  const list = async (person?: Person) => (await world.ask('GET', '/api/actions/page', { token: person?.token })).json.articles
  const [anonymous, author, hidden] = [await list(), await list(ann), await list(hid)]
  const of = (answer: readonly { slug: string }[], slug: string) => answer.find((each) => each.slug === slug)
  assert.deepEqual(of(anonymous, 'one'), {
    slug: 'one',
    title: 'One',
    tagList: ['b', 'a'],
    favorited: false,
    favoritesCount: 2,
    author: { username: 'ann', bio: 'writes', following: false },
    editor: { username: 'ben', email: null },
  })
  assert.deepEqual(of(author, 'two'), {
    slug: 'two',
    title: 'Two',
    tagList: [],
    favorited: false,
    favoritesCount: 0,
    author: null,
    editor: null,
  })
  assert.deepEqual(of(hidden, 'two'), {
    ...of(author, 'two'),
    author: { username: 'hid', bio: null, following: false },
    editor: { username: 'hid', email: 'hid@example.org' },
  })
  const system = await world.ask('GET', `/api/actions/secrets?article=${articles[1]}`, { token: ann.token })
  assert.deepEqual(system.json, {
    author: { username: 'hid', bio: null, following: false },
    mail: { username: 'hid', email: 'hid@example.org' },
  })
})

test('an offset page has its total, and a row that a step deletes keeps its shape', async (t) => {
  const { world, ann, articles } = await openPress(t)
  const page = await world.ask('GET', '/api/actions/page?limit=1&offset=1&author=ann')
  assert.deepEqual(page.json, { articles: [], articlesCount: 1 })
  const tagged = await world.ask('GET', '/api/actions/page?tag=a&limit=1')
  assert.deepEqual([tagged.json.articles[0].slug, tagged.json.articlesCount], ['one', 1])
  const gone = await world.ask('POST', `/api/articles/${articles[0]}/retire`, { token: ann.token, body: {} })
  assert.deepEqual([gone.status, gone.json.article?.slug, gone.json.article?.comments], [200, 'one', []])
})

test('a shape is an object type in GraphQL, and what is not selected is not computed', async (t) => {
  const { world, ben, articles } = await openPress(t)
  const query = `{ page(limit: 1) { __typename articlesCount articles { __typename slug author { __typename username } } }
    showArticle(id: "${articles[0]}") { article { by { following } comments { body } } } }`
  const { json } = await world.ask('POST', '/graphql', { token: ben.token, body: { query } })
  assert.equal(json.errors, undefined)
  const { page: list, showArticle } = json.data
  assert.equal(list.__typename, 'PageAnswer')
  assert.equal(list.articlesCount, 2)
  assert.equal(list.articles[0].__typename, 'Summary')
  assert.equal(showArticle.article.by.following, true)
  const types = await world.ask('POST', '/graphql', { token: ben.token, body: { query: '{ __schema { types { name } } }' } })
  const names = types.json.data.__schema.types.map(({ name }: { name: string }) => name)
  for (const name of ['Article', 'ArticleShape', 'Profile', 'Comment', 'CommentShape']) assert.ok(names.includes(name), name)
})

test('a page with authors, favourites and its total is one statement for its caller', async (t) => {
  const { world, ben } = await openPress(t)
  world.statements.length = 0
  const { json } = await world.ask('GET', '/api/actions/page', { token: ben.token })
  assert.equal(json.articlesCount, 2)
  const own = world.statements.filter(({ name }) => name.startsWith('action'))
  assert.deepEqual(
    own.map(({ name }) => name),
    ['action page'],
  )
})

test('a list takes the different values of a field, and of the items of a list', async (t) => {
  const { world, ann, ben, articles } = await openPress(t)
  await world.sql("update articles set tag_list = '{B,a,é,z}' where id = $1", [articles[1]])
  const tags = async (query = '') => (await world.ask('GET', `/api/actions/tags${query}`)).json
  assert.deepEqual(await tags(), { tags: ['B', 'a', 'b', 'z', 'é'], many: 5, short: ['B', 'a', 'b', 'z', 'é'], hasA: true })
  assert.deepEqual((await tags('?limit=2&offset=1')).tags, ['a', 'b'])
  assert.deepEqual((await tags('?offset=9')).tags, [])
  const prices = async (query: string) => (await world.ask('GET', `/api/actions/prices${query}`, { token: ben.token })).json
  assert.deepEqual(await prices(''), { prices: [], mails: ['ben@example.org'], authors: 2, list: [] })
  await insertRows(world, 'articles', [
    { slug: 'three', title: 'Three', body: 'x', tag_list: [], price: '10.00', author_id: ann.id },
    { slug: 'four', title: 'Four', body: 'x', tag_list: [], price: '1.50', author_id: ann.id },
  ])
  const { prices: found, list } = await prices(`?author=${ann.id}`)
  assert.deepEqual(
    [found, list],
    [
      ['10.00', '1.50'],
      [{ price: '10.00' }, { price: '1.50' }],
    ],
  )
  const collected = await world.ask('POST', '/api/actions/collect', { token: ann.token, headers: { 'idempotency-key': 'k1' }, body: {} })
  assert.deepEqual(collected.json, { tags: ['é', 'z'] })
  const again = await world.ask('POST', '/api/actions/collect', { token: ann.token, headers: { 'idempotency-key': 'k1' }, body: {} })
  assert.deepEqual(again.json, { tags: ['é', 'z'] })
  const graphql = await world.ask('POST', '/graphql', { body: { query: '{ tags(limit: 2) { tags many } }' } })
  assert.deepEqual(graphql.json, { data: { tags: { tags: ['B', 'a'], many: 2 } } })
})

test('the statement of a page looks favourites, followers and authors up by indexes', async (t) => {
  const { world, ben } = await openPress(t)
  await world.sql(`insert into users (id, username, email, password, created_at, updated_at, version)
    select gen_random_uuid(), 'u' || n, 'u' || n || '@example.org', 'x', now(), now(), 1 from generate_series(1, 2000) n`)
  await world.sql(`insert into articles (id, slug, title, body, author_id, created_at, updated_at, version)
    select gen_random_uuid(), username, username, 'x', id, now(), now(), 1 from users`)
  await world.sql(`insert into favorites (id, article_id, user_id, created_at, updated_at, version)
    select gen_random_uuid(), a.id, u.id, now(), now(), 1 from articles a join users u on u.username = a.title`)
  await world.sql(`insert into follows (id, followed_id, follower_id, created_at, updated_at, version)
    select gen_random_uuid(), u.id, '${ben.id}', now(), now(), 1 from users u where u.username like 'u%'`)
  await world.sql('analyze')
  world.statements.length = 0
  const { json } = await world.ask('GET', '/api/actions/page', { token: ben.token })
  assert.equal(json.articles.length, 20)
  const text = world.statements.find(({ name }) => name === 'action page')?.text ?? ''
  const plan = (await world.sql(`explain (generic_plan) ${text}`)).map((row) => String(row['QUERY PLAN'])).join('\n')
  assert.doesNotMatch(plan, /Seq Scan on (users|favorites|follows)/)
  assert.match(plan, /Index (Only )?Scan using \S+ on favorites/)
})
