/** docs/reference/events.md: the example does what the page says, and the page has every key. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REACTIONS } from '../../src/design/language/language-behaviour.ts'
import { insertPeople } from '../actions/action-world.ts'
import { until } from '../events/events-world.ts'
import { testBackend } from '../support/backend.ts'
import { missingWords, modelOfPage, referencePage } from './reference-page.ts'

const page = referencePage('events.md')

test('the example reacts to writes, to an action and to an event of its own', async (t) => {
  const { model, findings } = await modelOfPage(t, page)
  assert.deepEqual(
    findings.map(({ message }) => message),
    [],
  )
  const world = await testBackend(t, model)
  const [ann] = await insertPeople(world, 'authors', [{ email: 'ann@example.com' }])
  const token = ann?.token
  const made = await world.ask('POST', '/api/articles', { token, body: { title: 'Four' } })
  assert.equal(made.status, 201, made.text)
  const at = `/api/articles/${made.json.id}`
  await until('the count', async () => ((await world.ask('GET', at)).json.words === 4 ? true : null))
  await world.ask('PATCH', at, { token, body: { title: 'Fives' } })
  const published = await world.ask('POST', `${at}/publish`, { token, body: { note: 'well done' } })
  assert.equal(published.status, 200, published.text)
  const memories = async (): Promise<readonly string[]> =>
    (await world.ask('GET', '/api/memories', { token })).json.data.map(({ what }: { readonly what: string }) => what).sort()
  await until('the memories', async () => ((await memories()).length === 3 ? true : null))
  assert.deepEqual(await memories(), ['praise for Fives', 'well done in issue 1', 'wrote Four'])
  const { data } = (await world.ask('GET', '/api/renamings')).json
  assert.deepEqual(
    data.map(({ from, to }: { readonly from: string; readonly to: string }) => [from, to]),
    [['Four', 'Fives']],
  )
})

test('every key of reactions is on the page', () => {
  const keys = Object.values(REACTIONS.of.cases).flatMap(({ keys }) => Object.keys(keys))
  assert.deepEqual(missingWords(page, keys), [])
})
