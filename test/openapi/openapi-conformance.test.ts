/**
 * The server conforms to its OpenAPI document: every answer of a documented operation is documented, for valid and invalid requests of
 * every kind of caller.
 */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { type OpenApiDocument, openapi } from '../../src/compile/openapi/openapi.ts'
import { type Entity, entityNamed, fieldNamed } from '../../src/model/model.ts'
import { conformanceOf } from '../../src/verify/contract/openapi-conformance.ts'
import { sampleParameters } from '../../src/verify/sample-query.ts'
import { type SampleRequest, sampleRequests, sampleRow } from '../../src/verify/samples.ts'
import { type Asked, type Ends, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { type Garden, plant } from '../support/insert-samples.ts'
import { wide } from '../support/wide-design.ts'

interface Stage {
  readonly backend: TestBackend
  readonly garden: Garden
  readonly document: OpenApiDocument
  /** Sends a request and fails the test when the answer is not documented. Returns the status. */
  readonly send: (request: SampleRequest, asked?: Asked) => Promise<number>
  /** New tokens of one user per role, the owner of the planted rows first; undefined for an anonymous caller. */
  readonly newTokens: () => Promise<readonly (string | undefined)[]>
  /** A request for every operation, on rows that the request may change. */
  readonly requests: () => Promise<readonly SampleRequest[]>
}

async function stage(t: Ends, design: unknown): Promise<Stage> {
  const backend = await testBackend(t, modelFrom(design))
  const { model } = backend
  const garden = await plant(backend)
  const document = openapi(model, { reach: 'all', version: '1.0.0', limits: LIMITS })
  const checks = { whole: conformanceOf(document, 'whole'), chosen: conformanceOf(document, 'chosen') }
  const send = async (request: SampleRequest, asked: Asked = {}): Promise<number> => {
    const headers = { ...request.headers, ...asked.headers }
    const answered = await backend.ask(request.method, request.url, { body: request.body, ...asked, headers })
    const wrong = checks[request.url.includes('fields') ? 'chosen' : 'whole'](request, answered)
    assert.equal(wrong, null, `${request.method} ${request.url}: ${wrong}`)
    return answered.status
  }
  let n = 1000
  const requests = async () => {
    const rows = new Map<Entity, string>()
    for (const entity of model.entities) rows.set(entity, await garden.grow(entity))
    n += 100
    const idOf = (entity: Entity) => rows.get(entity) ?? ''
    // No action of these designs has an address of its own.
    return sampleRequests(model, document, { n, idOf, uniqueOf: idOf, ...(await signedUp(backend, n + 99)) })
  }
  return { backend, garden, document, send, requests, newTokens: () => tokensFor(backend, garden) }
}

async function tokensFor({ model, tokenFor }: TestBackend, garden: Garden): Promise<readonly (string | undefined)[]> {
  if (model.identity === null) return [undefined]
  const entity = entityNamed(model, model.identity.entity)
  const role = model.identity.role === null ? null : fieldNamed(entity, model.identity.role)
  const roles = role?.type.kind === 'choice' ? role.type.values : []
  const others = await Promise.all(roles.map((value) => garden.grow(entity, { [role?.name ?? '']: value })))
  return [...(await Promise.all([garden.first(entity), ...others].map(tokenFor))), undefined]
}

/** A new registered account, for the operations about sessions. */
async function signedUp({ model, ask }: TestBackend, n: number) {
  assert.ok(model.identity !== null)
  const { login, password } = model.identity
  const body = sampleRow(model, entityNamed(model, model.identity.entity), { n, operation: 'create', idOf: () => '' }) as Record<
    string,
    string
  >
  const registered = await ask('POST', '/api/auth/register', { body })
  assert.equal(registered.status, 201, registered.text)
  return {
    credentials: { [login]: body[login] ?? '', [password]: body[password] ?? '' },
    refreshToken: String(registered.json.refreshToken),
  }
}

for (const [name, design] of [
  ['the blog', blog],
  ['a design of everything', wide],
] as const) {
  const ends: (() => unknown)[] = []
  const { backend, garden, document, send, requests, newTokens } = await stage(
    { after: (end) => void ends.push(end as () => unknown) },
    design,
  )
  after(async () => {
    for (const end of ends) await end()
  })

  test(`every operation of ${name} succeeds for some caller, and every answer is documented`, async () => {
    const tokens = await newTokens()
    const expected = new Set((await requests()).map((r) => r.operationId))
    const succeeded = new Set<string>()
    for (const token of [...tokens, 'themselves']) {
      for (const request of await requests()) {
        const asked = token === 'themselves' ? await asThemselves(backend, garden, request) : { request, token }
        const status = await send(asked.request, { token: asked.token })
        assert.ok(status < 500, `${request.operationId} ${status}`)
        if (status < 300) succeeded.add(request.operationId)
      }
    }
    assert.deepEqual(
      [...expected].filter((id) => !succeeded.has(id)),
      [],
    )
  })

  test(`bad requests to every operation of ${name} are answered as documented`, async () => {
    const [token] = await newTokens()
    const samples = (await requests()).filter((r) => r.method !== 'OPTIONS')
    const stranger = '0191f3c0-7a2b-7c3d-8e4f-ffffffffffff'
    for (const request of samples) {
      const statuses = [
        await send({ ...request, url: `${request.url}?unknown=1` }, { token }),
        await send({ ...request, url: `${request.url}?filter%5Bx=%zz` }, { token }),
        await send(request, { token: 'not.a.token' }),
        await send(request, { token, headers: { accept: 'text/html' } }),
        await send(request, { token, headers: { 'if-match': '"999999"' } }),
        await send(request, { token, headers: { 'if-match': 'nonsense' } }),
        await send(request, { token, headers: { 'if-none-match': '*' } }),
        await send(request, { token, headers: { 'idempotency-key': 'k' } }),
        await send(request, { token, headers: { 'idempotency-key': 'k' } }),
        await send(request, { token, headers: { 'idempotency-key': 'k', prefer: 'return=minimal' } }),
        await send(request, { token, headers: { 'idempotency-key': '' } }),
      ]
      if (request.path.endsWith('{id}')) {
        for (const id of [stranger, 'x', '%00', 'x'.repeat(600)])
          statuses.push(await send({ ...request, url: request.path.replace('{id}', id) }, { token }))
      }
      if (request.body !== undefined) {
        const bodies = [
          '',
          '{',
          '[]',
          'null',
          '{"unknown": 1}',
          '{"__proto__": {}}',
          `[${'['.repeat(40)}`,
          '"\\u0000"',
          Buffer.from([0xff]),
        ]
        for (const body of bodies) statuses.push(await send({ ...request, body }, { token }))
        statuses.push(await send(request, { token, headers: { 'content-type': 'text/plain' } }))
        statuses.push(await send({ ...request, body: { a: 'x'.repeat(LIMITS.bodyBytes) } }, { token }))
      }
      assert.ok(
        statuses.every((status) => status < 500),
        `${request.operationId} ${statuses}`,
      )
    }
    assert.equal(backend.model.identity === null, false)
  })

  test(`every query parameter of ${name} is accepted as documented`, async () => {
    const [token] = await newTokens()
    let tried = 0
    for (const request of (await requests()).filter((r) => r.method === 'GET')) {
      const operation = document.paths[request.path]?.get ?? {}
      for (const { name: parameter, value, description } of sampleParameters(document, operation)) {
        const status = await send(
          { ...request, url: `${request.url}?${encodeURIComponent(parameter)}=${encodeURIComponent(value)}` },
          { token },
        )
        // The fields of related rows can be chosen only if the rows are included.
        const isServed = !parameter.includes('filter[')
          ? !parameter.startsWith('fields[')
          : /\[eq\]$/.test(parameter) && !description.includes('No index')
        if (isServed)
          assert.ok(status === 200 || status === 403 || status === 404, `${request.method} ${request.url}?${parameter}=${value}: ${status}`)
        tried++
      }
    }
    assert.ok(tried > 100)
  })
}

/** For users, the same request on the row of a new caller, so that the row may be deleted. */
async function asThemselves({ model, tokenFor }: TestBackend, garden: Garden, request: SampleRequest) {
  const entity = entityNamed(model, model.identity?.entity ?? '')
  const id = await garden.grow(entity)
  const isOwn = request.path === `/api/${entity.path}/{id}`
  return { request: isOwn ? { ...request, url: request.path.replace('{id}', id) } : request, token: await tokenFor(id) }
}
