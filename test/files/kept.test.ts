/** The rows and their files stay in step: what no row has is removed, what a row has is there. */

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { explained } from '../../src/server/run/database-failure.ts'
import { sweepFiles } from '../../src/services/files/sweep.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'
import { account, BLOG, png, post, put } from './blog.ts'
import { onEach, type Place } from './storages.ts'

const MODEL = modelFrom(BLOG)

async function world(t: TestContext, place: Place) {
  const { storage } = place
  const backend = await testBackend(t, MODEL, { files: storage })
  const executor = openExecutor({ url: backend.databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
  t.after(() => executor.close())
  return {
    ...backend,
    /** Sweeps until nothing is due, and returns the files that are left. */
    async left(): Promise<readonly string[]> {
      while ((await sweepFiles(explained(executor.run), storage)) > 0);
      return place.left()
    },
  }
}

onEach('a file is removed after its row is deleted, changed, or deleted with another row', async (t, place) => {
  const w = await world(t, place)
  const ann = await account(w, 'ann')
  const [one, two, three] = [await post(w, ann), await post(w, ann), await post(w, ann)]
  for (const id of [one, two, three]) await put(w, `/api/posts/${id}/photo`, { token: ann.token, body: png() })
  assert.equal((await w.left()).length, 3)
  await put(w, `/api/posts/${one}/photo`, { token: ann.token, body: png(3_000) })
  assert.equal((await w.left()).length, 3, 'the file before is gone, the new one is there')
  assert.equal((await w.ask('DELETE', `/api/posts/${one}/photo`, { token: ann.token })).status, 204)
  assert.equal((await w.left()).length, 2)
  await w.ask('DELETE', `/api/posts/${two}`, { token: ann.token })
  assert.equal((await w.left()).length, 1)
  await w.sql('delete from users')
  assert.deepEqual(await w.left(), [], 'also when a foreign key deletes the row')
  assert.deepEqual(await w.sql('select * from plinth.files'), [])
})

onEach('a write that fails keeps the file before, and its own file is removed', async (t, place) => {
  const w = await world(t, place)
  const ann = await account(w, 'ann')
  const id = await post(w, ann)
  const url = `/api/posts/${id}/photo`
  const first = await put(w, url, { token: ann.token, body: png() })
  const stale = await put(w, url, { token: ann.token, body: png(3_000), headers: { 'if-match': '"1"' } })
  assert.deepEqual([stale.status, stale.json.code], [412, 'stale_version'])
  const weak = await put(w, url, { token: ann.token, body: png(3_000), headers: { 'if-match': `W/${first.headers.etag}` } })
  assert.deepEqual([weak.status, weak.json.code], [412, 'weak_etag'])
  await w.sql('alter table posts add constraint no_more check (version < 3) not valid')
  const failed = await put(w, url, { token: ann.token, body: png(3_000) })
  assert.equal(failed.status, 400, failed.text)
  assert.equal((await w.left()).length, 1)
  assert.deepEqual((await w.ask('GET', `/api/posts/${id}`, { token: ann.token })).json.photo, first.json.photo)
  assert.equal((await w.ask('GET', url, { token: ann.token })).status, 200)
})

onEach('an upload that no row takes is removed when it is due, and cannot be taken then', async (t, place) => {
  const w = await world(t, place)
  const { token } = await account(w, 'ann')
  const { json } = await w.ask('POST', '/api/posts/photo/uploads', { token })
  assert.equal((await put(w, json.url, { body: png() })).status, 200)
  assert.equal((await put(w, json.url, { body: png() })).json.code, 'unknown_upload')
  assert.equal((await w.left()).length, 1)
  await w.sql(`update plinth.files set due = now() - interval '1 second'`)
  assert.equal((await w.ask('POST', '/api/posts', { token, body: { title: 'late', photo: json.ticket } })).status, 400)
  assert.deepEqual(await w.left(), [])
})

onEach('while the storage fails, files are 503 and rows are there', async (t, place) => {
  const w = await world(t, place)
  const ann = await account(w, 'ann')
  const id = await post(w, ann)
  const url = `/api/posts/${id}/photo`
  await put(w, url, { token: ann.token, body: png() })
  await place.breakDown()
  assert.deepEqual((await w.ask('GET', url, { token: ann.token })).json.code, 'file_storage_unavailable')
  assert.deepEqual((await put(w, url, { token: ann.token, body: png() })).json.code, 'file_storage_unavailable')
  assert.equal((await w.ask('GET', `/api/posts/${id}`, { token: ann.token })).json.photo.size, 2_000)
})

onEach('a refused upload leaves nothing behind', async (t, place) => {
  const w = await world(t, place)
  const ann = await account(w, 'ann')
  const id = await post(w, ann)
  assert.equal((await put(w, `/api/posts/${id}/photo`, { token: ann.token, body: Buffer.alloc(500_000) })).status, 415)
  assert.deepEqual(await w.left(), [])
  assert.deepEqual(await w.sql('select * from plinth.files'), [])
})

onEach('plain SQL cannot give a row the file of another row', async (t, place) => {
  const w = await world(t, place)
  const ann = await account(w, 'ann')
  const [one, two] = [await post(w, ann), await post(w, ann)]
  await put(w, `/api/posts/${one}/photo`, { token: ann.token, body: png() })
  await assert.rejects(w.sql(`update posts set photo = (select photo from posts where id = '${one}') where id = '${two}'`), /no upload/)
  await w.sql(`update posts set title = 'other', photo = photo where id = '${one}'`)
  assert.equal((await w.left()).length, 1)
})

onEach('a caller may have so many uploads that wait, and others are not held up', async (t, place) => {
  const w = await world(t, place)
  const [ann, bob] = [await account(w, 'ann'), await account(w, 'bob')]
  const first = await w.ask('POST', '/api/posts/photo/uploads', { token: ann.token })
  assert.equal(first.status, 201)
  await w.sql(`insert into plinth.files (key, target, state, due, owner, name)
    select gen_random_uuid(), 'Post.photo', 'awaited', now() + interval '1 hour', owner, 'x' from plinth.files, generate_series(1, 99)`)
  assert.equal((await w.ask('POST', '/api/posts/photo/uploads', { token: ann.token })).json.code, 'too_many_uploads')
  assert.equal((await w.ask('POST', '/api/posts/photo/uploads', { token: bob.token })).status, 201)
})
