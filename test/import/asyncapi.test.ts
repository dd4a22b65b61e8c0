import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ImportError } from '../../src/import/text/source-file.ts'
import { blockOf, referencePage } from '../documents/reference-page.ts'
import { imported } from './imported.ts'

const page = referencePage('import.md')
const SHOP_3 = blockOf(page, 'yaml shop.asyncapi.yaml')

/** The same in version 2.6, in which the words mean what others do at the channel. */
const SHOP_2 = `asyncapi: 2.6.0
info: { title: Shop, version: 1.0.0 }
servers:
  main: { url: kafka.example.com, protocol: kafka }
channels:
  orders.created:
    subscribe: { operationId: sendOrderCreated, message: { $ref: '#/components/messages/OrderCreated' } }
  orders/shipped:
    subscribe: { message: { oneOf: [{ $ref: '#/components/messages/OrderShipped' }] } }
  payments.settled:
    publish: { message: { $ref: '#/components/messages/PaymentSettled' } }
  users.{id}.seen:
    subscribe: { message: { $ref: '#/components/messages/OrderCreated' } }
components:
  messages:
    OrderCreated: { payload: { $ref: '#/components/schemas/Order' } }
    OrderShipped: { payload: { type: object, properties: { id: { type: string }, shippedAt: { type: string, format: date-time } } } }
    PaymentSettled: { payload: { $ref: '#/components/schemas/Payment' } }
  schemas:
    Order:
      type: object
      required: [id, total]
      properties: { id: { type: string, format: uuid }, total: { type: integer, minimum: 0 }, note: { type: string, maxLength: 200 } }
    Payment:
      type: object
      required: [id, order_id]
      properties: { id: { type: string }, order_id: { type: string }, cents: { type: integer } }
`

test('the document on the page gives the events, jobs and broker on the page', async () => {
  const { yaml, left } = await imported('shop.asyncapi.yaml', SHOP_3)
  assert.equal(yaml.split('\n').slice(3).join('\n'), blockOf(page, 'yaml events of shop'))
  assert.deepEqual(left, [])
})

test('version 2 says from the side of others what version 3 says from its own', async () => {
  const { draft, left } = await imported('shop.yaml', SHOP_2)
  const { entities, on, jobs, integrations } = draft.design
  assert.deepEqual(Object.keys(entities), ['Order'], 'what is only received belongs to another system')
  assert.deepEqual(entities.Order?.actions, { emitShipped: { steps: [{ emit: 'Order.shipped' }] } })
  assert.deepEqual(on, {
    'Order.created': [
      { publish: 'orders.created', fields: ['id', 'total', 'note'] },
      { publish: 'users.seen', fields: ['id', 'total', 'note'] },
    ],
    'Order.shipped': [{ publish: 'orders.shipped', fields: ['id', 'shippedAt'] }],
  })
  assert.deepEqual(jobs, {
    paymentSettled: {
      as: 'system',
      input: { id: { type: 'text' }, orderId: { type: 'text' }, cents: { type: 'integer', optional: true } },
      run: 'jobs/paymentSettled.ts',
    },
  })
  assert.deepEqual(integrations, {
    broker: {
      kafka: 'KAFKA_BROKERS',
      subscribe: { paymentSettled: { subject: 'payments.settled', job: 'paymentSettled', input: { orderId: 'data.order_id' } } },
    },
  })
  const notes = draft.carried.map(({ note }) => note)
  assert.ok(notes.includes('users.{id}.seen is users.seen; id must stand in the message'))
  assert.deepEqual(left, [])
})

test('what cannot be carried over is listed, and other versions are refused', async () => {
  const text = SHOP_2.replace('protocol: kafka', 'protocol: mqtt')
    .replace('orders.created:', 'lights.on:')
    .replaceAll('OrderCreated', 'TurnOn')
  const { left, draft } = await imported('lights.yaml', text)
  assert.ok(
    draft.design.on?.['Order.sent']?.some((one) => JSON.stringify(one).includes('lights.on')),
    'a name that tells of no change is an event of its own',
  )
  assert.match(left.join('\n'), /server mqtt: the protocol mqtt is not spoken/)
  const outside = SHOP_2.replaceAll("'#/components/messages/PaymentSettled'", 'https://example.com/payment.yaml')
  assert.match((await imported('outside.yaml', outside)).left.join('\n'), /operation payments\.settled: it has no message in this document/)
  await assert.rejects(imported('old.yaml', SHOP_2.replace('asyncapi: 2.6.0', 'asyncapi: 1.2.0'), 'asyncapi'), ImportError)
})

const CHAT = `asyncapi: 3.0.0
info: { title: Chat, version: 1.0.0 }
channels:
  root: { address: /, messages: { SendChat: { payload: { type: object, required: [body], properties: { body: { type: string } } } }, Ping: { payload: { type: object } } } }
`

test('a message about no entity is a row of its own, and without operations all messages are received', async () => {
  const received = await imported('chat.yaml', CHAT)
  assert.deepEqual(Object.keys(received.draft.design.jobs as object), ['sendChat', 'ping'])
  assert.ok(received.draft.carried.some(({ note }) => note?.includes('taken as received')))
  const sends = `${CHAT}operations: { send: { action: send, channel: { $ref: '#/channels/root' } } }\n`
  const { draft, left } = await imported('chat.yaml', sends)
  assert.deepEqual(draft.design.entities, { SendChat: { fields: { body: { type: 'text' } } } })
  assert.deepEqual(draft.design.on, { 'SendChat.created': [{ publish: 'SendChat', fields: ['body'] }] })
  assert.match(left.join('\n'), /^message Ping: no entity of the document is what it is about, and it has no data; write/)
})
