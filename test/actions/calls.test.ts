/** Actions that run the steps of other actions. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const MODEL = modelFrom({
  name: 'notes',
  entities: {
    Note: {
      fields: { title: { type: 'text' }, text: { type: 'text', default: 'empty' }, size: { type: 'integer', default: 0 } },
      access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      actions: {
        edit: {
          as: 'system',
          allow: 'true',
          input: { text: 'Note.text?', size: { type: 'integer', min: 0, default: 3 } },
          steps: [{ require: 'input.size > 1' }, { update: 'row', set: { text: 'input.text', size: 'input.size' } }],
        },
        touch: { as: 'system', allow: 'true', steps: [{ call: 'Note.edit', on: 'row' }], answer: { text: 'row.text', size: 'row.size' } },
        resize: {
          as: 'system',
          allow: 'true',
          steps: [{ call: 'Note.edit', on: 'row', input: { size: '7', text: '"new"' } }],
          answer: { text: 'row.text', size: 'row.size' },
        },
      },
    },
  },
})

test('an input that a call leaves out has its default, or sets no field', async (t) => {
  const world = await testBackend(t, MODEL)
  const { json: note } = await world.ask('POST', '/api/notes', { body: { title: 'a', text: 'kept' } })
  const touched = await world.ask('POST', `/api/notes/${note.id}/touch`)
  assert.deepEqual([touched.status, touched.json], [200, { text: 'kept', size: 3 }], touched.text)
  const resized = await world.ask('POST', `/api/notes/${note.id}/resize`)
  assert.deepEqual([resized.status, resized.json], [200, { text: 'new', size: 7 }], resized.text)
})
