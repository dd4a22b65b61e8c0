import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import type { BackendOptions } from '../../src/server/backend-options.ts'
import { type Answered, modelFrom, testBackend } from '../support/backend.ts'

const PASSWORD = 'Correct-horse-7'

/** The blog, where a post may also name an editor. */
const { Post } = blog.entities
const design = {
  ...blog,
  entities: { ...blog.entities, Post: { ...Post, fields: { ...Post.fields, editor: { type: 'ref', entity: 'User', optional: true } } } },
}

async function start(t: TestContext, options: Partial<BackendOptions> = {}) {
  const backend = await testBackend(t, modelFrom(design), options)
  const signUp = async (name: string) => {
    const body = { name, email: `${name.toLowerCase()}@example.com`, password: PASSWORD }
    const { json } = await backend.ask('POST', '/api/auth/register', { body })
    return { id: String(json.user.id), token: String(json.token) }
  }
  const [ann, bob] = [await signUp('Ann'), await signUp('Bob')]
  const transact = (operations: unknown, token: string | null = ann.token) =>
    backend.ask('POST', '/api/transaction', { token: token ?? undefined, body: { operations } })
  const titles = async () => (await backend.sql('select title from posts order by title')).map((row) => row.title)
  return { ...backend, ann, bob, transact, titles }
}

const LONG = 'x'.repeat(201)

const create = (title: string, more: object = {}) => ({ method: 'POST', path: '/api/posts', body: { title, body: 'x', ...more } })

/** Status, code, index of the operation, and pointers of a refusal. */
const refusal = ({ status, json }: Answered) => [
  status,
  json.code,
  json.operation,
  ...(json.errors ?? []).map((e: { pointer: string; rule: string }) => `${e.pointer} ${e.rule}`),
]

