/** Rules that name computed fields over relations and the caller. The field is no column; the rule contains its value. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const id = (end: string) => `01900000-0000-7000-8000-${end.padStart(12, '0')}`
const [ANN, BOB, EVE, ORG] = [id('a'), id('b'), id('e'), id('1')]

const design = {
  name: 'teams',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { read: 'true', create: 'true' },
    },
    Org: {
      fields: {
        name: { type: 'text', max: 20 },
        seats: { type: 'integer', default: 3 },
        owns: { type: 'computed', expression: 'members.exists(m, m.user == auth.id && m.role == "owner")' },
        taken: { type: 'computed', expression: 'members.filter(m, m.role != "guest").sum(m, m.seats)', as: 'system' },
      },
      access: { read: 'members.exists(m, m.user == auth.id)', update: 'owns && taken <= seats' },
    },
    Membership: {
      fields: {
        org: { type: 'ref', entity: 'Org', inverse: 'members' },
        user: { type: 'ref', entity: 'User', inverse: 'memberships' },
        role: { type: 'choice', values: ['guest', 'member', 'owner'] },
        seats: { type: 'integer', default: 1 },
      },
      access: { read: 'org.owns || user == auth.id', delete: 'org.owns' },
    },
  },
}

interface Teams {
  readonly backend: TestBackend
  readonly ann: string
  readonly bob: string
  readonly eve: string
}

async function teams(t: TestContext): Promise<Teams> {
  const backend = await testBackend(t, modelFrom(design))
  for (const [user, name] of [
    [ANN, 'ann'],
    [BOB, 'bob'],
    [EVE, 'eve'],
  ] as const)
    await backend.sql("insert into users (id, email, password) values ($1, $2, 'x')", [user, `${name}@example.com`])
  await backend.sql("insert into orgs (id, name) values ($1, 'one')", [ORG])
  const insert = 'insert into memberships (id, org_id, user_id, role) values ($1, $2, $3, $4)'
  await backend.sql(insert, [id('11'), ORG, ANN, 'owner'])
  await backend.sql(insert, [id('12'), ORG, BOB, 'member'])
  const [ann, bob, eve] = await Promise.all([ANN, BOB, EVE].map((user) => backend.tokenFor(user)))
  return { backend, ann: ann ?? '', bob: bob ?? '', eve: eve ?? '' }
}

test('a rule with a computed field over a relation and the caller decides as the relation does', async (t) => {
  const { backend, ann, bob, eve } = await teams(t)
  const rename = async (token: string) => (await backend.ask('PATCH', `/api/orgs/${ORG}`, { token, body: { name: 'two' } })).status
  assert.deepEqual([await rename(ann), await rename(bob), await rename(eve)], [200, 403, 404])
  await backend.sql('update orgs set seats = 1')
  assert.equal(await rename(ann), 403, 'two seats are taken, and there is one')
  await backend.sql("update memberships set role = 'guest' where user_id = $1", [BOB])
  assert.equal(await rename(ann), 200, 'a guest takes no seat')
})

test('a rule names the computed field of a row that it refers to', async (t) => {
  const { backend, ann, bob } = await teams(t)
  const seen = async (token: string) => (await backend.ask('GET', '/api/memberships', { token })).json.data.length
  assert.deepEqual([await seen(ann), await seen(bob)], [2, 1])
  const remove = async (token: string) => (await backend.ask('DELETE', `/api/memberships/${id('12')}`, { token })).status
  assert.deepEqual([await remove(bob), await remove(ann)], [403, 204])
})

test('filters cannot name such a field', async (t) => {
  const { backend, ann } = await teams(t)
  const { status, json } = await backend.ask('GET', `/api/orgs?filter=${encodeURIComponent('owns')}`, { token: ann })
  assert.equal(status, 400, JSON.stringify(json))
  const shown = await backend.ask('GET', '/api/orgs?fields=owns,taken', { token: ann })
  assert.deepEqual(shown.json.data, [{ owns: true, taken: 2 }])
})
