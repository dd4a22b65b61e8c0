import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeEvent } from './describe-event.ts'
import { PLAIN } from './style.ts'

test('a line of the log changes no terminal and begins no line that looks like another one', () => {
  const fields = { url: '/a\nerror all is lost\u001b[2J', data: { text: '\u009b2J\u202e' }, err: 'Error: no\u001b[31m\n  at code' }
  const text = describeEvent({ kind: 'logged', level: 'warn', message: 'one\r\ntwo\u0007', fields }, PLAIN)
  assert.equal(text, 'warn one  two  url=/a error all is lost [2J data={"text":" 2J "}\nError: no [31m\n  at code')
})
