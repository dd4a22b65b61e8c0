/** Filters of code with values of the request. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the design is made at run time, so the code has no types
type Context = any

const model = modelFrom({
  name: 'words',
  entities: {
    Word: {
      fields: { text: { type: 'text', max: 200 } },
      indexes: [['text']],
      access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
    },
  },
  actions: {
    count: {
      allow: 'true',
      reads: true,
      input: { text: 'text' },
      output: { equal: 'integer', among: 'integer', beginning: 'integer' },
      run: async ({ db, input: { text } }: Context) => ({
        equal: await db.Word.count({ filter: { text } }),
        among: await db.Word.count({ filter: { text: { in: [text] } } }),
        beginning: await db.Word.count({ filter: { text: { eq: 'a', startsWith: text } } }),
      }),
    },
  },
})

test('a filter of code takes every text that an input takes', async (t) => {
  const { ask } = await testBackend(t, model)
  assert.equal((await ask('POST', '/api/words', { body: { text: 'a' } })).status, 201)
  const count = async (text: string) => (await ask('GET', `/api/actions/count?${new URLSearchParams({ text })}`)).json
  assert.deepEqual(await count('a'), { equal: 1, among: 1, beginning: 1 })
  assert.deepEqual(await count('a'.repeat(10_000)), { equal: 0, among: 0, beginning: 0 })
})
