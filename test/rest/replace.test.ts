import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const model = modelFrom({
  name: 'shop',
  entities: {
    Item: {
      fields: {
        title: { type: 'text', max: 50 },
        price: { type: 'decimal', precision: 10, scale: 2 },
        code: { type: 'text', max: 10, immutable: true },
        rank: { type: 'integer', default: 7, write: 'false' },
        extra: { type: 'json', optional: true },
        doubled: { type: 'computed', expression: 'rank * 2' },
        secret: { type: 'text', optional: true, read: 'false', write: 'false' },
      },
      access: { read: 'true', create: 'true', update: 'true' },
    },
    Part: {
      fields: { name: { type: 'text', max: 10 }, item: { type: 'ref', entity: 'Item', inverse: 'parts' } },
      access: { read: 'true', create: 'true', update: 'true' },
    },
  },
})

const ITEM = { title: 'a', price: '1.50', code: 'x', extra: { a: [1, null, 0.1] } }

test('a replacement accepts what a read answered, alone and in a transaction', async (t) => {
  const { ask } = await testBackend(t, model)
  const { headers } = await ask('POST', '/api/items', { body: { ...ITEM, parts: [{ name: 'p' }] } })
  const url = String(headers.location)
  for (const address of [url, `${url}?include=parts`]) {
    const row = (await ask('GET', address)).json
    const same = await ask('PUT', address, { body: row })
    const { updatedAt, version } = same.json
    assert.deepEqual([same.status, same.json, version], [200, { ...row, updatedAt, version }, row.version + 1])
    const changed = await ask('PUT', address, { body: { ...same.json, title: `${row.title}!` }, headers: { 'idempotency-key': address } })
    assert.deepEqual([changed.status, changed.json.title, changed.json.version], [200, `${row.title}!`, row.version + 2])
  }
  const row = (await ask('GET', url)).json
  const operations = [{ method: 'PUT', path: url, body: { ...row, price: '2.00' } }]
  assert.equal((await ask('POST', '/api/transaction', { body: { operations } })).json.results[0].body.price, '2.00')
  const part = (await ask('GET', '/api/parts')).json.data[0]
  assert.equal((await ask('PUT', `/api/parts/${part.id}`, { body: part })).status, 200)
})

test('a read-only name with another value is refused and named, and a hidden name is unknown', async (t) => {
  const { ask } = await testBackend(t, model)
  const url = String((await ask('POST', '/api/items', { body: ITEM })).headers.location)
  const row = (await ask('GET', url)).json
  const others = {
    id: '01900000-0000-7000-8000-000000000001',
    createdAt: '2030-01-01T00:00:00Z',
    version: 9,
    rank: 8,
    doubled: null,
    code: 'y',
    parts: [{}],
  }
  for (const [name, value] of Object.entries(others)) {
    const { status, json } = await ask('PUT', url, { body: { ...row, title: 'no', [name]: value } })
    assert.deepEqual(
      [status, json.errors.map((e: { pointer: string; rule: string }) => [e.pointer, e.rule])],
      [400, [[`/${name}`, 'readOnly']]],
    )
  }
  const hidden = await ask('PUT', url, { body: { ...row, secret: null } })
  assert.deepEqual([hidden.status, hidden.json.errors[0].rule], [400, 'unknown'])
  const missing = await ask('PUT', `/api/items/${others.id}`, { body: row })
  assert.equal(missing.status, 404)
  assert.deepEqual((await ask('GET', url)).json, row)
})

