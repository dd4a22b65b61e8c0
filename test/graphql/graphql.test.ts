import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { openField } from '../support/hostile-design.ts'
import { inSomeRound } from '../support/rounds.ts'

const PASSWORD = 'Correct-horse-7'

interface Asking {
  readonly token?: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly accept?: string
}

/** Sends a document as a client that accepts GraphQL's own media type. */
async function send({ ask }: TestBackend, query: string, asking: Asking = {}) {
  const headers = { accept: asking.accept ?? 'application/graphql-response+json' }
  return ask('POST', '/graphql', {
    headers,
    ...(asking.token === undefined ? {} : { token: asking.token }),
    body: { query, variables: asking.variables },
  })
}

/** A blog with two writers: Ann with a public and a private post, Bob with a public one. */
async function writers(t: TestContext) {
  const backend = await testBackend(t, modelFrom(blog), {
    observe: (o) => {
      if (o.kind === 'defect' || o.kind === 'request-failed') console.error(o)
    },
  })
  const signUp = async (name: string) => {
    const answer = await backend.ask('POST', '/api/auth/register', {
      body: { name, email: `${name.toLowerCase()}@example.com`, password: PASSWORD },
    })
    return { id: String(answer.json.user.id), token: String(answer.json.token) }
  }
  const [ann, bob] = [await signUp('Ann'), await signUp('Bob')]
  const post = async (token: string, title: string, published: boolean) => {
    const answer = await backend.ask('POST', '/api/posts', { token, body: { title, body: 'text', published, tags: ['news'] } })
    return String(answer.json.id)
  }
  const posts = {
    open: await post(ann.token, 'Open', true),
    draft: await post(ann.token, 'Draft', false),
    bobs: await post(bob.token, 'Bobs', true),
  }
  backend.statements.length = 0
  return { backend, ann, bob, posts }
}

/** The names of the statements since the last call, without those that read the caller. */
function sent({ statements }: TestBackend): readonly string[] {
  const names = statements.map((s) => s.name).filter((name) => name !== 'session.state')
  statements.length = 0
  return names
}

test('a row and its related rows come in one statement, in the shape of the document', async (t) => {
  const { backend, ann, posts } = await writers(t)
  const query = `query ($id: UUID!) {
    first: post(id: $id) { __typename title author { name posts(first: 1) { nodes { id } pageInfo { hasNextPage } totalCount } } }
    users(orderBy: [{ id: DESC }], first: 1) { edges { cursor node { name } } }
    again: node(id: "${Buffer.from(`User:${ann.id}`).toString('base64url')}") { nodeId ... on User { name } ... on Post { title } }
  }`
  const answer = await send(backend, query, { variables: { id: posts.open } })
  assert.equal(answer.status, 200, answer.text)
  assert.deepEqual(answer.json.data, {
    first: {
      __typename: 'Post',
      title: 'Open',
      author: { name: 'Ann', posts: { nodes: [{ id: posts.open }], pageInfo: { hasNextPage: false }, totalCount: 1 } },
    },
    users: { edges: [{ cursor: answer.json.data.users.edges[0].cursor, node: { name: 'Bob' } }] },
    again: { nodeId: Buffer.from(`User:${ann.id}`).toString('base64url'), name: 'Ann' },
  })
  assert.deepEqual(Object.keys(answer.json.data), ['first', 'users', 'again'])
  assert.deepEqual(sent(backend), ['query'])
})

