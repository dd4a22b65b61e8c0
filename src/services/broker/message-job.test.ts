import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BrokerSubscription } from '../../model/broker/broker.ts'
import { MESSAGE_BYTES, readEvent } from './cloud-event.ts'
import { messageJob } from './message-job.ts'
import { consumerName } from './receiver.ts'

const SUBSCRIPTION: BrokerSubscription = {
  name: 'settled',
  description: null,
  subject: 'payments',
  type: null,
  source: null,
  job: 'settle',
  inputs: [
    { name: 'order', from: { kind: 'attribute', name: 'subject' } },
    { name: 'cents', from: { kind: 'data', path: ['amount', 'cents'] } },
    { name: 'all', from: { kind: 'data', path: [] } },
  ],
  start: 'new',
}

const messageOf = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) => ({
  ...{ subject: 'payments', headers },
  body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
})
const event = (more: string): string => `{"specversion":"1.0","id":"1","source":"/a","type":"t"${more}}`

test('inputs come from attributes and members of the data, with all digits; what is missing is left out', () => {
  const job = messageJob(SUBSCRIPTION, messageOf(event(',"subject":"o1","data":{"amount":{"cents":12345678901234567890},"x":null}')))
  assert.equal(job?.payload, '{"order":"o1","cents":12345678901234567890,"all":{"amount":{"cents":12345678901234567890},"x":null}}')
  assert.equal(messageJob(SUBSCRIPTION, messageOf(event(',"data":{"amount":5}')))?.payload, '{"all":{"amount":5}}')
  assert.equal(
    messageJob(SUBSCRIPTION, messageOf(event(',"data":{"amount":{"__proto__":{"cents":1}}}')))?.payload.includes('"cents":1}}}'),
    true,
  )
})

test('messages are told apart by source and id, and ordered by source and subject', () => {
  const of = (text: string) => messageJob(SUBSCRIPTION, messageOf(text))
  const one = of('{"specversion":"1.0","id":"1","source":"/a","type":"t","subject":"s"}')
  const same = of('{"specversion":"1.0","id":"1","source":"/a","type":"u","subject":"r"}')
  const other = of('{"specversion":"1.0","id":"1","source":"/b","type":"t","subject":"s"}')
  const shifted = of('{"specversion":"1.0","id":"a1","source":"/","type":"t"}')
  assert.equal(one?.key, same?.key)
  assert.notEqual(one?.chain, same?.chain)
  assert.equal(new Set([one?.key, other?.key, shifted?.key]).size, 3)
  assert.notEqual(one?.chain, other?.chain)
  assert.equal(shifted?.chain, null)
  assert.equal(of('no event')?.key, of('no event')?.key)
})

test('only messages of the type and the source are wanted', () => {
  const message = messageOf(event(''))
  assert.equal(messageJob({ ...SUBSCRIPTION, type: 'other' }, message), null)
  assert.equal(messageJob({ ...SUBSCRIPTION, source: '/b' }, message), null)
  assert.notEqual(messageJob({ ...SUBSCRIPTION, type: 't', source: '/a' }, message), null)
})

test('attributes may be headers, and the body is then the data', () => {
  const attributes = { 'ce-specversion': '1.0', 'ce-id': '7', 'ce-source': '/a', 'ce-type': 't', 'ce-time': '2026-11-29T10:00:00Z' }
  assert.deepEqual(readEvent(messageOf('{"n":1}', attributes)), {
    ...{ id: '7', source: '/a', type: 't', subject: null, time: '2026-11-29T10:00:00Z' },
    data: { n: 1 },
  })
  assert.deepEqual(readEvent(messageOf('', { ce_specversion: '1.0', ce_id: '7', ce_source: '/a', ce_type: 't' })), {
    ...{ id: '7', source: '/a', type: 't', subject: null, time: null },
    data: undefined,
  })
})

test('what is no CloudEvent has a reason', () => {
  const wrong = (body: string | Uint8Array): unknown => {
    const read = readEvent(messageOf(body))
    return 'wrong' in read ? read.wrong : null
  }
  assert.match(String(wrong('[1]')), /no JSON object/)
  assert.match(String(wrong('')), /no JSON object/)
  assert.match(String(wrong('{"specversion":"0.3","id":"1","source":"a","type":"t"}')), /specversion/)
  assert.match(String(wrong(event('').replace('"1"', '1'))), /needs id, source and type/)
  assert.match(String(wrong(event('').replace('"1"', `"${'x'.repeat(1_001)}"`))), /at most 1000 characters/)
  assert.match(String(wrong(new Uint8Array(MESSAGE_BYTES + 1))), /1048577 bytes/)
  assert.match(String(wrong(new Uint8Array([0x22, 0xff, 0x22]))), /UTF-8/)
  assert.match(String(wrong(`[${'1,'.repeat(100_001)}1]`)), /keys and items/)
})

test('a subscription has a name at the broker that every broker takes', () => {
  assert.equal(consumerName('my shop.de', { name: 'settled' }), 'my_shop_de-settled')
})