test('operations run in order and see the effects of earlier ones', async (t) => {
  const { transact, ann, titles } = await start(t)
  const answer = await transact([
    { ...create('One', { published: true }), name: 'post' },
    {
      method: 'PATCH',
      path: '/api/posts/${post.id}',
      body: { title: 'Two', tags: [{ $ref: 'post.title' }] },
      ifMatch: '"1"',
      name: 'changed',
    },
    { method: 'GET', path: `/api/posts/\${post.id}?fields=title,tags&include=author` },
    { method: 'GET', path: '/api/posts?filter[author]=${post.author}&count=true' },
    {
      method: 'POST',
      path: '/api/posts',
      body: [create('Three').body, { title: { $ref: 'changed.title' }, body: { $ref: 'changed.tags.0' } }],
    },
    { ...create('Quiet'), prefer: 'return=minimal' },
    { method: 'DELETE', path: '/api/posts/${changed.id}' },
  ])
  assert.equal(answer.status, 200, answer.text)
  const { results } = answer.json
  assert.deepEqual(
    results.map((r: { status: number }) => r.status),
    [201, 200, 200, 200, 201, 201, 204],
  )
  const [post, changed, read, list, many, quiet, gone] = results
  assert.equal(post.headers.location, `/api/posts/${post.body.id}`)
  assert.deepEqual([changed.body.version, changed.body.tags], [2, ['One']])
  assert.match(changed.headers.etag, /^"2\./)
  assert.deepEqual([read.body.title, read.body.author.id], ['Two', ann.id])
  assert.deepEqual([list.body.page.count, list.body.data[0].id], [1, post.body.id])
  assert.deepEqual(
    many.body.map((p: { title: string }) => p.title),
    ['Three', 'Two'],
  )
  assert.deepEqual(many.body[1].body, 'One')
  assert.ok(!('body' in quiet) && quiet.headers['preference-applied'] === 'return=minimal')
  assert.deepEqual(gone, { status: 204 })
  assert.deepEqual(await titles(), ['Quiet', 'Three', 'Two'])
})

test('the first failure rolls everything back, and names its operation', async (t) => {
  const { transact, bob, ask, titles } = await start(t)
  const mine = await ask('POST', '/api/posts', { token: bob.token, body: { title: 'Bob', body: 'x', published: true } })
  const url = String(mine.headers.location)
  const tries: readonly (readonly [readonly object[], readonly unknown[]])[] = [
    [
      [create('One'), create(LONG)],
      [400, 'validation_failed', 1, '/operations/1/body/title maxLength'],
    ],
    [
      [create('One'), { method: 'POST', path: '/api/posts', body: [create('a').body, { title: 5 }] }],
      [400, 'validation_failed', 1, '/operations/1/body/1/title type', '/operations/1/body/1/body required'],
    ],
    [
      [create('One'), { method: 'PATCH', path: url, body: { title: 'Stolen' } }],
      [403, 'forbidden', 1],
    ],
    [
      [create('One'), { method: 'DELETE', path: '/api/posts/0191f3c0-7a2b-7c3d-8e4f-0123456789ab' }],
      [404, 'not_found', 1],
    ],
    [
      [create('One'), { method: 'GET', path: '/api/nothing' }],
      [404, 'route_not_found', 1],
    ],
    [
      [create('One'), { method: 'GET', path: '/api/posts?nothing=1' }],
      [400, 'unknown_parameter', 1],
    ],
    [
      [create('One'), { method: 'PATCH', path: '/api/posts', body: {} }],
      [405, 'method_not_allowed', 1],
    ],
    [
      [create('One', { editor: '0191f3c0-7a2b-7c3d-8e4f-0123456789ab' }), create('Two')],
      [400, 'validation_failed', 0, '/operations/0/body/editor reference'],
    ],
    [
      [
        { ...create('One'), name: 'a' },
        { method: 'PATCH', path: '/api/posts/${a.id}', body: { title: 'x' }, ifMatch: '"7"' },
      ],
      [412, 'stale_version', 1],
    ],
    [
      [{ ...create('One'), name: 'a' }, create('x', { tags: { $ref: 'a.nothing' } })],
      [400, 'validation_failed', 1, '/operations/1/body/tags reference'],
    ],
    [
      [{ ...create('One'), name: 'a' }, create('x', { title: { $ref: 'a.tags' } })],
      [400, 'validation_failed', 1, '/operations/1/body/title type'],
    ],
    [
      [
        { ...create('One'), name: 'a' },
        { method: 'GET', path: '/api/posts/${a.tags}' },
      ],
      [400, 'validation_failed', 1, '/operations/1/path reference'],
    ],
    [
      [{ ...create('One'), name: 'a' }, create('x', { title: { $ref: 'a.__proto__.x' } })],
      [400, 'validation_failed', 1, '/operations/1/body/title reference'],
    ],
  ]
  for (const [operations, expected] of tries) {
    const answer = await transact(operations)
    assert.deepEqual(refusal(answer), expected, JSON.stringify(operations))
    assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
  }
  assert.deepEqual(await titles(), ['Bob'])
})

test('a body that is not a list of operations is refused before any other check', async (t) => {
  const { transact, ask, ann, statements, titles } = await start(t)
  const op = create('One')
  const tries: readonly (readonly [unknown, readonly string[]])[] = [
    [[], ['/operations minItems']],
    ['x', ['/operations required']],
    [Array(51).fill(op), ['/operations maxItems']],
    [[5], ['/operations/0 type']],
    [[{ ...op, method: 'HEAD' }], ['/operations/0/method enum', '/operations/0/body unknown']],
    [
      [
        { ...op, path: 'posts' },
        { ...op, path: 5 },
      ],
      ['/operations/0/path format', '/operations/1/path format'],
    ],
    [
      [
        { method: 'POST', path: '/api/posts' },
        { method: 'DELETE', path: '/api/posts/1', body: {} },
      ],
      ['/operations/0/body required', '/operations/1/body unknown'],
    ],
    [
      [
        { ...op, name: 'a' },
        { ...op, name: 'a' },
        { ...op, name: 'a b' },
      ],
      ['/operations/1/name unique', '/operations/2/name format'],
    ],
    [
      [{ ...op, ifMatch: 5, prefer: {}, query: 'x' }],
      ['/operations/0/query unknown', '/operations/0/ifMatch type', '/operations/0/prefer type'],
    ],
    [
      [
        { ...op, name: 'a', body: { title: { $ref: 'a.title' } } },
        { ...op, body: { title: { $ref: 'b.title' } } },
      ],
      ['/operations/0/body/title reference', '/operations/1/body/title reference'],
    ],
  ]
  statements.length = 0
  for (const [operations, expected] of tries) {
    const answer = await transact(operations)
    assert.deepEqual(refusal(answer), [400, 'validation_failed', undefined, ...expected], JSON.stringify(operations))
  }
  assert.deepEqual(refusal(await ask('POST', '/api/transaction', { token: ann.token, body: [] })), [
    400,
    'validation_failed',
    undefined,
    ' required',
  ])
  assert.deepEqual(refusal(await ask('POST', '/api/transaction', { token: ann.token, body: { operations: [op], more: 1 } })), [
    400,
    'validation_failed',
    undefined,
    '/more unknown',
  ])
  assert.equal((await ask('POST', '/api/transaction?x=1', { token: ann.token, body: { operations: [op] } })).json.code, 'unknown_parameter')
  assert.equal((await ask('GET', '/api/transaction')).status, 405)
  assert.deepEqual(
    statements.filter((s) => s.name.endsWith('Post')),
    [],
  )
  assert.deepEqual(await titles(), [])
  assert.equal((await transact(Array.from({ length: 50 }, (_, i) => create(`Post ${i}`)))).status, 200)
})

test('each operation has the rights of the caller, and a new password ends the other sessions after the commit', async (t) => {
  const { transact, ask, ann, titles } = await start(t)
  assert.deepEqual(refusal(await transact([create('One')], null)).slice(0, 3), [401, 'not_signed_in', 0])
  const other = (await ask('POST', '/api/auth/login', { body: { email: 'ann@example.com', password: PASSWORD } })).json.token
  const change = { method: 'PATCH', path: `/api/users/${ann.id}`, body: { password: 'Another-horse-8' } }
  assert.deepEqual(refusal(await transact([change, create(LONG)])), [400, 'validation_failed', 1, '/operations/1/body/title maxLength'])
  assert.deepEqual(refusal(await transact([change, { method: 'GET', path: '/api/posts/0191f3c0-7a2b-7c3d-8e4f-0123456789ab' }])), [
    404,
    'not_found',
    1,
  ])
  assert.equal((await ask('GET', '/api/auth/me', { token: other })).status, 200)
  assert.equal((await transact([change, create('One')])).status, 200)
  assert.equal((await ask('GET', '/api/auth/me', { token: other })).status, 401)
  assert.equal((await ask('GET', '/api/auth/me', { token: ann.token })).status, 200)
  assert.equal((await ask('POST', '/api/auth/login', { body: { email: 'ann@example.com', password: 'Another-horse-8' } })).status, 200)
  assert.deepEqual(await titles(), ['One'])
})

test('a transaction that takes too long is stopped and changes nothing', async (t) => {
  const { transact, ann, sql, titles, ask, statements } = await start(t, { patience: 1 })
  await sql('create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return new; end $$')
  await sql('create trigger dawdle before insert on posts for each row execute function dawdle()')
  statements.length = 0
  const answer = await transact(Array.from({ length: 10 }, (_, i) => create(`Post ${i}`)))
  assert.deepEqual(refusal(answer).slice(0, 2), [503, 'statement_timeout'])
  assert.equal(answer.headers['retry-after'], '1')
  // Each takes half a second, and the transaction ends after three seconds.
  const begun = statements.filter(({ name }) => name === 'create Post').length
  assert.ok(begun >= 1 && begun <= 7, `${begun} operations began`)
  await sql('drop trigger dawdle on posts')
  assert.deepEqual(await titles(), [])
  assert.equal((await ask('POST', '/api/posts', { token: ann.token, body: create('One').body })).status, 201)
})
