import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Answered, modelFrom, testBackend } from '../support/backend.ts'

const MINIMAL = { prefer: 'return=minimal' }

const library = {
  name: 'library',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password', min: 8 }, name: { type: 'text', max: 20 } },
      access: { read: 'true', create: 'true', update: 'id == auth.id' },
    },
    Author: {
      fields: {
        name: { type: 'text', min: 2, max: 20 },
        limit: { type: 'integer', default: 100 },
        owner: { type: 'ref', entity: 'User', inverse: 'authors', default: { expression: 'auth.id' }, onDelete: 'cascade' },
      },
      access: { read: 'owner.id == auth.id', create: 'owner.id == auth.id' },
    },
    Post: {
      fields: {
        title: { type: 'text', min: 2, max: 20 },
        slug: { type: 'text', max: 20, optional: true, unique: true },
        from: { type: 'integer', default: 0 },
        to: { type: 'integer', default: 1 },
        author: { type: 'ref', entity: 'Author', inverse: 'posts', onDelete: 'cascade' },
      },
      checks: { ordered: { rule: 'from < to', message: 'from must come before to' } },
      access: { read: 'author.owner.id == auth.id', create: 'author.owner.id == auth.id && title.size() <= author.limit' },
    },
    Note: {
      fields: { text: { type: 'text', max: 20 }, post: { type: 'ref', entity: 'Post', inverse: 'notes', onDelete: 'cascade' } },
      access: { create: 'post.author.owner.id == auth.id' },
    },
    Mark: {
      fields: { n: { type: 'integer' }, note: { type: 'ref', entity: 'Note', inverse: 'marks', onDelete: 'cascade' } },
      access: { read: 'true', create: 'true' },
    },
    Sub: {
      fields: { n: { type: 'integer' }, mark: { type: 'ref', entity: 'Mark', inverse: 'subs', onDelete: 'cascade' } },
      access: { read: 'true', create: 'true' },
    },
    Closed: {
      fields: { n: { type: 'integer' }, author: { type: 'ref', entity: 'Author', inverse: 'closed' } },
      access: { read: 'true' },
    },
  },
}

async function libraryOf(t: TestContext) {
  const backend = await testBackend(t, modelFrom(library))
  const signUp = async (name: string) => {
    const [row] = await backend.sql(
      "insert into users (name, email, password) values ($1, lower($1) || '@example.com', 'x') returning id",
      [name],
    )
    return { id: String(row?.id), token: await backend.tokenFor(String(row?.id)) }
  }
  const ann = await signUp('Ann')
  const post = (url: string, body: unknown, headers = {}) => backend.ask('POST', url, { token: ann.token, body, headers })
  const count = async () =>
    (
      await backend.sql(
        'select (select count(*) from authors)::int as authors, (select count(*) from posts)::int as posts, (select count(*) from notes)::int as notes',
      )
    )[0]
  return { ...backend, ann, signUp, post, count }
}

const told = (answer: Answered) => [
  answer.status,
  answer.json.code,
  ...(answer.json.errors ?? []).map((e: { pointer: string; rule: string }) => `${e.pointer} ${e.rule}`),
]

test('a row and the rows that refer to it are created together, and answered together', async (t) => {
  const { post, count, ask, ann } = await libraryOf(t)
  const posts = [
    { title: 'One', notes: [{ text: 'a', marks: [{ n: 1 }, { n: 2 }] }, { text: 'b' }] },
    { title: 'Two', notes: [] },
    { title: 'Three' },
  ]
  const created = await post('/api/authors', { name: 'Jane', posts })
  assert.equal(created.status, 201, created.text)
  const { json } = created
  assert.deepEqual(
    json.posts.map((p: { title: string; author: string }) => [p.title, p.author]),
    [
      ['One', json.id],
      ['Two', json.id],
      ['Three', json.id],
    ],
  )
  // Notes may be created but not read.
  assert.ok(!('notes' in json.posts[0]))
  assert.deepEqual(await count(), { authors: 1, posts: 3, notes: 2 })
  assert.equal(created.headers.location, `/api/authors/${json.id}`)
  const read = await ask('GET', `${created.headers.location}?include=posts`, { token: ann.token })
  assert.deepEqual([read.text, read.headers.etag], [created.text, created.headers.etag])
  const minimal = await post('/api/authors', { name: 'Jane', posts }, MINIMAL)
  assert.deepEqual([minimal.status, minimal.text, minimal.headers['preference-applied']], [201, '', 'return=minimal'])
  const many = await post('/api/authors?fields=name', [
    { name: 'Kim', posts: [{ title: 'Four' }] },
    { name: 'Lee' },
    { name: 'Max', posts: [{ title: 'Five' }, { title: 'Six' }] },
  ])
  assert.deepEqual(
    many.json.map((a: { name: string; posts: { title: string }[] }) => [a.name, a.posts.map((p) => p.title)]),
    [
      ['Kim', ['Four']],
      ['Lee', []],
      ['Max', ['Five', 'Six']],
    ],
  )
  assert.deepEqual(await count(), { authors: 5, posts: 9, notes: 4 })
})

