import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SEEDED } from '../../../test/support/random.ts'
import { asEntityName, asMemberName, ENTITY_NAME, kebabCase, MEMBER_NAME } from './derived-names.ts'

test('a name becomes kebab-case', () => {
  for (const [name, kebab] of Object.entries({ OrderItem: 'order-item', HTTPServer: 'http-server', title: 'title' }))
    assert.equal(kebabCase(name), kebab)
})

test('the suggestion for a refused name is a valid name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      assert.match(asMemberName(name), MEMBER_NAME)
      assert.match(asEntityName(name), ENTITY_NAME)
    }),
    SEEDED,
  )
})
