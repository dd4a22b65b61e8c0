/** The cookie that may hold the access token: what it lets a page of this origin do, and what pages of other origins cannot do with it. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { BackendOptions } from '../../src/server/backend-options.ts'
import { openSessionCookie } from '../../src/server/http/caller/session-cookie.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const PASSWORD = 'otter lantern window'
const OWN = 'https://app.example.org'
const FOREIGN = 'https://evil.example.com'

const DESIGN = {
  name: 'notes',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', takenLogin: 'conflict', token: { cookie: 'session', lasts: '1h' } },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'id == auth.id', create: 'true', update: 'id == auth.id', delete: 'false' },
    },
    Note: {
      fields: { text: { type: 'text', max: 100 }, owner: { type: 'ref', entity: 'User', set: 'auth.id' } },
      access: { read: 'owner == auth.id', create: 'auth.id != null', update: 'owner == auth.id', delete: 'owner == auth.id' },
    },
  },
  actions: {
    enter: {
      allow: 'true',
      input: { email: 'text', password: 'text' },
      steps: [{ signIn: { email: 'input.email', password: 'input.password' } }],
    },
    join: {
      allow: 'true',
      input: { email: 'User.email', password: 'User.password' },
      steps: [{ create: 'User', set: 'input', as: 'user' }, { signIn: 'user' }],
      answer: { id: 'auth.id' },
    },
    current: { allow: 'true', answer: { id: 'auth.id', token: 'auth.token' } },
    write: { allow: 'auth.id != null', input: { text: 'Note.text' }, steps: [{ create: 'Note', set: 'input' }] },
  },
}

async function openNotes(t: TestContext, options: Partial<BackendOptions> = {}) {
  const world = await testBackend(t, modelFrom(DESIGN), { mode: 'production', publicUrl: OWN, ...options })
  const { ask } = world
  const account = { email: 'ada@example.org', password: PASSWORD }
  const joined = await ask('POST', '/api/actions/join', { body: account })
  const cookie = String(joined.headers['set-cookie']).split(';')[0] ?? ''
  const from = (origin: string, cookies = cookie) => ({ cookie: cookies, origin })
  const write = (headers: Readonly<Record<string, string>>) => ask('POST', '/api/notes', { body: { text: 'hello' }, headers })
  const current = async (headers: Readonly<Record<string, string>>) => (await ask('GET', '/api/actions/current', { headers })).json.id
  return { ...world, account, joined, cookie, from, write, current, id: joined.json.id as string }
}

const ATTRIBUTES = 'Max-Age=3600; Path=/; HttpOnly; Secure; SameSite=Lax'

test('every way to sign in sets the cookie with a new token, and signing out removes it', async (t) => {
  const { account, joined, ask, from, current, cookie, id } = await openNotes(t)
  const register = { ...account, email: 'bob@example.org' }
  const mutation = `mutation { enter(email: "ada@example.org", password: "${PASSWORD}") }`
  const ways = [
    joined,
    await ask('POST', '/api/actions/enter', { body: account, headers: { origin: OWN } }),
    await ask('POST', '/api/auth/login', { body: account }),
    await ask('POST', '/api/auth/register', { body: register }),
    await ask('POST', '/graphql', { body: { query: mutation } }),
  ]
  const { refreshToken } = ways[2]?.json ?? {}
  ways.push(await ask('POST', '/api/auth/refresh', { body: { refreshToken } }))
  const seen = ways.map(({ headers }) => String(headers['set-cookie']))
  for (const one of seen) assert.match(one, new RegExp(`^__Host-session=[\\w.-]{300,}; ${ATTRIBUTES}$`))
  assert.equal(new Set(seen).size, ways.length)
  assert.equal(await current({ cookie }), id)
  const out = await ask('POST', '/api/auth/logout', { headers: from(OWN) })
  assert.deepEqual([out.status, out.headers['set-cookie']], [204, `__Host-session=; ${ATTRIBUTES.replace('3600', '0')}`])
  assert.equal(await current({ cookie }), null, 'the session is over, not only the cookie')
})

test('a page of another origin changes nothing with the cookie', async (t) => {
  const { write, from, cookie, ask, sql, account } = await openNotes(t, { corsOrigins: [FOREIGN] })
  const attacks: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['another origin, even one that CORS allows', from(FOREIGN)],
    ['no origin, as of a sandboxed frame', from('null')],
    ['a host that begins like ours', from('https://app.example.org.evil.example.com')],
    ['a subdomain', from('https://user.app.example.org')],
    ['without TLS', from('http://app.example.org')],
    ['another port', from('https://app.example.org:8443')],
    ['no Origin, another site', { cookie, 'sec-fetch-site': 'cross-site' }],
    ['no Origin, a sibling site', { cookie, 'sec-fetch-site': 'same-site' }],
    ['a foreign Origin that claims to be ours', { ...from(FOREIGN), 'sec-fetch-site': 'same-origin' }],
    ['neither header', { cookie }],
  ]
  for (const [what, headers] of attacks) {
    const refused = await write(headers)
    assert.deepEqual([refused.status, refused.json.code], [403, 'foreign_origin'], what)
    const graphql = await ask('POST', '/graphql', { body: { query: 'mutation { write(text: "x") }' }, headers })
    assert.deepEqual([graphql.status, graphql.json.errors[0].extensions.code], [403, 'foreign_origin'], what)
    assert.equal((await ask('POST', '/api/auth/logout', { headers })).json.code, 'foreign_origin', what)
  }
  assert.equal(Number((await sql('select count(*) n from notes'))[0]?.n), 0)
  for (const headers of [from(OWN), { cookie, 'sec-fetch-site': 'same-origin' }]) assert.equal((await write(headers)).status, 201)
  for (const [path, status] of [
    ['auth/login', 200],
    ['actions/enter', 204],
  ] as const) {
    const planted = await ask('POST', `/api/${path}`, { body: account, headers: { origin: FOREIGN } })
    assert.deepEqual([planted.status, planted.headers['set-cookie']], [status, undefined], `a foreign page signs nobody in by ${path}`)
  }
})

test('pages of other origins may not send the cookie with CORS', async (t) => {
  const { ask, from } = await openNotes(t, { corsOrigins: [FOREIGN] })
  const read = await ask('GET', '/api/notes', { headers: from(FOREIGN) })
  assert.equal(read.headers['access-control-allow-origin'], FOREIGN)
  assert.equal(read.headers['access-control-allow-credentials'], undefined)
  const preflight = await ask('OPTIONS', '/api/notes', { headers: { origin: FOREIGN, 'access-control-request-method': 'POST' } })
  assert.equal(preflight.headers['access-control-allow-credentials'], undefined)
})

test('a header decides alone, from any origin, and no answer shows the token of a cookie', async (t) => {
  const { account, ask, cookie, from, current, write, id } = await openNotes(t, { corsOrigins: [FOREIGN] })
  const bob = (await ask('POST', '/api/auth/register', { body: { ...account, email: 'bob@example.org' } })).json
  const authorization = `Bearer ${bob.token}`
  assert.equal(await current({ ...from(OWN), authorization }), bob.user.id)
  assert.equal((await write({ ...from(FOREIGN), authorization })).status, 201)
  const broken = await ask('GET', '/api/actions/current', { headers: { cookie, authorization: 'Bearer x' } })
  assert.equal(broken.json.code, 'invalid_token', 'a wrong header does not fall back to the cookie')
  assert.deepEqual((await ask('GET', '/api/actions/current', { headers: { cookie } })).json, { id, token: null })
})

test('a planted or stale cookie signs nobody in, and is not kept at a sign-in', async (t) => {
  const { account, ask, cookie, current, from } = await openNotes(t)
  const attacker = await ask('POST', '/api/auth/register', { body: { ...account, email: 'eve@example.org' } })
  const planted = `__Host-session=${attacker.json.token}`
  for (const cookies of [
    `${cookie}; ${planted}`,
    `${planted}; ${cookie}`,
    'session=x',
    '__Host-session=',
    '__Host-session="x"',
    '__Host-sessionx=y',
  ])
    assert.equal(await current({ cookie: cookies }), null, cookies)
  assert.equal(await current({ cookie: `${planted.replace('__Host-', '')}; __host-session=x` }), null)
  const fixed = await ask('POST', '/api/actions/enter', { body: account, headers: from(OWN, planted) })
  const set = String(fixed.headers['set-cookie'])
  assert.ok(!set.includes(attacker.json.token))
  assert.notEqual(await current({ cookie: set.split(';')[0] ?? '' }), attacker.json.user.id)
  await ask('POST', '/api/auth/logout', { token: attacker.json.token })
  const again = await ask('POST', '/api/actions/enter', { body: account, headers: from(OWN, planted) })
  assert.equal(again.status, 204, 'a stale cookie does not keep anybody from signing in')
})

test('a repetition with Idempotency-Key sets a cookie of its own, and none is stored', async (t) => {
  const { ask, sql } = await openNotes(t)
  const body = { email: 'key@example.org', password: PASSWORD }
  const headers = { 'idempotency-key': 'once' }
  const [first, second] = [
    await ask('POST', '/api/actions/join', { body, headers }),
    await ask('POST', '/api/actions/join', { body, headers }),
  ]
  assert.equal(second.headers['idempotency-replayed'], 'true')
  const [one, other] = [String(first.headers['set-cookie']), String(second.headers['set-cookie'])]
  assert.match(other, /^__Host-session=/)
  assert.notEqual(one, other)
  const kept = JSON.stringify(await sql('select * from plinth.idempotency_keys'))
  assert.ok(!kept.includes('session='))
})

test('the cookie has the prefix and Secure everywhere but on this machine in development', () => {
  const set = (mode: 'development' | 'production', publicUrl: string) =>
    openSessionCookie({ name: 'session', sameSite: 'strict' }, { mode, publicUrl, lastsSeconds: 60 }).set('t')
  const plain = 'session=t; Max-Age=60; Path=/; HttpOnly; SameSite=Strict'
  const safe = '__Host-session=t; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Strict'
  for (const host of ['localhost:3000', '127.0.0.1:3000', '[::1]:3000']) {
    assert.equal(set('development', `http://${host}`), plain)
    assert.equal(set('development', `https://${host}`), safe)
    assert.equal(set('production', `http://${host}`), safe)
  }
  assert.equal(set('development', 'http://192.0.2.1:3000'), safe)
  assert.equal(set('production', OWN), safe)
})
