// The access rules of the blog. Run with `node --test`: each test gets a database of its own.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openTestBackend, type TestBackend } from 'plinth/testing'
import design from './design.ts'

let blog: TestBackend<'User' | 'Post'>
beforeEach(async () => {
  blog = await openTestBackend(design)
})
afterEach(() => blog.close())

test('only its author and staff can read a draft', async () => {
  const [ada, bob, moderator] = [await blog.signIn(), await blog.signIn(), await blog.signIn({ role: 'moderator' })]
  const draft = await blog.insert('Post', { title: 'Plans', author: ada })
  for (const [reader, status] of [
    [ada, 200],
    [moderator, 200],
    [bob, 404],
    [blog.anonymous, 404],
  ] as const) {
    assert.equal((await reader.get(`/api/posts/${draft.id}`)).status, status)
  }
  assert.deepEqual((await bob.get('/api/posts')).body.data, [])
})

test('every caller reads published posts, by REST and by GraphQL', async () => {
  const ada = await blog.insert('User', { name: 'Ada' })
  const post = await blog.insert('Post', { title: 'Hello', published: true, author: ada })
  const { status, body } = await blog.anonymous.get('/api/posts', { query: { 'filter[published]': true, fields: 'title' } })
  assert.deepEqual([status, body.data], [200, [{ title: 'Hello' }]])
  const answer = await blog.anonymous.graphql('query ($id: UUID!) { post(id: $id) { title author { name } } }', { id: post.id })
  assert.deepEqual(answer.body.data, { post: { title: 'Hello', author: { name: 'Ada' } } })
})

test('a post belongs to the account that writes it', async () => {
  const ada = await blog.signIn()
  const { status, body } = await ada.post('/api/posts', { title: 'Mine', body: 'First.' })
  assert.deepEqual([status, body.author], [201, ada.id])
  const bob = await blog.signIn()
  assert.equal((await bob.post('/api/posts', { title: 'Not mine', body: 'x', author: ada.id })).status, 400)
  assert.equal((await blog.anonymous.post('/api/posts', { title: 'Nobody', body: 'First.' })).status, 401)
})

test('the author and staff edit a post, other accounts do not', async () => {
  const [ada, bob, admin] = [await blog.signIn(), await blog.signIn(), await blog.signIn({ role: 'admin' })]
  const post = await blog.insert('Post', { title: 'Hello', published: true, author: ada })
  const url = `/api/posts/${post.id}`
  assert.equal((await ada.patch(url, { title: 'Hello again' })).body.title, 'Hello again')
  assert.equal((await admin.patch(url, { title: 'Checked' })).body.version, 3)
  const refused = await bob.patch(url, { title: 'Bob was here' })
  assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden'])
  assert.deepEqual(await blog.sql('select title from posts'), [{ title: 'Checked' }])
})

test('no user can change their own role', async () => {
  const bob = await blog.signIn({ name: 'Bob' })
  // To a user, the field counts as unknown.
  assert.equal((await bob.patch(`/api/users/${bob.id}`, { role: 'admin' })).status, 400)
  const admin = await blog.signIn({ role: 'admin' })
  assert.equal((await admin.patch(`/api/users/${bob.id}`, { role: 'moderator' })).body.role, 'moderator')
  const post = await blog.insert('Post')
  assert.equal((await bob.get(`/api/posts/${post.id}`)).status, 200)
})

test('an account registers and logs in, and its address is hidden from others', async () => {
  const sent = { name: 'Ada', email: 'ada@example.com', password: 'Lantern-Otter-42' }
  const registered = await blog.anonymous.post('/api/auth/register', sent)
  assert.equal(registered.status, 201)
  const { email, password } = sent
  assert.equal((await blog.anonymous.post('/api/auth/login', { email, password })).status, 200)
  const bob = await blog.signIn()
  const { body } = await bob.get(`/api/users/${registered.body.user.id}`)
  assert.deepEqual([body.name, body.email], ['Ada', null])
})
