/** Values that the server sets, given by code as system. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertPeople } from '../actions/action-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

// biome-ignore lint/suspicious/noExplicitAny: the code of this test is made at run time, so its context has no types
type Context = any

const DESIGN = {
  name: 'letters',
  entities: {
    Person: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
    },
    Letter: {
      fields: {
        text: { type: 'text', max: 40 },
        sender: { type: 'ref', entity: 'Person', set: 'auth.id' },
        month: { type: 'text', max: 7, set: 'yearMonth(now())', on: 'write' },
        mark: { type: 'text', max: 60, set: 'text + "!"', on: 'write', optional: true },
      },
      access: { read: 'true', create: 'auth.id != null', update: 'true', delete: 'false' },
      hooks: {},
    },
  },
  actions: {
    send: {
      as: 'system',
      allow: 'true',
      input: { values: 'json' },
      run: ({ db, input }: Context) => db.system.Letter.create(input.values),
    },
    change: {
      as: 'system',
      allow: 'true',
      input: { letter: { ref: 'Letter' }, values: 'json' },
      run: ({ db, input }: Context) => db.system.Letter.update(input.letter.id, input.values),
    },
    own: { as: 'system', allow: 'true', input: { values: 'json' }, run: ({ db, input }: Context) => db.Letter.create(input.values) },
  },
}

test('code as system gives values that the server would set; those that it leaves out are set', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN))
  const [ann, bob] = await insertPeople(world, 'persons', [{ email: 'ann@example.org' }, { email: 'bob@example.org' }])
  assert.ok(ann && bob)
  const act = (name: string, body: object, token?: string) => world.ask('POST', `/api/actions/${name}`, { token, body })
  const shown = ({ json, text }: { json: { sender: string; month: string; mark: string }; text: string }) => {
    assert.ok(json.sender !== undefined, text)
    return [json.sender, json.month, json.mark]
  }
  const thisMonth = () => new Date().toISOString().slice(0, 7)
  const before = thisMonth()
  const given = { text: 'a', sender: bob.id, month: '2020-01' }
  assert.deepEqual(shown(await act('send', { values: given }, ann.token)), [bob.id, '2020-01', 'a!'])
  assert.deepEqual(shown(await act('send', { values: given })), [bob.id, '2020-01', 'a!'])
  const own = await act('send', { values: { text: 'a' } }, ann.token)
  // A month may end meanwhile.
  const month = own.json.month === before ? before : thisMonth()
  assert.deepEqual(shown(own), [ann.id, month, 'a!'])
  const letter = own.json.id
  assert.deepEqual(shown(await act('change', { letter, values: { sender: bob.id, text: 'b' } }, ann.token)), [bob.id, month, 'b!'])
  assert.deepEqual(shown(await act('change', { letter, values: { month: '2019-12', mark: 'x' } })), [bob.id, '2019-12', 'x'])
  const unknown = await act('send', { values: { text: 'a' } })
  assert.deepEqual([unknown.status, unknown.json.code], [400, 'validation_failed'], unknown.text)
  assert.equal(unknown.json.errors[0].pointer, '/sender')
  const nobody = await act('send', { values: { ...given, sender: null } }, ann.token)
  assert.deepEqual([nobody.status, nobody.json.errors[0].pointer], [400, '/sender'], nobody.text)
  const refused = await act('own', { values: given }, ann.token)
  const pointers = refused.json.errors.map(({ pointer }: { pointer: string }) => pointer)
  assert.deepEqual([refused.status, pointers], [400, ['/month', '/sender']], refused.text)
})
