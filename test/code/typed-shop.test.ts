/** A TypeScript design with code in the design and in files. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertRows } from '../actions/action-world.ts'
import { openCode } from './code-world.ts'

test('functions of a TypeScript design run like code in files', async (t) => {
  const world = await openCode(t, 'typed-shop.ts')
  await insertRows(world, 'products', [{ name: 'Cup', price: '10.00', stock: 5, sold: false }])
  const bought = await world.ask('POST', '/api/actions/buy', { body: { product: 'Cup', quantity: 2 } })
  assert.deepEqual([bought.status, bought.json?.left], [200, 3], bought.text)
  const [id = ''] = bought.json.order.split(' ')
  const closed = await world.ask('POST', `/api/orders/${id}/close`, { body: { note: 'done' } })
  assert.deepEqual(closed.json, { left: 0 }, closed.text)
  assert.deepEqual((await world.ask('GET', '/api/actions/count')).json, 1)
  const stale = await world.ask('POST', `/api/orders/${id}/close`, { body: {}, headers: { 'if-match': '"1"' } })
  assert.deepEqual([stale.status, stale.json.code], [412, 'stale_version'])
  assert.equal((await world.ask('POST', '/api/actions/later', { body: { ids: [1] } })).status, 501)
})
