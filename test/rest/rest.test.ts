import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const PASSWORD = 'Correct-horse-7'

async function signUp(
  { ask }: TestBackend,
  name: string,
): Promise<{ readonly id: string; readonly token: string; readonly refreshToken: string }> {
  const answer = await ask('POST', '/api/auth/register', { body: { name, email: `${name.toLowerCase()}@example.com`, password: PASSWORD } })
  assert.equal(answer.status, 201, answer.text)
  return { id: answer.json.user.id, token: answer.json.token, refreshToken: answer.json.refreshToken }
}

/** Every failure has this form, whatever went wrong. */
function assertProblem(answer: Answered, status: number, code: string): void {
  assert.equal(answer.status, status, answer.text)
  assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
  assert.equal(answer.json.code, code)
  assert.equal(answer.json.status, status)
  assert.match(answer.json.traceId, /^[0-9a-f]{32}$/)
  for (const member of ['type', 'title', 'detail']) assert.equal(typeof answer.json[member], 'string', member)
}

const blogBackend = (t: TestContext) => testBackend(t, modelFrom(blog))

test('a registration returns the account with its own address, and a token', async (t) => {
  const backend = await blogBackend(t)
  const answer = await backend.ask('POST', '/api/auth/register', { body: { name: 'Ann', email: 'Ann@Example.com', password: PASSWORD } })
  assert.equal(answer.status, 201)
  assert.equal(answer.json.user.email, 'ann@example.com')
  assert.equal(answer.json.user.role, 'user')
  assert.ok(!('password' in answer.json.user))
  assert.ok(!answer.text.includes(PASSWORD) && !answer.text.includes('argon2'))
  const [row] = await backend.sql('select password from users')
  assert.match(String(row?.password), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  const me = await backend.ask('GET', '/api/auth/me', { token: answer.json.token })
  assert.deepEqual(me.json, answer.json.user)
  assertProblem(
    await backend.ask('POST', '/api/auth/register', { body: { name: 'Ann', email: 'ann@example.com', password: PASSWORD } }),
    409,
    'already_taken',
  )
})

test('no caller can give itself the role admin, by registering or by any other request', async (t) => {
  const backend = await blogBackend(t)
  const body = { name: 'Eve', email: 'eve@example.com', password: PASSWORD, role: 'admin' }
  for (const url of ['/api/auth/register', '/api/users']) {
    const answer = await backend.ask('POST', url, { body })
    assertProblem(answer, 400, 'validation_failed')
    assert.deepEqual(answer.json.errors, [{ pointer: '/role', rule: 'unknown', message: 'unknown field' }])
    const madeUp = await backend.ask('POST', url, { body: { ...body, role: undefined, rank: 'admin' } })
    assert.deepEqual(madeUp.json.errors, [{ pointer: '/rank', rule: 'unknown', message: 'unknown field' }])
  }
  const eve = await signUp(backend, 'Eve')
  for (const method of ['PATCH', 'PUT']) {
    const answer = await backend.ask(method, `/api/users/${eve.id}`, {
      token: eve.token,
      body: { name: 'Eve', email: 'eve@example.com', role: 'admin' },
    })
    assertProblem(answer, 400, 'validation_failed')
  }
  assert.deepEqual(await backend.sql("select count(*)::int as n from users where role <> 'user'"), [{ n: 0 }])
})

test('a common password is refused with the reason', async (t) => {
  const { ask } = await blogBackend(t)
  const weak = await ask('POST', '/api/auth/register', { body: { name: 'Ann', email: 'ann@example.com', password: 'Password1' } })
  assertProblem(weak, 400, 'validation_failed')
  assert.equal(weak.json.errors[0].pointer, '/password')
  assert.ok(!weak.text.includes('Password1'))
})

test('an account may not take its login for a password, also where the change has the password alone', async (t) => {
  const backend = await blogBackend(t)
  const eve = await signUp(backend, 'Eve1')
  for (const password of ['Eve1@example.com', 'EVE1@Example.com']) {
    const answer = await backend.ask('PATCH', `/api/users/${eve.id}`, { token: eve.token, body: { password } })
    assertProblem(answer, 400, 'validation_failed')
    assert.deepEqual(
      answer.json.errors.map(({ pointer, rule }: { readonly pointer: string; readonly rule: string }) => `${pointer} ${rule}`),
      ['/password common'],
    )
  }
  // The refusal says nothing about the login of another account.
  const ann = await signUp(backend, 'Ann')
  const stranger = await backend.ask('PATCH', `/api/users/${eve.id}`, { token: ann.token, body: { password: 'Eve1@example.com' } })
  assertProblem(stranger, 403, 'forbidden')
  assert.equal(
    (await backend.ask('PATCH', `/api/users/${eve.id}`, { token: eve.token, body: { password: 'Glade-orchid-47' } })).status,
    200,
  )
})

test('tokens: an invalid one is 401 at every endpoint, a refresh token works once, logging out ends the session', async (t) => {
  const backend = await blogBackend(t)
  const { ask } = backend
  const ann = await signUp(backend, 'Ann')
  for (const token of ['x', `${ann.token}x`, ann.refreshToken])
    assertProblem(await ask('GET', '/api/posts', { token }), 401, 'invalid_token')
  assertProblem(await ask('GET', '/api/posts', { headers: { authorization: 'Basic YTpi' } }), 401, 'invalid_token')
  const refreshed = await ask('POST', '/api/auth/refresh', { body: { refreshToken: ann.refreshToken } })
  assert.equal(refreshed.status, 200, refreshed.text)
  assert.notEqual(refreshed.json.refreshToken, ann.refreshToken)
  assert.equal((await ask('POST', '/api/auth/logout', { token: refreshed.json.token })).status, 204)
  assertProblem(await ask('POST', '/api/auth/refresh', { body: { refreshToken: refreshed.json.refreshToken } }), 401, 'invalid_token')
  assertProblem(await ask('GET', '/api/auth/me', { token: refreshed.json.token }), 401, 'invalid_token')
  assertProblem(await ask('GET', '/api/auth/me'), 401, 'not_signed_in')
  assertProblem(
    await ask('POST', '/api/auth/login', { body: { email: 'ann@example.com', password: 'Wrong-horse-77' } }),
    401,
    'invalid_credentials',
  )
  assertProblem(
    await ask('POST', '/api/auth/login', { body: { email: 'nobody@example.com', password: 'Wrong-horse-77' } }),
    401,
    'invalid_credentials',
  )
})

test('removing a role takes effect at the next request', async (t) => {
  const backend = await blogBackend(t)
  const [ann, root] = [await signUp(backend, 'Ann'), await signUp(backend, 'Root')]
  await backend.sql("update users set role = 'admin' where name = 'Root'")
  const login = await backend.ask('POST', '/api/auth/login', { body: { email: 'root@example.com', password: PASSWORD } })
  const token = login.json.token
  const promote = (role: string) => backend.ask('PATCH', `/api/users/${ann.id}`, { token, body: { role } })
  assert.equal((await promote('moderator')).status, 200)
  assert.equal((await backend.ask('PATCH', `/api/users/${root.id}`, { token, body: { role: 'user' } })).status, 200)
  assertProblem(await promote('admin'), 400, 'validation_failed')
  assertProblem(await backend.ask('PATCH', `/api/users/${ann.id}`, { token, body: { name: 'Anna' } }), 403, 'forbidden')
})

test('a new password ends the other sessions; deleting an account ends all its sessions', async (t) => {
  const backend = await blogBackend(t)
  const ann = await signUp(backend, 'Ann')
  const other = await backend.ask('POST', '/api/auth/login', { body: { email: 'ann@example.com', password: PASSWORD } })
  assert.equal(
    (await backend.ask('PATCH', `/api/users/${ann.id}`, { token: ann.token, body: { password: 'Another-horse-8' } })).status,
    200,
  )
  assertProblem(await backend.ask('GET', '/api/auth/me', { token: other.json.token }), 401, 'invalid_token')
  assert.equal((await backend.ask('GET', '/api/auth/me', { token: ann.token })).status, 200)
  assert.equal(
    (await backend.ask('POST', '/api/auth/login', { body: { email: 'ann@example.com', password: 'Another-horse-8' } })).status,
    200,
  )
  await backend.sql("update users set role = 'admin'")
  const admin = await backend.ask('POST', '/api/auth/login', { body: { email: 'ann@example.com', password: 'Another-horse-8' } })
  assert.equal((await backend.ask('DELETE', `/api/users/${ann.id}`, { token: admin.json.token })).status, 204)
  assertProblem(await backend.ask('GET', '/api/auth/me', { token: admin.json.token }), 401, 'invalid_token')
})

test('an ETag avoids sending the body again, and guards a write', async (t) => {
  const backend = await blogBackend(t)
  const { ask } = backend
  const { token } = await signUp(backend, 'Ann')
  const created = await ask('POST', '/api/posts', { token, body: { title: 'One', body: 'text' } })
  const url = String(created.headers.location)
  const read = await ask('GET', url, { token })
  assert.equal(read.headers.etag, created.headers.etag)
  const tag = String(read.headers.etag)
  for (const header of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
    const same = await ask('GET', url, { token, headers: { 'if-none-match': header } })
    assert.deepEqual([same.status, same.text, same.headers.etag], [304, '', tag], header)
  }
  const changed = await ask('PATCH', url, { token, body: { title: 'Two' }, headers: { 'if-match': tag } })
  assert.equal(changed.status, 200)
  assert.notEqual(changed.headers.etag, tag)
  assert.equal((await ask('GET', url, { token, headers: { 'if-none-match': tag } })).status, 200)
  for (const method of ['PATCH', 'PUT', 'DELETE']) {
    const body = method === 'DELETE' ? undefined : { title: 'Three', body: 'text' }
    assertProblem(await ask(method, url, { token, body, headers: { 'if-match': tag } }), 412, 'stale_version')
    assertProblem(await ask(method, url, { token, body, headers: { 'if-match': `W/${changed.headers.etag}` } }), 412, 'weak_etag')
    assertProblem(await ask(method, url, { token, body, headers: { 'if-match': 'no quotes' } }), 400, 'malformed_request')
  }
  assert.equal((await ask('DELETE', url, { token, headers: { 'if-match': `"9", ${changed.headers.etag}` } })).status, 204)
})

test('HEAD answers like GET without the body, and OPTIONS names the methods', async (t) => {
  const backend = await blogBackend(t)
  const { ask } = backend
  const { token } = await signUp(backend, 'Ann')
  const created = await ask('POST', '/api/posts', { token, body: { title: 'One', body: 'text' } })
  for (const url of ['/api/posts', String(created.headers.location), '/health/live', '/openapi.json']) {
    const [get, head] = [await ask('GET', url, { token }), await ask('HEAD', url, { token })]
    const told = ({ headers }: Answered) => ['content-type', 'content-length', 'etag'].map((name) => headers[name])
    assert.deepEqual([head.status, head.text, ...told(head)], [200, '', ...told(get)], url)
    assert.match(String((await ask('OPTIONS', url)).headers.allow), /^GET, /)
  }
  assert.equal((await ask('HEAD', String(created.headers.location))).status, 404)
})

test('pages contain every row once and in order, in both directions and with any size', async (t) => {
  const backend = await blogBackend(t)
  const { id, token } = await signUp(backend, 'Ann')
  await backend.sql(
    "insert into posts (title, body, author_id, published, created_at) select 'P' || i, 'x', $1, i % 3 > 0, timestamptz '2026-01-01Z' + (i / 4) * interval '1 day' from generate_series(1, 57) i",
    [id],
  )
  for (const [query, order] of [
    ['', 'id'],
    ['sort=-id', 'id desc'],
    ['sort=createdAt', 'created_at, id'],
    ['sort=-createdAt,id', 'created_at desc, id'],
    [`filter[author]=${id}&sort=-createdAt`, 'created_at desc, id desc'],
    ['filter[published]=false&sort=-createdAt', 'published, created_at desc, id desc'],
  ] as const) {
    const where = query.includes('published') ? 'where not published' : ''
    const expected = (await backend.sql(`select id from posts ${where} order by ${order}`)).map((row) => row.id)
    for (const size of [1, 7, 20, 100]) {
      if (size === 1 && query !== '') continue
      const seen: unknown[] = []
      let url: string | null = `/api/posts?${query}&page[size]=${size}&fields=id&count=true`
      while (url !== null) {
        const page: Answered = await backend.ask('GET', url, { token })
        assert.equal(page.status, 200, page.text)
        assert.equal(page.json.page.count, expected.length)
        seen.push(...page.json.data.map((row: { id: string }) => row.id))
        const link = /^<([^>]+)>; rel="next"$/.exec(String(page.headers.link ?? ''))?.[1] ?? null
        assert.equal(link === null, page.json.page.next === null)
        if (link !== null) assert.ok(decodeURIComponent(link).includes(`page[after]=${page.json.page.next}`))
        url = link
      }
      assert.deepEqual(seen, expected, `${query} by ${size}`)
    }
  }
  for (const size of ['0', '101', '-1', 'NaN', '1e2', '1.5', '', '99999999999999999999']) {
    assertProblem(await backend.ask('GET', `/api/posts?page[size]=${size}`), 400, 'invalid_parameter')
  }
  const first = await backend.ask('GET', '/api/posts?page[size]=2', { token })
  assertProblem(await backend.ask('GET', `/api/posts?sort=createdAt&page[after]=${first.json.page.next}`, { token }), 400, 'invalid_cursor')
  assertProblem(await backend.ask('GET', '/api/posts?page[after]=WyJpZCIsIjEiXQ', { token }), 400, 'invalid_cursor')
})

test('many rows are created together, all or none, and problems point at the row', async (t) => {
  const backend = await blogBackend(t)
  const { ask } = backend
  const { token } = await signUp(backend, 'Ann')
  const row = (i: number) => ({ title: `Post ${i}`, body: 'text' })
  const made = await ask('POST', '/api/posts', { token, body: Array.from({ length: 1000 }, (_, i) => row(i)) })
  assert.equal(made.status, 201)
  assert.deepEqual(
    made.json.map((r: { title: string }) => r.title),
    Array.from({ length: 1000 }, (_, i) => `Post ${i}`),
  )
  const wrong = await ask('POST', '/api/posts', { token, body: [row(1), { title: 7 }, row(2)] })
  assertProblem(wrong, 400, 'validation_failed')
  assert.deepEqual(
    wrong.json.errors.map((e: { pointer: string }) => e.pointer),
    ['/1/title', '/1/body'],
  )
  const stranger = await ask('POST', '/api/posts', { token, body: [row(1), { ...row(2), author: '01900000-0000-7000-8000-0000000000ff' }] })
  assert.deepEqual(
    stranger.json.errors.map((e: { pointer: string }) => e.pointer),
    ['/1/author'],
  )
  for (const body of [[], Array.from({ length: 1001 }, (_, i) => row(i)), [[row(1)]], [null]])
    assertProblem(await ask('POST', '/api/posts', { token, body }), 400, 'validation_failed')
  assert.deepEqual(await backend.sql('select count(*)::int as n from posts'), [{ n: 1000 }])
  const twins = { name: 'Twin', email: 'twin@example.com', password: PASSWORD }
  const taken = await ask('POST', '/api/users', { body: [twins, twins] })
  assertProblem(taken, 409, 'already_taken')
  assert.equal(taken.json.errors[0].pointer, '/1/email')
})

test('invalid bodies are refused before any other check', async (t) => {
  const backend = await blogBackend(t)
  const { ask } = backend
  const { token } = await signUp(backend, 'Ann')
  backend.statements.length = 0
  for (const body of [
    '',
    ' ',
    '{',
    'nul',
    '{"title":"a"',
    '[1,',
    '"x"]',
    `${'['.repeat(40)}${']'.repeat(40)}`,
    `[${'1,'.repeat(20_000)}1]`,
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
  ]) {
    assertProblem(
      await ask('POST', '/api/posts', { token, body, headers: { 'content-type': 'application/json' } }),
      400,
      'malformed_request',
    )
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx']) {
    assertProblem(await ask('POST', '/api/posts', { token, body: '{}', headers: { 'content-type': type } }), 415, 'unsupported_media_type')
  }
  assertProblem(await ask('POST', '/api/posts', { token, body: JSON.stringify({ title: 'x'.repeat(1_100_000) }) }), 413, 'body_too_large')
  for (const body of ['null', '7', '"text"', 'true'])
    assertProblem(await ask('POST', '/api/posts', { token, body }), 400, 'validation_failed')
  const hostile = await ask('POST', '/api/posts', {
    token,
    body: '{"__proto__":{"admin":true},"constructor":{},"title":"a\\u0000b","body":"\\ud800"}',
  })
  assertProblem(hostile, 400, 'validation_failed')
  assert.deepEqual(hostile.json.errors.map((e: { pointer: string }) => e.pointer).sort(), ['/__proto__', '/body', '/constructor', '/title'])
  assert.deepEqual(
    backend.statements.filter((s) => s.name !== 'session.state'),
    [],
  )
})

test('every answer carries the headers that browsers and logs need', async (t) => {
  const { ask } = await blogBackend(t)
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  for (const [method, url] of [
    ['GET', '/api/posts'],
    ['GET', '/nothing'],
    ['GET', '/api/posts/x'],
    ['PATCH', '/api/posts'],
    ['GET', '/api/%zz'],
    ['POST', '/api/posts'],
  ] as const) {
    const answer = await ask(method, url, { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } })
    assert.equal(answer.headers['cache-control'], 'no-store', url)
    assert.equal(answer.headers['x-content-type-options'], 'nosniff', url)
    assert.equal(answer.headers['referrer-policy'], 'no-referrer', url)
    assert.match(String(answer.headers['content-security-policy']), /frame-ancestors 'none'/)
    assert.equal(answer.headers['x-request-id'], trace, url)
    assert.equal(answer.headers['x-powered-by'], undefined)
    assert.equal(answer.headers.server, undefined)
    if (answer.status >= 400) assert.equal(answer.json.traceId, trace)
  }
})

