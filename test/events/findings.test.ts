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
      fields: { title: { type: 'text' }, author: { type: 'ref', entity: 'Person', set: 'auth.id' } },
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
