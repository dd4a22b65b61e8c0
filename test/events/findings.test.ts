/** Findings about actions that reactions call, and about the names that reactions may use. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

function findings(parts: object): readonly string[] {
  const entities = {
    Person: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'id == auth.id', create: 'true', update: 'false', delete: 'false' },
    },
    Log: { fields: { what: { type: 'text' } }, access: { read: 'true', create: 'false', update: 'false', delete: 'false' } },
    Note: {
      fields: {
        title: { type: 'text' },
        remark: { type: 'text', optional: true },
        author: { type: 'ref', entity: 'Person', set: 'auth.id' },
        editor: { type: 'ref', entity: 'Person', optional: true, inverse: 'edited' },
      },
      access: { ...OPEN, create: 'auth.id != null', update: 'author == auth.id' },
      actions: {
        sign: {
          allow: 'author == auth.id',
          steps: [
            { update: 'row', set: { title: "'signed'" } },
            { create: 'Log', set: { what: "'signed'" }, as: 'entry' },
          ],
          as: 'system',
        },
      },
    },
  }
  const { diagnostics } = resolveDesign({ name: 'findings', entities, ...parts }, NO_SOURCE)
  return diagnostics.map(({ code, message }) => `${code} ${message}`)
}

const write = { input: { what: 'Log.what' }, steps: [{ create: 'Log', set: 'input' }] }
const called = (as: string) => ({ 'Note.created': [{ call: 'write', as, input: { what: "'x'" } }] })

test('an action that reactions alone call, as system, is no step that answers 403', () => {
  assert.doesNotMatch(findings({ actions: { write }, on: called('system') }).join(), /PLN-D566/)
  const closed = /PLN-D566 nobody may create rows of Log/
  assert.match(findings({ actions: { write }, on: called('row.author') }).join(), closed)
  assert.match(findings({ actions: { write: { ...write, allow: 'true' } }, on: called('system') }).join(), closed)
})

test('before is explained where there is no row before', () => {
  const on = { 'Note.created': [{ call: 'write', as: 'system', when: 'before.title != title', input: { what: "'x'" } }] }
  assert.match(findings({ actions: { write }, on }).join(), /PLN-D308 before is the row before an update, and there is none here/)
})

test('code that reacts to an action may use each result of its steps', () => {
  const unused = 'PLN-D534 no step uses the result "entry"'
  assert.deepEqual(findings({ on: { 'Note.sign': [{ run: () => {}, as: 'system' }] } }), [])
  assert.deepEqual(findings({}), [unused])
})

test('an input that the action needs gets no value that may be missing', () => {
  const found = (what: string, when?: string) => {
    const reaction = { call: 'write', as: 'system', input: { what }, ...(when === undefined ? {} : { when }) }
    return findings({ actions: { write }, on: { 'Note.created': [reaction] } }).filter((one) => one.startsWith('PLN-D506'))
  }
  const missing = (name: string) => [`PLN-D506 ${JSON.stringify(name)} may be missing, and write needs the input "what"`]
  assert.deepEqual(found("'made ' + row.remark"), missing('row.remark'))
  assert.deepEqual(found('row.editor.email'), missing('row.editor'))
  assert.deepEqual(found('row.remark', 'remark == null'), missing('row.remark'))
  assert.deepEqual(found('row.remark', 'remark != null || title == "x"'), missing('row.remark'))
  assert.deepEqual(found('row.title == "x" ? row.remark : "none"'), missing('row.remark'))
  for (const when of ['remark != null', 'row.remark != null', 'title == "x" && remark != ""', '!(remark == "")', 'remark.contains("a")'])
    assert.deepEqual(found('row.remark', when), [], when)
  for (const when of ['editor != null', 'row.editor.email != null', 'row.editor.email != "x"'])
    assert.deepEqual(found('row.editor.email', when), [], when)
  assert.deepEqual(found('row.remark == null ? "none" : row.remark'), [])
  assert.deepEqual(found('row.remark != "x" ? row.remark : "x"'), [])
  assert.deepEqual(found('row.title + row.author.email'), [])
})

test('an input that may be left out gets missing values, also those of an optional input of the action that is the event', () => {
  const optional = {
    input: { what: 'Note.remark?' },
    steps: [{ create: 'Note', set: { title: '"x"', remark: 'input.what', author: 'auth.id' } }],
  }
  const on = { 'Note.created': [{ call: 'write', as: 'row.author', input: { what: 'row.remark' } }] }
  assert.doesNotMatch(findings({ actions: { write: optional }, on }).join(), /PLN-D506/)
})