const shop = {
  name: 'shop',
  entities: {
    Account: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password', min: 8 },
        role: { type: 'choice', values: ['customer', 'clerk'], default: 'customer', write: 'auth.role == "clerk"' },
      },
      access: { create: 'true', read: 'id == auth.id || auth.role == "clerk"' },
    },
    Rack: {
      fields: { id: { type: 'text', max: 20 }, label: { type: 'text', optional: true } },
      access: { create: 'true', read: 'true', update: 'true', delete: 'true' },
    },
    Item: {
      softDelete: true,
      search: ['name', 'secret'],
      fields: {
        id: { type: 'integer' },
        name: { type: 'text', max: 80 },
        secret: { type: 'text', optional: true, read: 'auth.role == "clerk"' },
        sku: { type: 'text', unique: { within: 'rack' } },
        price: { type: 'decimal', precision: 10, scale: 2, min: '0' },
        rack: { type: 'ref', entity: 'Rack', inverse: 'items', onDelete: 'restrict' },
        stock: { type: 'integer', default: 0, min: 0 },
        until: { type: 'timestamp', optional: true },
      },
      checks: { priced: { rule: 'price > 0 || stock == 0', message: 'what has no price cannot be in stock' } },
      access: { create: 'true', read: 'true', update: 'true', delete: 'true' },
      indexes: [['price'], ['until']],
    },
  },
}

