/** Calls to services: what is sent, and what comes back. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort } from '../support/command-line.ts'
import { json, startUpstream } from './upstream.ts'
import { failureOf, serviceWorld, TRACE } from './world.ts'

test('a call sends path, query, headers, body and trace, and gives the body of the answer', async (t) => {
  const upstream = await startUpstream(t)
  const { client, observed } = serviceWorld(
    t,
    { baseUrl: `${upstream.url}/v1/`, auth: { bearer: 'BILLING_TOKEN' } },
    { variables: { BILLING_TOKEN: 'secret' } },
  )
  upstream.answer = json({ id: 7 }, 201, { location: '/invoices/7' })
  const answer = await client.request('POST', '/accounts/{account}/invoices', {
    params: { account: 'a/b ü' },
    query: { draft: true, tag: ['x', 'y&z'], none: null, nothing: undefined },
    headers: { 'X-Shop': 'north' },
    body: { total: '12.50' },
    idempotencyKey: 'order-1',
  })
  assert.deepEqual([answer.status, answer.headers.location, answer.body], [201, '/invoices/7', { id: 7 }])
  const [sent] = upstream.requests
  assert.deepEqual([sent?.method, sent?.url], ['POST', '/v1/accounts/a%2Fb%20%C3%BC/invoices?draft=true&tag=x&tag=y%26z'])
  assert.deepEqual([sent?.headers['content-type'], sent?.body], ['application/json', '{"total":"12.50"}'])
  const { authorization, accept, traceparent, 'x-shop': shop, 'x-request-id': id, 'idempotency-key': key } = sent?.headers ?? {}
  assert.deepEqual([authorization, accept, shop, id, key], ['Bearer secret', 'application/json', 'north', TRACE, 'order-1'])
  assert.match(String(traceparent), new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  const [call] = observed
  assert.ok(call?.kind === 'call')
  assert.deepEqual(
    [call.service, call.method, call.status, call.reason, call.attempts, call.traceId],
    ['billing', 'POST', 201, null, 1, TRACE],
  )

  upstream.answer = json([1, 2])
  assert.deepEqual(await client.get('/list'), [1, 2])
  upstream.answer = (_, response) => response.writeHead(204).end()
  assert.equal(await client.delete('/list/1'), undefined)
  upstream.answer = (_, response) => response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' }).end('a,b')
  assert.equal(await client.get('/file', { accept: 'text' }), 'a,b')
  upstream.answer = (_, response) => response.writeHead(200, { 'content-type': 'application/pdf' }).end(Buffer.from([1, 200]))
  assert.deepEqual(await client.get('/file', { accept: 'bytes' }), Buffer.from([1, 200]))
  upstream.answer = json({})
  await client.put('/form', { form: { a: 'x y', b: 1 } })
  assert.deepEqual(
    [upstream.requests.at(-1)?.headers['content-type'], upstream.requests.at(-1)?.body],
    ['application/x-www-form-urlencoded', 'a=x+y&b=1'],
  )
})

test('the other ways to authorize: user and password, and a header', async (t) => {
  const upstream = await startUpstream(t)
  const variables = { A: 'ann', B: 'pä:ss', KEY: 'k-1' }
  await serviceWorld(t, { baseUrl: upstream.url, auth: { user: 'A', password: 'B' } }, { variables }).client.get('/')
  await serviceWorld(t, { baseUrl: upstream.url, auth: { header: 'X-Api-Key', value: 'KEY' } }, { variables }).client.get('/')
  const [first, second] = upstream.requests
  assert.equal(first?.headers.authorization, `Basic ${Buffer.from('ann:pä:ss').toString('base64')}`)
  assert.equal(second?.headers['x-api-key'], 'k-1')
  const unset = serviceWorld(t, { baseUrl: 'BILLING_URL' })
  const { reason, code, message } = await failureOf(unset.client.get('/'))
  assert.deepEqual([reason, code, message], ['unset', 'service_unavailable', 'service billing: the variable BILLING_URL is not set'])
  const both = serviceWorld(t, { baseUrl: 'BILLING_URL', auth: { bearer: 'BILLING_TOKEN' } })
  assert.equal((await failureOf(both.client.get('/'))).message, 'service billing: the variables BILLING_URL, BILLING_TOKEN are not set')
})

test('a mistake of the code is a TypeError, and nothing is sent', async (t) => {
  const upstream = await startUpstream(t)
  const { client } = serviceWorld(t, { baseUrl: `${upstream.url}/v1` })
  const wrong: readonly (readonly [Parameters<typeof client.request>, RegExp])[] = [
    [['GET', 'https://evil.example/'], /begins with one \//],
    [['GET', '//evil.example/'], /begins with one \//],
    [['GET', '/\\evil.example'], /begins with one \//],
    [['GET', '/a?b=1'], /no query/],
    [['GET', '/../admin'], /segment/],
    [['GET', '/a/%2e%2E/b'], /segment/],
    [['GET', '/a/{id}', { params: { id: '..' } }], /segment/],
    [['GET', '/a/{id}'], /no value for \{id\}/],
    [['GET', '/a/{id}', { params: { id: '' } }], /no value for \{id\}/],
    [['GET', '/a', { params: { id: 1 } }], /no \{id\}/],
    [['GET', '/a', { body: {} }], /GET has no body/],
    [['POST', '/a', { body: {}, form: {} }], /not both/],
    [['POST', '/a', { headers: { Authorization: 'x' } }], /set by Plinth/],
    [['POST', '/a', { headers: { 'x-a': 'b\r\nx-c: d' } }], /cannot be sent/],
    [['POST', '/a', { timeout: '2m' }], /timeout/],
    [['POST', '/a', { retries: 3 } as never], /unknown option "retries"/],
    [['TRACE' as 'GET', '/a'], /the method is one of/],
  ]
  for (const [call, message] of wrong) {
    await assert.rejects(
      client.request(...call),
      (error: Error) => error instanceof TypeError && message.test(error.message),
      JSON.stringify(call),
    )
  }
  assert.equal(upstream.requests.length, 0)
})

test('an answer is checked against the schema of the call', async (t) => {
  const upstream = await startUpstream(t)
  const { client } = serviceWorld(t, { baseUrl: upstream.url })
  const schema = { type: 'object', properties: { total: { type: 'string', format: 'date' } }, required: ['total'] }
  upstream.answer = json({ total: '2026-11-29' })
  assert.deepEqual(await client.get('/', { schema }), { total: '2026-11-29' })
  upstream.answer = json({ total: 'secret-value' })
  const error = await failureOf(client.get('/', { schema }))
  assert.deepEqual([error.reason, error.code], ['wrong-schema', 'service_answer_invalid'])
  assert.equal(error.message, 'service billing: the answer breaks #/properties/total/format')
})

test('no call is made after the code has ended, and one that runs is given up', async (t) => {
  const upstream = await startUpstream(t)
  upstream.answer = () => {}
  const { client, end } = serviceWorld(t, { baseUrl: upstream.url })
  const running = failureOf(client.get('/'))
  while (upstream.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  end()
  assert.equal((await running).reason, 'cancelled')
  assert.equal((await failureOf(client.get('/'))).reason, 'cancelled')
  assert.equal(upstream.requests.length, 1)
})

test('a service that cannot be reached is a failure of its own', async (t) => {
  const { client } = serviceWorld(t, { baseUrl: `http://127.0.0.1:${await freePort()}`, retries: 0 })
  const error = await failureOf(client.post('/', { body: {} }))
  assert.deepEqual([error.reason, error.code], ['unreachable', 'service_unreachable'])
  assert.equal(error.message, 'service billing: there is no connection (ECONNREFUSED)')
})
