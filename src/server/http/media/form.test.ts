import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../../base/limits.ts'
import { FORM_BODY, parseForm } from './form.ts'

function parsed(text: string) {
  return parseForm(Buffer.from(text, 'latin1'))
}

test('a form has names and values in their order', () => {
  assert.deepEqual(parsed('a=1&b=x+y%26z&a=2&c&=d&&%C3%A4=%E2%82%AC'), [
    ['a', '1'],
    ['b', 'x y&z'],
    ['a', '2'],
    ['c', ''],
    ['', 'd'],
    ['ä', '€'],
  ])
  assert.deepEqual(parsed(''), [])
  assert.deepEqual(parsed('a=b=c'), [['a', 'b=c']])
})

test('a form agrees with what URLSearchParams writes', () => {
  const pairs = [
    ['a b', '"<>&=+%~*-._\u0000\r\n'],
    ['𝒳', 'ü'],
    ['__proto__', 'x'],
  ] as const
  assert.deepEqual(parsed(new URLSearchParams(pairs.map((pair) => [...pair])).toString()), pairs)
})

test('a malformed form is refused', () => {
  for (const text of ['a=%', 'a=%zz', '%=1', 'a=%ff', 'a=%c3', 'a=%ed%a0%80', 'a=\u00e4'])
    assert.throws(() => parsed(text), { code: 'malformed_request' }, text)
  assert.throws(() => parsed('a&'.repeat(LIMITS.bodyKeys + 1)), { code: 'malformed_request' })
})

test('the media type is that of forms, in UTF-8', () => {
  const form = 'application/x-www-form-urlencoded'
  for (const type of [form, form.toUpperCase(), `${form}; charset=utf-8`, `${form};charset="UTF-8"`, `${form}; x=y`])
    assert.match(type, FORM_BODY)
  for (const type of [`${form}; charset=latin1`, `${form}2`, 'multipart/form-data', 'application/json', `x${form}`, ''])
    assert.doesNotMatch(type, FORM_BODY)
})
