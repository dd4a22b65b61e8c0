import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import blog from '../examples/blog/design.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from './support/backend.ts'

const MINIMAL = { prefer: 'return=minimal' }

/** Somebody who is in the database already, signed in. */
async function userOf(backend: TestBackend, name: string): Promise<{ readonly id: string; readonly token: string }> {
  const [row] = await backend.sql("insert into users (name, email, password) values ($1, lower($1) || '@example.com', 'x') returning id", [
    name,
  ])
  const id = String(row?.id)
  return { id, token: await backend.tokenFor(id) }
}

const blogBackend = (t: TestContext) => testBackend(t, modelFrom(blog))

test('with Prefer: return=minimal a write answers without a body, and no row is built for it', async (t) => {
  const backend = await blogBackend(t)
  const { ask, statements } = backend
  const { token } = await userOf(backend, 'Ann')
  statements.length = 0
  const created = await ask('POST', '/api/posts', { token, body: { title: 'One', body: 'text' }, headers: MINIMAL })
  const url = String(created.headers.location)
  const told = ({ status, text, headers }: Answered) => [status, text, headers['preference-applied'], headers.etag]
  assert.deepEqual(told(created), [201, '', 'return=minimal', '"1"'])
  assert.match(url, /^\/api\/posts\/[0-9a-f-]{36}$/)
  const patched = await ask('PATCH', url, {
    token,
    body: { title: 'Two' },
    headers: { ...MINIMAL, 'if-match': String(created.headers.etag) },
  })
  assert.deepEqual(told(patched), [204, '', 'return=minimal', '"2"'])
  const put = await ask('PUT', url, { token, body: { title: 'Three', body: 'x' }, headers: { ...MINIMAL, 'if-match': '"2"' } })
  assert.deepEqual(told(put), [204, '', 'return=minimal', '"3"'])
  const many = await ask('POST', '/api/posts', {
    token,
    body: [
      { title: 'A', body: 'x' },
      { title: 'B', body: 'x' },
    ],
    headers: MINIMAL,
  })
  assert.deepEqual(told(many), [201, '', 'return=minimal', undefined])
  assert.ok(statements.filter((s) => s.name.endsWith('Post')).every((s) => !s.text.includes('row_to_json')))
  assert.equal((await ask('GET', url, { token })).json.title, 'Three')
  const stale = await ask('PATCH', url, { token, body: { title: 'Four' }, headers: { ...MINIMAL, 'if-match': '"2"' } })
  assert.deepEqual([stale.status, stale.json.code, stale.headers['preference-applied']], [412, 'stale_version', undefined])
})

test('a preference changes no other answer, and hides no mistake', async (t) => {
  const backend = await blogBackend(t)
  const { token } = await userOf(backend, 'Ann')
  const ask = (method: string, url: string, body?: unknown) => backend.ask(method, url, { token, body, headers: MINIMAL })
  const whole = await backend.ask('POST', '/api/posts', {
    token,
    body: { title: 'One', body: 'x' },
    headers: { prefer: 'return=representation' },
  })
  assert.equal(whole.json.title, 'One')
  assert.equal((await ask('GET', String(whole.headers.location))).json.title, 'One')
  assert.equal((await ask('POST', '/api/posts?fields=nothing', { title: 'x', body: 'x' })).json.code, 'unknown_name')
  assert.equal((await ask('POST', '/api/posts', { title: 5 })).json.code, 'validation_failed')
  assert.deepEqual(await backend.sql('select count(*)::int as n from posts'), [{ n: 1 }])
})
