/** A forum with rows that many callers may read and rows that few may read, and random requests. */

import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { backend, boolean, choice, email, integer, password, ref, text } from 'plinth'
import { openBackend } from '../../src/server/backend.ts'
import { NO_RATE_LIMITS } from '../../src/server/http/rate-limits.ts'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { newPem } from '../identity/instances.ts'
import { type Answered, asking, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'

const FORUM = backend({
  name: 'forum',
  rules: { staff: 'auth.role == "admin"' },
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        name: text({ max: 50 }),
        email: email({ unique: true, read: 'id == auth.id || staff' }),
        password: password({ min: 8 }),
        role: choice(['user', 'admin'], { default: 'user', write: 'auth.role == "admin"' }),
      },
      access: { create: 'true', read: 'true' },
    },
    Topic: {
      fields: { id: integer(), name: text({ max: 50 }) },
      access: { read: 'true', create: 'staff' },
    },
    Tag: {
      fields: { id: text({ max: 50 }), topic: ref('Topic', { inverse: 'tags', onDelete: 'cascade' }) },
      access: { read: 'true', create: 'staff' },
    },
    Post: {
      fields: {
        title: text({ max: 200 }),
        published: boolean(),
        author: ref('User', { inverse: 'posts', onDelete: 'cascade' }),
        topic: ref('Topic', { inverse: 'posts', optional: true, onDelete: 'cascade' }),
        tag: ref('Tag', { inverse: 'posts', optional: true, onDelete: 'cascade' }),
      },
      access: { read: 'published || author.id == auth.id || staff', create: 'staff' },
      indexes: [['author', 'title'], ['published'], ['title']],
    },
    Comment: {
      fields: { words: text({ max: 200 }), hidden: boolean(), post: ref('Post', { inverse: 'comments', onDelete: 'cascade' }) },
      access: { read: '!hidden || staff', create: 'staff' },
      indexes: [['post', '-words'], ['words']],
    },
  },
})

const id = (kind: number, n: number) => `01900000-0000-7000-8000-${String(kind).padStart(4, '0')}${String(n).padStart(8, '0')}`
const WORDS = ['one', '\u0001', 'two "words"', 'a\\b', '', 'ü\u0001\u0001😀', '1\u00010']

export interface Forum {
  /** With one connection, so that concurrent requests merge. */
  readonly together: TestBackend
  /** Without merging. */
  readonly alone: TestBackend['ask']
  /** Tokens of an anonymous caller (undefined), an admin and three users. */
  readonly tokens: readonly (string | undefined)[]
}

/** Starts two servers of the forum over one database. */
export async function openForum(t: TestContext): Promise<Forum> {
  const keys = readKeys('AUTH_KEYS', newPem())
  const together = await testBackend(t, modelFrom(FORUM), { keys, connections: 1 })
  const alone = await openBackend({
    rateLimits: NO_RATE_LIMITS,
    model: together.model,
    databaseUrl: together.databaseUrl,
    keys,
    mode: 'development',
    publicUrl: 'http://localhost:3000',
    observe: () => {},
    patience: PATIENCE,
    merge: false,
  })
  t.after(() => alone.close())
  const word = `(array[${WORDS.map((one) => `U&'${one.replaceAll('\\', '\\\\').replaceAll('\u0001', '\\0001')}'`).join()}])[1 + n % ${WORDS.length}]`
  const uuid = (kind: number, n: string) => `('01900000-0000-7000-8000-000${kind}' || lpad((${n})::text, 8, '0'))::uuid`
  await together.sql(
    `insert into users (id, name, email, password, role) select ${uuid(1, 'n')}, ${word}, n || '@example.com', 'x', case n when 0 then 'admin' else 'user' end from generate_series(0, 5) n`,
  )
  await together.sql(`insert into topics (id, name) select n, ${word} from generate_series(1, 3) n`)
  await together.sql(`insert into tags (id, topic_id) select 'tag ' || ${word} || n, 1 + n % 3 from generate_series(1, 4) n`)
  await together.sql(
    `insert into posts (id, title, published, author_id, topic_id, tag_id) select ${uuid(2, 'n')}, ${word}, n % 3 > 0, ${uuid(1, 'n % 5')}, nullif(n % 4, 0), (select id from tags where n % 5 > 0 order by id offset n % 4 limit 1) from generate_series(0, 40) n`,
  )
  await together.sql(
    `insert into comments (id, words, hidden, post_id) select ${uuid(3, 'n')}, ${word}, n % 4 = 0, ${uuid(2, 'n * n % 37')} from generate_series(0, 120) n`,
  )
  const tokens: (string | undefined)[] = [undefined]
  for (let n = 0; n < 4; n++) tokens.push(await together.tokenFor(id(1, n)))
  return { together, alone: asking(alone), tokens }
}

