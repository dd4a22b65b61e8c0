/** Forms of contracts: members that are left out, bodies that must be sent, and paths whose segments have several parts. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'

let model: Model

before(async () => {
  const read = await readDesign(join(import.meta.dirname, 'tickets'))
  const resolved = read.ok ? resolveDesign(read.design, read.source) : null
  assert.ok(resolved?.model, JSON.stringify(read.ok ? resolved?.diagnostics : read.diagnostics))
  model = resolved.model
})

async function withTickets(t: TestContext): Promise<TestBackend> {
  const backend = await testBackend(t, model)
  const { ask } = backend
  for (const owner of [{ name: 'ann', phone: '1' }, { name: 'bob' }])
    assert.equal((await ask('POST', '/api/owners', { body: owner })).status, 201)
  return backend
}

test('members that a contract does not require and does not let be null are left out where they have no value', async (t) => {
  const { ask } = await withTickets(t)
  const create = async (body: object) => (await ask('POST', '/v2/tickets.json', { body })).json
  assert.deepEqual(await create({ title: 'one' }), { number: 1, title: 'one' })
  const whole = { number: 2, title: 'two', note: 'n', owner: { phone: '1' }, firstNote: 'n' }
  assert.deepEqual(await create({ title: 'two', note: 'n', owner: 'ann' }), whole)
  assert.deepEqual(await create({ title: 'three', owner: 'bob' }), { number: 3, title: 'three', owner: {} })
  assert.deepEqual((await ask('GET', '/v2/tickets/2.json')).json, whole)
  const list = (await ask('GET', '/v2/tickets.json')).json.tickets
  assert.deepEqual(list, [{ number: 1, title: 'one' }, whole, { number: 3, title: 'three', owner: {} }])
  // GraphQL has the members of the design.
  const asked = await ask('POST', '/graphql', { body: { query: '{ listTickets { tickets { number note owner { phone email } } } }' } })
  assert.deepEqual(asked.json.data.listTickets.tickets[0], { number: 1, note: null, owner: null }, asked.text)
})

test('a body must be sent where the contract requires it, also if all of its members may be left out', async (t) => {
  const { ask } = await withTickets(t)
  await ask('POST', '/v2/tickets.json', { body: { title: 'one' } })
  const problems = async (method: string, body: unknown) => {
    const { status, json } = await ask(method, '/v2/tickets/1.json', body === undefined ? {} : { body })
    return status === 200
      ? 200
      : [status, ...json.errors.map(({ pointer, rule }: { pointer: string; rule: string }) => `${pointer} ${rule}`)]
  }
  assert.deepEqual(await problems('PATCH', { ticket: {} }), 200)
  assert.deepEqual(await problems('PATCH', {}), [400, '/ticket required'])
  assert.deepEqual(await problems('PATCH', { title: 'x' }), [400, '/ticket required'])
  assert.deepEqual(await problems('PATCH', undefined), [400, '/ticket required'])
  assert.deepEqual(await problems('PATCH', { ticket: null }), [400, '/ticket type'])
  assert.deepEqual(await problems('PUT', {}), 200)
  assert.deepEqual(await problems('PUT', undefined), [400, ' required'])
})

test('the body of a DELETE is read where the contract has one', async (t) => {
  const { ask } = await withTickets(t)
  await ask('POST', '/v2/tickets.json', { body: { title: 'one' } })
  const remove = async (body?: unknown) => {
    const { status, json } = await ask('DELETE', '/v2/tickets/1.json', body === undefined ? {} : { body })
    return status === 204 ? 204 : [status, json.code]
  }
  assert.deepEqual(await remove(), [400, 'validation_failed'])
  assert.deepEqual(await remove({ title: 7 }), [400, 'validation_failed'])
  assert.deepEqual(await remove({ title: 'two' }), [409, 'title_differs'])
  assert.deepEqual(await remove({ title: 'one' }), 204)
})

test('lists are read in the styles of the contract', async (t) => {
  const { ask } = await withTickets(t)
  const none = { path: [1], repeated: [], commas: [], pipes: [], spaces: [], items: [] }
  assert.deepEqual((await ask('GET', '/v2/lists/1')).json, none)
  const query = 'repeated=a,b&repeated=c&commas=1,2&commas=3&pipes%5B%5D=a%7Cb&spaces=a%20b'
  const { json } = await ask('GET', `/v2/lists/1,2?${query}`, { headers: { 'x-items': 'a, b,c' } })
  const all = { path: [1, 2], repeated: ['a,b', 'c'], commas: [1, 2, 3], pipes: ['a', 'b'], spaces: ['a', 'b'], items: ['a', 'b', 'c'] }
  assert.deepEqual(json, all)
  assert.deepEqual((await ask('GET', '/v2/lists/1?commas=')).json, none)
  const wrong = await ask('GET', '/v2/lists/1?commas=1,x')
  assert.deepEqual([wrong.status, wrong.json.errors[0].pointer], [400, '/commas/1'])
  assert.equal((await ask('GET', '/v2/lists/1,x')).status, 404)
})

test('a segment of a path may have several names with signs between them', async (t) => {
  const { ask } = await withTickets(t)
  await ask('POST', '/v2/tickets.json', { body: { title: 'one' } })
  const at = async (path: string, method = 'GET') => {
    const { status, json } = await ask(method, `/v2${path}`)
    return status === 200 ? json : status
  }
  assert.deepEqual(await at('/exports/sales.csv'), { name: 'sales', format: 'csv' })
  assert.deepEqual(await at('/exports/sales.2030.csv'), { name: 'sales.2030', format: 'csv' })
  assert.deepEqual(await at('/exports/a%20b%2Fc.%C3%A9'), { name: 'a b/c', format: 'é' })
  assert.deepEqual(await at('/exports/report-may'), { name: 'may' })
  for (const path of ['/exports/sales.', '/exports/.csv', '/exports/sales', '/exports/report-', '/tickets/.json', '/tickets/x.json'])
    assert.equal(await at(path), 404, path)
  assert.deepEqual(await at('/tickets/1'), { title: 'one' })
  assert.equal((await at('/tickets/1.json')).number, 1)
  assert.equal(typeof (await at('/tickets/1:close', 'POST')).closedAt, 'string')
  assert.equal(await at('/tickets/1.json', 'POST'), 405)
})
