/** The limits of REST, each with an ordinary request. */

import assert from 'node:assert/strict'
import { LIMITS } from '../../src/base/limits.ts'
import { answered, refused, type TryLimit, times, type World } from './limits-world.ts'

const get = (world: World, url: string) => world.ask('GET', url)
const post = (world: World, url: string, body: unknown) => world.ask('POST', url, { body })
const create = async (world: World, url: string, body: unknown) => answered(await post(world, url, body), 201).json

export const bodyBytes: TryLimit = async (world) => {
  const body = (bytes: number) => JSON.stringify({ a: 'x'.repeat(bytes - JSON.stringify({ a: '' }).length) })
  answered(await post(world, '/api/notes?fields=id', body(LIMITS.bodyBytes)), 201)
  refused(await post(world, '/api/notes?fields=id', body(LIMITS.bodyBytes + 1)), 413, 'body_too_large')
}

export const bodyDepth: TryLimit = async (world) => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])
  answered(await post(world, '/api/notes', { data: nested(LIMITS.bodyDepth - 1) }), 201)
  refused(await post(world, '/api/notes', { data: nested(LIMITS.bodyDepth) }), 400, 'malformed_request')
}

export const bodyKeys: TryLimit = async (world) => {
  // The member `data` and each item of its list count.
  answered(await post(world, '/api/notes', { data: times(LIMITS.bodyKeys - 1, () => 0) }), 201)
  refused(await post(world, '/api/notes', { data: times(LIMITS.bodyKeys, () => 0) }), 400, 'malformed_request')
}

export const bulkRows: TryLimit = async (world) => {
  assert.equal(
    (
      await create(
        world,
        '/api/as',
        times(LIMITS.bulkRows, () => ({})),
      )
    ).length,
    LIMITS.bulkRows,
  )
  refused(
    await post(
      world,
      '/api/as',
      times(LIMITS.bulkRows + 1, () => ({})),
    ),
    400,
    'validation_failed',
    'maxItems',
  )
}

export const passwords: TryLimit = async (world) => {
  const users = (n: number) => times(n, (i) => ({ email: `u${i}@example.com`, password: `Correct-horse-${i}` }))
  answered(await post(world, '/api/users', users(LIMITS.passwords)), 201)
  refused(await post(world, '/api/users', users(LIMITS.passwords + 1)), 400, 'validation_failed', 'maxItems')
}

export const nestedRows: TryLimit = async (world) => {
  // The limit counts the rows of all three levels together.
  const body = (last: number) => ({ bs: [{ cs: times(49, () => ({})) }, { cs: [{ ds: times(last, () => ({})) }] }] })
  const { bs } = await create(world, '/api/as', body(LIMITS.nestedRows - 52))
  assert.equal(bs[0].cs.length, 49)
  assert.equal(bs[1].cs[0].ds.length, LIMITS.nestedRows - 52)
  refused(await post(world, '/api/as', body(LIMITS.nestedRows - 51)), 400, 'validation_failed', 'maxItems')
}

export const nestedDepth: TryLimit = async (world) => {
  assert.equal((await create(world, '/api/as', { bs: [{ cs: [{ ds: [{ n: 7 }] }] }] })).bs[0].cs[0].ds[0].n, 7)
  refused(await post(world, '/api/as', { bs: [{ cs: [{ ds: [{ es: [{}] }] }] }] }), 400, 'validation_failed', 'maxDepth')
}

export const transactionOperations: TryLimit = async (world) => {
  const operations = (n: number) => ({ operations: times(n, () => ({ method: 'POST', path: '/api/as', body: {} })) })
  answered(await post(world, '/api/transaction', operations(LIMITS.transactionOperations)))
  refused(await post(world, '/api/transaction', operations(LIMITS.transactionOperations + 1)), 400, 'validation_failed', 'maxItems')
}

export const transactionMs: TryLimit = async (world) => {
  const { id } = await create(world, '/api/as', {})
  const operations = (n: number) => ({
    operations: times(n, () => ({ method: 'POST', path: '/api/slows', body: { up: id, n: LIMITS.transactionMs / 5 } })),
  })
  answered(await post(world, '/api/transaction', operations(4)))
  refused(await post(world, '/api/transaction', operations(6)), 503, 'statement_timeout')
}

export const pageSizeDefault: TryLimit = async (world) => {
  await create(
    world,
    '/api/keys',
    times(LIMITS.pageSizeDefault + 1, () => ({})),
  )
  const { data, page } = answered(await get(world, '/api/keys')).json
  assert.equal(data.length, LIMITS.pageSizeDefault)
  assert.equal(answered(await get(world, `/api/keys?page[after]=${page.next}`)).json.data.length, 1)
}

