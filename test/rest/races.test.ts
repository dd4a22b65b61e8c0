/** Races: many concurrent requests for the same unique value. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { asking, modelFrom, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'

const places = {
  name: 'places',
  entities: {
    Place: {
      fields: { code: { type: 'text', max: 40, unique: true }, title: { type: 'text', max: 40, default: '-' } },
      access: { read: 'true', create: 'true', update: 'true' },
    },
    Seat: {
      fields: {
        n: { type: 'integer', unique: { within: 'place' } },
        place: { type: 'ref', entity: 'Place', inverse: 'seats', onDelete: 'cascade' },
      },
      access: { read: 'true', create: 'true' },
    },
  },
}

test('of a hundred concurrent creates with one unique value, one succeeds and the others are refused, over two instances', async (t) => {
  // In two of three rounds all requests send the same value.
  const rounds = process.env.PLINTH_FULL === '1' ? 150 : 6
  const model = modelFrom(places)
  const { ask, sql, databaseUrl } = await testBackend(t, model)
  const second = await openBackend({
    rateLimits: NO_RATE_LIMITS,
    model,
    databaseUrl,
    keys: null,
    mode: 'production',
    publicUrl: 'http://localhost:3000',
    observe: () => {},
    patience: PATIENCE,
  })
  t.after(() => second.close())
  const other = asking(second)
  const place = (await ask('POST', '/api/places', { body: { code: 'hall' } })).json.id
  const takes = (round: number, i: number) => {
    switch (round % 3) {
      case 0:
        return ['/api/places', { code: `code ${round}`, title: `${i}` }, '/code'] as const
      case 1:
        return ['/api/seats', { n: round, place }, '/n'] as const
      default:
        return ['/api/places', { code: `code ${i} of ${round}`, seats: [{ n: 1 }, { n: i % 2 === 0 ? 2 : 3 }] }, null] as const
    }
  }
  const began = performance.now()
  for (let round = 0; round < rounds; round++) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => {
        const [url, body] = takes(round, i)
        return (i % 2 === 0 ? ask : other)('POST', url, { body })
      }),
    )
    const [, , pointer] = takes(round, 0)
    const made = answers.filter((a) => a.status === 201)
    // Without a conflict, all hundred requests succeed.
    assert.equal(made.length, pointer === null ? 100 : 1, `round ${round}`)
    for (const refused of answers.filter((a) => a.status !== 201)) {
      assert.deepEqual([refused.status, refused.json.code, refused.json.errors[0].pointer], [409, 'already_taken', pointer])
      assert.match(refused.json.detail, pointer === '/code' ? /this code/ : /this combination of place and n$/)
    }
  }
  t.diagnostic(`${rounds} rounds in ${Math.round(performance.now() - began)} ms`)
  assert.deepEqual(await sql('select code, count(*)::int as n from places group by code having count(*) > 1'), [])
})

test('of several concurrent updates to one unique value, one succeeds', async (t) => {
  const { ask, sql } = await testBackend(t, modelFrom(places))
  const rows = (await ask('POST', '/api/places', { body: Array.from({ length: 30 }, (_, i) => ({ code: `old ${i}` })) })).json
  const answers = await Promise.all(rows.map(({ id }: { id: string }) => ask('PATCH', `/api/places/${id}`, { body: { code: 'new' } })))
  assert.deepEqual(
    [200, 409].map((status) => answers.filter((a) => a.status === status).length),
    [1, 29],
  )
  assert.deepEqual(await sql("select count(*)::int as n from places where code = 'new'"), [{ n: 1 }])
})
