import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Design } from '../../src/design/authoring/design.ts'
import { openTestBackend } from '../../src/testing/open-test-backend.ts'
import { testDatabase } from '../support/database.ts'
import { ALBUM } from './album.ts'

test('a test inserts rows with required files, which are stored', async (t) => {
  const server = await testDatabase()
  t.after(server.drop)
  await using world = await openTestBackend(ALBUM as unknown as Design, { databaseUrl: server.url })
  const ann = await world.signIn()
  const papers = [await world.insert('Paper'), await world.insert('Paper')]
  for (const { id, scan } of papers) {
    assert.deepEqual(scan, { name: 'sample', size: 6, type: 'text/plain', url: `/api/papers/${id}/scan` })
    const got = await ann.get(scan.url)
    assert.deepEqual([got.status, got.text], [200, 'Sample'])
  }
  assert.equal((await world.insert('Album', { owner: ann })).cover, null)
})