export const pageSizeMax: TryLimit = async (world) => {
  answered(await get(world, `/api/keys?page[size]=${LIMITS.pageSizeMax}`))
  refused(await get(world, `/api/keys?page[size]=${LIMITS.pageSizeMax + 1}`), 400, 'invalid_parameter')
  // An included list has at most this many rows, and then a cursor for the next rows.
  const { id } = await create(world, '/api/as', {})
  const rows = times(LIMITS.pageSizeMax, (n) => ({ up: id, n }))
  await create(world, '/api/bs', rows)
  const whole = answered(await get(world, `/api/as/${id}?include=bs`)).json
  assert.deepEqual([whole.bs.length, 'bs@next' in whole], [LIMITS.pageSizeMax, false])
  await create(world, '/api/bs', { up: id, n: LIMITS.pageSizeMax })
  const cut = answered(await get(world, `/api/as/${id}?include=bs`)).json
  assert.deepEqual(cut.bs, whole.bs)
  const rest = answered(await get(world, `/api/bs?filter[up]=${id}&page[after]=${cut['bs@next']}`)).json
  assert.deepEqual([rest.data.map(({ n }: { n: number }) => n), rest.page.next], [[LIMITS.pageSizeMax], null])
}

export const cursor: TryLimit = async (world) => {
  const { id } = await create(world, '/api/notes', { title: 'x' })
  // Four characters hold three bytes of a JSON array.
  const title = (characters: number) => 'x'.repeat((characters * 3) / 4 - JSON.stringify(['title,id', '', id]).length)
  const url = '/api/notes?sort=title&page[size]=1&fields=title'
  const ask = async (characters: number) => {
    await world.sql('delete from notes')
    await create(world, '/api/notes', [{ title: title(characters) }, { title: `${title(characters)}y` }])
    return get(world, url)
  }
  const { page } = answered(await ask(LIMITS.cursor)).json
  assert.equal(page.next.length, LIMITS.cursor)
  assert.equal(answered(await get(world, `${url}&page[after]=${page.next}`)).json.data.length, 1)
  refused(await ask(LIMITS.cursor + 4), 400, 'invalid_parameter')
  refused(await get(world, `${url}&page[after]=${page.next}A`), 400, 'invalid_cursor')
}

export const filterConditions: TryLimit = async (world) => {
  const url = (n: number) => `/api/keys?filter[k1]=0${'&filter[k2][gte]=0'.repeat(n - 1)}`
  answered(await get(world, url(LIMITS.filterConditions)))
  refused(await get(world, url(LIMITS.filterConditions + 1)), 400, 'invalid_parameter')
}

export const filterSteps: TryLimit = async (world) => {
  // Each condition takes two steps; the last reference in `up.up.up` takes none, because it holds the id itself.
  const { id } = await create(world, '/api/as', {})
  const url = (more: string) => `/api/ds?filter[up.up.up]=${id}${'&filter[up.up.n]=0'.repeat((LIMITS.filterSteps - 2) / 2)}${more}`
  answered(await get(world, url('')))
  refused(await get(world, url('&filter[up.n]=0')), 400, 'invalid_parameter')
}

export const filterText: TryLimit = async (world) => {
  for (const name of ['filter[title]', 'search']) {
    answered(await get(world, `/api/notes?${name}=${'x'.repeat(LIMITS.filterText)}`))
    refused(await get(world, `/api/notes?${name}=${'x'.repeat(LIMITS.filterText + 1)}`), 400, 'invalid_parameter')
  }
}

export const filterItems: TryLimit = async (world) => {
  const url = (n: number) => `/api/keys?filter[k1][in]=${times(n, (i) => i)}`
  answered(await get(world, url(LIMITS.filterItems)))
  refused(await get(world, url(LIMITS.filterItems + 1)), 400, 'invalid_parameter')
}

export const sortKeys: TryLimit = async (world) => {
  const url = (n: number) => `/api/keys?sort=${times(n, (i) => `k${i + 1}`)}`
  answered(await get(world, url(LIMITS.sortKeys)))
  refused(await get(world, url(LIMITS.sortKeys + 1)), 400, 'invalid_parameter')
}

export const relationDepth: TryLimit = async (world) => {
  answered(await get(world, '/api/as?include=bs.cs.ds'))
  refused(await get(world, '/api/as?include=bs.cs.ds.es'), 400, 'invalid_parameter')
}

export const includes: TryLimit = async (world) => {
  answered(await get(world, `/api/as?include=${times(LIMITS.includes, () => 'bs')}`))
  refused(await get(world, `/api/as?include=${times(LIMITS.includes + 1, () => 'bs')}`), 400, 'invalid_parameter')
}

export const parameters: TryLimit = async (world) => {
  answered(await get(world, `/api/as?${'&'.repeat(LIMITS.parameters - 1)}`))
  refused(await get(world, `/api/as?${'&'.repeat(LIMITS.parameters)}`), 400, 'malformed_request')
}
