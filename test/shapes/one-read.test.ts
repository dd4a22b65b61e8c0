/** Actions that only read are one statement, which calls share; a refused call is judged by the statements of its program. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readModel } from '../../src/embed/read-model.ts'
import { testBackend } from '../support/backend.ts'
import { inSomeRound } from '../support/rounds.ts'

const PRESS = join(import.meta.dirname, '../actions/designs/press.yaml')

test('a list with shapes of each row, and a count of all rows, is one statement; so is a row action', async (t) => {
  const { model } = await readModel(PRESS)
  const { ask, sql, statements, tokenFor } = await testBackend(t, model)
  const [ada, bob] = await sql(
    "insert into users (username, email, password) values ('ada', 'ada@example.com', 'x'), ('bob', 'bob@example.com', 'x') returning id",
  )
  for (const n of [1, 2, 3])
    await sql("insert into articles (slug, title, body, author_id) values ($1, 'A title', 'A text', $2)", [`a${n}`, ada?.id])
  await sql('insert into follows (follower_id, followed_id) values ($1, $2)', [bob?.id, ada?.id])
  const token = await tokenFor(String(bob?.id))
  await ask('GET', '/api/actions/page', { token })
  statements.length = 0
  const page = await ask('GET', '/api/actions/page?author=ada&limit=2&offset=1', { token })
  assert.equal(page.json.articlesCount, 3)
  assert.deepEqual(
    page.json.articles.map(({ favorited, author }: { favorited: boolean; author: { following: boolean } }) => [
      favorited,
      author.following,
    ]),
    [
      [false, true],
      [false, true],
    ],
  )
  assert.deepEqual(
    statements.map(({ name }) => name),
    ['action page'],
  )
  statements.length = 0
  const profile = await ask('GET', `/api/users/${ada?.id}/profile`, { token })
  assert.deepEqual(profile.json, { profile: { username: 'ada', bio: null, following: true } })
  assert.deepEqual(
    statements.map(({ name }) => name),
    ['action User.profile'],
  )
})

test('calls of an action that reads share a statement, and each gets its own answer', async (t) => {
  const { model } = await readModel(PRESS)
  const { ask, sql, statements } = await testBackend(t, model, { connections: 1 })
  const names = Array.from({ length: 20 }, (_, i) => `user${i}`)
  for (const name of names) await sql("insert into users (username, email, password) values ($1, $1 || '@example.com', 'x')", [name])
  const users = await sql('select id, username from users')
  await inSomeRound(async () => {
    statements.length = 0
    const answers = await Promise.all(users.map(({ id }) => ask('GET', `/api/users/${id}/profile`)))
    assert.deepEqual(
      answers.map(({ json }) => json.profile.username),
      users.map(({ username }) => username),
    )
    const { length } = statements.filter(({ name }) => name === 'action User.profile')
    return length > 0 && length < users.length ? null : `${length} statements`
  })
})

test('a refused call says why, as its program does', async (t) => {
  const { model } = await readModel(PRESS)
  const { ask, sql, tokenFor } = await testBackend(t, model)
  const [bob] = await sql("insert into users (username, email, password, hidden) values ('bob', 'bob@example.com', 'x', true) returning id")
  const nothing = '00000000-0000-4000-8000-000000000000'
  for (const id of [nothing, bob?.id]) {
    const { status, json } = await ask('GET', `/api/users/${id}/profile`)
    assert.deepEqual([status, json.code], [404, 'not_found'])
  }
  const lost = await ask('GET', `/api/actions/secrets?article=${nothing}`, { token: await tokenFor(String(bob?.id)) })
  assert.deepEqual([lost.status, lost.json.errors[0].pointer], [400, '/article'])
  assert.equal((await ask('GET', `/api/actions/secrets?article=${nothing}`)).status, 401)
})

test('a condition on an input that is left out is decided before SQL', async (t) => {
  const { model } = await readModel(PRESS)
  const { ask, sql, statements } = await testBackend(t, model)
  const [ada] = await sql("insert into users (username, email, password) values ('ada', 'ada@example.com', 'x') returning id")
  await sql("insert into users (username, email, password) values ('bob', 'bob@example.com', 'x')")
  await sql("insert into articles (slug, title, body, author_id) values ('a1', 'A title', 'A text', $1)", [ada?.id])
  const textOf = async (query: string, count: number): Promise<string> => {
    statements.length = 0
    const { json } = await ask('GET', `/api/actions/page${query}`)
    assert.equal(json.articlesCount, count, query)
    return statements[0]?.text ?? ''
  }
  assert.doesNotMatch(await textOf('', 1), /::text is null/)
  assert.doesNotMatch(await textOf('?author=ada', 1), /::text is null/)
  for (const [query, count] of [
    ['?author=bob', 0],
    ['?author=nobody', 0],
    ['?author=ada&tag=x', 0],
    ['?tag=x', 0],
  ] as const)
    await textOf(query, count)
})