const size = fc.constantFrom(1, 2, 5, 50)
const order = (field: string) => fc.constantFrom('', `, orderBy: [{ ${field}: DESC }]`)
const some = (...members: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc
    .subarray(
      members.map((_, i) => i),
      { minLength: 1 },
    )
    .chain((kept) => fc.tuple(...kept.flatMap((i) => members[i] ?? [])).map((texts) => texts.join(' ')))

const comments = (alias: string) =>
  fc
    .record({
      size,
      order: order('words'),
      filter: fc.constantFrom('', ', filter: { words: { eq: "one" } }', ', filter: { words: { eq: $word } }'),
    })
    .chain((page) =>
      some(
        fc.constant('nodes { id words }'),
        fc.constant('edges { cursor node { words } }'),
        fc.constant('totalCount'),
        fc.constant('pageInfo { hasNextPage endCursor }'),
      ).map((members) => `${alias}comments(first: ${page.size}${page.order}${page.filter}) { ${members} }`),
    )
const posts = fc
  .record({
    size,
    order: order('title'),
    inner: some(
      fc.constant('title'),
      fc.constant('author { name }'),
      fc.constant('author { email }'),
      comments(''),
      comments('others: '),
      fc.constant('tag { id topic { name } }'),
    ),
  })
  .map(({ size, order, inner }) => `posts(first: ${size}${order}) { nodes { id ${inner} } }`)
const tags = fc.record({ size, inner: posts }).map(({ size, inner }) => `tags(first: ${size}) { nodes { id ${inner} } }`)
const document = fc.oneof(
  some(fc.constant('name'), fc.constant('email'), posts).map((inner) => `users(first: 5) { nodes { id ${inner} } }`),
  some(fc.constant('name'), posts, tags).map((inner) => `topics(first: 3) { nodes { id ${inner} } }`),
  posts,
  some(fc.constant('name'), posts).map((inner) => `user(id: $user) { ${inner} }`),
)
const url = fc
  .tuple(fc.constantFrom('users', 'posts', 'topics', 'tags', `users/${id(1, 2)}`, `posts/${id(2, 4)}`, 'topics/2'), fc.boolean(), size)
  .map(([path, deep, size]) => {
    const include = {
      users: 'posts.comments',
      posts: 'comments,author,tag.topic',
      topics: 'tags.posts,posts.comments',
      tags: 'topic,posts.comments',
    }[path.split('/')[0] ?? '']
    return `/api/${path}?${new URLSearchParams({ include: (deep ? include : include?.split('.')[0]) ?? '', ...(path.includes('/') ? {} : { 'page[size]': String(size) }) })}`
  })

/** The request: a document of GraphQL or a path of REST. */
export const question = fc.oneof(
  document.map((query) => ({ query })),
  url.map((path) => ({ path })),
)
type Question = { readonly query: string } | { readonly path: string }

/** The caller and the values of a request. */
export const asker = fc.record({ who: fc.nat(4), user: fc.nat(6), word: fc.nat(WORDS.length - 1) })
type Asker = typeof asker extends fc.Arbitrary<infer T> ? T : never

/** Sends a question. */
export function put(
  question: Question,
  { who, user, word }: Asker,
  to: { readonly ask: TestBackend['ask']; readonly tokens: Forum['tokens'] },
): Promise<Answered> {
  const token = to.tokens[who]
  if ('path' in question) return to.ask('GET', question.path, { token })
  const known = { user: { type: 'UUID!', value: id(1, user) }, word: { type: 'String', value: WORDS[word] } }
  const used = Object.entries(known).filter(([name]) => question.query.includes(`$${name}`))
  const declared = used.length === 0 ? '' : `(${used.map(([name, { type }]) => `$${name}: ${type}`).join()})`
  const variables = Object.fromEntries(used.map(([name, { value }]) => [name, value]))
  return to.ask('POST', '/graphql', { token, body: { query: `query${declared} { ${question.query} }`, variables } })
}
