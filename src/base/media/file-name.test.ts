import assert from 'node:assert/strict'
import test from 'node:test'
import { contentDisposition, nameIn, safeName } from './file-name.ts'

test('a name has no folders, no controls and no characters that turn text around', () => {
  assert.equal(safeName('../../etc/passwd'), 'passwd')
  assert.equal(safeName('C:\\fakepath\\cat.png'), 'cat.png')
  assert.equal(safeName('a\r\nSet-Cookie: x=1.png'), 'aSet-Cookie: x=1.png')
  assert.equal(safeName('invoice\u202Egnp.exe'), 'invoicegnp.exe')
  assert.equal(safeName('..'), 'file')
  assert.equal(safeName(''), 'file')
})

test('a long name is cut before its ending, between two characters', () => {
  const name = safeName(`${'ä'.repeat(200)}.png`)
  assert.ok(Buffer.byteLength(name) <= 255)
  assert.match(name, /^ä+\.png$/)
})

test('a header with a name has no quotes, line breaks or characters outside of ASCII', () => {
  assert.equal(contentDisposition('inline', 'cat.png'), 'inline; filename="cat.png"')
  assert.equal(contentDisposition('attachment', 'a"b.png'), `attachment; filename="a_b.png"; filename*=UTF-8''a%22b.png`)
  assert.equal(
    contentDisposition('attachment', 'größe (1).png'),
    `attachment; filename="gr__e (1).png"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%281%29.png`,
  )
  for (const name of ['\r\nx: y', '日本.pdf', '%0d%0a', '\u{1F600}.gif'])
    assert.match(contentDisposition('attachment', name), /^[\x20-\x7e]+$/)
})

test('the name of a sent header is read in both forms', () => {
  assert.equal(nameIn(`attachment; filename="x.png"; filename*=UTF-8''gr%C3%B6%C3%9Fe.png`), 'größe.png')
  assert.equal(nameIn('attachment; filename="a \\"b\\".png"'), 'a "b".png')
  assert.equal(nameIn('attachment; filename=cat.png'), 'cat.png')
  assert.equal(nameIn('attachment'), null)
  assert.equal(nameIn(null), null)
})
