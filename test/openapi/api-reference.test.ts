import assert from 'node:assert/strict'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

test('the interactive reference is served in development, with its own content security policy', async (t) => {
  const { ask, statements } = await testBackend(t, modelFrom(blog))
  const page = await ask('GET', '/docs', { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
  assert.equal(page.status, 200)
  assert.match(String(page.headers['content-type']), /^text\/html/)
  assert.match(String(page.headers['content-security-policy']), /script-src 'self' 'sha256-/)
  assert.match(page.text, /src="\/docs\/scalar\.js"/)
  const script = await ask('GET', '/docs/scalar.js')
  assert.equal(script.status, 200)
  assert.match(String(script.headers['content-type']), /^text\/javascript/)
  assert.equal((await ask('HEAD', '/docs/scalar.js')).text, '')
  assert.equal((await ask('GET', '/docs', { headers: { accept: 'text/html' } })).status, 200)
  assert.equal((await ask('GET', '/api/posts', { headers: { accept: 'text/html' } })).status, 406)
  assert.equal((await ask('POST', '/docs')).status, 405)
  assert.deepEqual(statements, [])
})

test('the document that the reference loads is served, with rules in development, and in production with only what the caller can reach', async (t) => {
  const development = await testBackend(t, modelFrom(blog))
  const open = await development.ask('GET', '/openapi.json')
  assert.equal(open.status, 200)
  assert.ok(open.json.paths['/api/users/{id}'].delete !== undefined)
  const production = await testBackend(t, modelFrom(blog), { mode: 'production' })
  const closed = await production.ask('GET', '/openapi.json')
  assert.equal(closed.json.paths['/api/users/{id}'].delete, undefined)
  assert.ok(!closed.text.includes('auth.role'))
  const id = '01900000-0000-7000-8000-00000000000a'
  await production.sql(
    `insert into users (id, name, email, password, role, created_at, updated_at, version) values ($1, 'Root', 'root@example.com', 'x', 'admin', now(), now(), 1)`,
    [id],
  )
  const admin = await production.ask('GET', '/openapi.json', { token: await production.tokenFor(id) })
  assert.ok(admin.json.paths['/api/users/{id}'].delete !== undefined)
  assert.equal((await production.ask('GET', '/docs')).status, 404)
  assert.equal((await production.ask('GET', '/docs/scalar.js')).status, 404)
})
