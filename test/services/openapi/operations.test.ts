/** Code calls the operations of an OpenAPI document: what is sent, what is refused before, and which answers are taken. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ROOT } from '../../support/command-line.ts'
import { json, startUpstream } from '../upstream.ts'
import { failureOf } from '../world.ts'
import { bindDocument, openClient } from './client-world.ts'

const DOCUMENT = readFileSync(join(import.meta.dirname, 'billing.yaml'), 'utf8')

async function open(t: TestContext, document = DOCUMENT) {
  const upstream = await startUpstream(t)
  const { model, diagnostics } = await bindDocument(t, document)
  assert.ok(model !== null, JSON.stringify(diagnostics))
  return { upstream, billing: openClient(t, model, `${upstream.url}/v1`) }
}

test('an operation sends what its document says, and gives the body of the answer', async (t) => {
  const { upstream, billing } = await open(t)
  upstream.answer = json({ id: 'c-1', cents: 5, parts: [{ id: 'c-2', cents: 1 }] }, 201)
  assert.equal((await billing.createCharge({ body: { cents: 5, secret: 's' }, idempotencyKey: 'k' })).parts[0].id, 'c-2')
  upstream.answer = json([])
  const query = { state: 'open', limit: 2, tag: ['a', 'b&c'], ids: [1, 2] }
  assert.deepEqual(await billing.listCharges({ query, headers: { 'X-Tenant': 't' } }), [])
  upstream.answer = (_, response) => response.writeHead(204).end()
  assert.equal(await billing.deleteCharge({ params: { 'charge-id': '../a?b' } }), undefined)
  upstream.answer = json(null, 202)
  assert.equal(await billing.noteCharge({ params: { 'charge-id': '1' }, form: { note: 'ä b' } }), null)
  upstream.answer = (_, response) => response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF')
  assert.deepEqual(Buffer.from(await billing.receipt({ params: { 'charge-id': '1' } })).toString(), '%PDF')
  upstream.answer = (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('ok')
  assert.equal(await billing.refund({ idempotencyKey: 'r-1' }), 'ok')
  assert.deepEqual(
    upstream.requests.map(({ method, url, body }) => [method, url, body]),
    [
      ['POST', '/v1/charges', '{"cents":5,"secret":"s"}'],
      ['GET', '/v1/charges?state=open&limit=2&tag=a&tag=b%26c&ids=1%2C2', ''],
      ['DELETE', '/v1/charges/..%2Fa%3Fb', ''],
      ['PATCH', '/v1/charges/1', 'note=%C3%A4+b'],
      ['GET', '/v1/charges/1/receipt', ''],
      ['POST', '/v1/refunds', ''],
    ],
  )
  assert.deepEqual([upstream.requests[0]?.headers['idempotency-key'], upstream.requests[1]?.headers['x-tenant']], ['k', 't'])
  // The usual functions are there, too.
  upstream.answer = json({ a: 1 })
  assert.deepEqual(await billing.get('/other'), { a: 1 })
})

test('a call that does not fit the document is not sent', async (t) => {
  const { upstream, billing } = await open(t)
  const params = { 'charge-id': '1' }
  const wrong: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
    [() => billing.createCharge(), /must have required property 'body'/],
    [() => billing.createCharge({ body: {} }), /\/body must have required property 'cents'/],
    [() => billing.createCharge({ body: { cents: 'five' } }), /\/body\/cents must be integer/],
    [() => billing.createCharge({ body: { cents: 0 } }), /\/body\/cents must be > 0/],
    [() => billing.createCharge({ body: { cents: 1, note: 'x'.repeat(21) } }), /\/body\/note must NOT have more than 20/],
    [() => billing.createCharge({ body: { cents: 1, parts: [{ cents: 1.5 }] } }), /\/body\/parts\/0\/cents must be integer/],
    [() => billing.createCharge({ body: { cents: 1 }, query: { a: 1 } }), /additional properties: "query"/],
    [() => billing.listCharges({ query: { state: 'open' } }), /required property 'headers'/],
    [() => billing.listCharges({ query: { stat: 'open' }, headers: { 'X-Tenant': 't' } }), /additional properties: "stat"/],
    [() => billing.listCharges({ query: { limit: 101 }, headers: { 'X-Tenant': 't' } }), /\/query\/limit must be <= 100/],
    [() => billing.deleteCharge({}), /required property 'params'/],
    [() => billing.deleteCharge({ params: { 'charge-id': 'x'.repeat(51) } }), /NOT have more than 50/],
    [() => billing.deleteCharge({ params: { 'charge-id': '..' } }), /segment/],
    [() => billing.deleteCharge({ params, headers: { authorization: 'x' } }), /additional properties: "headers"/],
    [() => billing.noteCharge({ params, form: { note: 1 } }), /\/form\/note must be string/],
    [() => billing.refund({}), /needs an idempotencyKey/],
    [() => billing.refund(7), /must be object/],
  ]
  for (const [call, message] of wrong) await assert.rejects(call, { name: 'TypeError', message }, String(message))
  assert.equal(upstream.requests.length, 0)
})

test('an answer that does not fit the document is a typed failure without its content', async (t) => {
  const { upstream, billing } = await open(t)
  const reasonOf = async (answer: (typeof upstream)['answer']): Promise<string> => {
    upstream.answer = answer
    const { reason, message } = await failureOf(billing.createCharge({ body: { cents: 1 } }))
    assert.ok(!message.includes('hunter2'), message)
    return reason
  }
  assert.equal(await reasonOf(json({ id: 'c-1', cents: 'hunter2' }, 201)), 'wrong-schema')
  assert.equal(await reasonOf(json({ cents: 1 }, 201)), 'wrong-schema')
  assert.equal(await reasonOf(json({ id: 'c-1', cents: 1, parts: [{ id: 'hunter2' }] }, 201)), 'wrong-schema')
  // The document has no answer 200, and none without a body.
  assert.equal(await reasonOf(json({ id: 'c-1', cents: 1 }, 200)), 'wrong-schema')
  assert.equal(await reasonOf((_, response) => response.writeHead(201).end()), 'wrong-schema')
  assert.equal(await reasonOf((_, response) => response.writeHead(201, { 'content-type': 'text/html' }).end('hunter2')), 'media-type')
  assert.equal(await reasonOf(json({ error: 'hunter2' }, 402)), 'status')
})

test('OpenAPI 3.0 says in its own words what may be null and where limits end', async (t) => {
  const document = `openapi: 3.0.3
info: { title: Old, version: '1' }
paths:
  /a:
    post:
      operationId: send
      requestBody:
        content: { application/json: { schema: { $ref: '#/components/schemas/A' } } }
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/A' } } } } }
components:
  schemas:
    A:
      type: object
      required: [name, size]
      properties:
        name: { type: string, nullable: true }
        size: { type: number, minimum: 0, exclusiveMinimum: true }
        of: { nullable: true, allOf: [{ $ref: '#/components/schemas/A' }] }
`
  const { upstream, billing } = await open(t, document)
  upstream.answer = json({ name: null, size: 0.5, of: null })
  assert.deepEqual(await billing.send({ body: { name: null, size: 1, of: null } }), { name: null, size: 0.5, of: null })
  await assert.rejects(billing.send({ body: { name: null, size: 0 } }), /must be > 0/)
  await assert.rejects(billing.send({ body: { name: null, size: 1, of: 1 } }), TypeError)
  upstream.answer = json({ name: 1, size: 1 })
  assert.equal((await failureOf(billing.send({}))).reason, 'wrong-schema')
})

test('whether items differ is asked of short lists alone, because a service could send a list that takes minutes', async (t) => {
  const listOf = (id: string, more: object) => {
    const schema = { type: 'array', items: { type: 'object' }, uniqueItems: true, ...more }
    const answers = { 200: { description: 'ok', content: { 'application/json': { schema } } } }
    return { [`/${id}`]: { get: { operationId: id, responses: answers } } }
  }
  const paths = { ...listOf('long', {}), ...listOf('short', { maxItems: 3 }) }
  const { upstream, billing } = await open(t, JSON.stringify({ openapi: '3.1.0', info: { title: 'A', version: '1' }, paths }))
  upstream.answer = json(Array.from({ length: 60_000 }, (_, i) => ({ i })))
  const began = performance.now()
  assert.equal((await billing.long()).length, 60_000)
  assert.ok(performance.now() - began < 10_000)
  upstream.answer = json([{ i: 1 }, { i: 1 }])
  assert.equal((await failureOf(billing.short())).reason, 'wrong-schema')
})

test('a pattern that could take long is compared with short texts or none, and an ordinary one with texts of any length', async (t) => {
  const patterns = { ordinary: '^[a-z]+$', squared: 'a[^]*b', endless: '^(a+)+$' }
  const properties = Object.fromEntries(Object.entries(patterns).map(([name, pattern]) => [name, { type: 'string', pattern }]))
  const schema = { type: 'object', properties }
  const answers = { 200: { description: 'ok', content: { 'application/json': { schema } } } }
  const paths = { '/a': { get: { operationId: 'read', responses: answers } } }
  const { upstream, billing } = await open(t, JSON.stringify({ openapi: '3.1.0', info: { title: 'A', version: '1' }, paths }))
  const reasonOf = async (body: object): Promise<string | null> => {
    upstream.answer = json(body)
    return billing.read().then(
      () => null,
      (error: { readonly reason: string }) => error.reason,
    )
  }
  const began = performance.now()
  assert.equal(await reasonOf({ ordinary: 'a'.repeat(1_000_000), squared: 'a'.repeat(1_000_000), endless: `${'a'.repeat(50)}!` }), null)
  assert.ok(performance.now() - began < 10_000)
  assert.equal(await reasonOf({ ordinary: `${'a'.repeat(1_000_000)}!` }), 'wrong-schema')
  assert.equal(await reasonOf({ squared: 'a'.repeat(200) }), 'wrong-schema')
  assert.equal(await reasonOf({ squared: 'a'.repeat(201) }), null)
})

test('the example of the reference makes a charge and reads it', async (t) => {
  const page = readFileSync(join(ROOT, 'docs/reference/services.md'), 'utf8')
  const blockOf = (kind: string): string => page.split(`\`\`\`${kind}\n`)[1]?.split('```')[0] ?? assert.fail(kind)
  const { upstream, billing } = await open(t, blockOf('yaml openapi billing.yaml'))
  upstream.answer = (request, response) => json({ number: 'c-1', cents: 500 }, request.method === 'POST' ? 201 : 200)(request, response)
  const run = new Function('services', 'job', `return (async () => { ${blockOf('ts openapi')}; return cents })()`)
  assert.equal(await run({ billing }, { id: 7 }), 500)
  assert.deepEqual(
    upstream.requests.map(({ method, url, body }) => `${method} ${url} ${body}`.trim()),
    ['POST /v1/charges {"cents":500}', 'GET /v1/charges/c-1'],
  )
})
