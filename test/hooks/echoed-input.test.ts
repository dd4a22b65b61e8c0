/** A hook that returns what the caller has sent (`{ ...input, slug }`) does not free it from the rules about sent values. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertRows } from '../actions/action-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import type { Context } from './hooked-world.ts'

const withSlug = ({ input }: Context) => ({ ...input, slug: 'set' })

const DESIGN = {
  name: 'echo',
  entities: {
    Folder: { fields: { shared: { type: 'boolean' } }, access: { read: 'shared', create: 'false', update: 'false', delete: 'false' } },
    Note: {
      fields: {
        title: { type: 'text', max: 40 },
        slug: { type: 'text', max: 40, optional: true, write: 'false' },
        likes: { type: 'integer', default: 0 },
        rank: { type: 'integer', default: 0, write: 'title == "open"' },
        folder: { type: 'ref', entity: 'Folder', optional: true },
      },
      access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
      hooks: { beforeCreate: withSlug, beforeUpdate: withSlug },
    },
  },
}

test('values that a hook returns as they were sent are judged as sent ones', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN))
  const [shared, hidden] = await insertRows(world, 'folders', [{ shared: true }, { shared: false }])
  const status = async (method: string, path: string, body: object) => (await world.ask(method, `/api/${path}`, { body })).status
  const { json } = await world.ask('POST', '/api/notes', { body: { title: 'open', folder: shared, rank: 1 } })
  assert.deepEqual([json.slug, json.folder, json.rank], ['set', shared, 1])
  assert.equal(await status('POST', 'notes', { title: 'x', folder: hidden }), 400)
  assert.equal(await status('PATCH', `notes/${json.id}`, { folder: hidden }), 400)
  assert.equal(await status('POST', 'notes', { title: 'x', rank: 1 }), 403)
  assert.equal(await status('PATCH', `notes/${json.id}`, { likes: { increment: 2 } }), 200)
  assert.deepEqual(await world.sql('select likes, slug from notes'), [{ likes: '2', slug: 'set' }])
})
