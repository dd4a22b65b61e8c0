/** Tables of mails that have more rows than a mail shows. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import { partOf, readMime, startSmtp } from '../support/smtp.ts'
import { mailTo } from './mail-world.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

test('a table of a mail ends after 200 rows with the number of the others', async (t) => {
  const smtp = await startSmtp(t)
  const model = modelFrom({
    name: 'orders',
    entities: {
      Order: { fields: { mail: { type: 'email' }, state: { type: 'text', optional: true } }, access: OPEN },
      Line: { fields: { order: { type: 'ref', entity: 'Order', inverse: 'lines' }, what: { type: 'text' } }, access: OPEN },
    },
    on: { 'Order.updated': [{ email: 'lines', to: 'mail' }] },
    integrations: {
      email: {
        from: 'shop@example.com',
        templates: {
          lines: { subject: 'Lines', blocks: [{ table: { each: 'l in lines', columns: [{ heading: 'What', value: '{l.what}' }] } }] },
        },
      },
    },
  })
  const { ask, sql } = await testBackend(t, model, { mail: mailTo(model, smtp.url) })
  const { json: order } = await ask('POST', '/api/orders', { body: { mail: 'ann@example.com' } })
  const shown = async (state: string, mails: number) => {
    assert.equal((await ask('PATCH', `/api/orders/${order.id}`, { body: { state } })).status, 200)
    const raw = (await smtp.received(mails))[mails - 1]?.raw ?? ''
    return (partOf(readMime(raw), 'text/plain') ?? '').replaceAll('\r\n', '\n').trim().split('\n').slice(2)
  }
  assert.deepEqual(await shown('empty', 1), [])
  await sql(`insert into lines (order_id, what) select '${order.id}', 'line ' || n from generate_series(1, 200) n`)
  const whole = await shown('whole', 2)
  assert.deepEqual([whole.length, whole.at(-1)?.startsWith('line')], [200, true])
  await sql(`insert into lines (order_id, what) select '${order.id}', 'more ' || n from generate_series(1, 34) n`)
  const cut = await shown('cut', 3)
  assert.deepEqual([cut.length, cut.at(-1)], [201, '… + 34'])
})
