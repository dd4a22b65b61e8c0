/** Passwords in the input of actions. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const PASSWORD = 'correct horse battery staple'

function designWith(password: unknown) {
  return {
    name: 'club',
    entities: {
      Member: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' }, motto: { type: 'text', optional: true } },
        access: { read: 'id == auth.id', create: 'true' },
      },
    },
    actions: {
      join: {
        as: 'system',
        allow: 'true',
        input: { email: 'Member.email', password },
        steps: [{ create: 'Member', set: { email: 'input.email', password: 'input.password' } }],
      },
    },
  }
}

test('an action stores the hash of a password, and refuses a weak one', async (t) => {
  const world = await testBackend(t, modelFrom(designWith('Member.password')))
  const join = (password: string) => world.ask('POST', '/api/actions/join', { body: { email: 'ada@example.org', password } })
  for (const weak of ['short', 'ada@example.org']) {
    const { status, json } = await join(weak)
    assert.deepEqual([status, json.errors?.[0]?.pointer], [400, '/password'], weak)
  }
  assert.equal((await join(PASSWORD)).status, 204)
  const [stored] = await world.sql('select password from members')
  assert.match(String(stored?.password), /^\$argon2id\$/)
  const signedIn = await world.ask('POST', '/api/auth/login', { body: { email: 'ada@example.org', password: PASSWORD } })
  assert.equal(signedIn.status, 200, signedIn.text)
})

test('only an input of the type password can be stored in a password', () => {
  for (const input of ['Member.motto', { type: 'text' }]) {
    const { diagnostics } = resolveDesign(designWith(input), NO_SOURCE)
    assert.ok(
      diagnostics.some(({ code }) => code === 'PLN-D313'),
      JSON.stringify(diagnostics),
    )
  }
})
