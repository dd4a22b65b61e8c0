import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SEEDED } from '../../../test/support/random.ts'
import { Failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { parseBody } from './body.ts'

const refusalOf = (text: string): string => {
  try {
    parseBody(Buffer.from(text))
  } catch (error) {
    if (error instanceof Failure) return error.detail
    throw error
  }
  return ''
}

/** Texts of characters that a wrong scanner takes for the end of a string or for structure. */
const tricky = fc.string({ unit: fc.constantFrom('"', '\\', '[', '{', ',', ']', '}', 'a', 'ü', '\n') })

test('characters inside strings do not count as depth or items', () => {
  fc.assert(
    fc.property(fc.array(tricky, { maxLength: 20 }), (texts) => {
      const open = '['.repeat(LIMITS.bodyDepth * 2)
      const body = texts.map((text) => `${text}${open}`)
      assert.deepEqual(parseBody(Buffer.from(JSON.stringify(body))), body)
    }),
    SEEDED,
  )
})

test('a body that is too deep or has too many items is refused, also after strings with escapes', () => {
  fc.assert(
    fc.property(tricky, (text) => {
      const before = `[${JSON.stringify(text)},`
      assert.match(refusalOf(`${before}${'['.repeat(LIMITS.bodyDepth)}`), /levels deep/)
      assert.match(refusalOf(`${before}${'1,'.repeat(LIMITS.bodyKeys)}1]`), /keys and items/)
    }),
    SEEDED,
  )
})

test('a string without an end is not JSON', () => {
  for (const text of ['"', '"a', '"a\\', '"a\\"', '["a\\\\\\"', '{"a":"']) assert.equal(refusalOf(text), 'the body is not JSON')
})
