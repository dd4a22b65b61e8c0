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
    ['DELETE', 'read', 'GET, HEAD, OPTIONS'],
    ['PUT', 'make', 'POST, OPTIONS'],
  ] as const) {
    const { status, headers } = await world.ask(method, `/api/actions/${name}`)
    assert.deepEqual([status, headers.allow], [405, allow])
  }
  for (const [path, allow] of [
    ['actions/make', 'POST, OPTIONS'],
    ['actions/read', 'GET, HEAD, OPTIONS'],
    [`items/${'0'.repeat(8)}-0000-4000-8000-000000000000/raise`, 'POST, OPTIONS'],
  ] as const) {
    const { status, headers } = await world.ask('OPTIONS', `/api/${path}`)
    assert.deepEqual([status, headers.allow], [204, allow], path)
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

test('an answer that is too large to be sent is refused, and undoes the action', async (t) => {
  const model = modelFrom({
    name: 'large',
    entities: {
      Page: {
        fields: { text: { type: 'text', max: 40_000 }, parent: { type: 'ref', entity: 'Page', optional: true, inverse: 'parts' } },
        access: { read: 'true' },
      },
    },
    actions: {
      copy: {
        as: 'system',
        allow: 'true',
        steps: [
          { create: 'Page', set: { text: '"new"' } },
          { list: 'Page', limit: 1_000, as: 'pages' },
        ],
        answer: { pages: { each: 'p in pages', is: 'Page(p)' } },
      },
    },
  })
  const world = await testBackend(t, model)
  await world.sql("insert into pages (id, text) select gen_random_uuid(), repeat('x', 20000) from generate_series(1, 900)")
  const rest = await world.ask('POST', '/api/actions/copy')
  assert.equal(rest.json.code, 'answer_too_large', rest.text.slice(0, 300))
  const send = async (query: string) => (await world.ask('POST', '/graphql', { body: { query } })).json
  const codeOf = (json: { readonly errors: readonly { readonly extensions: { readonly code: string } }[] }) =>
    json.errors[0]?.extensions.code
  assert.equal(codeOf(await send('mutation { copy { pages { text } } }')), 'answer_too_large')
  assert.deepEqual(await world.sql('select count(*)::int as n from pages'), [{ n: 900 }])
  assert.equal((await send('mutation { copy { pages { id } } }')).data.copy.pages.length, 901)
  // Rows in pages of rows count, as in every answer of GraphQL.
  await world.sql("update pages set text = '', parent_id = (select id from pages order by id limit 1)")
  const nested = 'mutation { copy { pages { id parent { parts(first: 100) { nodes { id } } } } } }'
  assert.equal(codeOf(await send(nested)), 'answer_too_large')
})
