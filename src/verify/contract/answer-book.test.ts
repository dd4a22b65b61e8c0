import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { answerBook } from './answer-book.ts'

test('answers to callers whose document could not be read are not tested, and the book says so', async () => {
  const { model } = resolveDesign({ name: 'notes', entities: { Note: { fields: { text: { type: 'text' } } } } }, NO_SOURCE)
  const book = answerBook(model ?? assert.fail('no model'))
  await book.open([null, 'a', 'b'], async () => ({ status: 503, headers: {}, text: '', json: undefined }))
  assert.deepEqual(book.left(), [
    { what: 'all answers to 3 callers', why: 'the backend did not serve its OpenAPI document to them: status 503' },
  ])
})
