/** docs/reference/hooks.md: the example does what the page says, and the tables have every moment and key. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOOKS } from '../../src/design/language/language-behaviour.ts'
import { testBackend } from '../support/backend.ts'
import { missingWords, modelOfPage, referencePage } from './reference-page.ts'

const page = referencePage('hooks.md')

test('the example changes, refuses and writes', async (t) => {
  const { model, findings } = await modelOfPage(t, page)
  assert.deepEqual(
    findings.map(({ message }) => message),
    [],
  )
  const world = await testBackend(t, model)
  const made = await world.ask('POST', '/api/articles', { body: { title: 'Hello, World' } })
  assert.equal(made.json.slug, 'hello-world')
  const at = `/api/articles/${made.json.id}`
  await world.ask('PATCH', at, { body: { title: 'Hello', state: 'published' } })
  const { data } = (await world.ask('GET', '/api/changes')).json
  assert.deepEqual(
    data.map(({ what }: { readonly what: string }) => what),
    ['was Hello, World'],
  )
  const refused = await world.ask('DELETE', at)
  assert.deepEqual([refused.status, refused.json.code, refused.json.detail], [423, 'published', 'a published article cannot be deleted'])
})

test('every moment and every key is on the page', () => {
  const keys = HOOKS.keys.beforeCreate.form.of[1].keys
  assert.deepEqual(missingWords(page, [...Object.keys(HOOKS.keys), ...Object.keys(keys)]), [])
})
