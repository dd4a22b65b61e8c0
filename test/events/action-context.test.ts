/** What code gets that reacts to an action: what was sent, and the results of the steps. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeTypes } from '../../src/compile/code/code-types.ts'
import { errorsIn, readWithCode } from '../code/code-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { until } from './events-world.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

// biome-ignore lint/suspicious/noExplicitAny: tests look into contexts of any shape
type Context = any

function design(run: unknown) {
  return {
    name: 'context',
    on: {
      'Order.place': [{ run, as: 'system' }],
      'Order.updated': [{ run, as: 'system' }],
    },
    entities: {
      Person: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: OPEN,
      },
      Product: { fields: { name: { type: 'text' }, price: { type: 'decimal', precision: 8, scale: 2 } }, access: OPEN },
      Order: {
        fields: { state: { type: 'text', default: 'open' } },
        access: OPEN,
        actions: {
          place: {
            allow: 'true',
            input: {
              product: { ref: 'Product' },
              other: { ref: 'Product' },
              count: { type: 'integer' },
              note: { type: 'text', optional: true },
              tags: { type: 'list', of: { type: 'text' } },
              code: 'Person.password?',
            },
            steps: [
              { update: 'row', set: { state: "'placed'" } },
              { create: 'Line', set: { order: 'row', product: 'input.product', count: 'input.count' }, as: 'line' },
              { find: 'Line', where: 'count < 0', optional: true, as: 'none' },
              { list: 'Line', where: 'order == row', sort: ['-count'], limit: 10, as: 'lines' },
              { list: 'Line', distinct: 'count', limit: 10, as: 'counts' },
              { delete: 'input.other' },
            ],
          },
        },
      },
      Line: {
        fields: {
          order: { type: 'ref', entity: 'Order', inverse: 'lines' },
          product: { type: 'ref', entity: 'Product' },
          count: { type: 'integer' },
        },
        access: OPEN,
      },
    },
  }
}

test('code gets what was sent and the results of the steps; rows that are gone are null', async (t) => {
  const seen: Context[] = []
  const world = await testBackend(t, modelFrom(design((ctx: Context) => void seen.push(ctx))))
  const post = async (path: string, body: object) => (await world.ask('POST', `/api/${path}`, { body })).json
  const [tea, cup] = [await post('products', { name: 'tea', price: '2.50' }), await post('products', { name: 'cup', price: '7' })]
  const order = await post('orders', {})
  await post('lines', { order: order.id, product: cup.id, count: 9 })
  const body = { product: tea.id, other: cup.id, count: 3, tags: ['a', 'b'] }
  // A line refers to the cup, so it stays.
  assert.equal((await world.ask('POST', `/api/orders/${order.id}/place`, { body })).status, 409)
  const gone = await post('products', { name: 'gone', price: '1' })
  const placed = await world.ask('POST', `/api/orders/${order.id}/place`, { body: { ...body, other: gone.id, code: 'Lantern-Otter-42' } })
  assert.equal(placed.status, 200, placed.text)
  const ctx = await until('the reaction', () => seen.find(({ event }) => event.name === 'Order.place') ?? null)
  assert.deepEqual(Object.keys(ctx.input).sort(), ['count', 'note', 'other', 'product', 'tags'])
  const { product, other, ...values } = ctx.input
  assert.deepEqual(values, { count: 3, note: null, tags: ['a', 'b'] })
  assert.deepEqual([product.id, product.name, product.price, other], [tea.id, 'tea', '2.50', null])
  const { line, none, lines, counts } = ctx.results
  assert.deepEqual([line.count, line.product, line.order, none], [3, tea.id, order.id, null])
  assert.deepEqual(
    lines.map(({ count }: Context) => count),
    [9, 3],
  )
  assert.deepEqual(counts, [3, 9])
  assert.ok(Object.isFrozen(ctx.results.lines))
  const updated = await until('the update', () => seen.find(({ event }) => event.name === 'Order.updated') ?? null)
  assert.deepEqual([updated.input, updated.results], [undefined, undefined])
})

test('the types of code name what was sent and the results', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.json'), JSON.stringify(design('react.ts')))
  writeFileSync(
    join(folder, 'react.ts'),
    `import type { Reactions } from './design.d.ts'
export default (({ input, results, row }) => {
  const price: string | undefined = input.product?.price
  const count: number = input.count
  const note: string | null = input.note
  const tags: readonly string[] = input.tags
  const line: number | undefined = results.line?.count
  const first: string | undefined = results.lines?.[0]?.order
  const counts: readonly number[] | null = results.counts
  // @ts-expect-error an event has no passwords
  input.code
  // @ts-expect-error a row that is gone is null
  input.product.name
  // @ts-expect-error no step has this name
  results.item
  void [price, count, note, tags, line, first, counts, row.state]
}) satisfies Reactions['Order.place react.ts']
`,
  )
  writeFileSync(join(folder, 'design.d.ts'), codeTypes(await readWithCode(join(folder, 'design.json'))))
  assert.deepEqual(errorsIn(folder, ['react.ts'], ['design/authoring/code-of-types.ts', 'design/authoring/define.ts']), [])
})
