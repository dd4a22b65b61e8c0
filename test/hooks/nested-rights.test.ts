/** The rights of a hook that runs because code has written as system. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import type { Context } from './hooked-world.ts'

const OPEN = { read: 'true', create: 'true', update: 'true' }

test('a hook as caller has the rules of the caller, also under a write as system', async (t) => {
  const counts: unknown[] = []
  const model = modelFrom({
    name: 'nested',
    entities: {
      Secret: { fields: { text: { type: 'text' } }, access: { read: 'text == "open"', create: 'true' } },
      Board: {
        fields: { name: { type: 'text' } },
        access: OPEN,
        hooks: { beforeUpdate: async ({ db }: Context) => void counts.push(await db.Secret.count(), 'system' in db) },
      },
      Note: {
        fields: { board: { type: 'ref', entity: 'Board' } },
        access: OPEN,
        hooks: {
          afterCreate: {
            run: ({ db, row }: Context) => db.system.Board.update(row.board, { name: 'new' }).then(() => undefined),
            as: 'system',
          },
        },
      },
    },
  })
  const world = await testBackend(t, model)
  const make = (path: string, body: unknown) => world.ask('POST', `/api/${path}`, { body })
  await make('secrets', { text: 'hidden' })
  const { json } = await make('boards', { name: 'old' })
  const { status, text } = await make('notes', { board: json.id })
  assert.equal(status, 201, text)
  assert.deepEqual(counts, [0, false])
})
