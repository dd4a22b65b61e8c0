/** Values that actions get, and values that the database refuses. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const DESIGN = {
  name: 'values',
  entities: {
    Item: {
      fields: {
        code: { type: 'text', unique: true, read: 'false' },
        slug: { type: 'text', optional: true, unique: true },
        badge: { type: 'text', optional: true, unique: { named: false } },
        amount: { type: 'decimal', precision: 6, scale: 2, default: 0 },
      },
      access: { read: 'true' },
      actions: {
        raise: {
          as: 'system',
          allow: 'true',
          input: { by: 'Item.amount' },
          steps: [{ update: 'row', set: { amount: 'amount + input.by' } }],
        },
      },
    },
  },
  actions: {
    make: {
      as: 'system',
      allow: 'true',
      input: { code: 'Item.code', slug: 'Item.slug?', badge: 'Item.badge?' },
      steps: [{ create: 'Item', set: 'input', as: 'item' }],
      answer: { id: 'item.id' },
    },
    read: {
      allow: 'true',
      input: {
        count: { type: 'integer', optional: true },
        flag: { type: 'boolean', optional: true },
        data: { type: 'json', optional: true },
        days: { type: 'list', of: { type: 'integer' }, optional: true },
        name: { type: 'text', optional: true },
      },
      steps: [{ require: 'true' }],
      answer: { count: 'input.count', flag: 'input.flag', days: 'input.days', name: 'input.name' },
    },
  },
}

test('an error about a taken value names only fields that the caller may know', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN))
  const make = (body: unknown) => world.ask('POST', '/api/actions/make', { body })
  assert.equal((await make({ code: 'a', slug: 's', badge: 'b' })).status, 200)
  const unnamed = 'another Item already has one of these values'
  for (const [body, detail] of [
    [{ code: 'a' }, unnamed],
    [{ code: 'b', badge: 'b' }, unnamed],
    [{ code: 'b', slug: 's' }, 'another Item already has this slug'],
  ] as const) {
    const { status, json } = await make(body)
    assert.deepEqual([status, json.code, json.detail], [409, 'already_taken', detail])
  }
})

test('a sum that does not fit into its field, and a constraint of a newer version, are refused', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN))
  const { json: item } = await world.ask('POST', '/api/actions/make', { body: { code: 'a' } })
  const raise = () => world.ask('POST', `/api/items/${item.id}/raise`, { body: { by: '9999.99' } })
  assert.equal((await raise()).status, 200)
  const tooLarge = await raise()
  assert.deepEqual([tooLarge.status, tooLarge.json.errors?.[0]?.rule], [400, 'range'], tooLarge.text)
  await world.sql("alter table items add constraint newer check (slug <> 'no')")
  const refused = await world.ask('POST', '/api/actions/make', { body: { code: 'b', slug: 'no' } })
  assert.deepEqual([refused.status, refused.json.errors?.[0]?.rule], [400, 'check'], refused.text)
})

test('a query string with texts that are no values is refused', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN))
  const read = (query: string) => world.ask('GET', `/api/actions/read?${query}`)
  const answered = await read('count=1&flag=false&days=1&days=2&name=&data={"a":[1]}')
  assert.deepEqual([answered.status, answered.json], [200, { count: 1, flag: false, days: [1, 2], name: '' }])
  for (const [query, pointer] of [
    ['count=1.5', '/count'],
    ['count=', '/count'],
    ['flag=1', '/flag'],
    ['days=1&days=x', '/days/1'],
    ['data={', '/data'],
  ] as const) {
    const { status, json, text } = await read(query)
    assert.deepEqual([status, json.errors?.[0]?.pointer], [400, pointer], `${query}: ${text}`)
  }
  const twice = await read('count=1&count=2')
  assert.deepEqual([twice.status, twice.json.code], [400, 'invalid_parameter'], twice.text)
})

test('the wrong method of an action is refused with Allow', async (t) => {
  const world = await testBackend(t, modelFrom(DESIGN))
  for (const [method, name, allow] of [
    ['GET', 'make', 'POST, OPTIONS'],
    ['HEAD', 'make', 'POST, OPTIONS'],
    ['POST', 'read', 'GET, HEAD, OPTIONS'],
  ] as const) {
    const { status, headers } = await world.ask(method, `/api/actions/${name}`)
    assert.deepEqual([status, headers.allow], [405, allow])
  }
})

test('constants of each type in an answer', async (t) => {
  const answer = {
    text: '"a \\"b\\""',
    whole: '1',
    number: '1.5',
    truth: 'true',
    moment: 'timestamp("2026-11-28T20:00:00Z")',
    length: 'duration("90m")',
    texts: '["a", "b"]',
    wholes: '[1, 2]',
    chosen: '1 < 2 ? "yes" : "no"',
  }
  const world = await testBackend(t, modelFrom({ ...DESIGN, actions: { constants: { allow: 'true', answer } } }))
  const { json, text } = await world.ask('GET', '/api/actions/constants')
  assert.deepEqual(
    json,
    {
      text: 'a "b"',
      whole: 1,
      number: 1.5,
      truth: true,
      moment: '2026-11-28T20:00:00.000Z',
      length: 'PT1H30M',
      texts: ['a', 'b'],
      wholes: [1, 2],
      chosen: 'yes',
    },
    text,
  )
})
