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
        shown: { type: 'boolean', default: true },
      },
      access: { read: 'shown' },
    },
  },
}

test('callers of merged lists get their rows in order when only a field depends on the caller', async (t) => {
  const { ask, sql, tokenFor, statements } = await testBackend(t, modelFrom(people))
  const ids = Array.from({ length: 24 }, (_, i) => `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`)
  for (const id of ids) await sql("insert into persons (id, login, secret) values ($1, $2, 'x')", [id, id.slice(-12)])
  const tokens = await Promise.all(ids.map(tokenFor))
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(tokens.map((token) => ask('GET', '/api/persons?page[size]=5', { token })))
    for (const [i, { status, json }] of answers.entries()) {
      assert.equal(status, 200)
      const expected = ids.slice(0, 5).map((id, n) => ({ id, login: n === i ? id.slice(-12) : null }))
      assert.deepEqual(
        json.data.map((row: { readonly id: string; readonly login: string | null }) => ({ id: row.id, login: row.login })),
        expected,
      )
    }
  }
  const merged = statements.filter(({ name, text }) => name === 'list Person' && text.includes('with ordinality as c('))
  assert.ok(merged.length > 0)
  // Without it PostgreSQL may, depending on its statistics, join each row of the page with all calls.
  for (const { text } of merged) assert.match(text, / offset 0\) r$/)
})
