/** Actions at addresses of their own. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const ANY = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const MODEL = modelFrom({
  name: 'articles',
  entities: {
    Article: {
      fields: {
        slug: { type: 'text', unique: true },
        title: { type: 'text', min: 1, max: 20 },
        views: { type: 'integer', default: 0 },
      },
      access: ANY,
      actions: {
        getArticle: { allow: 'true', endpoint: 'GET /articles/{slug}', answer: { slug: 'row.slug', title: 'row.title' } },
        updateArticle: {
          allow: 'true',
          endpoint: { at: 'PUT /articles/{slug}', body: 'article' },
          input: { title: 'Article.title?' },
          steps: [{ update: 'row', set: 'input' }],
          answer: { article: { title: 'row.title' } },
        },
        viewArticle: {
          allow: 'true',
          endpoint: 'POST /articles/{slug}/views',
          steps: [{ update: 'row', set: { views: 'views + 1' } }],
          answer: { views: 'row.views' },
        },
        deleteArticle: { allow: 'true', endpoint: 'DELETE /articles/{slug}', steps: [{ delete: 'row' }] },
        rename: {
          allow: 'true',
          endpoint: { at: 'PATCH /v1/articles/{id}/title', status: 202 },
          input: { title: { type: 'text', name: 'new-title' } },
          steps: [{ update: 'row', set: { title: 'input.title' } }],
        },
      },
    },
  },
  actions: {
    createArticle: {
      allow: 'true',
      endpoint: { at: 'POST /articles', body: 'article', status: 201 },
      input: { slug: 'Article.slug', title: 'Article.title', site: { type: 'text', max: 5, optional: true, in: 'header', name: 'X-Site' } },
      steps: [{ create: 'Article', set: { slug: 'input.slug', title: 'input.title' }, as: 'article' }],
      answer: { article: { slug: 'article.slug' }, site: 'input.site' },
    },
    feed: {
      allow: 'true',
      endpoint: 'GET /articles/feed',
      input: {
        title: 'text?',
        limit: { type: 'integer', min: 1, max: 9, default: 3 },
        tags: { type: 'list', of: { type: 'text' }, default: [] },
      },
      answer: { feed: 'input.limit', title: 'input.title', tags: 'input.tags' },
    },
    compare: {
      allow: 'true',
      endpoint: 'GET /compare/{left}/{right}/{day}',
      input: { left: { ref: 'Article', by: 'slug' }, right: { ref: 'Article', by: 'slug' }, day: 'date' },
      answer: { left: 'input.left.title', right: 'input.right.title', day: 'input.day' },
    },
  },
})

async function openArticles(t: Parameters<typeof testBackend>[0]): Promise<TestBackend> {
  const world = await testBackend(t, MODEL)
  for (const [slug, title] of [
    ['one', 'One'],
    ['a/b c%', 'Odd'],
    ['feed', 'Hidden'],
  ])
    assert.equal((await world.ask('POST', '/articles', { body: { article: { slug, title } } })).status, 201)
  return world
}

test('an action answers at its own address, with its status, and no longer at the usual one', async (t) => {
  const world = await openArticles(t)
  const site = await world.ask('POST', '/articles', { body: { article: { slug: 'two', title: 'Two' } }, headers: { 'x-site': 'north' } })
  assert.deepEqual([site.status, site.json], [201, { article: { slug: 'two' }, site: 'north' }])
  assert.deepEqual((await world.ask('GET', '/articles/one')).json, { slug: 'one', title: 'One' })
  assert.deepEqual((await world.ask('PUT', '/articles/one', { body: { article: { title: 'Uno' } } })).json, { article: { title: 'Uno' } })
  assert.deepEqual((await world.ask('PUT', '/articles/one')).json, { article: { title: 'Uno' } })
  assert.equal((await world.ask('DELETE', '/articles/two')).status, 204)
  assert.equal((await world.ask('GET', '/articles/two')).status, 404)
  const rows = (await world.ask('GET', '/api/articles')).json.data
  const { id } = rows[0]
  assert.equal((await world.ask('PATCH', `/v1/articles/${id}/title`, { body: { 'new-title': 'Eins' } })).status, 202)
  for (const path of ['/api/actions/createArticle', '/api/actions/feed', `/api/articles/${id}/viewArticle`])
    for (const method of ['GET', 'POST'] as const) assert.equal((await world.ask(method, path, {})).status, 404, path)
})

test('an action whose row is found by a unique field is one statement', async (t) => {
  const world = await openArticles(t)
  for (const [method, path] of [
    ['GET', '/articles/one'],
    ['POST', '/articles/one/views'],
    ['PUT', '/articles/one'],
  ] as const) {
    world.statements.length = 0
    assert.equal((await world.ask(method, path)).status, 200)
    assert.equal(world.statements.length, 1, JSON.stringify(world.statements))
  }
})

test('a segment of the path wins over a name in braces, and parts of a path are decoded', async (t) => {
  const world = await openArticles(t)
  assert.deepEqual((await world.ask('GET', '/articles/feed')).json, { feed: 3, title: null, tags: [] })
  assert.deepEqual((await world.ask('GET', '/articles/feed?limit=2&title=a%20b&tags=x&tags=y')).json, {
    feed: 2,
    title: 'a b',
    tags: ['x', 'y'],
  })
  const odd = encodeURIComponent('a/b c%')
  assert.deepEqual((await world.ask('GET', `/articles/${odd}`)).json, { slug: 'a/b c%', title: 'Odd' })
  assert.deepEqual((await world.ask('POST', `/articles/${odd}/views`)).json, { views: 1 })
  assert.deepEqual((await world.ask('GET', '/articles/%6Fne')).json, { slug: 'one', title: 'One' })
  assert.deepEqual((await world.ask('GET', `/compare/one/${odd}/2026-11-29`)).json, { left: 'One', right: 'Odd', day: '2026-11-29' })
})

test('a part of a path that no row or value can have is 404, also in hostile spellings', async (t) => {
  const world = await openArticles(t)
  for (const slug of ['none', '%00', 'one%00', '%27%20or%201=1--', '__proto__', 'constructor', '%F0%9F%98%80', 'x'.repeat(400)]) {
    for (const [method, path] of [
      ['GET', `/articles/${slug}`],
      ['POST', `/articles/${slug}/views`],
      ['GET', `/compare/one/${slug}/2026-11-29`],
      ['GET', `/compare/${slug}/one/2026-11-29`],
    ] as const) {
      const { status, json } = await world.ask(method, path)
      assert.deepEqual([status, json.code], [404, 'not_found'], `${method} ${path}`)
    }
  }
  for (const path of [
    '/compare/one/one/2026-02-30',
    '/compare/one/one/today',
    '/articles/',
    '/articles//views',
    '/compare/one//2026-11-29',
  ])
    assert.equal((await world.ask('GET', path)).json.code, 'route_not_found', path)
  assert.equal((await world.ask('PATCH', '/v1/articles/7/title', { body: { 'new-title': 'x' } })).json.code, 'not_found')
  assert.equal((await world.ask('GET', '/articles/%zz')).status, 400)
})

test('problems of query, header and body have pointers to their places', async (t) => {
  const world = await openArticles(t)
  const pointers = async (...asked: Parameters<TestBackend['ask']>) => {
    const { status, json } = await world.ask(...asked)
    return [status, json.code, json.errors?.map(({ pointer, rule }: { pointer: string; rule: string }) => `${pointer} ${rule}`)]
  }
  const post = (body: unknown, headers = {}) => pointers('POST', '/articles', { body, headers })
  assert.deepEqual(await post(undefined), [400, 'validation_failed', ['/article required']])
  assert.deepEqual(await post({}), [400, 'validation_failed', ['/article required']])
  assert.deepEqual(await post({ article: 3 }), [400, 'validation_failed', ['/article type']])
  assert.deepEqual(await post([]), [400, 'validation_failed', [' type']])
  const wrong = { article: { slug: 's', title: '', titel: 1 }, other: 1 }
  assert.deepEqual(await post(wrong, { 'x-site': 'too long' }), [
    400,
    'validation_failed',
    ['/other unknown', '/article/titel unknown', '/article/title minLength', '/X-Site maxLength'],
  ])
  assert.deepEqual(await pointers('GET', '/articles/feed?limit=x&limits=3'), [400, 'validation_failed', ['/limits unknown', '/limit type']])
  assert.deepEqual(await pointers('GET', '/articles/feed?limit=1&limit=2'), [400, 'invalid_parameter', undefined])
  assert.deepEqual(await pointers('GET', '/articles/one?x=1'), [400, 'validation_failed', ['/x unknown']])
  assert.deepEqual(await pointers('POST', '/articles/one/views?x=1'), [400, 'unknown_parameter', undefined])
})

test('HEAD, OPTIONS, 405, 406, 413, If-Match and Idempotency-Key are those of every address', async (t) => {
  const world = await openArticles(t)
  assert.equal((await world.ask('HEAD', '/articles/one')).status, 200)
  const options = await world.ask('OPTIONS', '/articles/one')
  assert.deepEqual([options.status, options.headers.allow], [204, 'GET, HEAD, PUT, DELETE, OPTIONS'])
  const refused = await world.ask('POST', '/articles/one')
  assert.deepEqual([refused.status, refused.headers.allow], [405, 'GET, HEAD, PUT, DELETE, OPTIONS'])
  assert.equal((await world.ask('DELETE', '/articles/feed')).status, 405)
  assert.equal((await world.ask('GET', '/articles/one', { headers: { accept: 'text/html' } })).status, 406)
  assert.equal((await world.ask('PUT', '/articles/one', { body: { article: { title: 'x'.repeat(2_000_000) } } })).status, 413)
  const stale = await world.ask('POST', '/articles/one/views', { headers: { 'if-match': '"7"' } })
  assert.deepEqual([stale.status, stale.json.code], [412, 'stale_version'])
  const weak = await world.ask('POST', '/articles/one/views', { headers: { 'if-match': 'W/"1"' } })
  assert.deepEqual([weak.status, weak.json.code], [412, 'weak_etag'])
  const key = { headers: { 'idempotency-key': 'k1' } }
  const first = await world.ask('POST', '/articles/one/views', key)
  const again = await world.ask('POST', '/articles/one/views', key)
  assert.deepEqual([first.json, again.json, again.headers['idempotency-replayed']], [{ views: 1 }, { views: 1 }, 'true'])
  const made = { headers: { 'idempotency-key': 'k2' }, body: { article: { slug: 'three', title: 'Three' } } }
  for (const _ of [1, 2]) assert.equal((await world.ask('POST', '/articles', made)).status, 201)
  // A header that is an input is a part of the request.
  const other = await world.ask('POST', '/articles', { ...made, headers: { ...made.headers, 'x-site': 'north' } })
  assert.equal(other.json.code, 'idempotency_mismatch')
})

test('GraphQL takes the id of the row and the names of the inputs', async (t) => {
  const world = await openArticles(t)
  const { id } = (await world.ask('GET', '/api/articles')).json.data[0]
  const ask = async (query: string) => (await world.ask('POST', '/graphql', { body: { query } })).json
  assert.deepEqual(await ask(`mutation { renameArticle(id: "${id}", title: "GQL") { title } }`), {
    data: { renameArticle: { title: 'GQL' } },
  })
  assert.deepEqual(await ask(`{ getArticleArticle(id: "${id}") { title } }`), { data: { getArticleArticle: { title: 'GQL' } } })
})

test('OpenAPI describes the addresses with their parameters, bodies and status', () => {
  const document = openapi(MODEL, { reach: 'all', version: '1', limits: LIMITS })
  // biome-ignore lint/suspicious/noExplicitAny: a document of any shape
  const item = (path: string, method: string): any => document.paths[path]?.[method] ?? assert.fail(`${method} ${path}`)
  const places = (path: string, method: string) =>
    item(path, method).parameters.map(
      (one: { in?: string; name?: string; $ref?: string }) => one.$ref?.split('/').at(-1) ?? `${one.in} ${one.name}`,
    )
  assert.deepEqual(places('/articles/{slug}', 'get'), ['path slug'])
  assert.deepEqual(places('/articles/{slug}/views', 'post'), ['IfMatch', 'IdempotencyKey', 'path slug'])
  assert.deepEqual(places('/articles', 'post'), ['IdempotencyKey', 'header X-Site'])
  assert.deepEqual(places('/articles/feed', 'get'), ['query title', 'query limit', 'query tags'])
  assert.deepEqual(Object.keys(document.paths['/articles/{slug}'] ?? {}), ['get', 'put', 'delete'])
  const { operationId, requestBody, responses } = item('/articles', 'post')
  const { schema } = requestBody.content['application/json']
  assert.deepEqual([operationId, requestBody.required, schema.required], ['createArticle', true, ['article']])
  assert.deepEqual(schema.properties.article.required, ['slug', 'title'])
  assert.deepEqual(
    Object.keys(responses).filter((status) => status < '300'),
    ['201'],
  )
  assert.deepEqual(item('/v1/articles/{id}/title', 'patch').requestBody.content['application/json'].schema.required, ['new-title'])
  assert.deepEqual(
    Object.keys(document.paths).filter((path) => path.startsWith('/api/actions')),
    [],
  )
})

test('a request is observed with the pattern of its path', async (t) => {
  const routes: string[] = []
  const world = await testBackend(t, MODEL, { observe: (one) => one.kind === 'request' && routes.push(`${one.route} ${one.status}`) })
  for (const path of ['/articles/one', '/articles/a%2Fb', '/articles/feed', '/articles/']) await world.ask('GET', path)
  assert.deepEqual(routes, ['/articles/:slug 404', '/articles/:slug 404', '/articles/feed 200', '/articles/:slug 404'])
})
