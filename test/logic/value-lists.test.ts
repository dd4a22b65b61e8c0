/** `sum`, `filter` and the other functions about the items of lists, in every place where an expression may stand. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { tripsOf } from '../../src/commands/planning/action-trips.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const OPEN = { create: 'true', update: 'true', delete: 'true' }
const DESIGN = {
  name: 'baskets',
  errors: { codes: { too_much: { status: 422, message: 'the prices are too high' } } },
  entities: {
    Basket: {
      fields: {
        name: { type: 'text', max: 20 },
        tags: { type: 'list', of: { type: 'text', max: 20 }, default: [] },
        prices: { type: 'list', of: { type: 'decimal', precision: 20, scale: 2 }, default: [] },
        hours: { type: 'list', of: { type: 'integer' }, optional: true },
        total: { type: 'computed', expression: 'sum(prices)' },
        mean: { type: 'computed', expression: 'prices.avg(p, p)' },
        dearest: { type: 'computed', expression: 'max(prices)' },
        worked: { type: 'computed', expression: 'sum(hours)' },
        labels: { type: 'computed', expression: 'size(tags.filter(t, t != "hidden"))' },
        noted: { type: 'computed', expression: 'notes.sum(n, n.weights.filter(w, w > 1).sum())' },
        owed: { type: 'decimal', precision: 20, scale: 2, set: 'sum(prices)', on: 'write' },
      },
      checks: {
        prices: { rule: 'sum(prices) <= 1000.00', message: 'the prices come to more than 1000' },
        tags: { rule: 'tags.all(t, size(tags.filter(u, u == t)) == 1)', message: 'a tag is there once' },
      },
      access: { ...OPEN, read: 'size(tags.filter(t, t == "hidden")) == 0' },
      actions: {
        top: {
          allow: 'sum(prices) < 500.00',
          input: { extra: { type: 'list', of: { type: 'decimal', precision: 20, scale: 2 } } },
          steps: [
            { require: 'sum(row.prices) + sum(input.extra) <= 600.00', else: 'too_much' },
            { update: 'row', when: 'size(input.extra.filter(e, e > 0.00)) > 0', set: { prices: 'input.extra.filter(e, e > 0.00)' } },
            { create: 'Note', each: 'tag in row.tags.filter(t, t != "none")', set: { basket: 'row', text: 'tag', weights: '[1, 2]' } },
          ],
          answer: {
            mean: 'avg(row.prices)',
            sent: 'input.extra.map(e, e * 2)',
            tags: 'row.tags.map(t, t.upperAscii())',
            notes: 'row.notes.map(n, size(n.weights)).sum()',
            nothing: 'row.hours.max(h, h)',
          },
        },
      },
    },
    Note: {
      fields: {
        basket: { type: 'ref', entity: 'Basket', inverse: 'notes', onDelete: 'cascade' },
        text: { type: 'text', max: 20 },
        weights: { type: 'list', of: { type: 'integer' }, default: [] },
      },
      access: { ...OPEN, read: 'true' },
    },
  },
  actions: {
    work: {
      as: 'system',
      allow: 'true',
      input: { note: { ref: 'Note' }, hours: { type: 'list', of: { type: 'integer' } } },
      steps: [
        { require: 'sum(input.hours) > 0 && max(input.hours) <= 24', else: 'too_much' },
        { update: 'input.note', set: { weights: 'input.hours.map(h, h + size(input.note.text))' } },
      ],
      answer: { worked: 'sum(input.note.weights)', long: 'input.hours.filter(h, h > 8)' },
    },
    find: {
      allow: 'true',
      input: { prices: { type: 'list', of: { type: 'number' } }, words: { type: 'list', of: { type: 'text' }, optional: true } },
      steps: [
        { list: 'Basket', where: 'max(prices) > 1.00 && "a" in tags.map(t, t.lowerAscii())', sort: ['-name'], limit: 10, as: 'found' },
      ],
      answer: {
        names: 'found.map(b, b.name)',
        sum: 'sum(input.prices)',
        words: 'size(input.words.filter(w, w.startsWith("x")))',
        long: { each: 'w in input.words.filter(w, size(w) > 1)', is: 'w' },
      },
    },
  },
}

async function open(t: TestContext) {
  const world = await testBackend(t, modelFrom(DESIGN))
  const make = async (body: object) => {
    const made = await world.ask('POST', '/api/baskets', { body })
    assert.equal(made.status, 201, made.text)
    return made.json
  }
  return { world, make }
}

async function graphql(world: TestBackend, query: string) {
  const { json, text } = await world.ask('POST', '/graphql', { body: { query } })
  return { data: json.data, code: json.errors?.[0]?.extensions?.code, text }
}

const SHOWN = ['total', 'mean', 'dearest', 'worked', 'labels', 'noted', 'owed'] as const
const shown = (row: Record<string, unknown>) => SHOWN.map((name) => row[name])

test('computed fields and set values are made of the items of lists', async (t) => {
  const { world, make } = await open(t)
  const made = await make({ name: 'one', tags: ['a', 'b'], prices: ['0.10', '0.20', '90.00'], hours: [3, 4] })
  const values = ['90.30', '30.10', '90.00', 7, 2, 0, '90.30']
  assert.deepEqual(shown(made).map(exact), values)
  const empty = await make({ name: 'two' })
  assert.deepEqual(shown(empty).map(exact), ['0', null, null, null, 0, 0, '0.00'])
  const note = await world.ask('POST', '/api/notes', { body: { basket: made.id, text: 'x', weights: [1, 2, 3] } })
  assert.equal(note.status, 201, note.text)
  values[5] = 5
  const read = await world.ask('GET', `/api/baskets/${made.id}`)
  assert.deepEqual(shown(read.json).map(exact), values)
  const list = await world.ask('GET', '/api/baskets')
  assert.deepEqual(list.json.data.map((row: Record<string, unknown>) => row.noted).toSorted(), [0, 5])
  const { data, text } = await graphql(world, `{ basket(id: "${made.id}") { ${SHOWN.join(' ')} } }`)
  assert.deepEqual(shown(data.basket).map(exact), values, text)
})

/** A decimal without the zeros that its type adds. */
function exact(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/(\.\d\d)0+$/, '$1') : value
}

