/** Checks over relations of rows that are written with hooks inside a savepoint: by an upsert, and by a registration. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import type { Context } from './hooked-world.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const DESIGN = {
  name: 'teams',
  entities: {
    Account: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      checks: { some: { rule: 'size(memberships) > 0', message: 'an account is in a team' } },
      access: OPEN,
      hooks: { beforeCreate: () => {} },
    },
    Team: {
      fields: { name: { type: 'text', max: 40, unique: true } },
      checks: { some: { rule: 'size(members) > 0', message: 'a team has a member' } },
      access: OPEN,
      hooks: {
        afterCreate: {
          as: 'system',
          run: async ({ db, row }: Context) => {
            if (row.name === 'filled') await db.system.Member.create({ team: row.id })
          },
        },
      },
    },
    Member: {
      fields: {
        team: { type: 'ref', entity: 'Team', inverse: 'members', onDelete: 'cascade' },
        account: { type: 'ref', entity: 'Account', inverse: 'memberships', optional: true, onDelete: 'cascade' },
      },
      access: OPEN,
    },
  },
}

test('an upsert and a registration with hooks are held to checks over relations', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN))
  const upsert = (name: string) =>
    world.ask('POST', '/graphql', {
      body: { query: `mutation { upsertTeam(where: { name: "${name}" }, create: { name: "${name}" }, update: {}) { id } }` },
    })
  const { json } = await upsert('empty')
  assert.equal(json.errors?.[0].extensions.code, 'check_failed', JSON.stringify(json))
  assert.equal((await upsert('filled')).json.errors, undefined)
  const body = { email: 'ann@example.com', password: 'Lantern-Otter-42-Field' }
  const registered = await world.ask('POST', '/api/auth/register', { body })
  assert.equal(registered.json?.code, 'check_failed', registered.text)
  assert.deepEqual(await world.sql('select name from teams'), [{ name: 'filled' }])
  assert.deepEqual(await world.sql('select * from accounts'), [])
})
