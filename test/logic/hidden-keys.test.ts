/** Rows that a request names by a field which the caller may not read. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertPeople } from '../actions/action-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const BY_BADGE = { person: { ref: 'Person', by: 'badge' } }

const MODEL = modelFrom({
  name: 'badges',
  entities: {
    Person: {
      identity: { login: 'email', password: 'password' },
      fields: {
        email: { type: 'email', unique: true, read: 'id == auth.id' },
        password: { type: 'password' },
        name: { type: 'text', max: 20 },
        badge: { type: 'text', max: 20, unique: true, read: 'id == auth.id' },
      },
      access: { read: 'true', create: 'true', update: 'true', delete: 'false' },
      actions: {
        show: { allow: 'true', endpoint: 'GET /badges/{badge}', answer: { name: 'row.name' } },
        showAsSystem: { as: 'system', allow: 'true', endpoint: 'GET /doors/{badge}', answer: { name: 'row.name' } },
      },
    },
  },
  actions: {
    look: { allow: 'true', input: BY_BADGE, answer: { name: 'input.person.name' } },
    lookAsSystem: { as: 'system', allow: 'true', input: BY_BADGE, answer: { name: 'input.person.name' } },
    rename: { allow: 'true', input: BY_BADGE, steps: [{ update: 'input.person', set: { name: '"new"' } }], answer: { done: true } },
  },
})

test('for an action as caller, a value that the caller may not read names no row', async (t) => {
  const world = await testBackend(t, MODEL)
  const [ann] = await insertPeople(world, 'persons', [
    { email: 'ann@example.org', name: 'Ann', badge: 'a' },
    { email: 'bob@example.org', name: 'Bob', badge: 'b' },
  ])
  const ask = async (method: string, path: string, body?: unknown) => {
    const { status, json } = await world.ask(method, path, { token: ann?.token, body })
    return status < 400 ? (json.name ?? json.done) : json
  }
  const same = async (method: string, pathOf: (badge: string) => string, bodyOf: (badge: string) => unknown = () => undefined) => {
    assert.notEqual((await ask(method, pathOf('a'), bodyOf('a')))?.status, 404)
    const [hidden, missing] = [await ask(method, pathOf('b'), bodyOf('b')), await ask(method, pathOf('c'), bodyOf('c'))]
    assert.deepEqual({ ...hidden, traceId: '' }, { ...missing, traceId: '' })
    assert.ok(hidden.status >= 400)
  }
  assert.deepEqual([await ask('GET', '/api/actions/look?person=a'), await ask('GET', '/badges/a')], ['Ann', 'Ann'])
  await same('GET', (badge) => `/api/actions/look?person=${badge}`)
  await same('GET', (badge) => `/badges/${badge}`)
  await same(
    'POST',
    () => '/api/actions/rename',
    (person) => ({ person }),
  )
  assert.deepEqual(await world.sql('select name from persons order by badge'), [{ name: 'new' }, { name: 'Bob' }])
  assert.deepEqual([await ask('GET', '/api/actions/lookAsSystem?person=b'), await ask('GET', '/doors/b')], ['Bob', 'Bob'])
})
