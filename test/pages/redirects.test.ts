/** Actions that lead to another address, forms with members inside of others, and pages for failures. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { plannedActions } from '../../src/commands/planning/planned-actions.ts'
import { readModel } from '../../src/embed/read-model.ts'
import { startServer } from '../../src/server/process/server.ts'
import { testBackend } from '../support/backend.ts'

const ends: (() => unknown)[] = []
const { model } = await readModel(join(import.meta.dirname, 'designs/club'))
const { ask, sql, tokenFor, backend } = await testBackend({ after: (end) => void ends.push(end as () => unknown) }, model)
after(async () => {
  for (const end of ends) await end()
})

/** Headers that differ from request to request. */
const CHANGING: ReadonlySet<string> = new Set(['date', 'x-request-id', 'keep-alive', 'connection', 'server-timing'])
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

async function post(path: string, fields: readonly (readonly [string, string])[], more: Readonly<Record<string, string>> = {}) {
  const { token, ...headers } = more
  return ask('POST', path, {
    token,
    body: new URLSearchParams(fields.map(([...pair]) => pair)).toString(),
    headers: { ...FORM, ...headers },
  })
}

const PASSWORD = 'Lantern-Otter-42'

const ANN = [
  ['member[name]', 'Ann'],
  ['member[email]', 'ann@example.com'],
  ['member[password]', PASSWORD],
  ['member[hobbies]', 'chess'],
  ['member[hobbies]', 'tea & cake'],
] as const

test('a form with members inside of others makes a row, and the client is led to it', async () => {
  const joined = await post('/members', ANN)
  const [row] = await sql(`select id, name, hobbies from members where email = 'ann@example.com'`)
  assert.deepEqual([joined.status, joined.headers.location, joined.text], [303, `/members/${row?.id}`, ''])
  assert.deepEqual([row?.name, row?.hobbies], ['Ann', ['chess', 'tea & cake']])
  assert.equal((await ask('GET', String(joined.headers.location))).text, '<!doctype html><title>Ann</title>\n')
})

test('each value of a target is one part of it', async () => {
  const [row] = await sql(`select id from members where email = 'ann@example.com'`)
  const token = await tokenFor(String(row?.id))
  const name = 'a/b?c#d&e=ü"\r\nSet-Cookie: x'
  const renamed = await post(`/members/${row?.id}`, [['member[name]', name]], { token })
  assert.equal(renamed.headers.location, `/members/${row?.id}?saved=${encodeURIComponent(name)}`)
  assert.equal(renamed.headers['set-cookie'], undefined)
})

test('a target is a path of this server, or the URL that a field holds', async () => {
  const cases: readonly (readonly [url: string | null, location: string | null])[] = [
    ['https://example.com/a b?c=d', 'https://example.com/a%20b?c=d'],
    ['http://example.com', 'http://example.com/'],
    [null, null],
  ]
  for (const [url, location] of cases) {
    await sql('delete from links')
    await sql(`insert into links (id, code, url, "to") values (gen_random_uuid(), 'x', $1, 'x')`, [url])
    const { status, headers } = await ask('GET', '/go/x')
    assert.deepEqual([status, headers.location ?? null], [location === null ? 404 : 302, location], String(url))
  }
  const parts: readonly (readonly [to: string, location: string | null])[] = [
    ['//evil.example', '/%2F%2Fevil.example'],
    ['\\evil.example', '/%5Cevil.example'],
    ['a..b', '/a..b'],
    ['..', null],
    ['.', null],
    ['', null],
  ]
  for (const [to, location] of parts) {
    await sql(`update links set "to" = $1`, [to])
    const { status, headers } = await ask('GET', '/to/x')
    assert.deepEqual([status, headers.location ?? null], [location === null ? 404 : 303, location], to)
  }
})

test('a repetition with Idempotency-Key leads to the same address', async () => {
  const key = { 'idempotency-key': 'join' }
  const fields = ANN.map(([name, text]) => [name, text.replace('ann@', 'bea@')] as const)
  const [first, again] = [await post('/members', fields, key), await post('/members', fields, key)]
  assert.deepEqual([again.status, again.headers.location, again.text], [303, first.headers.location, ''])
  assert.equal(again.headers['idempotency-replayed'], 'true')
})

