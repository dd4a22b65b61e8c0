/** Merged lists whose rows do not depend on the caller, but of which a field does. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const people = {
  name: 'people',
  entities: {
    Person: {
      identity: { login: 'login', password: 'secret' },
      fields: {
        login: { type: 'text', max: 20, unique: true, read: 'id == auth.id' },
        secret: { type: 'password' },
      },
      access: { read: 'true' },
    },
  },
}

test('callers of merged lists get their rows in order when only a field depends on the caller', async (t) => {
  const { ask, sql, tokenFor, statements } = await testBackend(t, modelFrom(people))
  const ids = Array.from({ length: 12 }, (_, i) => `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`)
  for (const id of ids) await sql("insert into persons (id, login, secret) values ($1, right($1::text, 12), 'x')", [id])
  const tokens = await Promise.all(ids.map(tokenFor))
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(tokens.map((token) => ask('GET', '/api/persons?page[size]=5&fields=id,login', { token })))
    for (const [i, { status, json }] of answers.entries()) {
      assert.equal(status, 200)
      const expected = ids.slice(0, 5).map((id, n) => ({ id, login: n === i ? id.slice(-12) : null }))
      assert.deepEqual(json.data, expected)
    }
  }
  assert.ok(statements.some(({ name, text }) => name === 'list Person' && text.includes('unnest($1::text[]')))
})