test('hidden rows, fields and names do not exist for the caller', async (t) => {
  const { backend, ann, bob, posts } = await writers(t)
  const drafts = '{ posts(orderBy: [{ id: ASC }]) { nodes { title author { email } } } }'
  const anns = await send(backend, drafts, { token: ann.token })
  assert.deepEqual(anns.json.data.posts.nodes, [
    { title: 'Open', author: { email: 'ann@example.com' } },
    { title: 'Draft', author: { email: 'ann@example.com' } },
    { title: 'Bobs', author: { email: null } },
  ])
  const none = await send(backend, 'query ($id: UUID!) { post(id: $id) { title } }', { token: bob.token, variables: { id: posts.draft } })
  assert.deepEqual(none.json, { data: { post: null } })
  sent(backend)
  // An anonymous caller can never read an address, so the field does not exist in its schema.
  for (const [hidden, absent] of [
    ['{ users { nodes { email } } }', '{ users { nodes { eMail } } }'],
    ['{ users(filter: { email: { eq: "x" } }) { nodes { id } } }', '{ users(filter: { eMail: { eq: "x" } }) { nodes { id } } }'],
    ['{ users(orderBy: [{ email: ASC }]) { nodes { id } } }', '{ users(orderBy: [{ eMail: ASC }]) { nodes { id } } }'],
    ['{ users(where: "email == \'x\'") { nodes { id } } }', '{ users(where: "eMail == \'x\'") { nodes { id } } }'],
    ['{ users { nodes { password } } }', '{ users { nodes { passWord } } }'],
  ] as const) {
    const [one, other] = [await send(backend, hidden), await send(backend, absent)]
    assert.equal(one.status, 400)
    const stripped = (text: string) => text.replaceAll(/email|eMail|password|passWord/g, 'x').replaceAll(/"traceId":"\w+"/g, '')
    assert.equal(stripped(one.text), stripped(other.text))
  }
  assert.deepEqual(sent(backend), [])
  const schema = await send(backend, '{ __type(name: "User") { fields { name } } }')
  assert.ok(!schema.json.data.__type.fields.some((f: { name: string }) => f.name === 'email'))
  const signedIn = await send(backend, '{ __type(name: "User") { fields { name } } }', { token: ann.token })
  assert.ok(signedIn.json.data.__type.fields.some((f: { name: string }) => f.name === 'email'))
})

test('filters, orders, searches and cursors work as in REST', async (t) => {
  const { backend, ann } = await writers(t)
  const titles = async (args: string, variables = {}) => {
    const answer = await send(
      backend,
      `query ($f: PostFilter, $n: Int, $c: String) { posts${args} { nodes { title } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } totalCount } }`.replace(
        /\(\$f[^)]*\) /,
        (head) => (args.includes('$') ? head : ' '),
      ),
      { token: ann.token, variables },
    )
    return answer.json.data === undefined ? answer.json.errors[0] : answer.json.data.posts
  }
  const names = async (args: string) => (await titles(args)).nodes?.map((n: { title: string }) => n.title) ?? (await titles(args))
  assert.deepEqual(await names(`(filter: { authorId: { eq: "${ann.id}" } }, orderBy: [{ createdAt: DESC }])`), ['Draft', 'Open'])
  assert.deepEqual(
    await names(`(filter: { authorId: { eq: "${ann.id}" }, or: [{ title: { startsWith: "D" } }, { published: { eq: true } }] })`),
    ['Open', 'Draft'],
  )
  assert.deepEqual(await names(`(filter: { authorId: { eq: "${ann.id}" }, not: { title: { in: ["Draft", "x,y"] } } })`), ['Open'])
  assert.deepEqual(await names('(filter: { tags: { contains: "news" }, author: { name: { eq: "Bob" } } })'), ['Bobs'])
  assert.deepEqual(await names(`(where: "author.id == auth.id && title != 'Open'")`), ['Draft'])
  assert.deepEqual(await names(`(filter: { authorId: { eq: "${ann.id}" }, author: { posts: { some: { title: { eq: "Draft" } } } } })`), [
    'Open',
    'Draft',
  ])
  assert.deepEqual(await names(`(filter: { authorId: { eq: "${ann.id}" }, author: { posts: { none: { title: { eq: "Draft" } } } } })`), [])
  const problem = await titles('(filter: { title: { contains: "x" } })')
  assert.equal(problem.extensions.code, 'index_required')
  assert.deepEqual(problem.path, ['posts'])
  const first = await titles('(first: 2)')
  assert.deepEqual([first.totalCount, first.pageInfo.hasNextPage, first.pageInfo.hasPreviousPage, first.edges.length], [3, true, false, 2])
  assert.equal(first.pageInfo.endCursor, first.edges[1].cursor)
  assert.equal(first.pageInfo.startCursor, first.edges[0].cursor)
  const rest = await titles(`(first: 2, after: "${first.pageInfo.endCursor}")`)
  assert.deepEqual(rest.nodes, [{ title: 'Bobs' }])
  assert.deepEqual([rest.pageInfo.hasNextPage, rest.pageInfo.hasPreviousPage], [false, true])
  const page = await backend.ask('GET', '/api/posts?page[size]=2', { token: ann.token })
  const same = await backend.ask('GET', `/api/posts?page[size]=2&page[after]=${first.pageInfo.endCursor}`, { token: ann.token })
  assert.equal(same.json.data[0].title, 'Bobs')
  assert.deepEqual((await titles(`(after: "${page.json.page.next}")`)).nodes, [{ title: 'Bobs' }])
  assert.equal((await titles('(first: 101)')).extensions.code, 'invalid_parameter')
  assert.equal((await titles('(after: "nonsense")')).extensions.code, 'invalid_cursor')
  assert.deepEqual((await titles('(first: 0)')).nodes, [])
  assert.equal((await titles('(filter: { title: { eq: null } })')).extensions.code, 'invalid_parameter')
})

