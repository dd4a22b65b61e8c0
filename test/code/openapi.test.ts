/** Actions of code in the OpenAPI document. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { modelFrom } from '../support/backend.ts'
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

test('every operation whose hook is not written yet has 501, and no other', () => {
  const open = { read: 'true', create: 'true', update: 'true', delete: 'true' }
  const designWith = (hooks: object) => ({
    name: 'x',
    entities: {
      Person: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { ...open, read: 'id == auth.id' },
      },
      Board: { fields: { name: { type: 'text' } }, access: open, actions: { clear: { allow: 'true', steps: [{ delete: 'row.notes' }] } } },
      Note: {
        fields: { text: { type: 'text', unique: true }, board: { type: 'ref', entity: 'Board', inverse: 'notes' } },
        access: open,
        hooks,
        actions: {
          rename: { allow: 'true', input: { text: 'Note.text' }, steps: [{ update: 'row', set: 'input' }] },
          copy: {
            allow: 'true',
            input: { texts: { type: 'list', of: { type: 'text' } } },
            steps: [{ ensure: 'Note', each: 't in input.texts', set: { text: 't', board: 'row.board' }, existing: { board: 'row.board' } }],
          },
        },
      },
    },
  })
  const marked = (hooks: object) => {
    // biome-ignore lint/suspicious/noExplicitAny: a document of any shape
    const { paths }: any = openapi(modelFrom(designWith(hooks)), { reach: 'all', version: '1.0.0', limits: LIMITS })
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods as object).flatMap(([method, { responses }]) =>
        responses?.[501] === undefined ? [] : [`${method} ${path.replace('/api', '')}`],
      ),
    )
  }
  const creates = ['post /boards', 'post /boards/bulk', 'post /notes', 'post /notes/bulk', 'post /notes/{id}/copy', 'post /transaction']
  const updates = ['patch /notes/{id}', 'post /notes/{id}/copy', 'post /notes/{id}/rename', 'post /transaction', 'put /notes/{id}']
  assert.deepEqual(marked({}).toSorted(), [])
  assert.deepEqual(marked({ afterUpdate: { run: () => undefined } }).toSorted(), [])
  assert.deepEqual(marked({ beforeCreate: 'hooks/none.ts' }).toSorted(), creates)
  assert.deepEqual(marked({ afterUpdate: 'hooks/none.ts' }).toSorted(), updates)
  const deletes = ['delete /notes/{id}', 'post /boards/{id}/clear', 'post /transaction']
  assert.deepEqual(marked({ beforeDelete: 'hooks/none.ts' }).toSorted(), deletes)
})
