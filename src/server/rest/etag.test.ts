import assert from 'node:assert/strict'
import { test } from 'node:test'
import { utf8 } from '../../base/bytes/utf8.ts'
import { etag } from './etag.ts'

test('the tag of a body is the same for its text and for its UTF-8 bytes', () => {
  for (const body of ['{}', '{"name":"Grüße"}', '{"name":"日本語 😀"}']) assert.equal(etag('7', utf8(body)), etag('7', body))
})