test('of many replacements of one version, one takes place', async (t) => {
  const { ask } = await testBackend(t, model)
  const url = String((await ask('POST', '/api/items', { body: ITEM })).headers.location)
  const row = (await ask('GET', url)).json
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => ask('PUT', url, { body: { ...row, title: `${i}` } })))
  assert.deepEqual(answers.filter(({ status }) => status === 200).length, 1)
  for (const { status } of answers) assert.ok([200, 400, 412].includes(status), String(status))
  assert.equal((await ask('GET', url)).json.version, 2)
})

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const library = modelFrom({
  name: 'library',
  entities: {
    Author: {
      fields: {
        name: { type: 'text', max: 50 },
        born: { type: 'date', optional: true },
        boss: { type: 'ref', entity: 'Author', optional: true },
        secret: { type: 'text', optional: true, read: 'false', write: 'false' },
      },
      access: OPEN,
    },
    Book: {
      fields: {
        title: { type: 'text', max: 50 },
        author: { type: 'ref', entity: 'Author', inverse: 'books' },
        editor: { type: 'ref', entity: 'Author', immutable: true, optional: true },
      },
      access: OPEN,
    },
    Page: {
      fields: { text: { type: 'text', max: 50 }, book: { type: 'ref', entity: 'Book', inverse: 'pages' } },
      access: OPEN,
    },
  },
})

test('a replacement accepts what every get answered: included rows of any depth, some of their fields, and lists that go on', async (t) => {
  const { ask } = await testBackend(t, library)
  const make = async (path: string, body: object) => (await ask('POST', `/api/${path}`, { body })).json.id
  const boss = await make('authors', { name: 'Boss' })
  const [author, other] = [await make('authors', { name: 'Ann', boss }), await make('authors', { name: 'Bob' })]
  const book = await make('books', { title: 'a', author, editor: other })
  const url = `/api/books/${book}`
  await ask('POST', '/api/pages', { body: Array.from({ length: 101 }, (_, i) => ({ text: `${i}`, book })) })
  for (const query of [
    '',
    'include=author',
    'include=editor',
    'include=author.boss,editor.boss,author.books.pages',
    'include=editor&fields=title,author,editor&fields[editor]=name',
    'include=author&fields=title,author&fields[author]=id,name',
    'include=pages,author.books',
    'include=pages&fields=title,author&fields[pages]=text',
  ]) {
    const row = (await ask('GET', `${url}?${query}`)).json
    const put = await ask('PUT', url, { body: row })
    assert.deepEqual([put.status, put.json.author, put.json.editor], [200, author, other], `${query}: ${JSON.stringify(put.json)}`)
    assert.ok(!query.startsWith('include=pages') || 'pages@next' in row)
  }
  const operations = [{ method: 'PUT', path: url, body: (await ask('GET', `${url}?include=author,editor`)).json }]
  assert.equal((await ask('POST', '/api/transaction', { body: { operations } })).status, 200)
})

test('an included row that is not the one of the row is refused, and its hidden names are unknown', async (t) => {
  const { ask } = await testBackend(t, library)
  const make = async (path: string, body: object) => (await ask('POST', `/api/${path}`, { body })).json.id
  const [ann, bob] = [await make('authors', { name: 'Ann' }), await make('authors', { name: 'Bob' })]
  const url = `/api/books/${await make('books', { title: 'a', author: ann, editor: ann })}`
  const row = (await ask('GET', `${url}?include=author,editor`)).json
  const wrong = [
    { author: { ...row.author, name: 'Eve' } },
    { author: { ...row.author, id: bob } },
    { author: { ...row.author, secret: null } },
    { author: { ...row.author, nothing: null } },
    { author: { id: bob, name: 'Bob' } },
    { editor: { ...row.editor, name: 'Eve' } },
    { editor: { id: bob } },
    { editor: { secret: null } },
    { editor: [row.editor] },
  ]
  for (const change of wrong) {
    const { status, json } = await ask('PUT', url, { body: { ...row, ...change } })
    const problem = [`/${Object.keys(change)[0]}`, 'readOnly']
    assert.deepEqual(
      [status, json.errors?.map((e: { pointer: string; rule: string }) => [e.pointer, e.rule])],
      [400, [problem]],
      JSON.stringify(change),
    )
  }
  assert.deepEqual((await ask('GET', `${url}?include=author,editor`)).json, row)
  const moved = await ask('PUT', url, { body: { ...row, author: { id: bob } } })
  assert.deepEqual([moved.status, moved.json.author], [200, bob])
})
