import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const ALL = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const model = modelFrom({
  name: 'places',
  entities: {
    Place: { fields: { name: { type: 'text', max: 20, unique: true } }, access: ALL },
    Code: { fields: { id: { type: 'text', max: 10, pattern: '^[a-z]+$' }, name: { type: 'text', max: 20 } }, access: ALL },
  },
})

test('the address for many rows takes a list alone and answers as the list does at the address of the rows', async (t) => {
  const { ask } = await testBackend(t, model)
  const names = (...of: string[]) => of.map((name) => ({ name }))
  const created = await ask('POST', '/api/places/bulk?fields=name', { body: names('a', 'b'), headers: { 'idempotency-key': 'k' } })
  assert.deepEqual([created.status, created.json], [201, names('a', 'b')])
  const again = await ask('POST', '/api/places/bulk?fields=name', { body: names('a', 'b'), headers: { 'idempotency-key': 'k' } })
  assert.deepEqual([again.status, again.headers['idempotency-replayed']], [201, 'true'])
  for (const body of [{ name: 'c' }, 'null', '"c"']) {
    const { status, json } = await ask('POST', '/api/places/bulk', { body })
    assert.deepEqual([status, json.errors], [400, [{ pointer: '', rule: 'type', message: 'must be a list of rows' }]])
  }
  const taken = await ask('POST', '/api/places/bulk', { body: names('c', 'a') })
  assert.deepEqual([taken.status, taken.json.errors[0].pointer], [409, '/1/name'])
  assert.equal((await ask('GET', '/api/places?count=true')).json.page.count, 2)
  assert.equal((await ask('POST', '/api/nosuch/bulk', { body: [] })).status, 404)
})

test('a row whose id is bulk keeps its address', async (t) => {
  const { ask } = await testBackend(t, model)
  await ask('POST', '/api/codes', { body: { id: 'bulk', name: 'a' } })
  const url = '/api/codes/bulk'
  assert.equal((await ask('GET', url)).json.name, 'a')
  assert.equal((await ask('PATCH', url, { body: { name: 'b' } })).json.name, 'b')
  assert.equal((await ask('PUT', url, { body: { name: 'c' } })).json.version, 3)
  assert.equal((await ask('OPTIONS', url)).headers.allow, 'GET, HEAD, PATCH, PUT, DELETE, OPTIONS')
  assert.equal((await ask('HEAD', url)).status, 200)
  assert.equal((await ask('TRACE', url)).status, 405)
  assert.equal((await ask('DELETE', url)).status, 204)
  assert.equal((await ask('GET', url)).status, 404)
})
