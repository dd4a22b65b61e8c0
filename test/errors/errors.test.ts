/** `errors` of a design: status, name, message and body of every failure, by both doors and by GraphQL. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { startServer } from '../../src/server/process/server.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const DESIGN = {
  name: 'papers',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' }, nick: { type: 'text', min: 2, unique: true } },
      access: { read: 'true', create: 'true', update: 'id == auth.id' },
    },
    Article: {
      fields: {
        title: { type: 'text', min: 1, max: 20 },
        tags: { type: 'list', of: { type: 'text', min: 1, max: 5 }, default: [] },
        due: { type: 'date', optional: true },
        author: { type: 'ref', entity: 'User', set: 'auth.id' },
      },
      access: { read: 'true', create: 'auth.id != null', update: 'author == auth.id', delete: 'author == auth.id' },
      actions: {
        praise: { allow: 'true', steps: [{ require: 'row.title == "good"', else: 'too_bad' }] },
        close: { allow: 'true', steps: [{ require: 'row.title == "good"', else: 'not_found' }] },
      },
    },
  },
  actions: {
    register: {
      as: 'system',
      allow: 'true',
      input: { mail: 'User.email', password: 'User.password', nick: 'User.nick' },
      steps: [{ create: 'User', set: { email: 'input.mail', password: 'input.password', nick: 'input.nick' } }],
    },
  },
  errors: {
    answer: { errors: { each: 'p in problems', key: 'p.name', is: 'p.messages' } },
    codes: {
      '400': { status: 422 },
      malformed_request: { status: 400, message: 'cannot be read' },
      not_signed_in: { name: 'token', message: 'is missing' },
      invalid_token: { name: 'token', message: 'is invalid' },
      invalid_credentials: { name: 'credentials', message: 'invalid' },
      forbidden: { message: 'forbidden' },
      not_found: { message: 'not found' },
      already_taken: { message: 'has already been taken' },
      too_bad: { status: 400, message: 'is too bad' },
    },
    kinds: { User: 'profile' },
    messages: { required: "can't be blank", empty: "can't be blank", format: 'is invalid' },
  },
}

const UNKNOWN = '01900000-0000-7000-8000-00000000abcd'
const ID = '01900000-0000-7000-8000-000000000001'
const ROW = '01900000-0000-7000-8000-000000000002'

test('every failure has the status, the names and the body of the design', async (t) => {
  const { ask, sql, tokenFor } = await testBackend(t, modelFrom(DESIGN))
  await sql("insert into users (id, email, password, nick) values ($1, 'ann@example.com', 'x', 'ann')", [ID])
  await sql("insert into articles (id, title, author_id) values ($1, 'bad', $2)", [ROW, ID])
  const token = await tokenFor(ID)
  const fails = async (request: Promise<{ status: number; json: unknown; headers: Readonly<Record<string, unknown>> }>) => {
    const { status, json, headers } = await request
    assert.equal(headers['content-type'], 'application/json; charset=utf-8')
    return [status, (json as { errors: unknown }).errors]
  }
  const create = (body: unknown) => fails(ask('POST', '/api/articles', { token, body }))
  const register = (body: object) => fails(ask('POST', '/api/actions/register', { body }))
  assert.deepEqual(await create({}), [422, { title: ["can't be blank"] }])
  assert.deepEqual(await create({ title: '' }), [422, { title: ["can't be blank"] }])
  assert.deepEqual(await create({ title: null, due: 'x' }), [422, { title: ["can't be blank"], due: ['is invalid'] }])
  assert.deepEqual(await create({ title: 'a', tags: ['', 'good', ''] }), [422, { tags: ["can't be blank"] }])
  assert.deepEqual(await create({ title: 'a', tags: ['', 'longer'] }), [422, { tags: ["can't be blank", 'must be at most 5 characters'] }])
  assert.deepEqual(await create([]), [422, { validation_failed: ['must have at least 1 item'] }])
  assert.deepEqual(await fails(ask('POST', '/api/articles', { body: { title: 'a' } })), [401, { token: ['is missing'] }])
  assert.deepEqual(await fails(ask('GET', '/api/articles', { token: 'x' })), [401, { token: ['is invalid'] }])
  assert.deepEqual(await fails(ask('GET', `/api/articles/${UNKNOWN}`)), [404, { article: ['not found'] }])
  assert.deepEqual(await fails(ask('GET', `/api/users/${UNKNOWN}`)), [404, { profile: ['not found'] }])
  assert.deepEqual(await fails(ask('PATCH', `/api/users/${UNKNOWN}`, { token, body: { nick: 'bob' } })), [404, { profile: ['not found'] }])
  assert.deepEqual(Object.keys((await ask('GET', '/api/articles?limit=5')).json.errors), ['limit'])
  assert.equal((await ask('GET', '/api/articles?page[size]=-1')).status, 422)
  assert.deepEqual(await register({ mail: 'ann@example.com', password: 'a long secret word', nick: 'new' }), [
    409,
    { mail: ['has already been taken'] },
  ])
  assert.deepEqual(await register({ mail: '', password: '', nick: null }), [
    422,
    { mail: ["can't be blank"], password: ["can't be blank"], nick: ["can't be blank"] },
  ])
  assert.deepEqual(await fails(ask('GET', `/api/articles/${ROW}/praise`)), [400, { article: ['is too bad'] }])
  assert.deepEqual(await fails(ask('GET', `/api/articles/${ROW}/close`)), [404, { article: ['not found'] }])
  assert.deepEqual(await fails(ask('POST', '/api/auth/login', { body: { email: 'ann@example.com', password: 'wrong' } })), [
    401,
    { credentials: ['invalid'] },
  ])
  assert.deepEqual(await fails(ask('GET', '/nothing')), [404, { route_not_found: ['there is nothing at this address'] }])
  assert.deepEqual(await fails(ask('POST', '/api/auth/login')), [400, { malformed_request: ['cannot be read'] }])
  const method = await ask('PUT', '/api/articles', { token, body: {} })
  assert.deepEqual([method.status, Object.keys(method.json.errors)], [405, ['method_not_allowed']])
  assert.equal(method.headers.allow, 'GET, HEAD, POST, OPTIONS')
  const read = await ask('GET', '/api/actions/register')
  assert.deepEqual([read.status, Object.keys(read.json.errors)], [405, ['method_not_allowed']])
  const type = await ask('POST', '/api/articles', { token, body: 'x', headers: { 'content-type': 'text/plain' } })
  assert.deepEqual([type.status, Object.keys(type.json.errors)], [415, ['unsupported_media_type']])
  const head = await ask('HEAD', `/api/articles/${UNKNOWN}`)
  assert.deepEqual([head.status, head.text], [404, ''])
})

test('GraphQL keeps its form and shows the messages of the design', async (t) => {
  const { ask } = await testBackend(t, modelFrom(DESIGN))
  const query = 'mutation { register(mail: "", password: "a long secret word", nick: "ann") }'
  const answered = await ask('POST', '/graphql', { body: { query } })
  const [error] = answered.json.errors
  assert.equal(error.extensions.code, 'validation_failed')
  assert.deepEqual(
    error.extensions.errors.map(({ message }: { message: string }) => message),
    ["can't be blank"],
  )
  assert.deepEqual(Object.keys(error).toSorted(), ['extensions', 'message', 'path'])
})

test('what is refused before a request reaches the backend has the same body', async (t) => {
  const { backend } = await testBackend(t, modelFrom(DESIGN))
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    backend: { handle: backend.handle, close: async () => {}, answerFailure: backend.answerFailure },
  })
  t.after(() => server.drain({ noticeMs: 0, drainMs: 0 }))
  const send = async (text: string): Promise<string> => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.setEncoding('utf8')
    let answer = ''
    socket.on('data', (part) => (answer += part))
    socket.write(text)
    await once(socket, 'close')
    return answer
  }
  const nonsense = await send('nonsense\r\n\r\n')
  assert.match(nonsense, /^HTTP\/1.1 400 /)
  assert.ok(nonsense.endsWith('{"errors":{"malformed_request":["cannot be read"]}}'), nonsense)
  const large = await send(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`)
  assert.match(large, /^HTTP\/1.1 431 /)
  assert.ok(large.endsWith('{"errors":{"headers_too_large":["the headers are too large"]}}'), large)
  assert.match(await send('GET / HTTP/1.1\r\nconnection: close\r\n\r\n'), /{"errors":{"malformed_request":\["cannot be read"\]}}$/)
})

test('the body may have the path of the request and the time of the answer', async (t) => {
  const answer = { timestamp: 'time', path: 'path', at: 'code + " " + path' }
  const { ask } = await testBackend(t, modelFrom({ ...DESIGN, errors: { answer } }))
  const before = Date.now()
  for (const [url, path] of [
    [`/api/articles/${UNKNOWN}?fields=x`, `/api/articles/${UNKNOWN}`],
    ['/nothing?secret=1', '/nothing'],
    ['/api/a%20b?x', '/api/a%20b'],
  ] as const) {
    const { json } = await ask('GET', url)
    assert.equal(json.path, path)
    assert.ok(String(json.at).endsWith(` ${path}`), json.at)
    assert.match(json.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.ok(Date.parse(json.timestamp) >= before)
  }
})

test('the tree may be a list with constants, and Problem Details keep their form without it', async (t) => {
  const answer = {
    ok: false,
    status: 'string(status) + " " + code',
    first: 'problems[0].messages[0]',
    trace: 'traceId == "" ? null : "yes"',
    many: 'size(problems)',
    number: 'code in ["not_found", "forbidden"] ? 1 : code == "validation_failed" && status == 400 ? 2 : 3',
    listed: 'status in [401, 400]',
    either: 'code == "forbidden" || !(status != 400) || false',
    neither: '!(code in []) && (code == "forbidden" || status == 404)',
    all: { each: 'p in problems', is: { at: 'p.pointer', rule: 'p.rule', texts: { each: 'm in p.messages', is: 'm' } } },
  }
  const own = await testBackend(t, modelFrom({ ...DESIGN, errors: { answer, messages: { empty: 'is empty' } } }))
  const refused = await own.ask('POST', '/api/actions/register', { body: { mail: 'a@b.de', nick: '', password: 'a long secret word' } })
  assert.deepEqual(refused.json, {
    ok: false,
    status: '400 validation_failed',
    first: 'is empty',
    trace: 'yes',
    many: 1,
    number: 2,
    listed: true,
    either: true,
    neither: false,
    all: [{ at: '/nick', rule: 'empty', texts: ['is empty'] }],
  })
  const plain = await testBackend(t, modelFrom({ ...DESIGN, errors: { codes: { 404: { status: 410, message: 'gone' } } } }))
  const missing = await plain.ask('GET', `/api/articles/${UNKNOWN}`)
  assert.equal(missing.headers['content-type'], 'application/problem+json; charset=utf-8')
  const { traceId: _, ...problem } = missing.json
  assert.deepEqual(problem, {
    type: 'urn:problem-type:plinth:not_found',
    title: 'Not found',
    status: 410,
    detail: 'gone',
    code: 'not_found',
  })
})
