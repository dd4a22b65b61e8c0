/** Passwords in an upsert of the own account that another key than the login names. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const clubs = {
  name: 'clubs',
  entities: {
    Member: {
      identity: { login: 'email', password: 'secret' },
      fields: {
        email: { type: 'email', unique: true },
        secret: { type: 'password' },
        handle: { type: 'text', max: 20, unique: true },
      },
      access: { read: 'true', create: 'true', update: 'id == auth.id' },
    },
  },
}

test('an account cannot take its login for its password by an upsert with another key', async (t) => {
  const { ask, sql, tokenFor } = await testBackend(t, modelFrom(clubs))
  const body = { email: 'ann.smith@example.com', secret: 'Lantern-Otter-42', handle: 'ann' }
  assert.ok((await ask('POST', '/api/auth/register', { body })).status < 300)
  const [member] = await sql('select id from members')
  const token = await tokenFor(String(member?.id))
  const upsert = (secret: string) =>
    ask('POST', '/graphql', {
      token,
      body: {
        query: `mutation { upsertMember(where: { handle: "ann" }, create: { email: "new@example.com", secret: "Lantern-Otter-43", handle: "ann" }, update: { secret: "${secret}" }) { created } }`,
      },
    })
  const refused = (await upsert('Ann.Smith@example.com')).json
  assert.equal(refused.errors?.[0]?.extensions.code, 'validation_failed', JSON.stringify(refused))
  const accepted = (await upsert('Glade-orchid-47')).json
  assert.equal(accepted.data?.upsertMember?.created, false, JSON.stringify(accepted))
})