test('ids of every kind, scoped uniqueness, checks, restricted and soft deletion', async (t) => {
  const backend = await testBackend(t, modelFrom(shop))
  const { ask } = backend
  assert.equal((await ask('POST', '/api/racks', { body: { id: 'a/1', label: 'Left' } })).headers.location, '/api/racks/a%2F1')
  assert.equal((await ask('GET', '/api/racks/a%2F1')).json.label, 'Left')
  // With any encoding of the path, an id finds its row, or the answer is 404.
  for (const id of ['.', '..']) {
    const lost = await ask('POST', '/api/racks', { body: { id } })
    assertProblem(lost, 400, 'validation_failed')
    const message = 'must not be empty, "." or "..": no address can end with it'
    assert.deepEqual(lost.json.errors, [{ pointer: '/id', rule: 'format', message }])
  }
  for (const id of ['...', '.a', '%2e', '%2E%2E', 'a?b#c', 'a b+c', 'a\\b', '../b', ';', 'é']) {
    const { location } = (await ask('POST', '/api/racks', { body: { id } })).headers
    const { pathname } = new URL(String(location), 'http://localhost')
    assert.equal((await ask('GET', pathname)).json.id, id, pathname)
  }
  await ask('POST', '/api/racks', { body: { id: 'b' } })
  const item = { name: 'Garden chair', sku: 'c-1', price: '19.90', rack: 'a/1', stock: 3 }
  const made = await ask('POST', '/api/items', { body: item })
  assert.equal(made.status, 201, made.text)
  assert.equal(typeof made.json.id, 'number')
  assert.equal(made.json.price, '19.90')
  assertProblem(await ask('POST', '/api/items', { body: item }), 409, 'already_taken')
  assert.equal((await ask('POST', '/api/items', { body: { ...item, rack: 'b' } })).status, 201)
  const check = await ask('PATCH', `/api/items/${made.json.id}`, { body: { price: 0 } })
  assertProblem(check, 400, 'validation_failed')
  assert.equal(check.json.errors[0].message, 'what has no price cannot be in stock')
  assertProblem(await ask('DELETE', '/api/racks/b'), 409, 'still_referenced')
  assert.equal((await ask('DELETE', `/api/items/${made.json.id}`)).status, 204)
  assertProblem(await ask('GET', `/api/items/${made.json.id}`), 404, 'not_found')
  assertProblem(await ask('DELETE', `/api/items/${made.json.id}`), 404, 'not_found')
  assert.equal((await ask('GET', '/api/racks/a%2F1?include=items')).json.items.length, 0)
  assert.equal((await ask('POST', '/api/items', { body: item })).status, 201)
  const put = await ask('PUT', '/api/racks/a%2F1', { body: {} })
  assert.equal(put.json.label, null)
})

