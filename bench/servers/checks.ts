/**
 * Checks that a server does the measured work: compares the answer of each operation with the database, and tries the rules as callers who
 * may and who may not. A server that fails a check is not measured.
 */

import assert from 'node:assert/strict'
import type { Database } from '../database/database.ts'
import { type Answered, ask, type Json } from '../requests/ask.ts'
import { posted, VOCABULARIES } from '../requests/graphql.ts'
import { expectedStatus, type Operation, requestsOf } from '../requests/operations.ts'
import type { Caller, Dialect, Request, Sample } from '../requests/request.ts'
import type { Started } from './start.ts'

/** The server that is checked, and what it is checked with. */
export interface Checking {
  readonly server: Started<string>
  readonly database: Database
  /** With tokens that this server accepts. */
  readonly sample: Sample
}

/** Checks one operation of one server. @throws Error that names both. */
export async function check(checking: Checking, operation: Operation): Promise<void> {
  if (checking.server.server.dialect === 'constant') return
  try {
    await CHECKS[operation](checking)
  } catch (error) {
    throw new Error(`${checking.server.server.title} does not do ${operation} right: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}

const CHECKS: Readonly<Record<Operation, (checking: Checking) => Promise<void>>> = {
  get: checkGet,
  hot: checkGet,
  list: checkList,
  create: checkCreate,
  update: checkUpdate,
  login: checkLogin,
  invalid: checkInvalid,
  tree: (checking) => checkTree(checking, 'tree'),
  branch: (checking) => checkTree(checking, 'branch'),
}

/** The columns of a post, named as in answers. */
const POST = `p.id, p.title, p.body, p.tags, p.published, p.author_id as author, p.version::integer,
  to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt"`

async function checkGet({ server, database, sample }: Checking): Promise<void> {
  const [caller, stranger] = callersOf(sample)
  const get = (id: string, by: Caller | undefined) => ask(server.port, getRequest(server.server.dialect, id, by))
  for (const id of [...sample.posts.slice(0, 20), sample.hot]) {
    const [row] = await database.query(`select ${POST} from posts p where id = $1`, [id])
    samePost(postOf(await get(id, stranger)), row)
    samePost(postOf(await get(id, undefined)), row)
  }
  const [draft] = await database.query('select id from posts where author_id = $1 and not published limit 1', [caller.id])
  const id = String(draft?.id)
  assert.equal(postOf(await get(id, caller))?.id, id, 'an author reads his draft')
  assert.equal(postOf(await get(id, sample.moderator))?.id, id, 'staff reads a draft')
  assert.equal(postOf(await get(id, stranger)), null, 'a stranger does not read a draft')
  assert.equal(postOf(await get(id, undefined)), null, 'a caller without a token does not read a draft')
  const forged = { ...caller, token: `${caller.token.slice(0, -8)}AAAAAAAA` }
  assert.equal(postOf(await get(sample.hot, forged)), null, 'a forged token is refused')
}

async function checkList({ server, database, sample }: Checking): Promise<void> {
  const { dialect } = server.server
  const next = requestsOf('list', dialect, { sample, seed: 1 })
  for (let i = 0; i < 10; i++) {
    const request = next()
    const author = /[0-9a-f-]{36}/.exec(request.method === 'GET' ? request.path : ((request.body ?? '').split('variables')[1] ?? ''))?.[0]
    const rows = await database.query(
      `select ${POST} from posts p where author_id = $1 and published order by created_at desc, id desc limit 10`,
      [author],
    )
    const [user] = await database.query('select id, name, role, email from users where id = $1', [author])
    const page = pageOf(await ask(server.port, request))
    assert.equal(page?.posts.length, 10)
    if (dialect !== 'directus') assert.equal(page?.more, true, 'there is another page')
    page?.posts.forEach((post: Json, at: number) => {
      samePost({ ...post, author: post.author.id }, rows[at])
      assert.equal(post.author.name, user?.name)
      assert.equal(post.author.role, user?.role)
      assert.equal(post.author.email ?? null, null, 'a stranger does not see an address')
    })
    const [first] = pageOf(await ask(server.port, { ...request, token: sample.moderator.token }))?.posts ?? []
    assert.equal(first?.author.email, user?.email, 'staff sees an address')
  }
}

async function checkCreate({ server, database, sample }: Checking): Promise<void> {
  const request = requestsOf('create', server.server.dialect, { sample, seed: 1 })()
  const author = sample.callers.find((caller) => caller.token === request.token)?.id
  const answered = await ask(server.port, request)
  assert.equal(answered.status, expectedStatus('create', server.server.dialect), JSON.stringify(answered.json))
  const post = postOf(answered)
  const [row] = await database.query(`delete from posts p where id = $1 returning ${POST}`, [post?.id])
  assert.equal(row?.author, author)
  samePost(post, row)
  const before = await countPosts(database)
  assert.equal(postOf(await ask(server.port, { ...request, token: null })), null, 'a caller without a token does not create')
  assert.equal(await countPosts(database), before)
}

async function checkUpdate({ server, database, sample }: Checking): Promise<void> {
  const request = requestsOf('update', server.server.dialect, { sample, seed: 1 })()
  const title = /Changed \d+/.exec(request.body ?? '')?.[0]
  const post = postOf(await ask(server.port, request))
  assert.equal(post?.title, title)
  const [row] = await database.query(`select ${POST} from posts p where id = $1`, [post?.id])
  samePost(post, row)
  const stranger = sample.callers.find((caller) => caller.token !== request.token)
  const body = (request.body ?? '').replace(/Changed \d+/, 'Taken over')
  assert.equal(postOf(await ask(server.port, { ...request, body, token: stranger?.token ?? null })), null, 'a stranger does not update')
  const [after] = await database.query(`select ${POST} from posts p where id = $1`, [post?.id])
  assert.equal(after?.title, title)
}

async function checkLogin({ server, sample }: Checking): Promise<void> {
  const request = requestsOf('login', server.server.dialect, { sample, seed: 1 })()
  const { status, json } = await ask(server.port, request)
  assert.equal(status, 200, JSON.stringify(json))
  assert.equal(json.user.email, JSON.parse(request.body ?? '{}').email)
  const [draft] = sample.posts
  const read = await ask(server.port, { method: 'GET', path: `/api/posts/${draft}`, token: json.token, body: null })
  assert.equal(read.status, 200, 'the token of the answer is accepted')
  const wrong = await ask(server.port, { ...request, body: (request.body ?? '').replace('Correct', 'Wrong') })
  assert.equal(wrong.status, 401)
}

async function checkInvalid({ server, database, sample }: Checking): Promise<void> {
  const { dialect } = server.server
  const before = await countPosts(database)
  const { status, json } = await ask(server.port, requestsOf('invalid', dialect, { sample, seed: 1 })())
  assert.equal(status, expectedStatus('invalid', dialect), JSON.stringify(json))
  assert.ok(json.errors.length > 0, 'says what is wrong')
  assert.equal(await countPosts(database), before)
}

async function checkTree({ server, database, sample }: Checking, operation: 'tree' | 'branch'): Promise<void> {
  const request = requestsOf(operation, server.server.dialect, { sample, seed: 1 })()
  const users =
    operation === 'tree' ? '(select * from users order by id limit 10)' : `(select * from users where id = '${authorIn(request)}')`
  const [row] = await database.query(`select json_agg(json_build_object('id', u.id, 'name', u.name, 'posts', (
      select json_agg(json_build_object('id', p.id, 'title', p.title, 'comments', (
        select json_agg(json_build_object('id', c.id, 'text', c.text, 'authorId', c.author_id) order by c.created_at desc)
        from (select * from comments where post_id = p.id order by created_at desc limit 10) c)) order by p.created_at desc)
      from (select * from posts where author_id = u.id and published order by created_at desc, id desc limit 10) p)) order by u.id) as tree
    from ${users} u`)
  const { status, json } = await ask(server.port, request)
  assert.equal(status, 200, JSON.stringify(json.errors))
  type Page = { readonly nodes: readonly Json[] }
  const posts = ({ nodes }: Page): Json => nodes.map(({ id, title, comments }) => ({ id, title, comments: comments.nodes.map(commentOf) }))
  const commentOf = ({ id, text, authorId }: Json): Json => ({ id, text, authorId })
  const nodes: readonly Json[] = operation === 'tree' ? json.data.users.nodes : [json.data.user]
  const tree = nodes.map(({ id, name, posts: page }: Json) => ({ id, name, posts: posts(page) }))
  assert.deepEqual(tree, row?.tree)
  const comments = tree.flatMap((user: Json) => user.posts.flatMap((post: Json) => post.comments))
  assert.equal(comments.length, operation === 'tree' ? 1_000 : 100)
}

function authorIn(request: Request): string {
  return String(JSON.parse(request.body ?? '').variables.author)
}

function callersOf(sample: Sample): readonly [Caller, Caller] {
  const [caller, stranger] = sample.callers
  if (caller === undefined || stranger === undefined) throw new Error('two callers are needed')
  return [caller, stranger]
}

function getRequest(dialect: Dialect, id: string, by: Caller | undefined): Request {
  if (dialect === 'graphql' || dialect === 'postgraphile') return posted(VOCABULARIES[dialect].get(id), by)
  return { method: 'GET', path: `${dialect === 'directus' ? '/items' : '/api'}/posts/${id}`, token: by?.token ?? null, body: null }
}

/** The post in an answer, in the names of REST; null when there is none. */
function postOf({ status, json }: Answered): Json {
  if (status >= 400 || json === null || json.errors !== undefined) return null
  if (json.data === undefined) return json
  if (json.data.id !== undefined) return renamed(json.data)
  return renamed(json.data.post ?? json.data.createPost?.post ?? json.data.updatePost?.post ?? null)
}

function pageOf({ status, json }: Answered): { readonly posts: readonly Json[]; readonly more: boolean } | null {
  if (status !== 200 || json.errors !== undefined) return null
  if (Array.isArray(json.data)) {
    if (json.page === undefined) return { posts: json.data.map(renamed), more: false }
    return { posts: json.data, more: typeof json.page.next === 'string' }
  }
  return { posts: json.data.posts.nodes.map(renamed), more: json.data.posts.pageInfo.hasNextPage }
}

function renamed(post: Json): Json {
  if (post === null) return null
  const author = post.author ?? post.authorId ?? post.author_id
  return { ...post, author, version: Number(post.version), createdAt: new Date(post.createdAt ?? post.created_at).toISOString() }
}

function samePost(post: Json, row: Readonly<Record<string, unknown>> | undefined): void {
  assert.ok(row !== undefined, 'the row is there')
  assert.ok(post !== null, 'the post is answered')
  assert.deepEqual(Object.fromEntries(Object.keys(row).map((name) => [name, post[name]])), { ...row })
}

async function countPosts(database: Database): Promise<number> {
  const [row] = await database.query('select count(*) from posts')
  return Number(row?.count)
}
