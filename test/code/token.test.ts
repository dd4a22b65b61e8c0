/** Code and hooks get no tokens and set none, also as system. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertPeople } from '../actions/action-world.ts'
import type { Context } from '../hooks/hooked-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

test('code and hooks as system neither read nor set a token', async (t) => {
  const seen: unknown[] = []
  const see = ({ row, before, input }: Context) => void seen.push({ ...row, ...before, ...input })
  const design = {
    name: 'shares',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      },
      Share: {
        fields: { title: { type: 'text', max: 50 }, link: { type: 'token' } },
        access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
        hooks: { afterCreate: see, beforeUpdate: see, afterUpdate: see, beforeDelete: see },
        actions: {
          change: {
            as: 'system',
            allow: 'true',
            run: async ({ db, row }: Context) => {
              seen.push(row, await db.system.Share.get(row.id), ...(await db.system.Share.list()))
              seen.push(await db.system.Share.create({ title: 'new' }), await db.system.Share.update(row.id, { title: 'changed' }))
              await db.system.Share.delete(row.id)
            },
          },
        },
      },
    },
    actions: {
      read: { as: 'system', allow: 'true', run: ({ db }: Context) => db.system.Share.list({ filter: { link: 'x' } }) },
      make: { as: 'system', allow: 'true', run: ({ db }: Context) => db.system.Share.create({ title: 'x', link: 'x' }) },
    },
  }
  const world = await testBackend(t, modelFrom(design))
  const [user] = await insertPeople(world, 'users', [{ email: 'a@example.org' }])
  const act = (path: string, body: unknown = {}) => world.ask('POST', `/api/${path}`, { token: user?.token, body })
  const { json } = await act('shares', { title: 'first' })
  const changed = await act(`shares/${json.id}/change`)
  assert.ok(changed.status < 300, changed.text)
  assert.ok(seen.length > 8)
  for (const row of seen) assert.equal('link' in Object(row), false, JSON.stringify(row))
  for (const action of ['read', 'make']) {
    const refused = await act(`actions/${action}`)
    assert.ok(refused.status >= 400, `${action}: ${refused.text}`)
  }
})
