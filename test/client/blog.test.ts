/** The client of the blog in Node, on a backend that runs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, cel, createClient, isApiError, memoryTokens } from '../golden/client/blog/client.ts'
import { servedBlog, startProxy } from './served.ts'

const ADA = { name: 'Ada', email: 'ada@example.com', password: 'Correct1horse' }

test('a program signs up, writes, reads with related rows, pages, filters and deletes', async (t) => {
  const { url } = await servedBlog(t)
  const blog = createClient(url)
  const ada = await blog.auth.register(ADA)
  assert.equal(ada.email, ADA.email)
  assert.equal(await blog.auth.isSignedIn(), true)
  const post = await blog.posts.create({ title: 'First', body: 'Text', tags: ['news'], published: true })
  assert.equal(post.author, ada.id)
  await blog.posts.createMany(Array.from({ length: 44 }, (_, i) => ({ title: `Post ${i}`, body: 'Text', published: i % 2 === 0 })))

  const whole = await blog.posts.get(post.id, {
    fields: ['title'],
    include: { author: { fields: ['name'], include: { posts: { fields: ['title'] } } } },
  })
  assert.deepEqual([Object.keys(whole).sort(), whole.author.name, whole.author.posts.length], [['author', 'title'], 'Ada', 45])

  const page = await blog.posts.list({ size: 10, sort: '-id', count: true, filter: { author: ada.id } })
  assert.deepEqual([page.data.length, page.count, typeof page.next], [10, 45, 'string'])
  const next = await blog.posts.list({
    size: 10,
    sort: '-id',
    filter: { author: ada.id },
    ...(page.next === null ? {} : { after: page.next }),
  })
  assert.ok((next.data[0]?.id ?? '') < (page.data.at(-1)?.id ?? ''))
  const titles = new Set<string>()
  for await (const { title } of blog.posts.list({ size: 7, fields: ['title'] })) titles.add(title)
  assert.equal(titles.size, 45)
  const sizes: number[] = []
  for await (const { data } of blog.posts.list({ size: 20 }).pages()) sizes.push(data.length)
  assert.deepEqual(sizes, [20, 20, 5])
  assert.equal((await blog.posts.list({ size: 10 }).take(12)).length, 12)

  const named = (await blog.posts.list({ filter: { author: ada.id, title: { in: ['First', 'Post 3', 'a, b'] } } })).data
  assert.deepEqual(named.map(({ title }) => title).sort(), ['First', 'Post 3'])
  const odd = 'Post 1" || true || "'
  assert.deepEqual((await blog.posts.list({ filter: { author: ada.id }, where: cel`title == ${odd}` })).data, [])
  assert.equal((await blog.posts.list({ filter: { author: ada.id }, where: cel`title in ${['First', odd]} && published` })).data.length, 1)
  assert.equal((await blog.posts.first({ filter: { author: { is: { id: ada.id } }, title: 'First' } }))?.id, post.id)
  assert.equal(await blog.posts.first({ filter: { author: ada.id, createdAt: { lt: new Date(0) } } }), null)

  const changed = await blog.posts.update(post.id, { title: 'Second' }, { ifVersion: 1 })
  assert.deepEqual([changed.title, changed.version], ['Second', 2])
  await assert.rejects(blog.posts.update(post.id, { title: 'Third' }, { ifVersion: 1 }), (error) => isApiError(error, 'stale_version'))
  await blog.posts.delete(post.id)
  await assert.rejects(blog.posts.get(post.id), (error) => isApiError(error, 'not_found'))
  await blog.auth.logout()
  assert.equal(await blog.auth.isSignedIn(), false)
  await assert.rejects(blog.auth.me(), (error) => isApiError(error, 'not_signed_in'))
})

test('errors have codes and problems of fields, thrown or as an outcome', async (t) => {
  const { url } = await servedBlog(t)
  const blog = createClient(url)
  await blog.auth.register(ADA)
  const outcome = await blog.posts.create({ title: 'x'.repeat(201), body: '' }).outcome()
  assert.ok(!outcome.ok && outcome.error.code === 'validation_failed')
  assert.match(outcome.error.problemOf('title') ?? '', /at most 200/)
  assert.match(outcome.error.traceId ?? '', /^[0-9a-f]{32}$/)
  await assert.rejects(blog.auth.login({ email: ADA.email, password: 'Wrong1horse' }), (error) => isApiError(error, 'invalid_credentials'))
  const fine = await blog.posts.create({ title: 'T', body: 'B' }).outcome()
  assert.ok(fine.ok && fine.value.title === 'T')
  // What is wrong before anything is sent.
  await assert.rejects(blog.posts.list({ filter: { title: undefined } as never }), /filter\.title is undefined/)
  for (const id of ['', '.', '..']) await assert.rejects(blog.posts.delete(id), /is no id of a row/)
  for (const address of ['ftp://x', 'http://me:secret@x', 'http://x?y', 'example']) assert.throws(() => createClient(address), TypeError)
})

test('a token that expired is renewed once for all calls, and a session that ended signs out', async (t) => {
  const { url, backend } = await servedBlog(t)
  const proxy = await startProxy(t, url)
  const tokens = memoryTokens()
  let ended = 0
  const blog = createClient(proxy.url, { tokens, onSignedOut: () => ended++ })
  const { id } = await blog.auth.register(ADA)
  const kept = await tokens.get()
  assert.ok(kept !== null)
  // Expired by the clock of the client: renewed before the calls.
  await tokens.set({ ...kept, expiresAt: 0 })
  await Promise.all(Array.from({ length: 5 }, () => blog.auth.me()))
  assert.equal(proxy.requests.filter((one) => one === 'POST /api/auth/refresh').length, 1)
  // Refused by the server, though the client thinks that it lasts.
  const now = await tokens.get()
  assert.ok(now !== null)
  await tokens.set({ ...now, token: `${now.token.slice(0, -8)}AAAAAAAA` })
  await Promise.all(Array.from({ length: 5 }, () => blog.auth.me()))
  assert.equal(proxy.requests.filter((one) => one === 'POST /api/auth/refresh').length, 2)
  await backend.sql('update plinth.sessions set revoked_at = now() where user_id = $1', [id])
  const last = await tokens.get()
  assert.ok(last !== null)
  await tokens.set({ ...last, expiresAt: 0 })
  await assert.rejects(blog.posts.create({ title: 'T', body: 'B' }), (error) => isApiError(error, 'not_signed_in'))
  assert.deepEqual([ended, await tokens.get()], [1, null])
})

test('lost requests and answers are repeated with the same key, and nothing is written twice', async (t) => {
  const { url } = await servedBlog(t)
  const proxy = await startProxy(t, url)
  const blog = createClient(proxy.url)
  const { id: author } = await blog.auth.register(ADA)
  for (const fates of [
    ['lose'],
    ['lose-answer'],
    ['lose-answer', 'lose'],
    [{ status: 503, headers: { 'Retry-After': '0' } }],
    [{ status: 502 }],
  ] as const) {
    const before = proxy.requests.length
    proxy.fates = [...fates]
    await blog.posts.create({ title: 'Once', body: String(fates) })
    assert.equal(proxy.requests.length - before, fates.length + 1)
    assert.equal(new Set(proxy.keys.slice(before)).size, 1)
  }
  assert.equal((await blog.posts.list({ filter: { author } })).data.length, 5)
  // Reads are repeated without a key, and a sign-in is not repeated.
  proxy.fates = ['lose']
  await blog.posts.list()
  proxy.fates = ['lose']
  await assert.rejects(
    blog.auth.login({ email: ADA.email, password: ADA.password }),
    (error) => isApiError(error, 'network_failed') && error.status === 0,
  )
  // After the last attempt it fails.
  proxy.fates = ['lose', 'lose', 'lose']
  await assert.rejects(blog.posts.list(), (error) => isApiError(error, 'network_failed'))
  // A failure that does not pass is not repeated.
  const before = proxy.requests.length
  await assert.rejects(blog.posts.get('01900000-0000-7000-8000-00000000ffff'))
  assert.equal(proxy.requests.length - before, 1)
})

test('a call ends with its signal or its time, and leaves no unhandled rejection', async (t) => {
  const { url } = await servedBlog(t)
  const proxy = await startProxy(t, url)
  const blog = createClient(proxy.url, { retries: 50 })
  const controller = new AbortController()
  proxy.fates = Array.from({ length: 60 }, () => ({ status: 503 }))
  const call = blog.posts.list({ signal: controller.signal })
  controller.abort(new Error('the page was left'))
  await assert.rejects(call, /the page was left/)
  await assert.rejects(blog.posts.list({ signal: controller.signal }), /the page was left/)
  const late = await blog.posts.list({ timeoutMs: 300 }).outcome()
  assert.ok(!late.ok && late.error instanceof ApiError && late.error.code === 'timed_out')
})

test('an answer of something else is named', async (t) => {
  const { url } = await servedBlog(t)
  const proxy = await startProxy(t, url)
  const blog = createClient(proxy.url, { retries: 0 })
  proxy.fates = [{ status: 200 }]
  await assert.rejects(blog.posts.list(), (error) => isApiError(error, 'unexpected_answer'))
  proxy.fates = [{ status: 418 }]
  await assert.rejects(blog.posts.list(), (error) => isApiError(error, 'http_418') && /answered 418/.test(error.message))
})
