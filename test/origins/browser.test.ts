/** A page of another origin calls the API in Chromium. */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { chromium } from 'playwright-core'
import { startServer } from '../../src/server/process/server.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const CHROMIUM = '/usr/bin/chromium'
/** Chromium runs without a sandbox, because root has none, and without services that this test does not need. */
const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--no-first-run'],
]

const skip = !existsSync(CHROMIUM) && process.env.CI !== 'true' && `there is no ${CHROMIUM}; apt-get install chromium`

const model = modelFrom({
  name: 'notes',
  entities: {
    Note: { fields: { text: { type: 'text', max: 100 } }, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } },
    User: {
      identity: { login: 'login', password: 'secret' },
      fields: { login: { type: 'text', min: 3, max: 30, unique: true }, secret: { type: 'password' } },
      access: { read: 'id == auth.id', create: 'true' },
    },
  },
})

/** Serves an empty page. @returns its origin, with the host for the browser. */
async function pageOrigin(t: TestContext, host: string): Promise<string> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://${host}:${(server.address() as AddressInfo).port}`
}

async function apiUrl(t: TestContext, options: { readonly mode: 'development' | 'production'; readonly corsOrigins?: readonly string[] }) {
  const { backend } = await testBackend(t, model, options)
  const server = await startServer({ host: '127.0.0.1', port: 0, backend: { handle: backend.handle, close: async () => {} } })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  return server.url.replace('localhost', '127.0.0.1')
}

/** Opens a page of the origin. The browser has a profile of its own, which is deleted afterwards. */
async function openPage(t: TestContext, origin: string) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS })
  t.after(() => browser.close())
  const page = await browser.newPage()
  await page.goto(origin)
  return page
}

/** The script of the page, which sends every kind of request like an application. */
async function useApi(api: string) {
  const json = { 'content-type': 'application/json' }
  const send = async (path: string, init: RequestInit = {}) => fetch(`${api}${path}`, { credentials: 'include', ...init })
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape
  const read = (answer: Response): Promise<any> => answer.json()
  const account = { login: 'ann', secret: 'correct horse battery staple' }
  const registered = await send('/api/users', { method: 'POST', headers: json, body: JSON.stringify(account) })
  const { token } = await read(await send('/api/auth/login', { method: 'POST', headers: json, body: JSON.stringify(account) }))
  const authorization = `Bearer ${token}`
  const me = await read(await send('/api/auth/me', { headers: { authorization } }))
  const create = (key: string) =>
    send('/api/notes', {
      method: 'POST',
      headers: { ...json, authorization, 'idempotency-key': key, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
      body: JSON.stringify({ text: 'first' }),
    })
  const created = await create('one')
  const again = await create('one')
  await create('two')
  const location = created.headers.get('location') ?? ''
  const ifMatch = { ...json, authorization, 'if-match': created.headers.get('etag') ?? '' }
  const body = JSON.stringify({ text: 'changed' })
  const changed = await send(location, { method: 'PATCH', headers: ifMatch, body })
  const stale = await send(location, { method: 'PUT', headers: ifMatch, body })
  const list = await send('/api/notes?page[size]=1')
  const deleted = await send(location, { method: 'DELETE', headers: { authorization } })
  const missing = await send('/api/nosuch', { method: 'PUT', headers: json, body })
  const wrongMethod = await send('/api/notes', { method: 'DELETE' })
  const graphql = await send('/graphql', { method: 'POST', headers: { ...json, authorization }, body: '{"query":"{ __typename }"}' })
  return {
    statuses: [registered, created, again, changed, stale, deleted, missing, wrongMethod, graphql, await send('/health/ready')].map(
      (a) => a.status,
    ),
    me: me.login,
    stale: (await read(stale)).code,
    missing: (await read(missing)).code,
    allow: wrongMethod.headers.get('allow'),
    replayed: again.headers.get('idempotency-replayed'),
    link: list.headers.get('link')?.includes('rel="next"'),
    location: location.startsWith('/api/notes/'),
    data: (await read(graphql)).data.__typename,
  }
}

test('a page of another port uses the whole API in development', { skip }, async (t) => {
  const [api, origin] = [await apiUrl(t, { mode: 'development' }), await pageOrigin(t, 'localhost')]
  const page = await openPage(t, origin)
  assert.deepEqual(await page.evaluate(useApi, api), {
    statuses: [202, 201, 201, 200, 412, 204, 404, 405, 200, 200],
    me: 'ann',
    stale: 'stale_version',
    missing: 'route_not_found',
    allow: 'GET, HEAD, POST, OPTIONS',
    replayed: 'true',
    link: true,
    location: true,
    data: 'Query',
  })
})

test('in production a page gets answers only when its origin is on the list', { skip }, async (t) => {
  const [listed, other] = [await pageOrigin(t, 'localhost'), await pageOrigin(t, 'localhost')]
  const api = await apiUrl(t, { mode: 'production', corsOrigins: [listed] })
  const outcomeOf = async (origin: string) =>
    (await openPage(t, origin)).evaluate(async (url) => {
      const [read, write] = [{}, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"a"}' }]
      const statuses = [read, write].map((init) =>
        fetch(`${url}/api/notes`, init).then(
          ({ status }) => status,
          (error) => String(error),
        ),
      )
      return Promise.all(statuses)
    }, api)
  assert.deepEqual(await outcomeOf(listed), [200, 201])
  assert.deepEqual(await outcomeOf(other), ['TypeError: Failed to fetch', 'TypeError: Failed to fetch'])
})
