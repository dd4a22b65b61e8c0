/** Actions that change accounts. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import { insertPeople } from './action-world.ts'

const own = { as: 'system', allow: 'id == auth.id' }
const MODEL = modelFrom({
  name: 'club',
  entities: {
    Member: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['guest', 'member'], default: 'guest', write: 'false' },
      },
      access: { read: 'auth.role == "member" || id == auth.id', create: 'true', update: 'false', delete: 'false' },
      actions: {
        join: { ...own, steps: [{ update: 'row', set: { role: 'member' } }] },
        leave: { ...own, steps: [{ delete: 'row' }] },
        renew: { ...own, input: { password: 'Member.password' }, steps: [{ update: 'row', set: { password: 'input.password' } }] },
      },
    },
  },
})

test('an account that an action has changed or deleted is known at once', async (t) => {
  const world = await testBackend(t, MODEL)
  const [one, other] = await insertPeople(world, 'members', [{ email: 'a@example.org' }, { email: 'b@example.org' }])
  assert.ok(one !== undefined && other !== undefined)
  const count = async (token: string) => (await world.ask('GET', '/api/members', { token })).json.data?.length
  assert.equal(await count(one.token), 1)
  assert.equal((await world.ask('POST', `/api/members/${one.id}/join`, { token: one.token })).status, 200)
  assert.equal(await count(one.token), 2)
  const second = await world.tokenFor(one.id)
  assert.equal(await count(second), 2)
  const renewed = await world.ask('POST', `/api/members/${one.id}/renew`, { token: one.token, body: { password: 'copper lantern 41' } })
  assert.equal(renewed.status, 200, renewed.text)
  assert.equal(await count(one.token), 2)
  assert.equal((await world.ask('GET', '/api/members', { token: second })).status, 401)
  assert.equal((await world.ask('POST', `/api/members/${other.id}/leave`, { token: other.token })).status, 204)
  assert.equal((await world.ask('GET', '/api/members', { token: other.token })).status, 401)
})
