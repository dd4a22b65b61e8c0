import assert from 'node:assert/strict'
import { test } from 'node:test'
import { list, scalar } from '../../../test/support/field-types.ts'
import type { FieldType } from '../../model/field-type.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { encodeJson } from './encode.ts'

function rulesOf(type: FieldType, value: unknown): readonly string[] {
  const encoded = encodeJson(type, value)
  return encoded.ok ? [] : encoded.problems.map((p) => `${p.pointer}:${p.rule}`)
}

test('limits of a text count code points and are all named', () => {
  const name = scalar('text', { min: 2, max: 3, pattern: '^[^x]*$' })
  assert.deepEqual(rulesOf(name, '𝒳𝒳𝒳'), [])
  assert.deepEqual(rulesOf(name, '𝒳'), [':minLength'])
  assert.deepEqual(rulesOf(name, 'x'), [':minLength', ':pattern'])
  assert.deepEqual(rulesOf(name, '𝒳𝒳𝒳𝒳'), [':maxLength'])
  assert.deepEqual(rulesOf(scalar('text', { max: 0 }), ''), [])
})

test('a problem of a password says what is missing', () => {
  const encoded = encodeJson({ kind: 'password', min: 8, max: 20, pattern: '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)' }, 'hunter')
  assert.deepEqual(encoded.ok ? [] : encoded.problems.map((p) => p.message), [
    'must be at least 8 characters',
    'must contain an upper-case letter and a digit',
  ])
})

test('limits of numbers, decimals and dates include their ends', () => {
  const cases: readonly (readonly [ScalarKind, number | string, number | string, readonly unknown[], readonly unknown[]])[] = [
    ['integer', 1, 5, [1, 5], [0, 6]],
    ['number', 0.5, 1.5, [0.5, 1.5], [0.4, 1.6]],
    ['decimal', '0.1', '99999999.98', ['0.10', '99999999.98', 0.1], ['0.09', '99999999.99', '-1']],
    ['decimal', 0, 100, [0, '100.00'], ['-0.01', '100.01']],
    ['date', '2024-01-01', '2024-12-31', ['2024-01-01', '2024-12-31'], ['2023-12-31', '2025-01-01']],
    [
      'timestamp',
      '2024-01-01T00:00:00Z',
      '2024-01-02T00:00:00Z',
      ['2024-01-01T01:00:00+01:00'],
      ['2024-01-01T00:00:00+01:00', '2024-01-02T00:00:00.001Z'],
    ],
    ['time', '08:00', '18:00', ['08:00:00', '18:00'], ['07:59:59.999', '18:00:00.001']],
    ['duration', 'PT1H', 'P1D', ['PT60M', 'PT24H'], ['PT59M59.999S', 'P1DT1S']],
  ]
  for (const [kind, min, max, inside, outside] of cases) {
    for (const value of inside) assert.deepEqual(rulesOf(scalar(kind, { min, max }), value), [], `${kind} ${value}`)
    for (const value of outside) assert.match(rulesOf(scalar(kind, { min, max }), value).join(), /^:(minimum|maximum)$/, `${kind} ${value}`)
  }
})

test('items of a list are named by their place, and a list that is too long is not read', () => {
  assert.deepEqual(encodeJson(list(scalar('text', { max: 3 })), ['a', '"\\{},', '', 'x', 'ab']), {
    ok: false,
    problems: [{ pointer: '/1', rule: 'maxLength', message: 'must be at most 3 characters', limit: 3 }],
  })
  assert.deepEqual(rulesOf(list(scalar('text'), 2), [1, 2, 3]), [':maxItems'])
  assert.deepEqual(rulesOf(list(scalar('integer')), [1, null, 'a']), ['/1:type', '/2:type'])
})
