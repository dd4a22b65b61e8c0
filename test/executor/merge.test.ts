import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import blog from '../../examples/blog/design.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { processorWait } from '../support/processor-wait.ts'

test('many concurrent callers get the same answers as alone, in fewer statements', async (t) => {
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
  // The batch size depends on measured times; this test checks only that some calls merge.
  assert.ok(statements.length - before < 130, `${statements.length - before} statements for 140 requests`)
})

test('a locked row delays no other caller, and is written when its lock is released', async (t) => {
  const { ask, sql, databaseUrl, statements } = await testBackend(t, modelFrom(blog), { connections: 4 })
  const signUp = await ask('POST', '/api/auth/register', { body: { name: 'ann', email: 'ann@example.com', password: 'Correct-horse-7' } })
  const { token } = signUp.json
  // The locked rows are changed by several accounts, because one caller holds at most two of four connections.
  const staff: string[] = []
  for (const name of ['bob', 'cy', 'dee'])
    staff.push(
      (await ask('POST', '/api/auth/register', { body: { name, email: `${name}@example.com`, password: 'Correct-horse-7' } })).json.token,
    )
  await sql("update users set role = 'moderator' where name <> 'ann'")
  const created = await ask('POST', '/api/posts', {
    token,
    body: Array.from({ length: 60 }, (_, i) => ({ title: `Post ${i}`, body: 'x' })),
  })
  const ids: string[] = created.json.map((p: { id: string }) => p.id)
  const held = new Set(ids.filter((_, i) => i % 20 === 7))
  const holder = new pg.Client({ connectionString: databaseUrl })
  holder.on('error', () => {})
  await holder.connect()
  await holder.query('begin')
  await holder.query('select 1 from posts where id = any($1) for update', [[...held]])
  statements.length = 0
  const began = performance.now()
  const waited = processorWait()
  const waiters = [...held]
  const change = (id: string) =>
    ask('PATCH', `/api/posts/${id}`, {
      token: staff[waiters.indexOf(id)] ?? token,
      body: { title: 'Changed' },
      headers: { prefer: 'return=minimal' },
    })
  const asked = [...ids, '0191f3c0-7a2b-7c3d-8e4f-0123456789ab'].map((id) => ({ id, answer: change(id) }))
  const others = await Promise.all(asked.filter(({ id }) => !held.has(id)).map(({ answer }) => answer))
  const took = performance.now() - began
  assert.deepEqual([others.filter((a) => a.status === 204).length, others.at(-1)?.status], [57, 404])
  assert.ok(took < 2_000 + waited(), `${took} ms`)
  await holder.query('commit')
  await holder.end()
  assert.deepEqual(
    (await Promise.all(asked.filter(({ id }) => held.has(id)).map(({ answer }) => answer))).map((a) => a.status),
    [204, 204, 204],
  )
  assert.deepEqual(await sql("select count(*)::int as n from posts where title = 'Changed' and version = 2"), [{ n: 60 }])
  assert.ok(statements.filter((s) => s.name === 'update Post').length < 60, 'calls have shared statements')
})
