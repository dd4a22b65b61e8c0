import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { sweepAnswers } from '../../src/services/idempotency/idempotency.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { newPem } from '../identity/instances.ts'
import { type Answered, type Asked, asking, modelFrom, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'

const PASSWORD = 'Correct-horse-7'

async function start(t: TestContext) {
  const keys = readKeys('AUTH_KEYS', newPem())
  const backend = await testBackend(t, modelFrom(blog), { keys })
  const signUp = async (name: string) => {
    const body = { name, email: `${name.toLowerCase()}@example.com`, password: PASSWORD }
    const { json } = await backend.ask('POST', '/api/auth/register', { body })
    return { id: String(json.user.id), token: String(json.token) }
  }
  /** Another instance over the same database, as after a restart. */
  const another = async () => {
    const { model, databaseUrl } = backend
    const other = await openBackend({
      rateLimits: NO_RATE_LIMITS,
      model,
      databaseUrl,
      keys,
      mode: 'production',
      publicUrl: 'http://localhost:3000',
      observe: () => {},
      patience: PATIENCE,
    })
    t.after(() => other.close())
    return asking(other)
  }
  const ann = await signUp('Ann')
  const titles = async () => (await backend.sql('select title from posts order by title')).map((row) => row.title)
  return { ...backend, ann, signUp, another, titles }
}

/** Sends a write with a key. */
const keyed = (ask: (method: string, url: string, asked?: Asked) => Promise<Answered>, key: string, token?: string) => {
  return (method: string, url: string, body?: unknown, headers: Record<string, string> = {}) =>
    ask(method, url, { token, body, headers: { ...headers, 'idempotency-key': key } })
}

const TELLING = ['content-type', 'etag', 'location', 'preference-applied']
const told = ({ status, text, headers }: Answered) => [status, text, ...TELLING.map((name) => headers[name])]

test('a write that is sent again is answered as it was the first time, byte for byte, also after a restart', async (t) => {
  const { ask, another, ann, titles, sql } = await start(t)
  const restarted = await another()
  const first = await keyed(ask, 'create', ann.token)('POST', '/api/posts', { title: 'One', body: 'x' })
  const url = String(first.headers.location)
  const writes: readonly (readonly [string, string, string, unknown, Record<string, string>?])[] = [
    ['create', 'POST', '/api/posts', { title: 'One', body: 'x' }],
    ['change', 'PATCH', url, { title: 'Two' }],
    ['replace', 'PUT', `${url}?include=author`, { title: 'Three', body: 'y' }, { 'if-match': '"2"' }],
    ['quiet', 'PATCH', url, { title: 'Four' }, { prefer: 'return=minimal' }],
    [
      'many',
      'POST',
      '/api/posts',
      [
        { title: 'A', body: 'x' },
        { title: 'B', body: 'x' },
      ],
    ],
    ['nested', 'POST', '/api/users', { name: 'Eve', email: 'eve@example.com', password: PASSWORD }],
    ['transaction', 'POST', '/api/transaction', { operations: [{ method: 'POST', path: '/api/posts', body: { title: 'C', body: 'x' } }] }],
    ['delete', 'DELETE', url, undefined],
  ]
  for (const [key, method, address, body, headers] of writes) {
    const once = key === 'create' ? first : await keyed(ask, key, ann.token)(method, address, body, headers)
    assert.ok(once.status < 300, once.text)
    assert.equal(once.headers['idempotency-replayed'], undefined)
    for (const again of [ask, restarted]) {
      const repeated = await keyed(again, key, ann.token)(method, address, body, headers)
      assert.deepEqual(told(repeated), told(once), key)
      assert.equal(repeated.headers['idempotency-replayed'], 'true')
    }
  }
  assert.deepEqual(await titles(), ['A', 'B', 'C'])
  assert.deepEqual(await sql("select count(*)::int as n from users where name = 'Eve'"), [{ n: 1 }])
})

test('the same key for another request is refused, and another caller, method or address has keys of its own', async (t) => {
  const { ask, ann, signUp, titles } = await start(t)
  const bob = await signUp('Bob')
  const [asAnn, asBob] = [keyed(ask, 'k', ann.token), keyed(ask, 'k', bob.token)]
  const first = await asAnn('POST', '/api/posts', { title: 'Ann', body: 'x' })
  const url = String(first.headers.location)
  for (const other of [
    await asAnn('POST', '/api/posts', { title: 'Ann', body: 'y' }),
    await asAnn('POST', '/api/posts', '{"title": "Ann", "body": "x"}'),
    await asAnn('POST', '/api/posts?fields=id', { title: 'Ann', body: 'x' }),
    await asAnn('POST', '/api/posts', { title: 'Ann', body: 'x' }, { prefer: 'return=minimal' }),
  ])
    assert.deepEqual([other.status, other.json.code], [422, 'idempotency_mismatch'])
  assert.equal((await asBob('POST', '/api/posts', { title: 'Bob', body: 'x' })).json.title, 'Bob')
  assert.equal((await asAnn('PATCH', url, { title: 'Ann 2' })).json.title, 'Ann 2')
  assert.equal((await asAnn('PUT', url, { title: 'Ann 3', body: 'x' })).json.title, 'Ann 3')
  assert.equal((await asAnn('DELETE', url)).status, 204)
  assert.deepEqual([(await asBob('DELETE', url)).status, (await asAnn('DELETE', url)).status], [404, 204])
  assert.equal((await keyed(ask, 'k')('POST', '/api/posts', { title: 'Nobody', body: 'x' })).json.code, 'not_signed_in')
  assert.deepEqual(await titles(), ['Bob'])
})

test('an address with percent-encoded letters is the same address, so a key has one effect there', async (t) => {
  const { ask, ann, titles } = await start(t)
  const send = keyed(ask, 'one', ann.token)
  const first = await send('POST', '/api/posts', { title: 'One', body: 'x' })
  assert.equal(first.status, 201)
  for (const path of ['/api/%70osts', '/api/p%6Fsts', '/api/%70%6f%73%74%73']) {
    const again = await send('POST', path, { title: 'One', body: 'x' })
    assert.deepEqual([told(again), again.headers['idempotency-replayed']], [told(first), 'true'], path)
  }
  assert.deepEqual(await titles(), ['One'])
})

test('a failed write is not stored, so the same key works after the mistake is corrected', async (t) => {
  const { ask, ann, titles, sql } = await start(t)
  const send = keyed(ask, 'k', ann.token)
  assert.equal((await send('POST', '/api/posts', { title: 5 })).json.code, 'validation_failed')
  assert.equal((await send('POST', '/api/posts', { title: 'x', body: 'x', author: '0191f3c0-7a2b-7c3d-8e4f-0123456789ab' })).status, 400)
  const operations = [
    { method: 'POST', path: '/api/posts', body: { title: 'Gone', body: 'x' } },
    { method: 'GET', path: '/api/posts/1' },
  ]
  assert.equal((await send('POST', '/api/transaction', { operations })).status, 404)
  assert.deepEqual(await sql('select count(*)::int as n from plinth.idempotency_keys'), [{ n: 0 }])
  assert.equal((await send('POST', '/api/posts', { title: 'Good', body: 'x' })).status, 201)
  assert.deepEqual(await titles(), ['Good'])
})

test('fifty requests with one key at the same moment have one effect, over two instances', async (t) => {
  const { ask, another, ann, titles } = await start(t)
  const other = await another()
  for (const title of ['One', 'Two', 'Three']) {
    const body = { title, body: 'x' }
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => keyed(i % 2 === 0 ? ask : other, title, ann.token)('POST', '/api/posts', body)),
    )
    const made = answers.filter((a) => a.status === 201)
    assert.ok(made.length >= 1)
    assert.equal(new Set(made.map((a) => a.text)).size, 1)
    assert.equal(made.filter((a) => a.headers['idempotency-replayed'] === undefined).length, 1)
    for (const refused of answers.filter((a) => a.status !== 201)) {
      assert.deepEqual([refused.status, refused.json.code, refused.headers['retry-after']], [409, 'idempotency_in_flight', '1'])
    }
    assert.equal((await keyed(other, title, ann.token)('POST', '/api/posts', body)).text, made[0]?.text)
  }
  assert.deepEqual(await titles(), ['One', 'Three', 'Two'])
})

