/** Unique constraints among the rows for which a condition holds. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const FIELDS = {
  desk: { type: 'text', max: 20 },
  state: { type: 'choice', values: ['open', 'closed'], default: 'open' },
  phone: { type: 'text', max: 20, optional: true, unique: { where: 'state == "open"' } },
  room: { type: 'text', max: 20, optional: true, unique: { within: 'desk', where: 'state == "open" && size(desk) > 1' } },
  name: { type: 'text', max: 20, default: 'x' },
}
const UNIQUE = [
  { fields: ['desk', 'name'], where: 'name != "x"' },
  { fields: ['desk', 'name'], where: 'name == "only" && state == "closed"' },
]

const backendOf = (t: TestContext, more: object = {}): Promise<TestBackend> =>
  testBackend(t, modelFrom({ name: 'where', entities: { Case: { access: OPEN, fields: FIELDS, unique: UNIQUE, ...more } } }))

const taken = ({ status, json }: { readonly status: number; readonly json: { code: string; errors?: { pointer: string }[] } }) => [
  status,
  json.code,
  json.errors?.map(({ pointer }) => pointer),
]

test('only rows for which the condition holds are compared, and the answer names the field', async (t) => {
  const { ask } = await backendOf(t)
  const create = (body: object) => ask('POST', '/api/cases', { body: { desk: 'd', ...body } })
  const first = await create({ phone: '1' })
  assert.equal(first.status, 201)
  assert.deepEqual(taken(await create({ phone: '1' })), [409, 'already_taken', ['/phone']])
  const closed = await create({ phone: '1', state: 'closed' })
  assert.equal(closed.status, 201)
  assert.equal((await create({ phone: '1', state: 'closed' })).status, 201)
  const url = `/api/cases/${closed.json.id}`
  // The request sends only the state, but the answer names the field whose value is taken.
  assert.deepEqual(taken(await ask('PATCH', url, { body: { state: 'open' } })), [409, 'already_taken', ['/phone']])
  assert.equal((await ask('PATCH', `/api/cases/${first.json.id}`, { body: { state: 'closed' } })).status, 200)
  assert.equal((await ask('PATCH', url, { body: { state: 'open' } })).status, 200)
})

test('with `within`, only rows of one scope are compared, and the answer names all fields, the last one first', async (t) => {
  const { ask } = await backendOf(t)
  const create = (body: object) => ask('POST', '/api/cases', { body })
  assert.equal((await create({ desk: 'aa', room: '1' })).status, 201)
  assert.equal((await create({ desk: 'bb', room: '1' })).status, 201)
  assert.deepEqual(taken(await create({ desk: 'aa', room: '1' })), [409, 'already_taken', ['/room', '/desk']])
  assert.equal((await create({ desk: 'c', room: '1' })).status, 201)
  assert.equal((await create({ desk: 'c', room: '1' })).status, 201)
  assert.equal((await create({ desk: 'aa', name: 'n' })).status, 201)
  assert.deepEqual(taken(await create({ desk: 'aa', name: 'n' })), [409, 'already_taken', ['/name', '/desk']])
})

test('for many rows, the answer points at the row with the taken value, if it is known', async (t) => {
  const { ask } = await backendOf(t)
  const create = (...body: object[]) => ask('POST', '/api/cases', { body: body.map((one) => ({ desk: 'd', ...one })) })
  assert.equal((await create({ phone: '1' }, { phone: '1', state: 'closed' }, { phone: '2' })).status, 201)
  assert.deepEqual(taken(await create({ phone: '3' }, { phone: '2' })), [409, 'already_taken', ['/1/phone']])
  const twice = await create({ phone: '4', state: 'closed' }, { phone: '4' }, { phone: '4' })
  assert.deepEqual(taken(twice).slice(0, 2), [409, 'already_taken'])
  assert.match(twice.json.detail, /phone/)
})

test('one of 20 concurrent creates succeeds', async (t) => {
  const { ask } = await backendOf(t)
  const all = await Promise.all(Array.from({ length: 20 }, () => ask('POST', '/api/cases', { body: { desk: 'd', phone: '1' } })))
  assert.deepEqual(all.map(({ status }) => status).toSorted(), [201, ...Array.from({ length: 19 }, () => 409)])
})

test('a deleted row does not count with softDelete', async (t) => {
  const { ask } = await backendOf(t, { softDelete: true })
  const create = () => ask('POST', '/api/cases', { body: { desk: 'd', phone: '1' } })
  const { json } = await create()
  assert.equal((await create()).status, 409)
  assert.equal((await ask('DELETE', `/api/cases/${json.id}`)).status, 204)
  assert.equal((await create()).status, 201)
})

test('it is no key: no upsert uses it, and GraphQL names the field', async (t) => {
  const { ask } = await backendOf(t)
  const graph = async (query: string) => (await ask('POST', '/graphql', { body: { query } })).json
  const { data } = await graph('{ __schema { mutationType { fields { name } } } }')
  assert.ok(!data.__schema.mutationType.fields.some(({ name }: { name: string }) => name.startsWith('upsert')))
  const create = 'mutation { createCase(input: { desk: "d", phone: "1" }) { case { phone } } }'
  assert.equal((await graph(create)).errors, undefined)
  const { errors } = await graph(create)
  assert.equal(errors[0].extensions.code, 'already_taken')
  assert.match(errors[0].message, /phone/)
})