test('a browser gets the form again with messages and what was sent, but no password', async () => {
  const fields = [
    ['member[name]', '"><script>alert(1)</script>'.repeat(3)],
    ['member[email]', 'x" onfocus="alert(1)'],
    ['member[password]', 'secret'],
    ['member[hobbies]', '<b>'],
    ['member[hobbies]', 'x'],
  ] as const
  const failed = await post('/members', fields, { accept: BROWSER })
  assert.equal(failed.status, 400)
  assert.equal(failed.headers['content-type'], 'text/html; charset=utf-8')
  assert.match(String(failed.headers['content-security-policy']), /^default-src 'none'/)
  assert.doesNotMatch(failed.text, /<script|<b>|secret|onfocus="/)
  assert.match(failed.text, /<title>400<\/title>/)
  assert.match(failed.text, /<li>name must be at most 50 characters<\/li>/)
  assert.match(failed.text, /value="&quot;&gt;&lt;script&gt;/)
  assert.match(failed.text, /<i>&lt;b&gt;<\/i><i>x<\/i>/)
  assert.match(failed.text, /<li>hobbies is too short<\/li>/)
  const taken = await post('/members', ANN, { accept: BROWSER })
  assert.equal(taken.status, 409)
  assert.match(taken.text, /value="ann@example.com"/)
})

test('other clients get problems, whose pointers name the members', async () => {
  const { status, json } = await post('/members', [['member[name]', '']])
  assert.deepEqual([status, json.code], [400, 'validation_failed'])
  assert.deepEqual(json.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted(), [
    '/member/email',
    '/member/name',
    '/member/password',
  ])
  const cases: readonly (readonly [readonly (readonly [string, string])[], string])[] = [
    [[['name', 'x']], '/member'],
    [[['member', 'x']], '/member'],
    [
      [
        ['member', 'x'],
        ['member[name]', 'x'],
      ],
      '/member',
    ],
    [
      [
        ['member[name]', 'x'],
        ['member', 'x'],
      ],
      '/member',
    ],
    [
      [
        ['member[name]', 'x'],
        ['member[name]', 'y'],
      ],
      '/member/name',
    ],
    // Sent and empty, so the member is there and its inputs are missing.
    [[['member[email]', '']], '/member/email'],
    [[['member[email]', '']], '/member/name'],
    [[...ANN, ['member[colour]', 'x']], '/member[colour]'],
    [[...ANN, ['member[name][first]', 'x']], '/member[name][first]'],
    [[...ANN, ['__proto__[name]', 'x']], '/__proto__[name]'],
  ]
  for (const [fields, pointer] of cases) {
    const refused = await post('/members', fields)
    const pointers = refused.json.errors.map((one: { pointer: string }) => one.pointer)
    assert.equal(refused.status, 400, JSON.stringify(fields))
    assert.ok(pointers.includes(pointer), `${JSON.stringify(fields)}: ${pointers}`)
  }
})

test('a failure without a page of its own has the page of the design', async () => {
  const refused = await post('/leave', [], { accept: BROWSER })
  assert.equal(refused.status, 401)
  assert.equal(refused.headers['www-authenticate'], 'Bearer')
  assert.match(refused.text, /^<!doctype html><title>Sorry<\/title>.*<h1>401 not_signed_in<\/h1><p>Not signed in: /)
  assert.match(String(refused.headers['content-security-policy']), /style-src 'self' 'sha256-/)
  const broken = await ask('POST', '/members', { body: 'member[name]=%', headers: { ...FORM, accept: BROWSER } })
  assert.match(broken.text, /<h1>400 malformed_request<\/h1>/)
  const missing = await ask('GET', '/members/none', { headers: { accept: BROWSER } })
  assert.match(missing.text, /<h1>404 not_found<\/h1>/)
  assert.equal(
    (await ask('GET', '/api/links/none', { headers: { accept: BROWSER } })).headers['content-type'],
    'application/problem+json; charset=utf-8',
  )
})

test('browsers get the page of the design at addresses that do not exist', async () => {
  for (const [method, path, status] of [
    ['GET', '/nothing', 404],
    ['DELETE', '/members', 405],
    ['GET', '/members/', 404],
  ] as const) {
    const page = await ask(method, path, { headers: { accept: BROWSER } })
    assert.equal(page.status, status, path)
    assert.match(page.text, new RegExp(`^<!doctype html><title>Sorry</title>.*<h1>${status} `), path)
    assert.equal((await ask(method, path)).headers['content-type'], 'application/problem+json; charset=utf-8')
  }
})

test('a code leads browsers to another page, and other clients get the failure', async () => {
  const led = await post('/out', [], { accept: BROWSER })
  assert.deepEqual([led.status, led.headers.location, led.text, led.headers['www-authenticate']], [302, '/?signIn=1', '', undefined])
  const refused = await post('/out', [])
  assert.deepEqual([refused.status, refused.json.code, refused.headers.location], [409, 'out_of_time', undefined])
})

test('a method that an address does not have is 405, whatever the type of the body is', async () => {
  for (const type of ['application/x-www-form-urlencoded', 'application/json', 'multipart/form-data; boundary=x', 'text/plain']) {
    const refused = await ask('POST', '/go/x', { body: 'x=1', headers: { 'content-type': type } })
    assert.deepEqual([refused.status, refused.json.code, refused.headers.allow], [405, 'method_not_allowed', 'GET, HEAD, OPTIONS'], type)
  }
})

test('a page about too many sign-ins keeps the header fields of the limit', async (t) => {
  const rateLimits = { requests: null, passwords: null, logins: 1 }
  const { ask: enter } = await testBackend(t, (await readModel(join(import.meta.dirname, 'designs/door'))).model, { rateLimits })
  const asked = { body: 'email=ann%40example.com&password=wrong', headers: FORM }
  const page = { ...asked, headers: { ...FORM, accept: BROWSER } }
  assert.match(
    (await enter('POST', '/enter', page)).text,
    /^<!doctype html><title>invalid_credentials<\/title><input name="email" value="ann@example.com">/,
  )
  const [shown, problem] = [await enter('POST', '/enter', page), await enter('POST', '/enter', asked)]
  assert.deepEqual([shown.status, problem.status], [429, 429])
  assert.match(shown.text, /^<!doctype html><title>too_many_requests<\/title>/)
  const limits = ({ headers }: typeof shown) => Object.keys(headers).filter((name) => /ratelimit|retry-after/.test(name))
  assert.ok(limits(problem).length > 1, String(limits(problem)))
  assert.deepEqual(limits(shown), limits(problem))
})

test('both doors lead, refuse and show pages alike', async (t) => {
  const close = async () => {}
  const servers = await Promise.all(
    [backend.handle, backend.app.routing].map((handle) =>
      startServer({
        host: '127.0.0.1',
        port: 0,
        backend: { handle: (request, response) => handle(request, response), close, answerFailure: backend.answerFailure },
      }),
    ),
  )
  t.after(() => Promise.all(servers.map((server) => server.drain({ noticeMs: 0, drainMs: 0 }))))
  await sql('delete from links')
  await sql(`insert into links (id, code, url, "to") values (gen_random_uuid(), 'x', 'https://example.com/', 'y')`)
  const form = (body: string, accept = '*/*') => ({ method: 'POST', body, headers: { ...FORM, accept } })
  const cases: readonly (readonly [string, RequestInit])[] = [
    ['/', {}],
    ['/', { method: 'POST' }],
    ['/go/x', {}],
    ['/go/x', { method: 'HEAD' }],
    ['/to/x', { headers: { accept: 'application/json' } }],
    ['/go/none', { headers: { accept: BROWSER } }],
    ['/members', form('member[name]=', BROWSER)],
    ['/members', form('member%5Bname%5D=')],
    ['/leave', form('', BROWSER)],
    ['/out', form('', BROWSER)],
    ['/nothing', { headers: { accept: BROWSER } }],
    ['/members', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', accept: BROWSER } }],
  ]
  for (const [path, init] of cases) {
    const [direct, fastify] = await Promise.all(
      servers.map(async ({ url }) => {
        const response = await fetch(`${url}${path}`, { ...init, redirect: 'manual' })
        const text = (await response.text()).replaceAll(/[0-9a-f]{32}/g, 'trace')
        const headers = [...response.headers].filter(([name]) => !CHANGING.has(name))
        return { status: response.status, headers, text }
      }),
    )
    assert.deepEqual(direct, fastify, `${path} ${JSON.stringify(init)}`)
  }
})

test('the OpenAPI document has the target and the form, and the plan names them', async () => {
  const { json } = await ask('GET', '/openapi.json')
  const { responses, requestBody } = json.paths['/members'].post
  assert.deepEqual(Object.keys(responses['303'].headers), ['Location', 'Idempotency-Replayed'])
  assert.equal(responses['303'].content, undefined)
  const { schema, encoding } = requestBody.content['application/x-www-form-urlencoded']
  assert.deepEqual(encoding, { member: { style: 'deepObject', explode: true } })
  assert.deepEqual(
    [schema.required, Object.keys(schema.properties.member.properties)],
    [['member'], ['name', 'email', 'password', 'hobbies']],
  )
  const media = plannedActions(model).map(({ action, media: of }) => [action, ...of])
  assert.deepEqual(
    media.find(([name]) => name === 'join'),
    ['join', 'leads to /members/{id}', 'takes a form', 'shows failures from pages/join-again.html'],
  )
})
