/** A backend that implements a contract: requests and answers are those of the document, and the built-in addresses stay beside them. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'

let model: Model

before(async () => {
  const read = await readDesign(join(import.meta.dirname, 'library'))
  const resolved = read.ok ? resolveDesign(read.design, read.source) : null
  assert.ok(resolved?.model, JSON.stringify(resolved?.diagnostics))
  model = resolved.model
})

const BOOKS = '/library/v2/books'

async function withBooks(t: TestContext, titles: readonly string[]): Promise<TestBackend> {
  const backend = await testBackend(t, model)
  for (const [i, title] of titles.entries()) {
    const { status } = await backend.ask('POST', BOOKS, { body: { book: { isbn: `b-${i}`, title, tags: title.split(' ') } } })
    assert.equal(status, 201)
  }
  return backend
}

test('inputs come from the places that the contract names, under its names', async (t) => {
  const { ask } = await withBooks(t, ['red', 'blue', 'red blue'])
  const isbns = async (query: string, headers = {}) =>
    (await ask('GET', `${BOOKS}${query}`, { headers })).json.books.map(({ isbn }: { isbn: string }) => isbn)
  assert.deepEqual(await isbns(''), ['b-2', 'b-1'])
  assert.deepEqual(await isbns('?page_size=3'), ['b-2', 'b-1', 'b-0'])
  assert.deepEqual(await isbns('?tag=red&page_size=3'), ['b-2', 'b-0'])
  assert.deepEqual(await isbns('?tag=red&tag=blue'), ['b-2'])
  assert.deepEqual(await isbns('', { 'x-shelf': 'A' }), ['b-2', 'b-1'])
  assert.deepEqual(await isbns('', { 'x-shelf': 'B' }), [])
  const wrong = await ask('GET', `${BOOKS}?pageSize=3`)
  assert.equal(wrong.status, 400, wrong.text)
})

test('a row is found by the parameter of the path, and the status of success is that of the contract', async (t) => {
  const { ask } = await withBooks(t, ['red'])
  assert.equal((await ask('GET', `${BOOKS}/b-0`)).json.title, 'red')
  assert.equal((await ask('GET', `${BOOKS}/b-9`)).status, 404)
  const changed = await ask('PATCH', `${BOOKS}/b-0`, { body: { subtitle: null, title: 'green' } })
  assert.deepEqual([changed.status, changed.json.title, changed.json.subtitle], [200, 'green', null])
  const lent = await ask('POST', `${BOOKS}/b-0/loans`)
  assert.deepEqual([lent.status, lent.text], [202, ''])
  assert.deepEqual((await ask('POST', `${BOOKS}/b-0/loans`)).json.code, 'lent_already')
  const removed = await ask('DELETE', `${BOOKS}/b-0`)
  assert.deepEqual([removed.status, removed.text], [204, ''])
  assert.equal((await ask('GET', `${BOOKS}/b-0`)).status, 404)
})

test('a form is read and a table is answered where the contract has them', async (t) => {
  const { ask } = await withBooks(t, ['red', 'blue', 'red'])
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/csv' }
  const { status, text } = await ask('POST', '/library/v2/searches', { body: 'title=red', headers })
  assert.deepEqual([status, text], [200, 'isbn,title\r\nb-0,red\r\nb-2,red\r\n'])
})

test('members that the contract does not name are ignored, unless its schema forbids them', async (t) => {
  const { ask } = await withBooks(t, [])
  const book = { isbn: 'b-1', title: 'red', createdAt: '2030-01-31T12:00:00Z', weight: 3 }
  assert.equal((await ask('POST', BOOKS, { body: { book, source: 'form' } })).status, 201)
  const refused = await ask('PATCH', `${BOOKS}/b-1`, { body: { titel: 'green' } })
  assert.equal(refused.status, 400)
  assert.equal(refused.json.errors[0].pointer, '/titel')
  const wrapped = await ask('POST', BOOKS, { body: { book: { isbn: 'b-2' } } })
  assert.equal(wrapped.json.errors[0].pointer, '/book/title')
})

test('an operation without an action answers 501, and any other method 405', async (t) => {
  const { ask } = await withBooks(t, [])
  const answer = await ask('PUT', '/library/v2/catalogue')
  assert.deepEqual([answer.status, answer.json.code], [501, 'not_implemented'])
  const other = await ask('POST', '/library/v2/catalogue')
  assert.deepEqual([other.status, other.headers.allow], [405, 'PUT, OPTIONS'])
})

test('the contract is served with this server in place of its own, and each answer is valid against it', async (t) => {
  const { ask } = await withBooks(t, ['red'])
  const { json: contract } = await ask('GET', '/openapi.json')
  assert.deepEqual(contract.servers, [{ url: '/library/v2' }])
  assert.deepEqual({ ...contract, servers: null }, { ...structuredClone(model.contract?.document), servers: null })
  const ajv = new Ajv2020({ strict: false, logger: false })
  ajvFormats.default(ajv)
  ajv.addSchema(JSON.parse(JSON.stringify(contract).replaceAll('"type":"string","nullable":true', '"type":["string","null"]')), 'contract')
  const validate = ajv.getSchema('contract#/components/schemas/Book')
  const list = (await ask('GET', BOOKS)).json.books[0]
  for (const book of [(await ask('GET', `${BOOKS}/b-0`)).json, list]) assert.ok(validate?.(book), ajv.errorsText(validate?.errors))
})
