/** The example `conduit` passes all cases of the contract, and its list of articles is one statement. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { readModel } from '../../src/embed/read-model.ts'
import type { Model } from '../../src/model/model.ts'
import { type TestBackend, testBackend } from '../support/backend.ts'
import { clientOf, type Send } from './client.ts'
import { runCases } from './run-cases.ts'
import { ARTICLE, openWorld } from './world.ts'

const DESIGN = join(import.meta.dirname, '../../examples/conduit/design.yaml')

let model: Model
before(async () => {
  model = (await readModel(DESIGN)).model
})

function sendTo({ ask }: TestBackend): Send {
  return async ({ method, path, headers, body }) => {
    const { status, headers: of, text } = await ask(method, path, { headers, ...(body === null ? {} : { body }) })
    return { status, type: String(of['content-type'] ?? ''), text }
  }
}

test('the design passes all cases of the contract', { timeout: 300_000 }, async (t) => {
  const backend = await testBackend(t, model)
  await runCases(t, clientOf(sendTo(backend), '/api'))
})

test('a list of articles, with what is of the caller, is one statement', async (t) => {
  const backend = await testBackend(t, model)
  const ask = clientOf(sendTo(backend), '/api')
  const { ada, bob, slug } = await openWorld(ask)
  await ask('CreateArticleFavorite', { token: bob.token, path: { slug } })
  await ask('FollowUserByUsername', { token: bob.token, path: { username: ada.username } })
  const queries = [
    [{}, 1],
    [{ author: ada.username }, 1],
    [{ tag: 'none' }, 0],
    [{ favorited: bob.username }, 1],
    [{ author: ada.username, tag: 'none' }, 0],
  ] as const
  for (const [query, count] of queries) {
    backend.statements.length = 0
    const { body } = await ask('GetArticles', { token: bob.token, query })
    assert.equal(body.articlesCount, count, JSON.stringify(query))
    const [article] = body.articles
    assert.equal(article === undefined, count === 0)
    if (article !== undefined) assert.deepEqual([article.favorited, article.favoritesCount, article.author.following], [true, 1, true])
    assert.deepEqual(
      backend.statements.map(({ name }) => name),
      ['action getArticles'],
    )
    // An author is found by the unique name once, and conditions on inputs that are not sent are no part of the statement.
    const text = backend.statements[0]?.text ?? ''
    assert.equal(/"author_id" = \(select "r\d"\."id" from "users" "r\d" where "r\d"\."username" = /.test(text), 'author' in query)
    assert.doesNotMatch(text, /::text is null/)
  }
})

test('a write of a row that the request names locks and judges it in one statement', async (t) => {
  const backend = await testBackend(t, model)
  const ask = clientOf(sendTo(backend), '/api')
  const { bob, slug } = await openWorld(ask)
  const writes = [
    // The row, the new row, the answer.
    ['CreateArticleFavorite', { path: { slug } }, 3],
    ['CreateArticleComment', { path: { slug }, inside: { body: 'Thank you.' } }, 3],
    // The caller alone decides whether it is allowed.
    ['CreateArticle', { inside: ARTICLE }, 2],
  ] as const
  for (const [operation, asked, count] of writes) {
    backend.statements.length = 0
    const { status } = await ask(operation, { token: bob.token, ...asked })
    assert.ok(status < 300, `${operation} ${status}`)
    assert.equal(backend.statements.filter(({ name }) => name.startsWith('action ')).length, count, operation)
  }
})
