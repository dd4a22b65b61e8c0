/** Answers and rows above their size limits, in every way in which a request can produce them. */

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { startServer } from '../../src/server/process/server.ts'
import { answered, openWorld, refused, times, type World } from './limits-world.ts'

const transact = ({ ask }: World, operations: readonly object[]) => ask('POST', '/api/transaction', { body: { operations } })
const note = (body: object, more = {}) => ({ method: 'POST', path: '/api/notes', body, ...more })
const count = async ({ sql }: World) => Number((await sql('select count(*) from notes'))[0]?.count)

test('the limits of a body apply to the values of references', async (t) => {
  const world = await openWorld(t)
  const text = note({ a: 'x'.repeat(50_000) }, { name: 'text' })
  const refs = (n: number) => times(n, () => ({ $ref: 'text.a' }))
  // 50,000 characters that are sent once and inserted 18 times are less than a megabyte.
  answered(await transact(world, [text, note({ data: refs(18) })]))
  const before = await count(world)
  refused(await transact(world, [text, note({ data: refs(20) })]), 413, 'body_too_large')
  refused(await transact(world, [text, ...times(20, () => note({ a: { $ref: 'text.a' } }))]), 413, 'body_too_large')
  refused(await transact(world, [text, note({ data: refs(800) })]), 413, 'body_too_large')
  const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)])
  const nested = (outer: number) => [
    note({ data: deep(15) }, { name: 'text' }),
    note({ data: times(outer, () => 0).reduce<unknown>((inner) => [inner], { $ref: 'text.data' }) }),
  ]
  // Four levels are around the value: the request, its list, the operation and the body of the operation.
  answered(await transact(world, nested(LIMITS.bodyDepth - 15 - 4)))
  refused(await transact(world, nested(LIMITS.bodyDepth - 15 - 3)), 400, 'malformed_request')
  const wide = (n: number) => [
    note({ data: times(4_000, () => 0) }, { name: 'text' }),
    note({ data: times(n, () => ({ $ref: 'text.data' })) }),
  ]
  answered(await transact(world, wide(1)))
  refused(await transact(world, wide(2)), 400, 'malformed_request')
  refused(await transact(world, [text, { method: 'GET', path: '/api/notes?search=${text.a}' }]), 414, 'uri_too_long')
  assert.equal(await count(world), before + 4)
})

/** A note of 3.2 MB with an empty field `e`, and the largest possible size of `e`. */
async function nearlyTooLarge(world: World): Promise<{ readonly id: string; readonly room: number }> {
  const { id } = answered(await world.ask('POST', '/api/notes', { body: { title: 'large', e: '' } }), 201).json
  for (const name of ['a', 'b', 'c', 'd'])
    answered(await world.ask('PATCH', `/api/notes/${id}?fields=id`, { body: { [name]: 'x'.repeat(800_000) } }))
  const { length } = (await world.ask('GET', `/api/notes/${id}`)).text
  return { id, room: LIMITS.rowBytes - length }
}

test('a row that would be too large is refused in every way of writing it', async (t) => {
  const world = await openWorld(t)
  const { id, room } = await nearlyTooLarge(world)
  const before = await world.sql('select version from notes where id = $1', [id])
  const e = 'x'.repeat(room + 1)
  const url = `/api/notes/${id}?fields=id`
  refused(await world.ask('PATCH', url, { body: { e } }), 400, 'row_too_large', 'rowBytes')
  refused(await world.ask('PATCH', url, { body: { data: [e] } }), 400, 'row_too_large', 'rowBytes')
  const minimal = { headers: { prefer: 'return=minimal' }, body: { e } }
  refused(await world.ask('PATCH', url, minimal), 400, 'row_too_large', 'rowBytes')
  const within = await transact(world, [note({ a: 'x' }), { method: 'PATCH', path: url, body: { e } }])
  refused(within, 400, 'row_too_large', 'rowBytes')
  assert.deepEqual([within.json.operation, within.json.errors[0].pointer], [1, '/operations/1/body'])
  refused(
    await world.graphql('mutation ($id: UUID!, $e: String!) { updateNote(id: $id, input: { e: $e }) { id } }', { id, e }),
    200,
    'row_too_large',
  )
  assert.deepEqual(await world.sql('select version from notes where id = $1', [id]), before)
  assert.equal(await count(world), 1)
  // A change of another field succeeds.
  answered(await world.ask('PATCH', url, { body: { title: 'still' } }))
  answered(await world.ask('PATCH', url, { body: { e: 'x'.repeat(room) } }))
})

