/** Actions of code in the OpenAPI document. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { modelWithCode } from './code-world.ts'

test('the document has the output, the codes of the design, and 501 for code that is not written yet', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: a document of any shape
  const { paths }: any = openapi(await modelWithCode('shop.yaml'), { reach: 'all', version: '1.0.0', limits: LIMITS })
  const { responses } = paths['/api/actions/buy'].post
  const { properties, required } = responses[200].content['application/json'].schema
  assert.deepEqual(
    [Object.keys(properties), required],
    [
      ['number', 'total', 'note'],
      ['number', 'total'],
    ],
  )
  assert.match(responses[422].description, /out_of_stock/)
  assert.equal(responses[501], undefined)
  const later = paths['/api/actions/later'].post.responses
  assert.deepEqual(later[501].content['application/problem+json'].schema.allOf[1].properties.code.enum, ['not_implemented'])
  assert.ok(later[204] !== undefined && later[200] !== undefined)
})
