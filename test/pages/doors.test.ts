/** Tables, pages and forms through servers: the direct door and the Fastify app answer alike. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readModel } from '../../src/embed/read-model.ts'
import { startServer } from '../../src/server/process/server.ts'
import { testBackend } from '../support/backend.ts'

const ends: (() => unknown)[] = []
const { model } = await readModel(join(import.meta.dirname, 'designs/goods'))
const { backend, sql } = await testBackend({ after: (end) => void ends.push(end as () => unknown) }, model)
const close = async () => {}
const servers = await Promise.all(
  [backend.handle, backend.app.routing].map((handle) =>
    startServer({ host: '127.0.0.1', port: 0, backend: { handle: (request, response) => handle(request, response), close } }),
  ),
)
after(async () => {
  for (const server of servers) await server.drain({ noticeMs: 0, drainMs: 0 })
  for (const end of ends) await end()
})

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const FORM = 'application/x-www-form-urlencoded'

const CHANGING: ReadonlySet<string> = new Set(['date', 'x-request-id', 'keep-alive', 'connection', 'server-timing'])

/** What a server answers, without what differs from request to request. */
async function answered(url: string, path: string, init: RequestInit) {
  const response = await fetch(`${url}${path}`, init)
  const text = (await response.text()).replaceAll(/[0-9a-f]{32}/g, 'trace').replaceAll(/[0-9a-f-]{36}/g, 'id')
  const headers = [...response.headers].filter(([name]) => !CHANGING.has(name))
  return { status: response.status, headers, text }
}

test('both doors answer tables, pages, forms and their failures alike', async () => {
  await sql('delete from products')
  await sql(`insert into products (id, name, price) values ('01900000-0000-7000-8000-000000000001', '<b>', '1.00')`)
  const form = (body: string, type = FORM, accept = '*/*') => ({ method: 'POST', body, headers: { 'content-type': type, accept } })
  const cases: readonly (readonly [path: string, init: RequestInit])[] = [
    ['/report', {}],
    ['/report', { method: 'HEAD' }],
    ['/report', { headers: { accept: 'application/json' } }],
    ['/report', { method: 'POST' }],
    ['/shop', { headers: { accept: BROWSER } }],
    ['/shop?x=1', { headers: { accept: BROWSER } }],
    ['/goods/none', { headers: { accept: BROWSER } }],
    ['/goods/none', {}],
    ['/goods', form('name=a&price=1')],
    ['/goods', form('name=a&price=1', `${FORM}; charset=UTF-8`)],
    ['/goods', form('name=a&price=1', `${FORM};charset=utf-8`)],
    ['/goods', form('name=a&price=dear')],
    ['/goods', form('name=%', FORM, BROWSER)],
    ['/goods', form('{}', 'application/json')],
    ['/goods', form('x', 'text/plain', BROWSER)],
    ['/goods', form('')],
    ['/api/products', form('name=a')],
    ['/goods/01900000-0000-7000-8000-00000000000f/remove', form('', FORM, BROWSER)],
    ['/goods/01900000-0000-7000-8000-00000000000f/remove', form('{}', 'application/json', BROWSER)],
  ]
  for (const [path, init] of cases) {
    const [direct, fastify] = await Promise.all(servers.map(({ url }) => answered(url, path, init)))
    assert.deepEqual(direct, fastify, `${path} ${JSON.stringify(init)}`)
  }
})
