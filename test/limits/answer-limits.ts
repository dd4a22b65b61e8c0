/** The limits on what an answer and a row may hold, and on what a request may take. */

import assert from 'node:assert/strict'
import { LIMITS } from '../../src/base/limits.ts'
import { startServer } from '../../src/server/process/server.ts'
import type { Answered } from '../support/backend.ts'
import { answered, refused, type TryLimit, times, type World } from './limits-world.ts'

const post = (world: World, url: string, body: unknown) => world.ask('POST', url, { body })
const create = async (world: World, url: string, body: unknown) => answered(await post(world, url, body), 201).json

/** 50 rows with 5 rows of 99 each. */
async function manyRows({ sql }: World): Promise<void> {
  await sql('truncate "as", bs, cs, ds, es, slows, slowers, slowests')
  await sql('insert into "as" (id, n) select gen_random_uuid(), i from generate_series(1, 50) i')
  await sql('insert into bs (id, n, up_id) select gen_random_uuid(), i, a.id from "as" a, generate_series(1, 5) i')
  await sql('insert into cs (id, n, up_id) select gen_random_uuid(), i, b.id from bs b, generate_series(1, 99) i')
}

export const answerRows: TryLimit = async (world) => {
  await manyRows(world)
  const rest = () => world.ask('GET', '/api/as?include=bs.cs&page[size]=50&fields=n&fields[bs]=n&fields[bs.cs]=n')
  const graphql = () => world.graphql('{ as(first: 50) { nodes { n bs(first: 100) { nodes { n cs(first: 100) { nodes { n } } } } } } }')
  const count = (rows: readonly { bs: readonly { cs: readonly unknown[] }[] }[]) =>
    rows.flatMap(({ bs }) => bs.flatMap(({ cs }) => [0, ...cs]))
  assert.equal(count(answered(await rest()).json.data).length, LIMITS.answerRows)
  answered(await graphql())
  await world.sql('insert into cs (id, n, up_id) select gen_random_uuid(), 100, id from bs limit 1')
  refused(await rest(), 400, 'answer_too_large')
  refused(await graphql(), 400, 'query_too_large')
  // The next request begins to count anew.
  answered(await world.ask('GET', '/api/as?include=bs.cs'))
}

export const answerBytes: TryLimit = async (world) => {
  const notes = await create(
    world,
    '/api/notes',
    times(2, () => ({ a: '' })),
  )
  const [one, other] = notes.map(({ id }: { id: string }) => id)
  const patch = async (id: string, bytes: number) =>
    answered(await world.ask('PATCH', `/api/notes/${id}?fields=id`, { body: { a: 'x'.repeat(bytes) } }))
  const reads = { operations: times(50, (i) => ({ method: 'GET', path: `/api/notes/${i === 0 ? other : one}?fields=a` })) }
  await patch(one, 330_000)
  await patch(other, 1)
  const less = answered(await post(world, '/api/transaction', reads)).text.length
  await patch(other, 1 + LIMITS.answerBytes - less)
  assert.equal(answered(await post(world, '/api/transaction', reads)).text.length, LIMITS.answerBytes)
  await patch(other, 2 + LIMITS.answerBytes - less)
  refused(await post(world, '/api/transaction', reads), 400, 'answer_too_large')
}

export const rowBytes: TryLimit = async (world) => {
  const { id } = await create(world, '/api/notes', { title: 'large' })
  const patch = (body: object): Promise<Answered> => world.ask('PATCH', `/api/notes/${id}`, { body })
  for (const name of ['a', 'b', 'c', 'd']) answered(await patch({ [name]: 'x'.repeat(1_000_000) }))
  const { length } = answered(await patch({ e: '' })).text
  assert.equal(answered(await patch({ e: 'x'.repeat(LIMITS.rowBytes - length) })).text.length, LIMITS.rowBytes)
  refused(await patch({ e: 'x'.repeat(LIMITS.rowBytes - length + 1) }), 400, 'row_too_large', 'rowBytes')
  // An escaped character counts with the length of its escape.
  refused(await patch({ e: '\u0001'.repeat((LIMITS.rowBytes - length) / 2) }), 400, 'row_too_large', 'rowBytes')
  assert.equal(answered(await world.ask('GET', `/api/notes/${id}`)).text.length, LIMITS.rowBytes)
}

export const statementMs: TryLimit = async (world) => {
  const { id } = await create(world, '/api/as', {})
  answered(await post(world, '/api/slows', { up: id, n: LIMITS.statementMs - 1_500 }), 201)
  refused(await post(world, '/api/slows', { up: id, n: LIMITS.statementMs + 1_500 }), 503, 'statement_timeout')
}

export const requestMs: TryLimit = async (world) => {
  // Three levels are three statements; together they may take longer than one of them.
  const three = (ms: number) => post(world, '/api/as', { slows: [{ n: ms, latter: [{ n: ms, last: [{ n: ms }] }] }] })
  answered(await three(Math.round(LIMITS.requestMs / 3) - 800), 201)
  refused(await three(Math.round(LIMITS.requestMs / 3) + 800), 503, 'statement_timeout')
}

export const headerBytes: TryLimit = async ({ backend }) => {
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { handle: backend.handle, close: async () => {} } })
  const ask = async (bytes: number) => (await fetch(`${server.url}/health/live`, { headers: { 'x-long': 'x'.repeat(bytes) } })).status
  assert.equal(await ask(LIMITS.headerBytes - 500), 200)
  assert.equal(await ask(LIMITS.headerBytes), 431)
  await server.drain({ noticeMs: 0, drainMs: 0 })
}
