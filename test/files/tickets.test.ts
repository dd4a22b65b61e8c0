/** Tickets: each works once and for its field, whichever way it comes into a row, and a write without a row does not use it up. */

import assert from 'node:assert/strict'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { ALBUM } from './album.ts'
import { type Account, account, png, put } from './blog.ts'
import { onEach } from './storages.ts'

const MODEL = modelFrom(ALBUM)

async function ticketOf(world: TestBackend, { token }: Account, path = 'albums/cover'): Promise<string> {
  const { json, text } = await world.ask('POST', `/api/${path}/uploads`, { token })
  const sent = await put(world, json.url, { body: png() })
  assert.equal(sent.status, 200, text)
  return json.ticket
}

onEach('a ticket that is used twice at once gives one row the file', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const scan = await ticketOf(world, ann, 'papers/scan')
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => world.ask('POST', '/api/papers', { token: ann.token, body: { title: `p${i}`, scan } })),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(400)])
  const other = await ticketOf(world, ann, 'papers/scan')
  const twice = await world.ask('POST', '/api/papers/bulk', {
    token: ann.token,
    body: [
      { title: 'a', scan: other },
      { title: 'b', scan: other },
    ],
  })
  assert.equal(twice.status, 400, twice.text)
  assert.equal((await world.ask('POST', '/api/papers', { token: ann.token, body: { title: 'c', scan: other } })).status, 201)
  assert.equal((await world.sql('select from papers')).length, 2)
})

onEach('the bytes of a ticket are taken once, also when they are sent twice at once', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const { json } = await world.ask('POST', '/api/albums/cover/uploads', { token: ann.token })
  const sent = await Promise.all([1_000, 2_000, 3_000].map((size) => put(world, json.url, { body: png(size) })))
  assert.deepEqual(sent.map(({ status }) => status).sort(), [200, 404, 404])
})

onEach('a ticket works for its field alone, and not at the address of another one', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const cover = await ticketOf(world, ann)
  const wrong = await world.ask('POST', '/api/papers', { token: ann.token, body: { title: 'x', scan: cover } })
  assert.deepEqual([wrong.status, wrong.json.errors[0].rule], [400, 'reference'])
  const { json } = await world.ask('POST', '/api/albums/cover/uploads', { token: ann.token })
  const elsewhere = await put(world, json.url.replace('albums/cover', 'papers/scan'), { body: png() })
  assert.equal(elsewhere.json.code, 'unknown_upload')
})

onEach('an ensure that finds its row leaves the ticket for another write', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const keep = (name: string, cover: string) => world.ask('POST', '/api/actions/keep', { token: ann.token, body: { name, cover } })
  const first = await keep('one', await ticketOf(world, ann))
  assert.equal(first.status, 200, first.text)
  const cover = await ticketOf(world, ann)
  assert.equal((await keep('one', cover)).status, 200)
  assert.deepEqual(
    (await world.sql('select state from plinth.files order by created_at')).map(({ state }) => state),
    ['used', 'stored'],
  )
  assert.equal((await keep('two', cover)).status, 200)
  assert.deepEqual(await world.sql(`select from plinth.files where state <> 'used'`), [])
})

onEach('an ensure gives an existing row a file', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const body = (cover: string) => ({ token: ann.token, body: { name: 'one', cover } })
  await world.ask('POST', '/api/albums', { token: ann.token, body: { name: 'one' } })
  const changed = await world.ask('POST', '/api/actions/cover', body(await ticketOf(world, ann)))
  assert.equal(changed.status, 200, changed.text)
  assert.equal((await world.ask('GET', `/api/albums/${changed.json}`, { token: ann.token })).json.cover.size, 2_000)
})

onEach('upserts of one row at once all succeed with files of their own', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const tickets = await Promise.all(Array.from({ length: 5 }, () => ticketOf(world, ann)))
  const answers = await Promise.all(
    tickets.map((cover) =>
      world.ask('POST', '/graphql', {
        token: ann.token,
        body: {
          query: `mutation($cover: StoredFile) { upsertAlbum(where: { name: "one" }, create: { name: "one", cover: $cover }, update: { cover: $cover }) { created } }`,
          variables: { cover },
        },
      }),
    ),
  )
  assert.deepEqual(
    answers.map(({ json }) => json.errors ?? []),
    answers.map(() => []),
  )
  assert.equal((await world.sql(`select from plinth.files where state = 'used'`)).length, 1)
})

onEach('GraphQL gives tickets, to the callers and with the limits of REST', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const graphql = async (query: string, { token, headers }: { token?: string; headers?: Record<string, string> } = ann) =>
    (await world.ask('POST', '/graphql', { ...(token === undefined ? {} : { token }), ...(headers ? { headers } : {}), body: { query } }))
      .json
  const OPEN = 'mutation { open: openAlbumCoverUpload(name: "cat.png", size: 2000) { ticket url method maxBytes expiresAt } }'
  const { open } = (await graphql(OPEN)).data
  assert.deepEqual([open.url, open.method, open.maxBytes], [`/api/albums/cover/uploads/${open.ticket}`, 'PUT', 1024 * 1024])
  assert.ok(Date.parse(open.expiresAt) > Date.now())
  assert.equal((await put(world, open.url, { body: png() })).status, 200)
  const made = await graphql(`mutation { createAlbum(input: { name: "one", cover: "${open.ticket}" }) { album { cover } } }`)
  assert.deepEqual([made.data.createAlbum.album.cover.name, made.data.createAlbum.album.cover.size], ['cat.png', 2_000])
  const large = await graphql('mutation { openAlbumCoverUpload(size: 2000000) { ticket } }')
  assert.deepEqual([large.data.openAlbumCoverUpload, large.errors[0].extensions.code], [null, 'file_too_large'])
  // Nobody without an account may give a row a file, so the schema does not have the field.
  assert.equal((await graphql(OPEN, {})).data, undefined)
  // A repetition does not show the ticket again.
  const keyed = { token: ann.token, headers: { 'idempotency-key': 'k' } }
  assert.match((await graphql(OPEN, keyed)).data.open.ticket, /^upload_/)
  const { ticket, url, method } = (await graphql(OPEN, keyed)).data.open
  assert.deepEqual([ticket, url, method], [null, null, 'PUT'])
})
