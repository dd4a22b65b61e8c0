/** Answers of a service that fails or attacks: each is a failure of its own, within limits, and the process goes on. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { ServiceFailureReason } from '../../src/base/failures/service-error.ts'
import { json, startUpstream, type Upstream } from './upstream.ts'
import { failureOf, serviceWorld } from './world.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** Sends a body in pieces until the client ends the connection. */
function endless(piece: Buffer, everyMs: number | null): Upstream['answer'] {
  return (_, response) => {
    response.writeHead(200, JSON_TYPE)
    const write = (): void => {
      if (response.destroyed) return
      if (everyMs !== null) setTimeout(write, everyMs)
      if (response.write(piece) && everyMs === null) setImmediate(write)
    }
    if (everyMs === null) response.on('drain', write)
    write()
  }
}

function bytes(body: string | Buffer, headers: Readonly<Record<string, string>> = JSON_TYPE, status = 200): Upstream['answer'] {
  return (_, response) => response.writeHead(status, headers).end(body)
}

const CASES: Readonly<Record<string, readonly [Upstream['answer'], ServiceFailureReason, string]>> = {
  'a body without end': [endless(Buffer.alloc(65_536, 0x20), null), 'too-large', 'service_answer_invalid'],
  'a body that says it has 200 MB': [
    (_, response) => response.writeHead(200, { ...JSON_TYPE, 'content-length': '200000000' }).write('['),
    'too-large',
    'service_answer_invalid',
  ],
  'a body that drips': [endless(Buffer.from(' '), 20), 'timeout', 'service_timeout'],
  'no answer': [() => {}, 'timeout', 'service_timeout'],
  'a redirect': [
    (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    'redirect',
    'service_answer_invalid',
  ],
  'a page in HTML': [bytes('<html>sign in</html>', { 'content-type': 'text/html' }), 'media-type', 'service_answer_invalid'],
  'no media type': [bytes('{}', {}), 'media-type', 'service_answer_invalid'],
  'a million levels': [bytes('['.repeat(1_000_000)), 'too-deep', 'service_answer_invalid'],
  'a million items': [bytes(`[${'0,'.repeat(1_000_000)}0]`), 'too-deep', 'service_answer_invalid'],
  'another charset': [bytes('{}', { 'content-type': 'application/json; charset=utf-16' }), 'encoding', 'service_answer_invalid'],
  'bytes that are no UTF-8': [bytes(Buffer.from([0x22, 0xff, 0xfe, 0x22])), 'encoding', 'service_answer_invalid'],
  'a compressed body': [bytes(gzipSync('{}'), { ...JSON_TYPE, 'content-encoding': 'gzip' }), 'encoding', 'service_answer_invalid'],
  'no JSON': [bytes('{"a":'), 'not-json', 'service_answer_invalid'],
  'huge headers': [bytes('{}', { ...JSON_TYPE, 'x-a': 'a'.repeat(20_000) }), 'too-large', 'service_answer_invalid'],
  'a connection that breaks off': [(_, response) => response.destroy(), 'unreachable', 'service_unreachable'],
  'a body that breaks off': [
    (_, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '100' })
      response.write('{', () => response.destroy())
    },
    'unreachable',
    'service_unreachable',
  ],
}

for (const [name, [answer, reason, code]] of Object.entries(CASES)) {
  test(`${name} is ${reason}`, async (t) => {
    const upstream = await startUpstream(t)
    const { client } = serviceWorld(t, { baseUrl: upstream.url, retries: 0, answerBytes: 3_000_000 })
    upstream.answer = answer
    // Only what never ends has a short time.
    const error = await failureOf(client.get('/', reason === 'timeout' ? { timeout: '300ms' } : {}))
    assert.deepEqual([error.reason, error.code], [reason, code])
    upstream.answer = json({ live: true })
    assert.deepEqual(await client.get('/'), { live: true })
  })
}

test('a status from 400 on is a failure with the status and the JSON of the service, which loggers do not see', async (t) => {
  const upstream = await startUpstream(t)
  const { client } = serviceWorld(t, { baseUrl: upstream.url, retries: 0 })
  upstream.answer = json({ error: 'card_declined' }, 402)
  const error = await failureOf(client.post('/charges', { body: {} }))
  assert.deepEqual([error.reason, error.code, error.status, error.body], ['status', 'service_failed', 402, { error: 'card_declined' }])
  assert.equal(error.message, 'service billing: it answered 402')
  assert.ok(!JSON.stringify({ ...error }).includes('card_declined'))
  for (const answer of [bytes('<h1>oops</h1>', { 'content-type': 'text/html' }, 500), bytes(`"${'x'.repeat(70_000)}"`, JSON_TYPE, 500)]) {
    upstream.answer = answer
    const failed = await failureOf(client.get('/'))
    assert.deepEqual([failed.reason, failed.status, failed.body], ['status', 500, undefined])
  }
})
