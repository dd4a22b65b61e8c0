import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SCALAR_KINDS } from '../../model/scalar.ts'
import { compareValues, readValue, VALUES } from './values.ts'

const GOOD: Readonly<Record<string, readonly (readonly [unknown, unknown])[]>> = {
  text: [
    ['', ''],
    ['ä', 'ä'],
  ],
  email: [
    ['A@Example.com', 'a@example.com'],
    ["o'neil+x@sub.example.co", "o'neil+x@sub.example.co"],
  ],
  url: [['https://example.com/a?b#c', 'https://example.com/a?b#c']],
  uuid: [['0198C0DE-0000-7000-8000-000000000000', '0198c0de-0000-7000-8000-000000000000']],
  integer: [
    [0, 0],
    [-9007199254740991, -9007199254740991],
  ],
  decimal: [
    ['12.50', '12.50'],
    [-0.5, '-0.5'],
    ['0', '0'],
  ],
  number: [[1.5e300, 1.5e300]],
  boolean: [[false, false]],
  timestamp: [
    ['2024-02-29T23:59:59.5+02:00', '2024-02-29T21:59:59.500Z'],
    ['2024-02-29t23:59:59.123456z', '2024-02-29T23:59:59.123Z'],
  ],
  date: [
    ['2024-02-29', '2024-02-29'],
    ['0001-01-01', '0001-01-01'],
  ],
  time: [
    ['09:30', '09:30:00.000'],
    ['23:59:59.999', '23:59:59.999'],
  ],
  duration: [
    ['P1W', 'P1W'],
    ['PT1H30M', 'PT1H30M'],
    ['P1DT0.5S', 'P1DT0.5S'],
  ],
  encrypted: [['a ä', 'a ä']],
  encryptedEqual: [['', '']],
  json: [[{ a: [null] }, { a: [null] }]],
}

const BAD: Readonly<Record<string, readonly unknown[]>> = {
  text: [1, null, 'a\u0000b', '\ud800'],
  email: ['a', '.a@b.co', 'a..b@example.com', 'a b@example.com', '@example.com', `${'a'.repeat(250)}@example.com`],
  url: ['example.com', 'javascript:alert(1)', 'http://', 'ftp://example.com', 'https://example.com/ü'],
  uuid: ['1', '0198c0de00007000800000000000'],
  integer: [1.5, 2 ** 53, '1', Number.NaN],
  decimal: ['1.', '.5', '1e3', 1e21, 0.1 + 0.2, 'NaN', '', '1'.repeat(101)],
  number: [Number.POSITIVE_INFINITY, '1'],
  boolean: ['true', 0],
  timestamp: [
    '2024-01-01',
    '2024-02-30T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:00',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-01:00',
  ],
  date: ['2023-02-29', '2024-13-01', '24-01-01', '0000-01-01'],
  time: ['24:00', '9:30', '09:60', '09:30:60'],
  json: [null, { a: '\u0000' }, Number.NaN],
  encrypted: ['a\u0000', 1, null],
  encryptedEqual: ['\ud800', true, ['a']],
  duration: ['P1M', 'P1Y', 'P', 'PT', 'PT1.5H', '1h', 'P99999999D'],
}

test('every scalar converts its values to one spelling and refuses wrong values', () => {
  assert.deepEqual(Object.keys(GOOD), SCALAR_KINDS)
  for (const kind of SCALAR_KINDS) {
    for (const [value, read] of GOOD[kind] ?? []) assert.deepEqual(readValue(kind, value), read, `${kind} ${JSON.stringify(value)}`)
    for (const value of BAD[kind] ?? []) assert.equal(readValue(kind, value), undefined, `${kind} ${JSON.stringify(value)}`)
    assert.notEqual(VALUES[kind].says, '')
  }
})

test('values are compared by meaning, not by spelling', () => {
  assert.ok(compareValues('decimal', '9.5', '10.25') < 0)
  assert.equal(compareValues('decimal', '1.50', '1.5'), 0)
  assert.ok(compareValues('decimal', '-1.5', '-1.25') < 0)
  assert.ok(compareValues('duration', 'PT90M', 'PT1H') > 0)
  assert.ok(compareValues('time', '09:00:00.000', '10:00:00.000') < 0)
  assert.ok(compareValues('integer', 2, 10) < 0)
})
