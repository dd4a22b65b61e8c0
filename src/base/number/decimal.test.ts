import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SEEDED } from '../../../test/support/random.ts'
import { isObject } from '../is-object.ts'
import { isExactInDouble, nearestDouble, numberDigits, plainDigits } from './decimal.ts'
import { exactNumber, isExactNumber, parseJson } from './exact-json.ts'

test('plain digits of every notation of a number', () => {
  const cases = [
    ['0', '0'],
    ['-0.0', '0'],
    ['0e9999', '0'],
    ['1.50e3', '1500'],
    ['12345678901234567890.10', '12345678901234567890.1'],
    ['-0.00120', '-0.0012'],
    ['1e-7', '0.0000001'],
    ['1.25E+1', '12.5'],
    ['9007199254740993', '9007199254740993'],
    ['007', '7'],
  ] as const
  for (const [text, digits] of cases) assert.equal(plainDigits(text), digits, text)
  for (const text of ['', '-', '.5', '1.', '+1', '0x1F', '1e', 'NaN', 'Infinity', '1e500', '1e-500', '1e99999', ' 1']) {
    assert.equal(plainDigits(text), undefined, text)
  }
})

test('plain digits of a double are the same number', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(finite, (n) => assert.equal(Number(plainDigits(String(n))), n === 0 ? 0 : n)),
    SEEDED,
  )
})

test('a double keeps whole numbers up to 2^53 - 1 and other numbers up to 15 digits', () => {
  for (const text of ['9007199254740991', '-9007199254740991', '0.123456789012345', '1.00000000000000000', '1e300', '0e-999'])
    assert.ok(isExactInDouble(text, Number(text)), text)
  for (const text of ['9007199254740993', '0.1234567890123456', '1.0000000000000001', '1e400', '1e-400', '12345678901234567890'])
    assert.ok(!isExactInDouble(text, Number(text)), text)
})

test('a number that a double would round to zero or infinity has no nearest double', () => {
  assert.deepEqual(['1e400', '1e-400', '-1e-400', 'x', ''].map(nearestDouble), Array(5).fill(undefined))
  assert.deepEqual(['0e-400', '-0', '0.1000000000000000055'].map(nearestDouble), [0, 0, 0.1])
})

test('a double whose digits may differ from the written number has no digits', () => {
  assert.deepEqual([1e21, 0.1, -1.5e-7, 9007199254740991].map(numberDigits), [
    '1000000000000000000000',
    '0.1',
    '-0.00000015',
    '9007199254740991',
  ])
  assert.deepEqual([0.1 + 0.2, 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY].map(numberDigits), Array(4).fill(undefined))
})

test('parsed JSON is written again with the same numbers, and no JSON forges a number', () => {
  const text = '{"a":750727362669608961,"b":[0.12345678901234567891,1,"12345678901234567891"],"rawJSON":"1","__proto__":{"c":1e400}}'
  const parsed = parseJson(text)
  assert.equal(JSON.stringify(parsed), text)
  assert.ok(isObject(parsed) && isExactNumber(parsed.a) && !isObject(parsed.a))
  assert.equal(isExactNumber(parseJson('{"rawJSON":"12345678901234567891"}')), false)
  assert.equal(exactNumber('1.50'), 1.5)
})