test('a read rule examines the items of a list', async (t) => {
  const { world } = await open(t)
  const made = await world.ask('POST', '/api/baskets', { body: { name: 'secret', tags: ['hidden'] } })
  const [row] = await world.sql('select id from baskets')
  assert.equal((await world.ask('GET', `/api/baskets/${row?.id}`)).status, 404, made.text)
  assert.deepEqual((await graphql(world, '{ baskets { nodes { name } } }')).data, { baskets: { nodes: [] } })
})

test('a check examines the items of a list, at every write', async (t) => {
  const { world, make } = await open(t)
  const { id } = await make({ name: 'one', tags: ['a'], prices: ['999.99'] })
  const over = { prices: ['999.99', '0.02'] }
  const tries = [
    await world.ask('POST', '/api/baskets', { body: { name: 'two', ...over } }),
    await world.ask('POST', '/api/baskets', { body: [{ name: 'two' }, { name: 'three', ...over }] }),
    await world.ask('PATCH', `/api/baskets/${id}`, { body: over }),
    await world.ask('PUT', `/api/baskets/${id}`, { body: { name: 'two', ...over } }),
  ]
  for (const { status, json } of tries)
    assert.deepEqual([status, json.code, json.detail], [409, 'check_failed', 'the prices come to more than 1000'])
  const twice = await graphql(world, `mutation { updateBasket(id: "${id}", input: { tags: ["a", "b", "a"] }) { basket { tags } } }`)
  assert.equal(twice.code, 'check_failed', twice.text)
  assert.deepEqual(await world.sql('select name, tags, prices from baskets'), [{ name: 'one', tags: ['a'], prices: [999.99] }])
  assert.equal((await world.ask('PATCH', `/api/baskets/${id}`, { body: { prices: ['1000.00'] } })).status, 200)
})