test('problems of a list name the arguments of the field', async (t) => {
  const { backend, ann } = await writers(t)
  const refusal = async (args: string): Promise<string> => {
    const answer = await send(backend, `{ posts${args} { nodes { id } } }`, { token: ann.token })
    return answer.json.errors[0].message
  }
  assert.equal(await refusal('(after: "nonsense")'), 'after is not a cursor of this list; start again without it')
  assert.match(await refusal('(where: "nobody == 1")'), /^parameter "where": /)
  const many = (part: string, n: number) => Array.from({ length: n }, () => part).join(' || ')
  assert.equal(
    await refusal(`(where: "${many('author.name == author.email', 51)}")`),
    'parameter "where": at most 100 steps over relations in all',
  )
  const one = 'filter: { version: { eq: 1 } }'
  assert.equal(await refusal(`(where: "${many('version == 1', 100)}", ${one})`), 'parameter "filter": at most 100 conditions in all')
  assert.equal(await refusal(`(where: "${'x'.repeat(4_001)}")`), 'parameter "where": at most 4000 characters')
})

test('mutations write as REST does, one after the other', async (t) => {
  const { backend, ann, bob, posts } = await writers(t)
  const created = await send(
    backend,
    'mutation ($input: CreatePostInput!) { createPost(input: $input) { __typename id post { title tags author { name } } same: post { version } } }',
    {
      token: ann.token,
      variables: { input: { title: 'New', body: 'x', tags: ['a', 'b'] } },
    },
  )
  assert.equal(created.status, 200, created.text)
  const { id, ...payload } = created.json.data.createPost
  assert.deepEqual(payload, {
    __typename: 'CreatePostPayload',
    post: { title: 'New', tags: ['a', 'b'], author: { name: 'Ann' } },
    same: { version: 1 },
  })
  assert.deepEqual(sent(backend), ['create Post'])
  const two = await send(
    backend,
    `mutation ($id: UUID!) { a: updatePost(id: $id, input: { title: "Newer" }, ifVersion: 1) { post { title } } b: updatePost(id: $id, input: { title: "Newest" }, ifVersion: 1) { id } c: deletePost(id: "${posts.bobs}") { id } d: deletePost(id: $id) { id } }`,
    { token: ann.token, variables: { id } },
  )
  assert.deepEqual(two.json.data, { a: { post: { title: 'Newer' } }, b: null, c: null, d: { id } })
  assert.deepEqual(
    two.json.errors.map((e: { path: unknown; extensions: { code: string } }) => [e.path, e.extensions.code]),
    [
      [['b'], 'stale_version'],
      [['c'], 'forbidden'],
    ],
  )
  const bad = await send(backend, 'mutation { createUser(input: { name: "x", email: "nonsense", password: "short" }) { id } }')
  assert.deepEqual(bad.json.data, { createUser: null })
  assert.equal(bad.json.errors[0].extensions.code, 'validation_failed')
  const rest = await backend.ask('POST', '/api/users', { body: { name: 'x', email: 'nonsense', password: 'short' } })
  const inArguments = rest.json.errors.map((problem: { pointer: string }) => ({ ...problem, pointer: `/input${problem.pointer}` }))
  assert.deepEqual(bad.json.errors[0].extensions.errors, inArguments)
  assert.ok(
    (await send(backend, 'mutation { updatePost(id: "x", input: {}) { id } }', { token: bob.token })).json.errors[0].extensions.code ===
      'not_found',
  )
  // Anonymous callers can never create a post, so the mutation does not exist for them.
  assert.match((await send(backend, 'mutation { createPost(input: { title: "x", body: "y" }) { id } }')).text, /Cannot query field/)
})

