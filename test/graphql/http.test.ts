import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { serverAudits } from 'graphql-http'
import blog from '../../examples/blog/design.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const jsonOf = async (response: Response) => JSON.parse(await response.text())

type Options = Parameters<typeof testBackend>[2]

async function listening(t: TestContext, options: Options = {}) {
  const backend = await testBackend(t, modelFrom(blog), options)
  const server = createServer((request, response) => backend.backend.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { backend, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` }
}

test('the audits of GraphQL over HTTP pass, every one', async (t) => {
  const { url } = await listening(t)
  const audits = serverAudits({ url, fetchFn: fetch })
  assert.ok(audits.length >= 60, `${audits.length} audits`)
  for (const audit of audits) {
    const result = await audit.fn()
    if (result.status !== 'ok') assert.fail(`${audit.id} ${audit.name}: ${result.reason}`)
  }
})

test('only JSON is accepted, one request at a time, and no mutations with GET', async (t) => {
  const { backend, url } = await listening(t)
  const post = (body: string, type: string) => fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
    assert.equal((await post('{"query":"{__typename}"}', type)).status, 415)
  const batch = await post('[{"query":"{__typename}"}]', 'application/json')
  assert.equal(batch.status, 400)
  assert.equal((await jsonOf(batch)).errors[0].extensions.code, 'malformed_request')
  const mutation = encodeURIComponent(
    'mutation { createUser(input: { name: "Eve", email: "e@example.com", password: "Correct-horse-7" }) { id } }',
  )
  const got = await fetch(`${url}?query=${mutation}`)
  assert.equal(got.status, 405)
  assert.equal(got.headers.get('allow'), 'POST')
  assert.equal((await fetch(url, { method: 'PUT' })).status, 405)
  assert.equal(
    (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'image/png' }, body: '{}' })).status,
    406,
  )
  assert.equal((await fetch(url, { method: 'HEAD', headers: { accept: 'application/json' } })).status, 400)
  const stranger = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
    body: '{"query":"{__typename}"}',
  })
  assert.equal(stranger.status, 401)
  assert.equal((await jsonOf(stranger)).errors[0].extensions.code, 'invalid_token')
  assert.deepEqual(backend.statements, [])
})

const ANN = '01900000-0000-7000-8000-00000000000a'
const POST = 'createPost(input: { title: "t", body: "b" }) { id }'

/** Sends requests with Ann's token. After `breakDown`, the table of posts does not exist. */
async function asking(t: TestContext) {
  const { backend } = await listening(t)
  await backend.sql(`insert into users (id, name, email, password, role) values ('${ANN}', 'Ann', 'ann@example.com', 'x', 'user')`)
  const token = await backend.tokenFor(ANN)
  const ask = (query: string, more: { readonly variables?: object; readonly accept?: string; readonly key?: string } = {}) => {
    const { variables = {}, accept = 'application/graphql-response+json', key } = more
    const headers = { accept, ...(key === undefined ? {} : { 'idempotency-key': key }) }
    return backend.ask('POST', '/graphql', { token, headers, body: { query, variables } })
  }
  return { ask, breakDown: () => backend.sql('alter table posts rename to lost') }
}

test('the answer to a request that is refused before execution has no data', async (t) => {
  const { ask } = await asking(t)
  const refused: readonly (readonly [string, Parameters<typeof ask>[1]?])[] = [
    ['{ posts {'],
    ['{ nothing }'],
    ['query ($id: UUID!) { post(id: $id) { id } }', { variables: { id: null } }],
    ['query ($size: Int) { posts(first: $size) { nodes { id } } }', { variables: { size: 101 } }],
    ['{ posts(filter: { body: { contains: "x" } }) { nodes { id } } }'],
    [`mutation { a: ${POST} b: ${POST} }`, { key: 'several' }],
  ]
  for (const [query, more] of refused) {
    const answer = await ask(query, more)
    assert.deepEqual([answer.status, Object.keys(answer.json)], [400, ['errors']], `${query} ${answer.text}`)
  }
  assert.equal((await ask(`mutation { ${POST} }`, { key: 'once' })).status, 200)
  const other = await ask(`mutation { x: ${POST} }`, { key: 'once' })
  assert.deepEqual([other.status, Object.keys(other.json)], [422, ['errors']], other.text)
})

test('a variable that is null where the schema does not allow it is refused and is not reported as a defect', async (t) => {
  const { ask } = await asking(t)
  const id = '($id: UUID = "01900000-0000-7000-8000-00000000000b")'
  for (const query of [
    `query ${id} { post(id: $id) { id } }`,
    `mutation ${id} { deletePost(id: $id) { id } }`,
    'query ($id: ID = "x") { node(id: $id) { nodeId } }',
    'query ($id: Boolean = true) { posts { nodes { id title @include(if: $id) } } }',
    'query ($id: Boolean = true) { posts { nodes { id title @skip(if: $id) } } }',
    'query ($id: String = "Post") { __type(name: $id) { name } }',
  ]) {
    const answer = await ask(query, { variables: { id: null } })
    assert.deepEqual(
      [answer.status, Object.keys(answer.json), answer.json.errors[0].extensions.code],
      [400, ['errors'], 'validation_failed'],
      `${query} ${answer.text}`,
    )
  }
})

test('the answer to a request that fails during execution has data, with null for failed fields', async (t) => {
  const { ask, breakDown } = await asking(t)
  await breakDown()
  for (const accept of ['application/graphql-response+json', 'application/json']) {
    const query = await ask('{ posts { nodes { id } } users { nodes { id } } }', { accept })
    assert.deepEqual([query.status, query.json.data, query.json.errors[0].extensions.code], [500, null, 'internal_error'], query.text)
    const field = await ask(`mutation { createPost(input: { title: "t", body: "b" }) { id } __typename }`, { accept })
    assert.deepEqual([field.status, field.json.data], [200, { createPost: null, __typename: 'Mutation' }], field.text)
    assert.deepEqual([field.json.errors[0].path, field.json.errors[0].extensions.code], [['createPost'], 'internal_error'])
    for (const [document, key] of [
      [`mutation @atomic { ${POST} }`, undefined],
      [`mutation @atomic { ${POST} }`, `key of ${accept}`],
    ] as const) {
      const whole = await ask(document, { accept, ...(key === undefined ? {} : { key }) })
      assert.deepEqual([whole.status, whole.json.data, whole.json.errors[0].path], [200, null, ['createPost']], whole.text)
    }
  }
})

test('with a list of documents, only these are answered', async (t) => {
  const documents = new Map([['sha256:names', '{ users { nodes { name } } }']])
  const { backend } = await listening(t, { graphqlDocuments: documents, mode: 'production' })
  const ask = async (body: object) => {
    const answer = await backend.ask('POST', '/graphql', { headers: { accept: 'application/graphql-response+json' }, body })
    return answer.json.data ?? answer.json.errors[0].extensions.code
  }
  assert.deepEqual(await ask({ documentId: 'sha256:names' }), { users: { nodes: [] } })
  assert.deepEqual(await ask({ query: '{ users { nodes { name } } }' }), { users: { nodes: [] } })
  assert.equal(await ask({ query: '{ users { nodes { id } } }' }), 'unknown_document')
  assert.equal(await ask({ documentId: 'sha256:other' }), 'unknown_document')
})

test('without a list of documents, an id is refused, and the error asks for the text', async (t) => {
  const { backend } = await listening(t, { mode: 'production' })
  const ask = async (body: object) => {
    const { json } = await backend.ask('POST', '/graphql', { headers: { accept: 'application/graphql-response+json' }, body })
    return json.data ?? [json.errors[0].extensions.code, json.errors[0].message]
  }
  const message = 'this server keeps no list of documents, so no id names one; send the text of the document as query'
  assert.deepEqual(await ask({ documentId: 'sha256:names' }), ['unknown_document', message])
  assert.deepEqual(await ask({ documentId: 'sha256:names', query: '{ users { nodes { name } } }' }), { users: { nodes: [] } })
})

test('browsers get the explorer page, only in development', async (t) => {
  const { url } = await listening(t)
  const page = await fetch(url, { headers: { accept: 'text/html,*/*;q=0.8' } })
  assert.equal(page.status, 200)
  assert.match(String(page.headers.get('content-type')), /text\/html/)
  assert.match(String(page.headers.get('content-security-policy')), /default-src 'none'; script-src 'sha256-/)
  assert.doesNotMatch(await page.text(), /https?:/)
  assert.match(await (await fetch(url, { headers: { accept: 'text/html' } })).text(), /<title>GraphQL/)
  assert.match((await jsonOf(await fetch(`${url}/schema`))).sdl, /type Query/)
  const live = await listening(t, { mode: 'production' })
  assert.equal((await fetch(live.url, { headers: { accept: 'text/html,*/*;q=0.8' } })).status, 400)
  const page406 = await fetch(`${live.url}?query={__typename}`, { headers: { accept: 'text/html' } })
  assert.equal(page406.status, 406)
  assert.equal((await jsonOf(page406)).errors[0].extensions.code, 'not_acceptable')
  assert.equal((await fetch(`${live.url}?query={__typename}`, { headers: { accept: 'text/html, application/json' } })).status, 200)
  assert.equal((await fetch(`${live.url}/schema`)).status, 404)
})

test('no error repeats values of the request, which may be passwords', async (t) => {
  const secret = 'Lantern-Otter-42'
  const { ask } = await testBackend(t, modelFrom(blog), { mode: 'production' })
  const create = 'mutation ($i: CreateUserInput!) { createUser(input: $i) { id } }'
  const sent: readonly (readonly [query: string, variables?: object])[] = [
    [`mutation { createUser(input: { name: "x", email: "a@b.io", password: "${secret}", nope: 1 }) { id } }`],
    [`mutation { createUser(input: { name: "x", email: "a@b.io", password: "${secret}" "${secret}" }) { id } }`],
    [create, { i: { name: 'x', email: 'a@b.io', password: secret, nope: 1 } }],
    [create, { i: { name: 'x', password: secret } }],
    [create, { i: [secret] }],
    [create, { i: secret }],
    [create, { i: { name: 'x', email: 'a@b.io', password: [secret] } }],
    [create, { i: { name: 'x', email: 'a@b.io', password: { x: secret } } }],
    ['mutation ($i: [CreateUserInput!]!) { createUsers(inputs: $i) { id } }', { i: [{ name: 'x', email: 'a@b.io', passwrd: secret }] }],
    ['mutation ($p: Int!) { createUser(input: { name: "x", email: "a@b.io", password: $p }) { id } }', { p: secret }],
    ['query ($p: Int) { users(first: $p) { totalCount } }', { p: secret }],
    ['query ($p: Boolean!) { users { totalCount @include(if: $p) } }', { p: secret }],
  ]
  for (const [query, variables] of sent) {
    const { text, json } = await ask('POST', '/graphql', { body: { query, variables } })
    assert.ok(json.errors.length > 0, text)
    assert.ok(!text.includes(secret), text)
  }
})
