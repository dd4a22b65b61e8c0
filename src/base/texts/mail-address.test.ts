import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headerText, isMailAddress, readMailAddress } from './mail-address.ts'

test('an address has a name before it or not', () => {
  assert.deepEqual(readMailAddress('Blog <no-reply@example.com>'), { name: 'Blog', address: 'no-reply@example.com' })
  assert.deepEqual(readMailAddress(' no-reply@example.com '), { name: '', address: 'no-reply@example.com' })
  assert.deepEqual(readMailAddress('Blog, Inc. <a@b>'), { name: 'Blog, Inc.', address: 'a@b' })
  for (const text of ['', 'Blog', 'a@b c@d', 'a@b, c@d', '<a@b> <c@d>', 'A\r\nBcc: x@y <a@b>', '"a@b" <c@d>', 'a@b <c@d> e']) {
    assert.equal(readMailAddress(text), null, JSON.stringify(text))
  }
})

test('what could become two addresses or another command is none', () => {
  const none = [
    'a',
    '@b',
    'a@',
    'a@b@c',
    'a b@c',
    'a@b\r\nRCPT TO:<x@y>',
    'a@b\n',
    'a@b\0',
    'a@b\u2028',
    '"a@x.com>,"@b',
    'a@b,c@d',
    'a@b;c',
    '-a@b',
    'a@b\u202e',
  ]
  for (const text of none) assert.equal(isMailAddress(text), false, JSON.stringify(text))
  for (const text of ['a@b', "o'neill+tag@exämple.com", 'x_y.z@sub.example.org']) assert.equal(isMailAddress(text), true, text)
})

test('a text for a header is one line', () => {
  assert.equal(headerText(' a\r\nBcc: b\0c\u2028d\u2029e\u0085f\t '), 'a Bcc: b c d e f')
})
