/** The client of a design whose addresses follow a contract, and whose own actions sign in. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { clientFile } from '../../src/commands/delivering/client-files.ts'
import { loadDesign } from '../../src/commands/setup/load-design.ts'
import { openTestBackend } from '../../src/testing/open-test-backend.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'

const DESIGN = join(ROOT, 'examples/conduit/design.yaml')

test('inputs go where the contract has them, and tokens of own actions are sent in its scheme', async (t) => {
  const { model } = await loadDesign(DESIGN, ROOT)
  assert.ok(model !== null)
  const file = join(temporaryFolder(t), 'conduit.mts')
  writeFileSync(file, clientFile(model))
  const { createClient, isApiError } = await import(pathToFileURL(file).href)
  const backend = await openTestBackend(DESIGN)
  t.after(() => backend.close())
  const conduit = createClient(await backend.app.listen({ port: 0, host: '127.0.0.1' }))
  const { user } = await conduit.actions.createUser({ username: 'ada', email: 'ada@example.com', password: 'Correct1horse' })
  assert.equal(user.username, 'ada')
  await assert.rejects(
    conduit.actions.getCurrentUser(),
    (error) => isApiError(error) && (error as { readonly status: number }).status === 401,
  )
  await conduit.auth.useTokens({ token: user.token })
  assert.equal((await conduit.actions.getCurrentUser()).user.email, 'ada@example.com')
  const { article } = await conduit.actions.createArticle({ title: 'A title', description: 'About', body: 'Text', tagList: ['tea'] })
  const { comment } = await conduit.articles.createArticleComment(article.slug, { body: 'Fine' })
  assert.equal(comment.body, 'Fine')
  assert.equal((await conduit.actions.getArticles({ tag: 'tea', limit: 5 })).articles.length, 1)
  assert.equal((await conduit.actions.getArticles({ author: 'bob' })).articles.length, 0)
  await conduit.comments.deleteArticleComment(comment.id, { slug: article.slug })
  assert.deepEqual((await conduit.articles.getArticleComments(article.slug)).comments, [])
  assert.equal(await conduit.articles.deleteArticle(article.slug), undefined)
})
