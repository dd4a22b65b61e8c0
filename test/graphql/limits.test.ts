import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { getIntrospectionQuery } from 'graphql'
import blog from '../../examples/blog/design.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { AMPLIFIED, nested } from './amplified.ts'

const send = ({ ask }: TestBackend, body: unknown, token?: string): Promise<Answered> =>
  ask('POST', '/graphql', { headers: { accept: 'application/graphql-response+json' }, body, ...(token === undefined ? {} : { token }) })

test('documents that ask for too much are refused at once, without SQL', async (t) => {
  const backend = await testBackend(t, modelFrom(blog))
  // The schema of a kind of caller is made at the first request.
  await send(backend, { query: '{ __typename }' })
  for (const [name, body] of Object.entries(AMPLIFIED)) {
    const before = performance.now()
    const answer = await send(backend, body)
    const took = performance.now() - before
    assert.equal(answer.status, 400, `${name}: ${answer.text.slice(0, 300)}`)
    assert.match(answer.json.errors[0].extensions.code, /^(query_too_large|invalid_document|malformed_request)$/)
    // The promise is 100 ms; a machine that runs other tests gets more time.
    assert.ok(took < 400, `${name} took ${took} ms`)
  }
  assert.deepEqual(backend.statements, [])
})

test('an answer that would be too large is refused, alone and in a merged statement', async (t) => {
  const backend = await testBackend(t, modelFrom(blog), { connections: 1 })
  const rows = await backend.sql(
    "insert into users (id, name, email, password, role) select gen_random_uuid(), 'ann', n || '@example.com', 'x', 'user' from generate_series(1, 3) n returning id",
  )
  const callers = await Promise.all(rows.map(({ id }) => backend.tokenFor(String(id))))
  await backend.sql(
    "insert into posts (id, title, body, published, author_id) select gen_random_uuid(), 'long', repeat('ü', 50000), true, u.id from (select id from users limit 1) u, generate_series(1, 100)",
  )
  const ask = (aliases: readonly string[], token?: string) =>
    send(
      backend,
      { query: `{ users { nodes { posts(first: 100) { nodes { ${aliases.map((one) => `${one}: body`).join(' ')} } } } } }` },
      token,
    )
  assert.ok((await ask(['a'])).text.length > 5_000_000)
  // Each caller sees only own drafts, so the calls differ.
  const together = await Promise.all(callers.map((token) => ask(['a', 'b'], token)))
  for (const { status, json } of [await ask(['a', 'b']), ...together]) {
    assert.deepEqual([status, json.errors[0].extensions.code, json.data], [400, 'query_too_large', undefined])
    assert.match(json.errors[0].message, /ask for fewer rows or fields/)
  }
})

test('documents of usual size are answered, including introspection', async (t) => {
  const backend = await testBackend(t, modelFrom(blog))
  const introspection = await send(backend, { query: getIntrospectionQuery({ oneOf: true, specifiedByUrl: true }) })
  assert.equal(introspection.status, 200, introspection.text.slice(0, 300))
  assert.ok(introspection.json.data.__schema.types.length > 20)
  const deep =
    '{ users(first: 10) { edges { cursor node { id posts(first: 10) { nodes { id author { id posts(first: 10) { nodes { id title } } } } } } } } }'
  assert.equal((await send(backend, { query: deep })).status, 200)
})

test('anonymous callers in production get no limits and no suggested names', async (t) => {
  const live = await production(t)
  const large = await send(live, { query: '{ users(first: 100) { nodes { posts(first: 100) { nodes { id title body } } } } }' })
  assert.equal(large.json.errors[0].message, 'the document asks for too much')
  const deep = await send(live, { query: `{ posts { nodes { ${nested(8)} } } }` })
  assert.equal(deep.json.errors[0].message, 'the document asks for too much')
  const near = await send(live, { query: '{ user { id } postss { nodes { idd } } users(firstt: 1) { nodes { id } } }' })
  assert.ok(near.json.errors.length >= 3)
  assert.doesNotMatch(near.text, /did you mean/i)
  const variable = await send(live, {
    query: 'query ($f: UserFilter) { users(filter: $f) { nodes { id } } }',
    variables: { f: { nam: {} } },
  })
  assert.equal(variable.json.errors[0].extensions.code, 'validation_failed')
  assert.doesNotMatch(variable.text, /did you mean/i)
  const local = await testBackend(t, modelFrom(blog))
  assert.match((await send(local, { query: '{ userss { nodes { id } } }' })).text, /did you mean/i)
  assert.match(
    (await send(local, { query: '{ users(first: 100) { nodes { posts(first: 100) { nodes { id title body } } } } }' })).text,
    /at most 1000/,
  )
  assert.deepEqual(live.statements, [])
})

const production = (t: TestContext) => testBackend(t, modelFrom(blog), { mode: 'production' })

test('the cost is that of full pages, as the reference says', async (t) => {
  const backend = await testBackend(t, modelFrom(blog))
  const costOf = async (query: string) => Number(/it costs (\d+)/.exec((await send(backend, { query })).text)?.[1])
  const users = (first: number, posts: number) =>
    `users(first: ${first}) { nodes { id name role posts(first: ${posts}) { nodes { id title body } } } }`
  // 100 × (3 + 1) + 100 × 100 × 3 values and the page itself.
  assert.equal(await costOf(`{ ${users(100, 100)} }`), Math.ceil((400 + 30_000 + 1) / 10))
  assert.equal(await costOf(`{ ${users(100, 100)} again: ${users(10, 10)} }`), Math.ceil((400 + 30_000 + 1 + 40 + 300 + 1) / 10))
})
