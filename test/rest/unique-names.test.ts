/** What the error about a taken value tells: the fields for callers who may read them, and for others only that a value is taken. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answered, modelFrom, testBackend } from '../support/backend.ts'

/** Nobody may read `badge` and `code`. The design lets errors name `code`, and does not let them name `slug`, which can be read. */
const field = (more: object) => ({ type: 'text', max: 20, optional: true, ...more })
const DESIGN = {
  name: 'names',
  entities: {
    Team: {
      fields: { name: { type: 'text' } },
      access: { read: 'true', create: 'true' },
    },
    Item: {
      fields: {
        badge: field({ read: 'false', unique: true }),
        code: field({ read: 'false', unique: { named: true } }),
        slug: field({ unique: { named: false } }),
        title: field({ unique: true }),
        shelf: field({ read: 'false' }),
        place: field({}),
        box: field({ read: 'false' }),
        team: { type: 'ref', entity: 'Team', optional: true, inverse: 'items' },
      },
      unique: [['shelf', 'place'], { fields: ['place', 'box'] }],
      access: { read: 'true', create: 'true', update: 'true' },
    },
  },
}

const TAKEN = { badge: 'b', code: 'c', slug: 's', title: 't', shelf: 'x', place: 'p', box: 'y' }
const UNNAMED = 'another Item already has one of these values'

/** The values that are taken, and the fields that the error names; none where it may not name any. */
const CASES: readonly (readonly [values: Readonly<Record<string, string>>, named: readonly string[]])[] = [
  [{ badge: 'b' }, []],
  [{ code: 'c' }, ['code']],
  [{ slug: 's' }, []],
  [{ title: 't' }, ['title']],
  [{ shelf: 'x', place: 'p' }, ['place']],
  [{ place: 'p', box: 'y' }, []],
]

const names = (json: { readonly errors?: readonly { readonly pointer: string }[] }) =>
  (json.errors ?? []).flatMap(({ pointer }) => pointer.match(/\/([a-z]+)$/)?.[1] ?? [])

const [ONE] = ['01900000-0000-7000-8000-000000000001']

/** Every way in: the request, and what comes before a row in a pointer. */
const WAYS: Readonly<Record<string, (values: object) => readonly [method: string, url: string, body: unknown]>> = {
  create: (values) => ['POST', '/api/items', values],
  'create in a list': (values) => ['POST', '/api/items', [{ title: 'free' }, values]],
  'create below a row': (values) => ['POST', '/api/teams', { name: 'x', items: [{ title: 'free' }, values] }],
  change: (values) => ['PATCH', `/api/items/${ONE}`, values],
  replace: (values) => ['PUT', `/api/items/${ONE}`, values],
  'in a transaction': (values) => ['POST', '/api/transaction', { operations: [{ method: 'POST', path: '/api/items', body: values }] }],
}

const GRAPHQL: Readonly<Record<string, (input: string) => string>> = {
  createItem: (input) => `mutation { createItem(input: ${input}) { id } }`,
  createItems: (input) => `mutation { createItems(inputs: [{ title: "free" }, ${input}]) { id } }`,
  updateItem: (input) => `mutation { updateItem(id: "${ONE}", input: ${input}) { id } }`,
}

test('the error about a taken value names the fields only where the caller may know them, for every way in', async (t) => {
  const { ask, sql } = await testBackend(t, modelFrom(DESIGN))
  await sql(`insert into items (${Object.keys(TAKEN).join()}) values ('${Object.values(TAKEN).join("', '")}')`)
  await sql(`insert into items (id) values ('${ONE}')`)
  const judge = (
    answer: Answered,
    json: { readonly detail?: string; readonly message?: string },
    named: readonly string[],
    way: string,
  ) => {
    const text = json.detail ?? json.message ?? ''
    if (named.length === 0) {
      assert.match(text, new RegExp(UNNAMED), `${way}: ${answer.text}`)
      for (const name of ['badge', 'slug', 'shelf', 'box']) assert.ok(!answer.text.includes(name), `${way}: ${answer.text}`)
    } else assert.ok(!text.includes(UNNAMED) && named.every((name) => text.includes(name)), `${way}: ${answer.text}`)
  }
  for (const [values, named] of CASES) {
    for (const [way, make] of Object.entries(WAYS)) {
      const [method, url, body] = make(values)
      const answer = await ask(method, url, { body })
      assert.deepEqual([answer.status, answer.json.code], [409, 'already_taken'], `${way}: ${answer.text}`)
      judge(answer, answer.json, named, way)
      assert.deepEqual(names(answer.json), named, `${way}: ${answer.text}`)
    }
    const input = `{ ${Object.entries(values)
      .map(([name, value]) => `${name}: "${value}"`)
      .join(', ')} }`
    for (const [way, make] of Object.entries(GRAPHQL)) {
      const answer = await ask('POST', '/graphql', { body: { query: make(input) } })
      const [error] = answer.json.errors
      assert.equal(error.extensions.code, 'already_taken', answer.text)
      judge(answer, error, named, way)
    }
  }
  assert.equal((await sql('select from items')).length, 2)
})

test('an unnamed conflict in a list says which row it is', async (t) => {
  const { ask, sql } = await testBackend(t, modelFrom(DESIGN))
  await sql(`insert into items (badge) values ('b')`)
  const { json } = await ask('POST', '/api/items', { body: [{ title: 'free' }, { badge: 'b' }] })
  assert.deepEqual(json.errors, [{ pointer: '/1', rule: 'unique', message: 'has a value that is already taken' }])
})

test('an upsert whose key belongs to a hidden row is refused without the name of a field that the caller may not read', async (t) => {
  const design = structuredClone(DESIGN) as typeof DESIGN & { entities: { Item: { access: { read: string } } } }
  design.entities.Item.access.read = 'place == null'
  const { ask, sql } = await testBackend(t, modelFrom(design))
  await sql(`insert into items (title, badge, place) values ('t', 'b', 'hidden')`)
  const upsert = (create: string) => `mutation { upsertItem(where: { title: "new" }, create: ${create}, update: {}) { created } }`
  const hidden = await ask('POST', '/graphql', { body: { query: upsert('{ title: "new", badge: "b" }') } })
  assert.equal(hidden.json.errors[0].message, UNNAMED)
  const readable = await ask('POST', '/graphql', { body: { query: upsert('{ title: "new" }').replaceAll('"new"', '"t"') } })
  assert.equal(readable.json.errors[0].message, 'another Item already has this title')
})

test('a caller who may read no row at all is told no field', async (t) => {
  const design = structuredClone(DESIGN)
  design.entities.Item.access.read = 'false'
  const { ask, sql } = await testBackend(t, modelFrom(design))
  await sql(`insert into items (title) values ('t')`)
  const { status, json } = await ask('POST', '/api/items', { body: { title: 't' } })
  assert.deepEqual([status, json.detail, json.errors], [409, UNNAMED, undefined])
})
