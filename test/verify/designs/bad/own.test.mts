/** The own tests of a project with defects: one passes, one fails, one is skipped. `plinth verify` runs them, and the tests of Plinth do not. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestBackend } from 'plinth/testing'

const open = () => openTestBackend(new URL('design.yaml', import.meta.url), { databaseUrl: process.env.DATABASE_URL })

test('a digest counts the authors', async () => {
  await using bad = await open()
  const ada = await bad.signIn()
  await bad.insert('Story', { author: ada })
  assert.deepEqual((await ada.get('/api/actions/digest')).body, { authors: 1 })
})

test('nobody writes a story for another member', async () => {
  await using bad = await open()
  const [ada, bob] = [await bad.signIn(), await bad.signIn()]
  assert.equal((await ada.post('/api/stories', { title: 'Mine', author: bob.id })).status, 400)
})

test.skip('stories have titles', () => {})