test('search finds words only in fields that the caller may read', async (t) => {
  const backend = await testBackend(t, modelFrom(shop))
  const { ask } = backend
  await ask('POST', '/api/racks', { body: { id: 'a' } })
  await backend.sql(
    "insert into items (name, secret, sku, price, rack_id) values ('Garden chair', 'cheap copy', '1', 1, 'a'), ('Office chair', 'original', '2', 2, 'a')",
  )
  const found = async (words: string, token?: string) =>
    (await ask('GET', `/api/items?search=${encodeURIComponent(words)}&fields=name`, { token })).json.data.map(
      (r: { name: string }) => r.name,
    )
  assert.deepEqual(await found('chair'), ['Garden chair', 'Office chair'])
  assert.deepEqual(await found('chair garden'), ['Garden chair'])
  assert.deepEqual(await found('original'), [])
  await ask('POST', '/api/auth/register', { body: { email: 'clerk@example.com', password: PASSWORD } })
  await backend.sql("update accounts set role = 'clerk'")
  const { token } = (await ask('POST', '/api/auth/login', { body: { email: 'clerk@example.com', password: PASSWORD } })).json
  assert.deepEqual(await found('original', token), ['Office chair'])
  assertProblem(await ask('GET', '/api/racks?search=x'), 400, 'unknown_parameter')
  // A search without words finds nothing, and an empty search is refused.
  assert.deepEqual(await found('!'), [])
  const why = 'parameter "search": is empty; leave it out to ask for all rows'
  for (const empty of ['', '+', '%20%09']) {
    const answer = await ask('GET', `/api/items?search=${empty}`)
    assertProblem(answer, 400, 'invalid_parameter')
    assert.equal(answer.json.detail, why)
  }
  const graphql = await ask('POST', '/graphql', { body: { query: '{ items(search: "") { nodes { name } } }' } })
  assert.equal(graphql.json.errors[0].message, why)
})