test('one invalid row of many refuses all rows, and the pointer shows which one', async (t) => {
  const { post, count } = await libraryOf(t)
  const titled = (change: (i: number) => object) =>
    Array.from({ length: 50 }, (_, i) => ({ title: `Post ${i}`, slug: `s${i}`, ...change(i) }))
  const broken = (bad: object, at = 37) => titled((i) => (i === at ? bad : {}))
  const tries: readonly (readonly [object, readonly unknown[]])[] = [
    [{ title: '' }, [400, 'validation_failed', '/posts/37/title minLength']],
    [{ title: undefined }, [400, 'validation_failed', '/posts/37/title required']],
    [{ author: '0191f3c0-7a2b-7c3d-8e4f-0123456789ab' }, [400, 'validation_failed', '/posts/37/author unknown']],
    [{ from: 5, to: 3 }, [400, 'validation_failed', '/posts/37 ordered']],
    [{ slug: 's12' }, [409, 'already_taken', '/posts/37/slug unique']],
    [{ slug: 'taken' }, [409, 'already_taken', '/posts/37/slug unique']],
    [{ notes: [{ text: 'x' }, { text: 5 }] }, [400, 'validation_failed', '/posts/37/notes/1/text type']],
    [{ notes: { text: 'x' } }, [400, 'validation_failed', '/posts/37/notes type']],
    [{ title: 'x', notes: [{}] }, [400, 'validation_failed', '/posts/37/title minLength', '/posts/37/notes/0/text required']],
    [{ title: 'A title beyond limit' }, [403, 'forbidden']],
  ]
  assert.equal((await post('/api/authors', { name: 'Old', posts: [{ title: 'Old', slug: 'taken' }] })).status, 201)
  const before = await count()
  for (const [bad, expected] of tries) {
    assert.deepEqual(told(await post('/api/authors', { name: 'Jane', limit: 15, posts: broken(bad) })), expected, JSON.stringify(bad))
    assert.deepEqual(await count(), before)
  }
  assert.deepEqual(told(await post('/api/authors', { name: 'J', posts: [{ title: '' }] })), [
    400,
    'validation_failed',
    '/name minLength',
    '/posts/0/title minLength',
  ])
  assert.deepEqual(told(await post('/api/authors', [{ name: 'Jane' }, { name: 'Kim', posts: [{ title: '' }] }])), [
    400,
    'validation_failed',
    '/1/posts/0/title minLength',
  ])
  assert.deepEqual(
    told(await post('/api/authors', [{ name: 'Jane' }, { name: 'Kim', posts: [{ title: 'ab' }, { title: 'cd', from: 9 }] }])),
    [400, 'validation_failed', '/1/posts/1 ordered'],
  )
  assert.deepEqual(await count(), before)
  assert.equal((await post('/api/authors', { name: 'Jane', posts: titled(() => ({})) })).status, 201)
})

test('nested rows are limited, and the caller must be allowed to create them', async (t) => {
  const { post, ask, count } = await libraryOf(t)
  const posts = (n: number) => Array.from({ length: n }, () => ({ title: 'Post' }))
  assert.equal((await post('/api/authors', { name: 'Jane', posts: posts(100) })).json.posts.length, 100)
  assert.deepEqual(told(await post('/api/authors', { name: 'Jane', posts: posts(101) })), [400, 'validation_failed', '/posts maxItems'])
  assert.deepEqual(
    told(
      await post('/api/authors', [
        { name: 'Jane', posts: posts(60) },
        { name: 'Kim', posts: posts(41) },
      ]),
    ),
    [400, 'validation_failed', '/1/posts maxItems'],
  )
  const deep = { name: 'Jane', posts: [{ title: 'Post', notes: [{ text: 'x', marks: [{ n: 1, subs: [{ n: 2 }] }] }] }] }
  assert.deepEqual(told(await post('/api/authors', deep)), [400, 'validation_failed', '/posts/0/notes/0/marks/0/subs maxDepth'])
  assert.deepEqual(told(await post('/api/authors', { name: 'Jane', closed: [{ n: 1 }] })), [400, 'validation_failed', '/closed unknown'])
  assert.deepEqual(told(await post('/api/authors', { name: 'Jane', postz: [] })), [400, 'validation_failed', '/postz unknown'])
  assert.deepEqual(told(await ask('PATCH', '/api/users/0191f3c0-7a2b-7c3d-8e4f-0123456789ab', { body: { posts: [] } })), [
    401,
    'not_signed_in',
  ])
  assert.deepEqual(await count(), { authors: 1, posts: 100, notes: 0 })
})

test('the rules judge nested rows with the claims of the caller', async (t) => {
  const { ask, ann, signUp, count } = await libraryOf(t)
  const bob = await signUp('Bob')
  const body = (owner: string) => ({ name: 'Jane', owner, posts: [{ title: 'Post' }] })
  assert.deepEqual(told(await ask('POST', '/api/authors', { token: bob.token, body: body(ann.id) })), [403, 'forbidden'])
  assert.equal((await ask('POST', '/api/authors', { token: bob.token, body: body(bob.id) })).status, 201)
  // No caller may create authors, so a registration cannot contain one.
  const registered = await ask('POST', '/api/auth/register', {
    body: { email: 'eve@example.com', name: 'Eve', password: 'Correct-horse-7', authors: [{ name: 'Eve' }] },
  })
  assert.deepEqual(told(registered), [400, 'validation_failed', '/authors unknown'])
  assert.deepEqual(await count(), { authors: 1, posts: 1, notes: 0 })
})
