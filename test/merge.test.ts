import assert from 'node:assert/strict'
import { test } from 'node:test'
import blog from '../examples/blog/design.ts'
import { modelFrom, testBackend } from './support/backend.ts'

test('many callers at once get what each would get alone, in fewer statements', async (t) => {
  const { ask, statements } = await testBackend(t, modelFrom(blog), { connections: 1 })
  const signUp = async (name: string) =>
    (await ask('POST', '/api/auth/register', { body: { name, email: `${name}@example.com`, password: 'Correct-horse-7' } })).json
  const [ann, bob] = [await signUp('ann'), await signUp('bob')]
  const posts = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      ask('POST', '/api/posts', {
        token: i % 2 === 0 ? ann.token : bob.token,
        body: { title: `Post ${i}`, body: 'x', published: i % 4 === 0 },
      }),
    ),
  )
  assert.deepEqual(new Set(posts.map((p) => p.status)), new Set([201]))
  assert.deepEqual(
    posts.map((p) => p.json.title),
    posts.map((_, i) => `Post ${i}`),
  )
  const before = statements.length
  const seen = await Promise.all(posts.map((p, i) => ask('GET', `/api/posts/${p.json.id}`, { token: i % 3 === 0 ? ann.token : bob.token })))
  seen.forEach((answer, i) => {
    const own = i % 2 === 0 ? i % 3 === 0 : i % 3 !== 0
    assert.equal(answer.status, own || i % 4 === 0 ? 200 : 404, `post ${i}`)
  })
  const changed = await Promise.all(
    posts.map((p, i) => ask('PATCH', `/api/posts/${p.json.id}`, { token: ann.token, body: { title: `Changed ${i}` } })),
  )
  changed.forEach((answer, i) => {
    assert.equal(answer.status, i % 2 === 0 ? 200 : i % 4 === 0 ? 403 : 404, `post ${i}: ${answer.text}`)
  })
  const lists = await Promise.all(
    Array.from({ length: 20 }, (_, i) => ask('GET', '/api/posts?include=author', { token: i % 2 === 0 ? ann.token : bob.token })),
  )
  for (const list of lists) assert.equal(list.json.data.length, 20)
  const gone = await Promise.all(posts.map((p) => ask('DELETE', `/api/posts/${p.json.id}`, { token: bob.token })))
  for (const [i, answer] of gone.entries())
    assert.equal(answer.status, i % 2 === 1 ? 204 : i % 4 === 0 ? 403 : 404, `post ${i}: ${answer.text}`)
  // How many go together adapts to measured time; that some do is what counts here.
  assert.ok(statements.length - before < 130, `${statements.length - before} statements for 140 requests`)
})
