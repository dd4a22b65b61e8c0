/** `empty: null` on a text: an empty text that is sent is stored as missing, by REST, GraphQL and actions. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const design = {
  name: 'profiles',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'true', create: 'true' },
    },
    Profile: {
      fields: {
        name: { type: 'text', max: 20 },
        bio: { type: 'text', min: 2, max: 20, optional: true, empty: null },
        plain: { type: 'text', max: 20, optional: true },
      },
      access: { read: 'true', create: 'true', update: 'true' },
      actions: { describe: { allow: 'true', input: { bio: 'Profile.bio?' }, steps: [{ update: 'row', set: 'input' }] } },
    },
  },
}

test('an empty text is stored as missing', async (t) => {
  const backend = await testBackend(t, modelFrom(design))
  const made = await backend.ask('POST', '/api/profiles', { body: { name: 'a', bio: '', plain: '' } })
  assert.deepEqual([made.status, made.json.bio, made.json.plain], [201, null, ''])
  const url = `/api/profiles/${made.json.id}`
  assert.equal((await backend.ask('PATCH', url, { body: { bio: 'long' } })).json.bio, 'long')
  assert.equal((await backend.ask('PATCH', url, { body: { bio: '' } })).json.bio, null)
  assert.equal((await backend.ask('PATCH', url, { body: { bio: 'x' } })).status, 400, 'the limits hold for other texts')
  await backend.ask('PATCH', url, { body: { bio: 'long' } })
  assert.equal((await backend.ask('POST', `${url}/describe`, { body: { bio: '' } })).json.bio, null)
  const query = 'mutation ($name: String!) { createProfile(input: { name: $name, bio: "" }) { profile { bio plain } } }'
  const { json } = await backend.ask('POST', '/graphql', { body: { query, variables: { name: 'b' } } })
  assert.deepEqual(json, { data: { createProfile: { profile: { bio: null, plain: null } } } })
})