test('conditions, values, elements and answers of an action use lists of rows and of the input', async (t) => {
  const { world, make } = await open(t)
  const { id } = await make({ name: 'one', tags: ['a', 'none', 'b'], prices: ['100.00', '50.00'] })
  const top = (extra: readonly string[]) => world.ask('POST', `/api/baskets/${id}/top`, { body: { extra } })
  const refused = await top(['450.00', '0.01'])
  assert.deepEqual([refused.status, refused.json.code], [422, 'too_much'], refused.text)
  const unchanged = await top([])
  assert.deepEqual([unchanged.status, exact(unchanged.json.mean), unchanged.json.sent], [200, '75.00', []], unchanged.text)
  const done = await top(['0.00', '440.00', '10.00'])
  const { mean, ...rest } = done.json
  assert.equal(exact(mean), '225.00')
  assert.deepEqual(rest, { sent: ['0.00', '880.00', '20.00'], tags: ['A', 'NONE', 'B'], notes: 8, nothing: null })
  const notes = await world.sql('select text from notes order by text')
  assert.deepEqual(
    notes.map(({ text }) => text),
    ['a', 'a', 'b', 'b'],
  )
  const full = await world.ask('PATCH', `/api/baskets/${id}`, { body: { prices: ['500.00'] } })
  assert.equal(full.status, 200)
  const { code, text } = await graphql(world, `mutation { topBasket(id: "${id}", extra: []) { notes } }`)
  assert.equal(code, 'not_signed_in', text)
})

test('a read action uses lists in REST and GraphQL', async (t) => {
  const { world, make } = await open(t)
  await make({ name: 'one', tags: ['A'], prices: ['1.01'] })
  await make({ name: 'two', tags: ['a'], prices: ['0.50', '0.60'] })
  await make({ name: 'three', tags: ['a'], prices: ['5.00'] })
  const answer = { names: ['three', 'one'], sum: 2.75, words: 1, long: ['xy', 'abc'] }
  const rest = await world.ask('GET', '/api/actions/find?prices=2.5&prices=0.25&words=xy&words=q&words=abc')
  assert.deepEqual(rest.json, answer, rest.text)
  const { data, text } = await graphql(world, '{ find(prices: [2.5, 0.25], words: ["xy", "q", "abc"]) { names sum words long } }')
  assert.deepEqual(data?.find, answer, text)
  const none = await world.ask('GET', '/api/actions/find?prices=1')
  assert.deepEqual(none.json, { names: ['three', 'one'], sum: 1, words: null, long: [] }, none.text)
})

test('calls that run at once as one statement each have their own lists', async (t) => {
  const { world, make } = await open(t)
  const action = world.model.actions.find(({ name }) => name === 'work')
  assert.ok(action !== undefined)
  assert.equal(tripsOf(world.model, action), '1: one statement, shared with other calls')
  const { id: basket } = await make({ name: 'one' })
  const notes = await Promise.all(['a', 'bb', 'ccc'].map((text) => world.ask('POST', '/api/notes', { body: { basket, text } })))
  const ids = notes.map(({ json }): string => json.id)
  const answers = await Promise.all(ids.map((note, i) => world.ask('POST', '/api/actions/work', { body: { note, hours: [9, i, 10] } })))
  assert.deepEqual(
    answers.map(({ json }) => json),
    ids.map((_, i) => ({ worked: 19 + i + 3 * (i + 1), long: [9, 10] })),
  )
  const refused = await world.ask('POST', '/api/actions/work', { body: { note: ids[0], hours: [25] } })
  assert.deepEqual([refused.status, refused.json.code], [422, 'too_much'], refused.text)
})
