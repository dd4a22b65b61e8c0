import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { list, scalar } from '../../../test/support/field-types.ts'
import { SEEDED } from '../../../test/support/random.ts'
import type { FieldType } from '../../model/field-type.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { arrayLiteral, encodeJson, encodeText } from './encode.ts'

test('good values take one canonical form', () => {
  const good: readonly (readonly [ScalarKind, unknown, unknown])[] = [
    ['text', '', ''],
    ['text', '𝒳 ✓ \'";--', '𝒳 ✓ \'";--'],
    ['email', 'Ada.Lovelace+x@Example.ORG', 'ada.lovelace+x@example.org'],
    ['url', 'https://example.org:8080/a?b=c#d', 'https://example.org:8080/a?b=c#d'],
    ['uuid', '0191F3C0-7A2B-7C3D-8E4F-0123456789AB', '0191f3c0-7a2b-7c3d-8e4f-0123456789ab'],
    ['integer', 9007199254740991, 9007199254740991],
    ['integer', -0, -0],
    ['decimal', '12345678.99', '12345678.99'],
    ['decimal', 0.1, '0.1'],
    ['decimal', 1e7, '10000000'],
    ['decimal', -12.5, '-12.5'],
    ['number', 5e-324, 5e-324],
    ['boolean', false, false],
    ['timestamp', '2024-02-29T23:59:59.123456789+05:30', '2024-02-29T18:29:59.123Z'],
    ['timestamp', '0001-01-01t00:00:00z', '0001-01-01T00:00:00.000Z'],
    ['timestamp', '9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['date', '2000-02-29', '2000-02-29'],
    ['time', '18:30', '18:30:00.000'],
    ['time', '23:59:59.5', '23:59:59.500'],
    ['duration', 'P2W', 'P14D'],
    ['duration', 'PT36H90M', 'P1DT13H30M'],
    ['duration', 'PT0.5S', 'PT0.5S'],
    ['duration', 'P0D', 'PT0S'],
    ['json', { b: [1, null, 'x'], a: true }, '{"b":[1,null,"x"],"a":true}'],
    ['json', JSON.parse('{"__proto__": {"polluted": true}}'), '{"__proto__":{"polluted":true}}'],
  ]
  for (const [kind, value, expected] of good) assert.deepEqual(encodeJson(scalar(kind), value), { ok: true, value: expected })
})

test('texts of a query string become the same values', () => {
  assert.deepEqual(encodeText(scalar('integer'), '-12'), { ok: true, value: -12 })
  assert.deepEqual(encodeText(scalar('number'), '1.5e3'), { ok: true, value: 1500 })
  assert.deepEqual(encodeText(scalar('boolean'), 'false'), { ok: true, value: false })
  assert.deepEqual(encodeText(scalar('email'), 'A@b.c'), { ok: true, value: 'a@b.c' })
  assert.deepEqual(encodeText(list(scalar('integer')), '3'), { ok: true, value: 3 })
  for (const text of ['', ' 1', '1.0', '1e3', '0x1', '9007199254740992', '99999999999999999999', '١'])
    assert.equal(encodeText(scalar('integer'), text).ok, false, text)
  for (const text of ['', '.5', '1.', '1e400', 'NaN', 'Infinity', '0x1', '1_000', '--1'])
    assert.equal(encodeText(scalar('number'), text).ok, false, text)
  for (const text of ['', 'TRUE', '1', 't', 'yes']) assert.equal(encodeText(scalar('boolean'), text).ok, false, text)
  assert.equal(encodeText(scalar('json'), '{}').ok, false)
})

test('a filter may use a value beyond the limits of a field, but not a choice that does not exist', () => {
  assert.equal(encodeText(scalar('integer', { max: 10 }), '1000').ok, true)
  assert.equal(encodeText(scalar('text', { min: 5 }), 'a').ok, true)
  assert.deepEqual(encodeText({ kind: 'choice', values: ['a', 'b'] }, 'c'), {
    ok: false,
    problems: [{ pointer: '', rule: 'enum', message: 'must be one of "a", "b"' }],
  })
})

test('a reference is an id or an object with the id alone', () => {
  const author: FieldType = { kind: 'ref', entity: 'User', inverse: null, onDelete: 'restrict', acyclic: false, scalar: 'uuid' }
  const id = '0191f3c0-7a2b-7c3d-8e4f-0123456789ab'
  assert.deepEqual(encodeJson(author, id), { ok: true, value: id })
  assert.deepEqual(encodeJson(author, { id }), { ok: true, value: id })
  for (const value of [
    'x',
    1,
    null,
    {},
    { id: 'x' },
    { id, name: 'a' },
    [id],
    { id: { id } },
    JSON.parse(`{"__proto__": {"id": "${id}"}}`),
  ]) {
    assert.equal(encodeJson(author, value).ok, false, JSON.stringify(value))
  }
})

/** Reads an array literal by the grammar of the PostgreSQL documentation, independently of how it was written. */
function readArrayLiteral(text: string): readonly string[] {
  const items: string[] = []
  const item = /"((?:[^"\\]|\\.)*)"(,|\}$)/gsy
  item.lastIndex = 1
  for (let match = item.exec(text); match !== null; match = item.exec(text)) items.push((match[1] ?? '').replace(/\\(.)/gs, '$1'))
  return items
}

test('any items survive an array literal', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('"', '\\', ',', '{', '}', ' ', 'a', '\n', '𝒳', 'NULL') })), (items) =>
      assert.deepEqual(readArrayLiteral(arrayLiteral(items)), items),
    ),
    SEEDED,
  )
  assert.equal(arrayLiteral([]), '{}')
  assert.equal(arrayLiteral([1, true, null, 'null']), '{"1","true",NULL,"null"}')
})

test('every number that a decimal takes keeps the digits that were written', () => {
  const money = scalar('decimal', { precision: { digits: 15, scale: 6 } })
  fc.assert(
    fc.property(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: 0, max: 999_999 }), (whole, fraction) => {
      const text = `${whole}.${String(fraction).padStart(6, '0')}`
      const encoded = encodeJson(money, Number(text))
      assert.ok(encoded.ok)
      assert.equal(Number(encoded.value), Number(text))
      assert.doesNotMatch(String(encoded.value), /e/)
    }),
    SEEDED,
  )
})