test('a page ends before it is too large, so that no row makes a list fail', async (t) => {
  const world = await openWorld(t)
  const { id, room } = await nearlyTooLarge(world)
  answered(await world.ask('PATCH', `/api/notes/${id}?fields=id`, { body: { e: 'x'.repeat(room) } }))
  await world.sql(`insert into notes (id, title, a, b, c, d, e) select gen_random_uuid(), n::text, a, b, c, d, e
    from notes, generate_series(1, 9) n`)
  const seen: string[] = []
  for (let url = '/api/notes'; ; ) {
    const { text, json } = answered(await world.ask('GET', url))
    assert.ok(text.length <= LIMITS.answerBytes + 200)
    assert.ok(json.data.length > 0)
    seen.push(...json.data.map((row: { title: string }) => row.title))
    if (json.page.next === null) break
    url = `/api/notes?page[after]=${json.page.next}`
  }
  assert.equal(new Set(seen).size, 10)
  assert.equal(seen.length, 10)
})

test('the rows of a bulk creation, and several mutations, share the bytes of one answer', async (t) => {
  const world = await openWorld(t)
  // Each part shows the text of its doc, so the answer contains the text once for each part.
  const { id } = answered(await world.ask('POST', '/api/docs', { body: { text: 'x'.repeat(100_000) } }), 201).json
  const parts = (n: number) => times(n, () => ({ doc: id }))
  const before = Number((await world.sql('select count(*) from parts'))[0]?.count)
  answered(await world.ask('POST', '/api/parts?include=doc', { body: parts(160) }), 201)
  refused(await world.ask('POST', '/api/parts?include=doc', { body: parts(170) }), 400, 'answer_too_large')
  const one = (many: number) => `createParts(inputs: $inputs) { part { doc { ${times(many, (i) => `x${i}: text`).join(' ')} } } }`
  const mutate = (more: string) =>
    world.graphql(`mutation ($inputs: [CreatePartInput!]!) ${more}`, { inputs: times(50, () => ({ doc: id })) })
  const both = await mutate(`{ a: ${one(2)} b: ${one(2)} c: ${one(1)} }`)
  assert.deepEqual(both.json.data?.b, null, both.text.slice(0, 500))
  assert.equal(both.json.errors[0].extensions.code, 'answer_too_large')
  assert.ok(both.text.length <= LIMITS.answerBytes + 1_000)
  const atomic = await mutate(`@atomic { a: ${one(2)} b: ${one(2)} }`)
  assert.deepEqual([atomic.json.data, atomic.json.errors[0].extensions.code], [null, 'answer_too_large'])
  const after = Number((await world.sql('select count(*) from parts'))[0]?.count)
  assert.equal(after, before + 160 + 100)
})

test('clients that do not read their answers get no further ones, and other clients are answered', async (t) => {
  const world = await openWorld(t)
  const { url } = await served(t, world)
  await world.sql("insert into notes (id, title, a) select gen_random_uuid(), 'x', repeat('x', 1000000) from generate_series(1, 15)")
  const sockets = await Promise.all(times(6, () => unread(url, '127.0.0.2')))
  const statuses = sockets.map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 200).length, 2, String(statuses))
  assert.equal(statuses.filter((status) => status === 503).length, 4, String(statuses))
  const other = await fetch(`${url}/api/notes`)
  assert.equal(((await other.json()) as { data: unknown[] }).data.length, 15)
  for (const socket of sockets) socket.destroy()
})

async function served(t: TestContext, { backend }: World) {
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { handle: backend.handle, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  return server
}

/** Asks for a list, reads the first bytes of the answer, and then nothing. */
function unread(url: string, localAddress: string): Promise<{ readonly status: number; destroy(): void }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress })
    socket.on('error', reject)
    socket.write('GET /api/notes HTTP/1.1\r\nhost: x\r\n\r\n')
    socket.once('data', (bytes) => {
      socket.pause()
      resolve({ status: Number(String(bytes).slice(9, 12)), destroy: () => socket.destroy() })
    })
  })
}
