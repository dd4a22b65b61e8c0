/** Code of reactions that does not end leaves connections to requests, and to other reactions. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import { until } from './events-world.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

test('reactions whose code does not end delay neither requests with transactions nor other reactions', async (t) => {
  let hanging = 0
  const noted = new Set<string>()
  const end = Promise.withResolvers<void>()
  const model = modelFrom({
    name: 'hanging',
    on: {
      'Slow.created': [
        {
          run: async () => {
            hanging++
            await end.promise
          },
          as: 'system',
        },
      ],
      'Quick.created': [{ run: ({ row }: { readonly row: { readonly id: string } }) => void noted.add(row.id), as: 'system' }],
    },
    entities: {
      Slow: { fields: { n: { type: 'integer' } }, access: OPEN },
      Quick: { fields: { n: { type: 'integer' } }, access: OPEN, hooks: { beforeCreate: () => ({}) } },
    },
  })
  const world = await testBackend(t, model, { connections: 10 })
  assert.equal((await world.ask('POST', '/api/slows', { body: Array.from({ length: 20 }, (_, n) => ({ n })) })).status, 201)
  // Three of ten connections are the part of a caller.
  await until('three that hang', () => (hanging >= 3 ? true : null))
  for (let n = 0; n < 20; n++) {
    const answers = await Promise.all([0, 1].map(() => world.ask('POST', '/api/quicks', { body: { n } })))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201],
    )
  }
  await until('the other reactions', () => (noted.size === 40 ? true : null))
  assert.equal(hanging, 3)
  end.resolve()
})
