/** The errors for mistakes of a request: paths, names, weak tags, media types, taken combinations. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const model = modelFrom({
  name: 'library',
  entities: {
    User: {
      identity: { login: 'login', password: 'secret' },
      fields: { login: { type: 'text', min: 3, max: 30, unique: true }, secret: { type: 'password' } },
      access: { read: 'true', create: 'true' },
    },
    Author: {
      fields: {
        fullName: { type: 'text', max: 50 },
        salary: { type: 'integer', optional: true, read: 'false' },
        tenant: { type: 'text', max: 20, default: 'main', read: 'false', write: 'false' },
        country: { type: 'text', max: 2 },
      },
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
      unique: [['tenant', 'fullName', 'country']],
      indexes: [['fullName']],
    },
    Ledger: { fields: { text: { type: 'text' } } },
  },
})

async function opened(t: Parameters<typeof testBackend>[0], mode: 'development' | 'production') {
  const backend = await testBackend(t, model, { mode })
  const user = await backend.ask('POST', '/api/users', { body: { login: 'ann', secret: 'correct horse battery staple' } })
  return { backend, ask: backend.ask, token: await backend.tokenFor(user.json.id) }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']
const UNKNOWN = [
  '/nosuch',
  '/api',
  '/api/nosuch',
  '/api/nosuch/1',
  '/api/authors/1/more',
  '/api/auth/nosuch',
  '/health/nosuch',
  '/health/live/',
]
const AGAINST = { text: 'not JSON', 'content-type': 'text/plain' }

test('an unknown address is 404 for every method, whatever body is sent', async (t) => {
  const { ask } = await opened(t, 'production')
  for (const url of UNKNOWN) {
    for (const method of METHODS) {
      const bodies = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)
        ? [{}]
        : [{}, { body: {} }, { body: AGAINST.text, headers: AGAINST }]
      for (const sent of bodies) {
        const { status, json } = await ask(method, url, sent)
        assert.deepEqual([method, url, status], [method, url, 404])
        if (method !== 'HEAD') assert.equal(json.code, 'route_not_found')
      }
    }
  }
  assert.equal((await ask('GET', '/api/nosuch', { headers: { authorization: 'Bearer wrong' } })).status, 404)
})

test('the error for a path with a slash at the end names the slash', async (t) => {
  const { ask } = await opened(t, 'production')
  for (const url of ['/api/authors/', '/api/authors/?sort=id', '/api/authors/1/', '/health/live/', '/graphql/', '/api/auth/login/']) {
    const { status, json } = await ask('GET', url)
    assert.deepEqual([status, json.detail], [404, 'there is nothing at this address; leave out the slash at its end'], url)
  }
  for (const url of ['/nosuch/', '/api//', '/api/authors/1/more/'])
    assert.equal((await ask('GET', url)).json.detail, 'there is nothing at this address', url)
  const operations = [{ method: 'GET', path: '/api/authors/' }]
  assert.match((await ask('POST', '/api/transaction', { body: { operations } })).json.detail, /leave out the slash/)
})

/** Misspelt names in every position of a request, with the similar name, and names that are similar to a hidden name. */
const MISSPELT: readonly (readonly [url: string, near: string | null])[] = [
  ['/api/autors', 'authors'],
  ['/api/autors/1', 'authors'],
  ['/api/ledgrs', null],
  ['/api/authors?sort=fulName', 'fullName'],
  ['/api/authors?fields=id,contry', 'country'],
  ['/api/authors?filter[fulName]=x', 'fullName'],
  ['/api/authors?filter=fulName%20==%20"x"', 'fullName'],
  ['/api/authors?fields=salry', null],
  ['/api/authors?filter[tennant]=x', null],
  ['/api/authors?filter=salry%20==%201', null],
]

test('callers who are signed in, and every caller in development, get suggestions from their own view', async (t) => {
  const [production, development] = [await opened(t, 'production'), await opened(t, 'development')]
  const said = async ({ ask }: Pick<TestBackend, 'ask'>, url: string, token?: string) => {
    const { status, text } = await ask('GET', url, { token })
    assert.ok(status === 400 || status === 404, text)
    for (const hidden of ['salary', 'tenant', 'ledgers']) assert.ok(!text.includes(hidden), text)
    return JSON.parse(text).detail
  }
  for (const [url, near] of MISSPELT) {
    const pattern = near === null ? /^(?!.*did you mean)/ : new RegExp(`did you mean "${near}"\\?`)
    assert.match(await said(production, url, production.token), pattern, url)
    assert.match(await said(development, url), pattern, url)
    assert.doesNotMatch(await said(production, url), /did you mean/, url)
  }
})

