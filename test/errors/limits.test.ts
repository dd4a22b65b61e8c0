/** `{limit}` in the messages of a design: each rule that has a limit, in REST, actions, lists of rows and registration. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMIT_RULES } from '../../src/base/failures/rules.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const DESIGN = {
  name: 'papers',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password', min: 8, max: 20 } },
      access: { read: 'true', create: 'true', update: 'id == auth.id' },
    },
    Paper: {
      fields: {
        title: { type: 'text', min: 3, max: 5 },
        pages: { type: 'integer', min: 1, max: 9 },
        price: { type: 'decimal', precision: 5, scale: 2, min: '0.50' },
        tags: { type: 'list', of: { type: 'text', max: 2 }, min: 1, max: 2 },
      },
      access: { read: 'true', create: 'true', update: 'true' },
    },
  },
  actions: {
    order: {
      as: 'system',
      allow: 'true',
      input: { pages: 'Paper.pages', password: 'User.password' },
      steps: [{ create: 'User', set: { email: '"a@example.com"', password: 'input.password' } }],
    },
  },
  errors: {
    answer: { errors: { each: 'p in problems', key: 'p.name', is: 'p.messages' } },
    messages: Object.fromEntries(LIMIT_RULES.map((rule) => [rule, `${rule} {limit}, {limit}`])),
  },
}

test('a message names the limit that the value breaks', async (t) => {
  const { ask } = await testBackend(t, modelFrom(DESIGN))
  const errors = async (path: string, body: unknown) => (await ask('POST', path, { body })).json.errors
  assert.deepEqual(await errors('/api/papers', { title: 'ab', pages: 0, price: '0.10', tags: [] }), {
    title: ['minLength 3, 3'],
    pages: ['minimum 1, 1'],
    price: ['minimum 0.50, 0.50'],
    tags: ['minItems 1, 1'],
  })
  assert.deepEqual(await errors('/api/papers', { title: 'abcdef', pages: 10, price: '1', tags: ['a', 'bcd'] }), {
    title: ['maxLength 5, 5'],
    pages: ['maximum 9, 9'],
    tags: ['maxLength 2, 2'],
  })
  assert.deepEqual(await errors('/api/papers', []), { validation_failed: ['minItems 1, 1'] })
  assert.deepEqual(await errors('/api/actions/order', { pages: 10, password: 'long enough' }), { pages: ['maximum 9, 9'] })
  assert.deepEqual(await errors('/api/actions/order', { pages: 1, password: 'short' }), { password: ['minLength 8, 8'] })
  const long = { email: 'b@example.com', password: 'a password that is too long' }
  assert.deepEqual(await errors('/api/auth/register', long), { password: ['maxLength 20, 20'] })
})
