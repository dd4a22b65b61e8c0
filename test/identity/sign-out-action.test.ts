/** Actions with signOut end the session of their caller. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const PASSWORD = 'Lantern-Otter-42'

const design = (cookie: boolean) => ({
  name: 'leaving',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', takenLogin: 'conflict', ...(cookie ? { token: { cookie: 'session' } } : {}) },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' }, left: { type: 'boolean', default: false } },
      access: { read: 'true', create: 'true', update: 'id == auth.id', delete: 'false' },
      actions: {
        leave: {
          allow: 'row.id == auth.id',
          endpoint: { at: 'POST /leave/{id}', redirect: '/' },
          signOut: true,
          steps: [{ require: '!row.left' }, { update: 'row', set: { left: true } }],
        },
      },
    },
  },
  actions: { logout: { allow: 'true', endpoint: { at: 'DELETE /logout' }, signOut: true, answer: { left: 'true' } } },
})

async function joined(t: Parameters<typeof testBackend>[0], cookie = false) {
  const backend = await testBackend(t, modelFrom(design(cookie)))
  const registered = await backend.ask('POST', '/api/auth/register', {
    body: { email: 'ann@example.com', password: PASSWORD },
    headers: { origin: 'http://localhost:3000' },
  })
  assert.equal(registered.status, 201, registered.text)
  const { token, refreshToken, user } = registered.json
  return { ...backend, token: String(token), refreshToken: String(refreshToken), id: String(user.id), registered }
}

test('the tokens of the session are no longer valid, those of other sessions are', async (t) => {
  const { ask, token, refreshToken } = await joined(t)
  const other = (await ask('POST', '/api/auth/login', { body: { email: 'ann@example.com', password: PASSWORD } })).json
  const left = await ask('DELETE', '/logout', { token })
  assert.deepEqual([left.status, left.json], [200, { left: true }])
  assert.equal((await ask('GET', '/api/auth/me', { token })).status, 401)
  assert.equal((await ask('POST', '/api/auth/refresh', { body: { refreshToken } })).status, 401)
  assert.equal((await ask('GET', '/api/auth/me', { token: other.token })).status, 200)
  assert.equal((await ask('DELETE', '/logout')).status, 200)
})

test('an action that is refused ends no session, and one that succeeds leads on', async (t) => {
  const { ask, token, id, sql } = await joined(t)
  await sql('update users set "left" = true')
  assert.equal((await ask('POST', `/leave/${id}`, { token })).status, 409)
  assert.equal((await ask('GET', '/api/auth/me', { token })).status, 200)
  await sql('update users set "left" = false')
  const left = await ask('POST', `/leave/${id}`, { token })
  assert.deepEqual([left.status, left.headers.location], [303, '/'])
  assert.equal((await ask('GET', '/api/auth/me', { token })).status, 401)
})

test('in GraphQL it is a mutation', async (t) => {
  const { ask, token } = await joined(t)
  const { json } = await ask('POST', '/graphql', { token, body: { query: 'mutation { logout { left } }' } })
  assert.deepEqual(json, { data: { logout: { left: true } } })
  assert.equal((await ask('GET', '/api/auth/me', { token })).status, 401)
})

test('the cookie is removed', async (t) => {
  const { ask, registered } = await joined(t, true)
  const cookie = String(registered.headers['set-cookie']).split(';', 1)[0] ?? ''
  const headers = { cookie, origin: 'http://localhost:3000' }
  assert.equal((await ask('DELETE', '/logout', { headers: { cookie, origin: 'http://evil.example' } })).status, 403)
  assert.equal((await ask('GET', '/api/auth/me', { headers })).status, 200)
  const left = await ask('DELETE', '/logout', { headers })
  assert.match(String(left.headers['set-cookie']), /^session=;.*Max-Age=0/i)
  assert.equal((await ask('GET', '/api/auth/me', { headers })).status, 401)
})