test('missing values sort last ascending and first descending, also across pages', async (t) => {
  const backend = await testBackend(t, modelFrom(shop))
  await backend.ask('POST', '/api/racks', { body: { id: 'a' } })
  await backend.sql(
    "insert into items (name, sku, price, rack_id, until) select 'I' || i, i::text, i, 'a', case when i % 2 = 0 then timestamptz '2026-01-01Z' + i * interval '1 hour' end from generate_series(1, 9) i",
  )
  for (const [sort, order] of [
    ['until', 'until, id'],
    ['-until', 'until desc, id desc'],
    ['-price', 'price desc, id desc'],
  ] as const) {
    const expected = (await backend.sql(`select name from items order by ${order}`)).map((r) => r.name)
    const seen: string[] = []
    for (let next: string | null = ''; next !== null; ) {
      const page: Answered = await backend.ask(
        'GET',
        `/api/items?sort=${sort}&page[size]=2&fields=name${next === '' ? '' : `&page[after]=${next}`}`,
      )
      assert.equal(page.status, 200, page.text)
      seen.push(...page.json.data.map((r: { name: string }) => r.name))
      next = page.json.page.next
    }
    assert.deepEqual(seen, expected, sort)
  }
})

test('filters in both notations select the same rows', async (t) => {
  const backend = await testBackend(t, modelFrom(shop))
  await backend.ask('POST', '/api/racks', { body: { id: 'a', label: 'x' } })
  await backend.sql(
    "insert into items (name, sku, price, rack_id, until) select 'I' || i, i::text, i, 'a', case when i % 2 = 0 then timestamptz '2026-01-01Z' + i * interval '1 hour' end from generate_series(1, 9) i",
  )
  const names = async (query: string) => {
    const answer = await backend.ask('GET', `/api/items?fields=name&${query}`)
    assert.equal(answer.status, 200, `${query}: ${answer.text}`)
    return answer.json.data.map((r: { name: string }) => r.name)
  }
  for (const [bracket, cel, expected] of [
    ['filter[price][gt]=7', 'price > 7', ['I8', 'I9']],
    ['filter[price][in]=2,3&filter[name][contains]=3', 'price in [2, 3] && name.contains("3")', ['I3']],
    ['filter[until][isNull]=true', 'until == null', ['I1', 'I3', 'I5', 'I7', 'I9']],
    ['filter[until][lte]=2026-01-01T04:00:00Z', 'until <= timestamp("2026-01-01T04:00:00Z")', ['I2', 'I4']],
    ['filter[rack]=a&filter[price][nin]=1,2,3,4,5,6,7', 'rack.id == "a" && !(price in [1, 2, 3, 4, 5, 6, 7])', ['I8', 'I9']],
    [
      'filter[rack]=a&filter[until][ne]=2026-01-01T02:00:00Z',
      'rack == "a" && until != timestamp("2026-01-01T02:00:00Z")',
      ['I4', 'I6', 'I8'],
    ],
    ['filter[rack]=a&filter[name][startsWith]=I1', 'rack == "a" && name.startsWith("I1")', ['I1']],
    ['filter[rack]=a&filter[name][endsWith]=%25', 'rack == "a" && name.endsWith("%")', []],
  ] as const) {
    assert.deepEqual(await names(bracket), expected, bracket)
    assert.deepEqual(await names(`filter=${encodeURIComponent(cel)}`), expected, cel)
  }
  for (const query of [
    'filter[price]=x',
    'filter[price][gt]=1e400',
    'filter[until]=2024-02-30T00:00:00Z',
    'filter[price][like]=1',
    'filter[until][isNull]=maybe',
    'filter=price %3E',
    'filter=price',
    'filter[stock][gt]=1',
    'sort=stock',
    'sort=price,price',
    'sort=',
    'fields=nope',
    'include=nope',
    'fields[rack]=label',
  ]) {
    const answer = await backend.ask('GET', `/api/items?${query}`)
    assert.equal(answer.status, 400, `${query}: ${answer.text}`)
  }
})

