import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'

async function modelOf(example: string): Promise<Model> {
  const read = await readDesign(join(import.meta.dirname, '../../examples', example))
  assert.ok(read.ok, 'it can be read')
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  // The review of the blog warns that moderators may set the password of any user.
  assert.deepEqual(
    diagnostics.map(({ code, at }) => `${code} ${at.path.join('.')}`),
    ['PLN-D412 entities.User.fields.password'],
  )
  assert.ok(model !== null)
  return model
}

test('the blog in TypeScript and the blog in YAML are the same model', async () => {
  const [typescript, yaml] = await Promise.all([modelOf('blog'), modelOf('blog-yaml')])
  assert.deepEqual(yaml, typescript)
})

test('the blog says which of its parts are not yet in effect', async () => {
  const { pending } = await modelOf('blog')
  assert.deepEqual(pending, [
    { path: ['entities', 'Post', 'cache'], feature: 'caching' },
    { path: ['on', 'User.created'], feature: 'events' },
  ])
})

test('the blog has the tables, paths, relations and indexes that its design asks for', async () => {
  const { entities, identity, claims, targets } = await modelOf('blog')
  const [user, post] = entities
  assert.deepEqual([user?.table, user?.path, post?.table, post?.path], ['users', 'users', 'posts', 'posts'])
  assert.deepEqual(user?.relations, [{ name: 'posts', entity: 'Post', via: 'author' }])
  assert.deepEqual(
    post?.fields.map((field) => field.column),
    ['id', 'title', 'body', 'tags', 'published', 'author_id', 'created_at', 'updated_at', 'version'],
  )
  assert.deepEqual(
    post?.indexes.map((index) => index.method),
    ['btree', 'gin'],
  )
  assert.deepEqual(identity, { entity: 'User', login: 'email', password: 'password', role: 'role' })
  assert.deepEqual(
    claims.map((claim) => claim.name),
    ['id', 'role'],
  )
  assert.deepEqual(targets, {
    rows: new Map([
      ['User', 100_000],
      ['Post', 1_000_000],
    ]),
    p99Ms: 50,
    throughput: 500,
  })
})