test('keys are short and printable, and reads have none', async (t) => {
  const { ask, ann, statements, titles } = await start(t)
  const body = { title: 'One', body: 'x' }
  for (const key of ['', 'x'.repeat(256), 'caf\u00e9', 'a\tb']) {
    const answer = await keyed(ask, key, ann.token)('POST', '/api/posts', body)
    assert.deepEqual([answer.status, answer.json.code], [400, 'malformed_request'], JSON.stringify(key))
  }
  assert.deepEqual(await titles(), [])
  for (const key of ['x'.repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"', '~ !']) {
    assert.equal((await keyed(ask, key, ann.token)('POST', '/api/posts', body)).status, 201)
  }
  statements.length = 0
  assert.equal((await keyed(ask, 'k', ann.token)('GET', '/api/posts')).json.data.length, 3)
  assert.equal((await ask('POST', '/api/posts', { token: ann.token, body })).status, 201)
  assert.deepEqual(
    statements.filter((s) => s.name.startsWith('idempotency')),
    [],
  )
})

test('an answer is stored for a day, and the stored rows reveal no password', async (t) => {
  const { ask, ann, titles, sql, databaseUrl } = await start(t)
  const send = keyed(ask, 'k', ann.token)
  const changed = await send('PATCH', `/api/users/${ann.id}`, { password: 'Another-horse-8' })
  assert.equal(changed.status, 200)
  assert.equal((await ask('POST', '/api/auth/login', { body: { email: 'ann@example.com', password: 'Another-horse-8' } })).status, 200)
  const kept = await sql(
    "select *, expires_at between now() + interval '23 hours' and now() + interval '25 hours' as day from plinth.idempotency_keys",
  )
  assert.equal(kept[0]?.day, true)
  const text = JSON.stringify(kept, (_, value) => (value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value))
  for (const secret of ['horse', 'argon2', ann.token, 'password']) assert.ok(!text.includes(secret), secret)
  await send('POST', '/api/posts', { title: 'One', body: 'x' })
  await sql("update plinth.idempotency_keys set expires_at = now() - interval '1 second'")
  const again = await send('POST', '/api/posts', { title: 'Two', body: 'x' })
  assert.deepEqual([again.status, again.headers['idempotency-replayed']], [201, undefined])
  assert.equal((await send('POST', '/api/posts', { title: 'Two', body: 'x' })).headers['idempotency-replayed'], 'true')
  assert.deepEqual(await titles(), ['One', 'Two'])
  await sql(
    'update plinth.idempotency_keys set expires_at = now() where expires_at = (select min(expires_at) from plinth.idempotency_keys)',
  )
  const executor = openExecutor({ url: databaseUrl, connections: 1, statementTimeoutMs: 5_000 })
  t.after(() => executor.close())
  assert.deepEqual([await sweepAnswers(executor.run), await sweepAnswers(executor.run)], [1, 0])
  assert.deepEqual(await sql('select count(*)::int as n from plinth.idempotency_keys'), [{ n: 1 }])
})

const EVE = { name: 'Eve', email: 'eve@example.com', password: PASSWORD }

/** All rows that are stored under keys, as text. */
async function keptText(sql: (text: string) => Promise<readonly unknown[]>): Promise<string> {
  const kept = await sql('select * from plinth.idempotency_keys')
  return JSON.stringify(kept, (_, value) => (value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value))
}

test('a repeated registration creates one account and gets new tokens, and no token is stored', async (t) => {
  const { ask, another, sql } = await start(t)
  const first = await keyed(ask, 'k')('POST', '/api/auth/register', EVE)
  assert.equal(first.status, 201)
  assert.equal(first.headers['idempotency-replayed'], undefined)
  const answers = [first]
  for (const again of [ask, await another()]) {
    const repeated = await keyed(again, 'k')('POST', '/api/auth/register', EVE)
    assert.deepEqual([repeated.status, repeated.headers['idempotency-replayed']], [201, 'true'], repeated.text)
    assert.deepEqual(repeated.json.user, first.json.user)
    answers.push(repeated)
  }
  for (const member of ['token', 'refreshToken']) assert.equal(new Set(answers.map(({ json }) => json[member])).size, 3)
  for (const { json } of answers) {
    assert.equal((await ask('GET', '/api/auth/me', { token: json.token })).json.id, first.json.user.id)
    assert.equal((await ask('POST', '/api/auth/refresh', { body: { refreshToken: json.refreshToken } })).status, 200)
  }
  assert.deepEqual(await sql("select count(*)::int as n from users where name = 'Eve'"), [{ n: 1 }])
  assert.deepEqual(await sql('select status, headers, body from plinth.idempotency_keys'), [
    { status: 201, headers: '{}', body: JSON.stringify({ id: first.json.user.id }) },
  ])
  const text = await keptText(sql)
  for (const { json } of answers) for (const secret of [json.token, json.refreshToken]) assert.ok(!text.includes(secret))
  for (const secret of ['horse', 'argon2', 'scrypt', 'eve@example.com']) assert.ok(!text.includes(secret), secret)
})

test('the key of a registration belongs to one body and one caller, and a failed registration leaves its key free', async (t) => {
  const { ask, ann, sql } = await start(t)
  const send = keyed(ask, 'k')
  assert.equal((await send('POST', '/api/auth/register', { ...EVE, password: 'short' })).json.code, 'validation_failed')
  assert.equal((await send('POST', '/api/auth/register', { ...EVE, email: 'ann@example.com' })).json.code, 'already_taken')
  assert.equal((await send('POST', '/api/auth/register', EVE)).status, 201)
  for (const other of [{ name: 'Bob' }, { email: 'bob@example.com' }, { password: 'Another-horse-8' }]) {
    const refused = await send('POST', '/api/auth/register', { ...EVE, ...other })
    assert.deepEqual([refused.status, refused.json.code], [422, 'idempotency_mismatch'])
  }
  assert.equal((await keyed(ask, 'k', ann.token)('POST', '/api/auth/register', EVE)).json.code, 'already_taken')
  assert.equal((await keyed(ask, 'other')('POST', '/api/auth/register', EVE)).json.code, 'already_taken')
  assert.equal((await ask('POST', '/api/auth/register', { body: EVE })).json.code, 'already_taken')
  assert.deepEqual(await sql('select count(*)::int as n from users'), [{ n: 2 }])
})

test('a repeated registration gets no tokens once the password or the login has changed, or the account is deleted', async (t) => {
  const { ask, sql } = await start(t)
  const sessions = async () => (await sql('select id from plinth.sessions where revoked_at is null')).length
  const register = (name: string) => {
    const body = { ...EVE, name, email: `${name.toLowerCase()}@example.com` }
    return keyed(ask, name)('POST', '/api/auth/register', body)
  }
  const [eve, fay, gil] = [await register('Eve'), await register('Fay'), await register('Gil')]
  const password = 'Another-horse-8'
  assert.equal((await ask('PATCH', `/api/users/${eve.json.user.id}`, { token: eve.json.token, body: { password } })).status, 200)
  await sql('delete from users where id = $1', [fay.json.user.id])
  await sql("update users set email = 'gilbert@example.com' where id = $1", [gil.json.user.id])
  const before = await sessions()
  for (const name of ['Eve', 'Fay', 'Gil']) {
    const refused = await register(name)
    assert.deepEqual([refused.status, refused.json.code], [401, 'invalid_credentials'], name)
  }
  // Another account has the login of the first one now, and the same password.
  assert.equal((await ask('POST', '/api/auth/register', { body: { ...EVE, name: 'Gil', email: 'gil@example.com' } })).status, 201)
  const refused = await register('Gil')
  assert.deepEqual([refused.status, refused.json.code], [401, 'invalid_credentials'])
  assert.equal(await sessions(), before + 1)
})

test('equal registrations at the same moment create one account', async (t) => {
  const { ask, another, sql } = await start(t)
  const other = await another()
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, i) => keyed(i % 2 === 0 ? ask : other, 'k')('POST', '/api/auth/register', EVE)),
  )
  const made = answers.filter(({ status }) => status === 201)
  assert.ok(made.length >= 1)
  assert.equal(new Set(made.map(({ json }) => json.user.id)).size, 1)
  assert.equal(made.filter(({ headers }) => headers['idempotency-replayed'] === undefined).length, 1)
  for (const refused of answers.filter(({ status }) => status !== 201)) assert.equal(refused.json.code, 'idempotency_in_flight')
  assert.deepEqual(await sql("select count(*)::int as n from users where name = 'Eve'"), [{ n: 1 }])
})

test('a sign-in stores no answer, because it contains tokens', async (t) => {
  const { ask, sql } = await start(t)
  const body = { email: 'ann@example.com', password: PASSWORD }
  for (const _ of ['first', 'second']) assert.equal((await keyed(ask, 'k')('POST', '/api/auth/login', body)).status, 200)
  assert.deepEqual(await sql('select count(*)::int as n from plinth.idempotency_keys'), [{ n: 0 }])
})