test('the link to the next page keeps the parameters, even if a value contains a question mark', async (t) => {
  const backend = await blogBackend(t)
  const { id, token } = await signUp(backend, 'Ann')
  for (const title of ['Why?a', 'Why?b', 'Why not'])
    assert.equal((await backend.ask('POST', '/api/posts', { token, body: { title, body: 'x' } })).status, 201)
  const first = await backend.ask('GET', `/api/posts?filter[author]=${id}&filter[title][startsWith]=Why?&fields=title&page[size]=1`, {
    token,
  })
  assert.equal(first.status, 200, first.text)
  assert.deepEqual(first.json.data, [{ title: 'Why?a' }])
  const link = /^<([^>]+)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? ''
  assert.equal(
    link.split('&page%5Bafter%5D=')[0],
    `/api/posts?filter[author]=${id}&filter[title][startsWith]=Why?&fields=title&page[size]=1`,
  )
  const second = await backend.ask('GET', link, { token })
  assert.deepEqual(second.json, { data: [{ title: 'Why?b' }], page: { next: null } })
})

test('requests with too large answers are refused', async (t) => {
  const backend = await blogBackend(t)
  const { id, token } = await signUp(backend, 'Ann')
  await backend.sql(
    "insert into posts (title, body, author_id, published) select 'P' || i, repeat('x', 9000), $1, true from generate_series(1, 100) i",
    [id],
  )
  assertProblem(await backend.ask('GET', '/api/posts?include=author.posts.author.posts'), 400, 'invalid_parameter')
  // Each row has 0.9 MB with what it includes; the page ends with the last one that fits.
  const cut = await backend.ask('GET', '/api/posts?include=author.posts&page[size]=100', { token })
  assert.equal(cut.status, 200)
  assert.equal(cut.json.data.length, 17)
  assert.ok(cut.text.length < LIMITS.answerBytes + 200 && typeof cut.json.page.next === 'string')
  const rest = await backend.ask('GET', `/api/posts?include=author.posts&page[size]=100&page[after]=${cut.json.page.next}`, { token })
  assert.equal(rest.json.data.length, 17)
  assert.ok(!cut.json.data.some(({ id }: { id: string }) => id === rest.json.data[0].id))
  assert.equal((await backend.ask('GET', `/api/users/${id}?include=posts`, { token })).json.posts.length, 100)
  const clause = 'published == true'
  const filters = Array.from(
    { length: 3 },
    () => `filter=${encodeURIComponent(Array.from({ length: 40 }, () => clause).join(' || '))}`,
  ).join('&')
  assertProblem(await backend.ask('GET', `/api/posts?${filters}`, { token }), 400, 'invalid_parameter')
})
