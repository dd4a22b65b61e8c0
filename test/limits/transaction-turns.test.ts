/** A large transaction does not hold the event loop: its operations are prepared in turns, between which other requests are served. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const DESIGN = {
  name: 'items',
  entities: {
    Item: {
      fields: { n: { type: 'integer' }, text: { type: 'text', max: 500_000, optional: true } },
      access: { read: 'true', create: 'true' },
    },
  },
}

test('the operations of a large transaction are prepared in several turns of the event loop', async (t) => {
  const { ask } = await testBackend(t, modelFrom(DESIGN))
  const create = (body: unknown) => ({ method: 'POST', path: '/api/items', body })
  // The last operation is refused before the database is asked, so all turns belong to the preparation.
  const many = [...Array.from({ length: 49 }, () => create(Array.from({ length: 90 }, (_, n) => ({ n })))), create({ n: 'none' })]
  const one = [create({ n: 'none', text: 'x'.repeat(JSON.stringify(many).length) })]
  const turnsOf = async (operations: readonly unknown[]): Promise<number> => {
    let turns = 0
    let isOver = false
    const count = (): void => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    const { json } = await ask('POST', '/api/transaction', { body: { operations } })
    isOver = true
    assert.deepEqual([json.code, json.operation], ['validation_failed', operations.length - 1])
    return turns
  }
  await turnsOf(one)
  const [few, more] = [await turnsOf(one), await turnsOf(many)]
  assert.ok(more >= few + 2, `${more} turns for 50 operations, ${few} for one of the same size`)
})
