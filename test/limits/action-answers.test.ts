/** The answer of an action ends where it is too large: PostgreSQL does not make the rest of it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const docs = { list: 'Doc', limit: 100, as: 'docs' }
const answering = (answer: object) => ({ allow: 'true', steps: [docs], answer })

const model = modelFrom({
  name: 'library',
  entities: {
    Doc: {
      fields: { text: { type: 'text', max: 10_000 } },
      access: { read: 'true', create: 'false', update: 'false', delete: 'false' },
    },
  },
  actions: {
    texts: answering({ each: 'a in docs', is: { each: 'b in docs', is: { each: 'c in docs', is: 'c.text' } } }),
    rows: answering({ each: 'a in docs', is: { each: 'b in docs', is: { each: 'c in docs', is: 'Doc(c)' } } }),
    mapped: answering({ each: 'a in docs', is: { each: 'b in docs', is: 'docs.map(c, c.text)' } }),
    keyed: answering({ each: 'a in docs', key: 'a.id', is: { each: 'b in docs', key: 'b.id', is: { each: 'c in docs', is: 'c.text' } } }),
    few: answering({ sizes: { each: 'd in docs', is: 'size(d.text)' }, all: 'docs.map(d, size(d.text))' }),
  },
})

// The whole answer would have 10 GB, more than PostgreSQL puts into a text.
test('an answer of nested lists is refused before it is made', async (t) => {
  const world = await testBackend(t, model)
  const row = "gen_random_uuid(), repeat('x', 10000), now(), now(), 1"
  await world.sql(`insert into docs (id, text, created_at, updated_at, version) select ${row} from generate_series(1, 100)`)
  for (const action of ['texts', 'rows', 'mapped', 'keyed']) {
    const { status, json } = await world.ask('GET', `/api/actions/${action}`)
    assert.deepEqual([action, status, json.code], [action, 400, 'answer_too_large'])
  }
  const { json } = await world.ask('GET', '/api/actions/few')
  assert.deepEqual([json.sizes.length, json.all.length], [100, 100])
})