test('with @atomic, all mutations take place or none', async (t) => {
  const { backend, ann, posts } = await writers(t)
  const mutation = (second: string) =>
    `mutation @atomic { createPost(input: { title: "One", body: "x" }) { id } updatePost(id: "${second}", input: { title: "Two" }) { post { title } } }`
  const refused = await send(backend, mutation(posts.bobs), { token: ann.token })
  assert.equal(refused.json.data, null)
  assert.deepEqual([refused.json.errors[0].path, refused.json.errors[0].extensions.code], [['updatePost'], 'forbidden'])
  assert.equal((await backend.sql('select count(*)::int as n from posts'))[0]?.n, 3)
  const done = await send(backend, mutation(posts.open), { token: ann.token })
  assert.equal(done.json.data.updatePost.post.title, 'Two')
  assert.equal((await backend.sql('select count(*)::int as n from posts'))[0]?.n, 4)
})

test('fields that @skip and @include leave out are not read from the database', async (t) => {
  const { backend, posts } = await writers(t)
  const query =
    'query ($id: UUID!, $with: Boolean!) { post(id: $id) { ...Title author @include(if: $with) { ...Name } } } fragment Title on Post { title } fragment Name on Node { nodeId ... on User { name } }'
  const lean = await send(backend, query, { variables: { id: posts.open, with: false } })
  assert.deepEqual(lean.json.data, { post: { title: 'Open' } })
  assert.ok(!backend.statements.some((s) => s.text.includes('"users"')))
  const full = await send(backend, query, { variables: { id: posts.open, with: true } })
  assert.equal(full.json.data.post.author.name, 'Ann')
})

test('concurrent queries of many callers get the same answers as alone, in fewer statements', async (t) => {
  const { backend, ann, bob, posts } = await writers(t)
  const query =
    'query ($id: UUID!, $n: Int!) { post(id: $id) { title } posts(first: 3) { nodes { title author { email } } } users(first: $n) { nodes { name } } }'
  const ids = Object.values(posts)
  const asked = Array.from({ length: 60 }, (_, i) => ({ token: i % 2 === 0 ? ann.token : bob.token, variables: { id: ids[i % 3], n: 2 } }))
  const alone: unknown[] = []
  for (const one of asked) alone.push((await send(backend, query, one)).json)
  await inSomeRound(async () => {
    sent(backend)
    const together = await Promise.all(asked.map((one) => send(backend, query, one)))
    assert.deepEqual(
      together.map((answer) => answer.json),
      alone,
    )
    const { length } = sent(backend)
    return length < 30 ? null : `${length} statements`
  })
})

test('a mutation creates nested rows that refer to the new row', async (t) => {
  const field = await openField(t)
  const tokens = await field.replant()
  const query = `mutation ($input: CreateThingInput!) {
    createThing(input: $input) { thing { word first: children(first: 1) { nodes { word parent { word } } } children { totalCount nodes { children { nodes { word } } } } } }
  }`
  const input = { word: 'top', children: [{ word: 'one', children: [{ word: 'leaf' }] }, { word: 'two' }] }
  const asking = { token: tokens.user ?? '', variables: { input } }
  const answer = await send(field.backend, query, asking)
  assert.deepEqual(
    answer.json.data?.createThing.thing,
    {
      word: 'top',
      first: { nodes: [{ word: 'one', parent: { word: 'top' } }] },
      children: { totalCount: 2, nodes: [{ children: { nodes: [{ word: 'leaf' }] } }, { children: { nodes: [] } }] },
    },
    answer.text,
  )
  const bad = await send(field.backend, query, { ...asking, variables: { input: { word: 'top', children: [{ word: '' }] } } })
  assert.deepEqual(bad.json.errors[0].extensions.errors[0].pointer, '/input/children/0/word')
  const rows = await field.backend.sql("select count(*)::int as n from things where word = 'top'")
  assert.equal(rows[0]?.n, 1)
})
