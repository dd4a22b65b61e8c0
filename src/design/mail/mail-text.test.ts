import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitText } from './mail-text.ts'

test('braces stand around expressions', () => {
  assert.deepEqual(splitText('Hello {name}, {a.b}!'), {
    ok: true,
    parts: [{ text: 'Hello ' }, { expression: 'name', offset: 7 }, { text: ', ' }, { expression: 'a.b', offset: 15 }, { text: '!' }],
  })
  assert.deepEqual(splitText(''), { ok: true, parts: [] })
})

test('two braces are one in the text, and braces between quotes or in a map belong to the expression', () => {
  assert.deepEqual(splitText('a {{b}} {"}" + c}'), { ok: true, parts: [{ text: 'a {b} ' }, { expression: '"}" + c', offset: 9 }] })
  assert.deepEqual(splitText("{'\\'}'}"), { ok: true, parts: [{ expression: "'\\'}'", offset: 1 }] })
  assert.deepEqual(splitText('{{"a": 1}[x]}'.replace('{{', '{ {')), { ok: true, parts: [{ expression: ' {"a": 1}[x]', offset: 1 }] })
})

test('a brace without its other one has a finding, and so have braces around nothing', () => {
  for (const text of ['{name', 'name}', '{}', '{ }', '{"}']) assert.equal(splitText(text).ok, false, text)
})
