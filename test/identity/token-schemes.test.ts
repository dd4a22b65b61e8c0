/** How access tokens are sent, and for how long they are valid: `identity.token`. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const PASSWORD = 'otter lantern window'
const ACCOUNT = { email: 'ada@example.org', password: PASSWORD }

function designWith(token: object) {
  return {
    name: 'notes',
    entities: {
      User: {
        identity: { login: 'email', password: 'password', takenLogin: 'conflict', token },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'id == auth.id', create: 'true', update: 'false', delete: 'false' },
      },
      Note: {
        fields: { text: { type: 'text', max: 100 } },
        access: { read: 'auth.id != null', create: 'auth.id != null', update: 'false', delete: 'false' },
      },
    },
  }
}

async function openNotes(t: TestContext, token: object) {
  const world = await testBackend(t, modelFrom(designWith(token)))
  const { ask } = world
  const account = (await ask('POST', '/api/auth/register', { body: ACCOUNT })).json
  const notes = (authorization: string) => ask('GET', '/api/notes', { headers: { authorization } })
  return { ...world, account, notes }
}

test('the header has the word of the design before the token, and no other', async (t) => {
  const { account, notes, ask } = await openNotes(t, { scheme: 'Token' })
  const { token } = account
  for (const header of [`Token ${token}`, `token ${token}`, `TOKEN   ${token} `]) assert.equal((await notes(header)).status, 200, header)
  for (const header of [`Bearer ${token}`, `Tokens ${token}`, `Token${token}`, token, 'Token', `Token ${token},`]) {
    const refused = await notes(header)
    assert.deepEqual([refused.status, refused.json.code], [401, 'invalid_token'], header)
    assert.equal(refused.headers['www-authenticate'], 'Token error="invalid_token"')
  }
  const nobody = await ask('GET', '/api/notes')
  assert.deepEqual([nobody.status, nobody.headers['www-authenticate']], [401, 'Token'])
  const graphql = await ask('POST', '/graphql', { body: { query: '{ __typename }' }, headers: { authorization: `Bearer ${token}` } })
  assert.deepEqual([graphql.status, graphql.headers['www-authenticate']], [401, 'Token error="invalid_token"'])
})

test('an access token lasts as long as the design says, and ends with its session', async (t) => {
  const { account, notes, ask } = await openNotes(t, { lasts: '30d' })
  const { token, expiresIn } = account
  assert.equal(expiresIn, 30 * 86_400)
  const { exp, iat } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
  assert.equal(exp - iat, expiresIn)
  assert.equal((await notes(`Bearer ${token}`)).status, 200)
  await ask('POST', '/api/auth/logout', { token })
  assert.deepEqual((await notes(`Bearer ${token}`)).json.code, 'invalid_token')
})

test('the OpenAPI document has the scheme', () => {
  const schemes = (token: object) => {
    const document = JSON.parse(JSON.stringify(openapi(modelFrom(designWith(token)), { reach: 'all', version: '1.0.0', limits: LIMITS })))
    return { of: document.components.securitySchemes, note: document.paths['/api/notes'].get.security }
  }
  assert.deepEqual(Object.keys(schemes({}).of), ['bearer'])
  const { of, note } = schemes({ scheme: 'Token' })
  assert.deepEqual([of.token.type, of.token.in, of.token.name, note], ['apiKey', 'header', 'Authorization', [{ token: [] }]])
})
