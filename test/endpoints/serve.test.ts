/** What is served besides the addresses of actions: moved, narrowed or switched off. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { firstSteps } from '../../src/commands/serving/first-steps.ts'
import { endpointsOf } from '../../src/compile/endpoints/endpoints.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import { builtInPaths } from '../../src/model/address/built-in-paths.ts'
import type { Model } from '../../src/model/model.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const ANY = { read: 'true', create: 'true', update: 'true', delete: 'true' }

function notes(serve: { readonly rest?: boolean | string; readonly graphql?: boolean }): Model {
  return modelFrom({
    name: 'notes',
    serve,
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: ANY,
      },
      Note: {
        fields: { text: { type: 'text' }, size: { type: 'integer', default: 1 } },
        access: ANY,
        actions: { grow: { allow: 'true', steps: [{ update: 'row', set: { size: 'size + 1' } }], answer: { size: 'row.size' } } },
      },
    },
    actions: {
      hello: { allow: 'true', answer: { hello: true } },
      add: {
        allow: 'true',
        endpoint: { at: 'POST /notes', status: 201 },
        input: { text: 'Note.text' },
        steps: [{ create: 'Note', set: 'input' }],
      },
    },
  })
}

const pathsIn = (model: Model): readonly string[] => Object.keys(openapi(model, { reach: 'all', version: '1', limits: LIMITS }).paths)

test('REST is under another segment, with its links, transactions, actions and documents', async (t) => {
  const model = notes({ rest: '/v2' })
  const world = await testBackend(t, model)
  const made = await world.ask('POST', '/v2/notes', { body: { text: 'a' } })
  assert.equal(made.status, 201)
  assert.equal(made.headers.location, `/v2/notes/${made.json.id}`)
  assert.equal((await world.ask('GET', String(made.headers.location))).json.text, 'a')
  assert.equal((await world.ask('POST', '/v2/notes/bulk', { body: [{ text: 'b' }] })).status, 201)
  assert.equal((await world.ask('GET', '/v2/notes/bulk')).json.code, 'not_found')
  const { headers } = await world.ask('GET', '/v2/notes?page[size]=1')
  assert.match(String(headers.link), /^<\/v2\/notes\?/)
  const transaction = (path: string) =>
    world.ask('POST', '/v2/transaction', { body: { operations: [{ method: 'POST', path, body: { text: 'c' } }] } })
  const done = await transaction('/v2/notes')
  assert.match(done.json.results[0].headers.location, /^\/v2\/notes\//)
  assert.deepEqual((await transaction('/api/notes')).json.errors[0], {
    pointer: '/operations/0/path',
    rule: 'format',
    message: 'must be an address such as /v2/posts',
  })
  assert.deepEqual((await world.ask('POST', `/v2/notes/${made.json.id}/grow`)).json, { size: 2 })
  assert.deepEqual((await world.ask('GET', '/v2/actions/hello')).json, { hello: true })
  assert.equal((await world.ask('GET', '/v2/auth/me')).json.code, 'not_signed_in')
  assert.equal((await world.ask('PUT', '/v2/notes')).headers.allow, 'GET, HEAD, POST, OPTIONS')
  for (const path of ['/api/notes', '/api/actions/hello', '/api/auth/me', '/api/transaction'])
    assert.equal((await world.ask('GET', path)).json.code, 'route_not_found', path)
  const paths = pathsIn(model)
  assert.deepEqual(
    paths.filter((path) => path.startsWith('/api')),
    [],
  )
  for (const path of ['/v2/notes/{id}/grow', '/v2/actions/hello', '/v2/auth/login', '/v2/transaction'])
    assert.ok(paths.includes(path), path)
  assert.match((await world.ask('GET', '/')).text, /href="\/v2\/notes"/)
  const steps = firstSteps(model, 'http://x')
  assert.ok(steps.length > 0 && steps.every((step) => step.includes('http://x/v2/')), steps.join('\n'))
})

test('without REST and GraphQL, only the addresses of the design and those about the service remain', async (t) => {
  const model = notes({ rest: false, graphql: false })
  const world = await testBackend(t, model)
  assert.equal((await world.ask('POST', '/notes', { body: { text: 'a' } })).status, 201)
  const paths = ['/api/notes', '/api/users', '/api/actions/hello', '/api/auth/login', '/api/transaction', '/graphql', '/graphql/schema']
  for (const path of paths)
    for (const method of ['GET', 'POST', 'OPTIONS'] as const)
      assert.equal((await world.ask(method, path, method === 'POST' ? { body: {} } : {})).json.code, 'route_not_found', path)
  assert.deepEqual(pathsIn(model), ['/notes', '/.well-known/jwks.json', '/health/live', '/health/ready', '/openapi.json'])
  assert.equal((await world.ask('GET', '/health/ready')).status, 200)
  assert.equal((await world.ask('GET', '/docs')).status, 200)
  const page = (await world.ask('GET', '/')).text
  assert.doesNotMatch(page, /graphql|\/api\//)
  assert.deepEqual(firstSteps(model, 'http://x'), [])
  await world.backend.preload()
})

test('the addresses that no action may have are those of the endpoints', () => {
  for (const serve of [{}, { rest: '/v2' }, { rest: false }, { graphql: false }]) {
    const model = notes(serve)
    const { served, entities, identity, actions } = model
    const others = actions.filter(({ address }) => !address.own).map(({ address }) => address.path)
    const known = new Set(
      builtInPaths({
        served,
        entities: entities.map(({ path }) => path),
        hasIdentity: identity !== null,
        files: [],
        subscriptions: [],
        actions: others,
      }).map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1')),
    )
    for (const { path } of endpointsOf(model)) assert.ok(path === '/' || known.has(path), path)
  }
})
