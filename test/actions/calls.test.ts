/** Actions that run the steps of other actions. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const MODEL = modelFrom({
  name: 'notes',
  entities: {
    Note: {
      fields: { title: { type: 'text' }, text: { type: 'text', default: 'empty' }, size: { type: 'integer', default: 0 } },
      access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      actions: {
        edit: {
          as: 'system',
          allow: 'true',
          input: { text: 'Note.text?', size: { type: 'integer', min: 0, default: 3 } },
          steps: [{ require: 'input.size > 1' }, { update: 'row', set: { text: 'input.text', size: 'input.size' } }],
        },
        touch: { as: 'system', allow: 'true', steps: [{ call: 'Note.edit', on: 'row' }], answer: { text: 'row.text', size: 'row.size' } },
        resize: {
          as: 'system',
          allow: 'true',
          steps: [{ call: 'Note.edit', on: 'row', input: { size: '7', text: '"new"' } }],
          answer: { text: 'row.text', size: 'row.size' },
        },
      },
    },
  },
})

test('an input that a call leaves out has its default, or sets no field', async (t) => {
  const world = await testBackend(t, MODEL)
  const { json: note } = await world.ask('POST', '/api/notes', { body: { title: 'a', text: 'kept' } })
  const touched = await world.ask('POST', `/api/notes/${note.id}/touch`)
  assert.deepEqual([touched.status, touched.json], [200, { text: 'kept', size: 3 }], touched.text)
  const resized = await world.ask('POST', `/api/notes/${note.id}/resize`)
  assert.deepEqual([resized.status, resized.json], [200, { text: 'new', size: 7 }], resized.text)
})

const ORDERS = modelFrom({
  name: 'orders',
  entities: {
    Order: {
      fields: {
        state: { type: 'choice', values: ['open', 'paid', 'sent'], default: 'open' },
        weight: { type: 'integer', default: 1 },
        sum: { type: 'integer', default: 0 },
      },
      access: { read: 'true', create: 'true', update: 'true' },
      actions: {
        finish: {
          allow: 'true',
          steps: [
            { call: 'Order.pay', on: 'row' },
            { call: 'Order.send', on: 'row' },
          ],
        },
      },
    },
  },
  actions: {
    payAll: {
      allow: 'true',
      input: { order: { ref: 'Order' }, isPaid: 'boolean' },
      steps: [{ call: 'Order.pay', on: 'input.order', when: 'input.isPaid' }],
      answer: { state: 'input.order.state' },
    },
  },
  workflows: {
    ordering: {
      entity: 'Order',
      field: 'state',
      transitions: {
        pay: { from: 'open', to: 'paid', allow: 'false', steps: [{ update: 'row', set: { sum: 'weight * 2' } }] },
        send: { from: ['paid'], to: 'sent', allow: 'false', guard: 'weight > 0' },
      },
    },
  },
})

test('a call of a transition moves the state, from its states alone and only if the guard holds', async (t) => {
  const world = await testBackend(t, ORDERS)
  const create = async (weight: number) => (await world.ask('POST', '/api/orders', { body: { weight } })).json.id
  const ask = async (path: string, body: unknown = {}) => {
    const { status, json } = await world.ask('POST', `/api/${path}`, { body })
    return [status, json.code ?? json.state] as const
  }
  const [order, light] = [await create(3), await create(0)]
  assert.deepEqual(await ask(`orders/${order}/finish`), [200, 'sent'])
  assert.deepEqual(await ask(`orders/${order}/finish`), [409, 'illegal_transition'])
  assert.deepEqual(await ask(`orders/${light}/finish`), [409, 'requirement_failed'])
  assert.deepEqual(await ask('actions/payAll', { order: light, isPaid: false }), [200, 'open'])
  assert.deepEqual(await ask('actions/payAll', { order: light, isPaid: true }), [200, 'paid'])
  assert.deepEqual(await ask('actions/payAll', { order: light, isPaid: true }), [409, 'illegal_transition'])
  const rows = await world.sql('select state, sum::int, version::int from orders order by weight')
  assert.deepEqual(rows, [
    { state: 'paid', sum: 0, version: 3 },
    { state: 'sent', sum: 6, version: 4 },
  ])
})

const STORE = modelFrom({
  name: 'store',
  entities: {
    Article: {
      fields: { stock: { type: 'integer', min: 0, default: 5 } },
      access: { read: 'true', create: 'true', update: 'true', delete: 'false' },
    },
    Order: {
      fields: {
        article: { type: 'ref', entity: 'Article', immutable: true },
        state: { type: 'choice', values: ['open', 'paid', 'cancelled'], default: 'open' },
      },
      access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      actions: { restock: { as: 'system', steps: [{ update: 'row.article', set: { stock: 'stock + 1' } }] } },
    },
  },
  actions: {
    expire: {
      as: 'system',
      allow: 'true',
      input: { order: { ref: 'Order' } },
      steps: [
        { find: 'Order', where: 'id == input.order.id && state == "open"', optional: true, as: 'open' },
        { call: 'Order.cancel', on: 'open', when: 'open != null' },
      ],
      answer: { stock: 'input.order.article.stock', state: 'input.order.state' },
    },
  },
  workflows: {
    ordering: {
      entity: 'Order',
      field: 'state',
      transitions: {
        pay: { from: 'open', to: 'paid', allow: 'true' },
        cancel: { from: ['open', 'paid'], to: 'cancelled', as: 'system', steps: [{ call: 'Order.restock', on: 'row' }] },
      },
    },
  },
})

test('a call of a transition for a row that was found by its state is done once, and not for a row that was not found', async (t) => {
  const world = await testBackend(t, STORE)
  const { json: article } = await world.ask('POST', '/api/articles', { body: {} })
  const order = async () => (await world.ask('POST', '/api/orders', { body: { article: article.id } })).json.id
  const [open, paid] = [await order(), await order()]
  await world.ask('POST', `/api/orders/${paid}/pay`)
  const expire = async (id: string) => (await world.ask('POST', '/api/actions/expire', { body: { order: id } })).json
  assert.deepEqual(await expire(paid), { stock: 5, state: 'paid' })
  assert.deepEqual(await expire(open), { stock: 6, state: 'cancelled' })
  assert.deepEqual(await expire(open), { stock: 6, state: 'cancelled' })
})