test('in development an answer says how long it took and waited for the database; in production it does not', async (t) => {
  const { ask, token } = await opened(t, 'development')
  const timing = String((await ask('GET', '/api/authors', { token })).headers['server-timing'])
  const [, total, db, calls] = timing.match(/^total;dur=([\d.]+), db;dur=([\d.]+);desc="(\d+) calls?"$/) ?? assert.fail(timing)
  assert.ok(Number(total) >= Number(db) && Number(db) > 0 && Number(calls) >= 1, timing)
  const { ask: asked } = await opened(t, 'production')
  assert.equal((await asked('GET', '/api/authors')).headers['server-timing'], undefined)
})

test('the same in GraphQL: a name near a hidden one gets no suggestion', async (t) => {
  const { ask, token } = await opened(t, 'production')
  const said = async (query: string) => (await ask('POST', '/graphql', { token, body: { query } })).json.errors[0].message
  assert.match(await said('{ authors { nodes { fulName } } }'), /Did you mean "fullName"/)
  assert.doesNotMatch(await said('{ authors { nodes { salry } } }'), /salary/)
})

test('an If-Match of weak tags alone says that they are weak, and a list with a strong one is judged by that', async (t) => {
  const { ask } = await opened(t, 'production')
  const created = await ask('POST', '/api/authors', { body: { fullName: 'Ann', country: 'de' } })
  const url = String(created.headers.location)
  const tag = String(created.headers.etag)
  for (const method of ['PATCH', 'PUT', 'DELETE']) {
    const body = method === 'DELETE' ? undefined : { fullName: 'Ann', country: 'de' }
    for (const weak of [`W/${tag}`, `W/"x", W/${tag}`]) {
      const { status, json } = await ask(method, url, { body, headers: { 'if-match': weak } })
      assert.deepEqual([status, json.code], [412, 'weak_etag'], `${method} ${weak}`)
      assert.match(json.detail, /weak tags .* without W\//)
    }
    assert.equal((await ask(method, url, { body, headers: { 'if-match': `W/${tag}, "99"` } })).json.code, 'stale_version')
  }
  const operations = [{ method: 'DELETE', path: url, ifMatch: `W/${tag}` }]
  assert.equal((await ask('POST', '/api/transaction', { body: { operations } })).json.code, 'weak_etag')
  assert.equal((await ask('PATCH', url, { body: { country: 'at' }, headers: { 'if-match': `W/"1", ${tag}` } })).status, 200)
})

test('bodies are application/json in UTF-8, by every address that takes one', async (t) => {
  const { ask } = await opened(t, 'production')
  const accepted = [
    'application/json',
    'Application/JSON ; Charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/json; profile=x; charset=utf8',
  ]
  const refused = [
    ...['application/json; charset=utf-16', 'application/json; charset=iso-8859-1', 'application/json;x=1;charset="utf-16le"'],
    ...['application/merge-patch+json', 'application/json-patch+json', 'application/vnd.api+json', 'application/graphql+json'],
    ...['application/jsonp', 'application/json5', 'text/json', 'text/plain', 'application/x-www-form-urlencoded', 'application/graphql'],
  ]
  const addresses = [
    ['POST', '/api/authors'],
    ['PATCH', '/api/authors/1'],
    ['PUT', '/api/authors/1'],
    ['POST', '/api/transaction'],
    ['POST', '/api/auth/login'],
    ['POST', '/api/auth/refresh'],
    ['POST', '/graphql'],
  ] as const
  for (const [method, url] of addresses) {
    for (const type of accepted)
      assert.notEqual((await ask(method, url, { body: {}, headers: { 'content-type': type } })).status, 415, type)
    for (const type of refused)
      assert.equal((await ask(method, url, { body: '{}', headers: { 'content-type': type } })).status, 415, `${method} ${url} ${type}`)
  }
})

test('a combination that is taken names all its fields that the caller may know, in REST and in GraphQL', async (t) => {
  const { ask } = await opened(t, 'production')
  const body = { fullName: 'Ann', country: 'de' }
  await ask('POST', '/api/authors', { body })
  const { status, json } = await ask('POST', '/api/authors', { body })
  assert.deepEqual([status, json.detail], [409, 'another Author already has this combination of fullName and country'])
  assert.deepEqual(
    json.errors.map(({ pointer }: { pointer: string }) => pointer),
    ['/country', '/fullName'],
  )
  const query = 'mutation ($input: CreateAuthorInput!) { createAuthor(input: $input) { id } }'
  const { errors } = (await ask('POST', '/graphql', { body: { query, variables: { input: body } } })).json
  assert.equal(errors[0].message, json.detail)
  assert.ok(!JSON.stringify([json, errors]).includes('tenant'))
})

const ALL = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const places = modelFrom({
  name: 'places',
  entities: {
    Place: { fields: { name: { type: 'text', max: 20, unique: true } }, access: ALL },
    Code: { fields: { id: { type: 'text', max: 10, pattern: '^[a-z]+$' }, name: { type: 'text', max: 20 } }, access: ALL },
  },
})

test('the path for many rows accepts only a list, and answers like a list at the path of the rows', async (t) => {
  const { ask } = await testBackend(t, places)
  const names = (...of: string[]) => of.map((name) => ({ name }))
  const created = await ask('POST', '/api/places/bulk?fields=name', { body: names('a', 'b'), headers: { 'idempotency-key': 'k' } })
  assert.deepEqual([created.status, created.json], [201, names('a', 'b')])
  const again = await ask('POST', '/api/places/bulk?fields=name', { body: names('a', 'b'), headers: { 'idempotency-key': 'k' } })
  assert.deepEqual([again.status, again.headers['idempotency-replayed']], [201, 'true'])
  for (const body of [{ name: 'c' }, 'null', '"c"']) {
    const { status, json } = await ask('POST', '/api/places/bulk', { body })
    assert.deepEqual([status, json.errors], [400, [{ pointer: '', rule: 'type', message: 'must be a list of rows' }]])
  }
  const taken = await ask('POST', '/api/places/bulk', { body: names('c', 'a') })
  assert.deepEqual([taken.status, taken.json.errors[0].pointer], [409, '/1/name'])
  assert.equal((await ask('GET', '/api/places?count=true')).json.page.count, 2)
  assert.equal((await ask('POST', '/api/nosuch/bulk', { body: [] })).status, 404)
})

test('a row with the id `bulk` keeps its path', async (t) => {
  const { ask } = await testBackend(t, places)
  await ask('POST', '/api/codes', { body: { id: 'bulk', name: 'a' } })
  const url = '/api/codes/bulk'
  assert.equal((await ask('GET', url)).json.name, 'a')
  assert.equal((await ask('PATCH', url, { body: { name: 'b' } })).json.name, 'b')
  assert.equal((await ask('PUT', url, { body: { name: 'c' } })).json.version, 3)
  assert.equal((await ask('OPTIONS', url)).headers.allow, 'GET, HEAD, PATCH, PUT, DELETE, OPTIONS')
  assert.equal((await ask('HEAD', url)).status, 200)
  assert.equal((await ask('TRACE', url)).status, 405)
  assert.equal((await ask('DELETE', url)).status, 204)
  assert.equal((await ask('GET', url)).status, 404)
})

test('a name that has another place is told its place, and an "&" that cuts a filter is named', async (t) => {
  const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
  const shelves = modelFrom({
    name: 'shelves',
    entities: {
      Shelf: { fields: { place: { type: 'text', max: 20 }, size: { type: 'computed', expression: 'place + "!"' } }, access: OPEN },
      Book: { fields: { title: { type: 'text', max: 20 }, shelf: { type: 'ref', entity: 'Shelf', inverse: 'books' } }, access: OPEN },
      Secret: { fields: { shelf: { type: 'ref', entity: 'Shelf', inverse: 'secrets' } }, access: { ...OPEN, read: 'false' } },
    },
  })
  const open = async (mode: 'development' | 'production') => {
    const { ask } = await testBackend(t, shelves, { mode })
    return async (url: string) => (await ask('GET', `/api/${url}`)).json.detail
  }
  const [said, inProduction] = [await open('development'), await open('production')]
  const rows = 'Shelf has no "books" here: it is a list of rows, for include=books and filter=books.exists(x, …)'
  for (const query of ['fields=books', 'sort=books', 'filter[books]=1', 'filter[books][in]=1'])
    assert.equal(await said(`shelfs?${query}`), rows)
  for (const query of ['place', 'size']) {
    assert.equal(await said(`shelfs?include=${query}`), `Shelf has no "${query}" here: it is a field, for fields, filter and sort`)
  }
  for (const query of ['fields=shelf.place', 'sort=shelf.place'])
    assert.equal(await said(`books?${query}`), 'Book has no "shelf.place" here: to see it, use include=shelf and fields[shelf]=place')
  for (const query of ['fields=secrets', 'include=secrets', 'fields=nothing', 'fields=secrets.shelf'])
    assert.match(await said(`shelfs?${query}`), /^Shelf has no "[\w.]+"$/)
  for (const query of ['fields=books', 'include=place', 'sort=secrets'])
    assert.match(await inProduction(`shelfs?${query}`), /^Shelf has no "\w+"$/)
  const cut = /^unknown parameter ".+"; "&" begins the next parameter, so send the && of a filter as %26%26$/
  for (const filter of ['place == "a" && size == "b"', 'place=="a"&&books.exists(b, true)', 'place == "a" && !(size == "b")'])
    assert.match(await said(`shelfs?filter=${filter.replaceAll(' ', '%20').replaceAll('"', '%22')}`), cut)
})
