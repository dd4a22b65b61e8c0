/** Images in sizes: what is made, who gets it, when it is removed, and images that are made to do harm. */

import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { explained } from '../../src/server/run/database-failure.ts'
import { makeSmaller } from '../../src/services/files/make-smaller.ts'
import { StorageError } from '../../src/services/files/storage.ts'
import { sweepFiles } from '../../src/services/files/sweep.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'
import { type Account, account, BLOG, post, put } from './blog.ts'
import { onEach } from './storages.ts'

const SIZES = { thumb: { width: 200, height: 200, fit: 'cover' }, wide: { width: 300 }, 'in-box': { width: 100, height: 100 } }

/** The blog, whose photos have sizes. */
function gallery(sizes: object = SIZES, accept: readonly string[] = ['image/*']) {
  const { Post } = BLOG.entities
  const photo = { ...Post.fields.photo, accept, sizes }
  return { ...BLOG, entities: { ...BLOG.entities, Post: { ...Post, fields: { ...Post.fields, photo } } } }
}

const MODEL = modelFrom(gallery())

/** A JPEG of so many pixels, taken upright with a camera on its side, and with a place in its metadata. */
function picture(width: number, height: number): Promise<Buffer> {
  const image = sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } }).jpeg()
  return image
    .withExif({ IFD0: { Orientation: '6', Copyright: 'secret place' } })
    .withMetadata({ orientation: 6 })
    .toBuffer()
}

async function get(world: TestBackend, url: string, { token }: { readonly token?: string } = {}, headers: Record<string, string> = {}) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const {
    statusCode,
    rawPayload,
    headers: answered,
  } = await world.backend.app.inject({ method: 'GET', url, headers: { ...authorization, ...headers } })
  const code = String(answered['content-type']).includes('json') ? JSON.parse(rawPayload.toString()).code : null
  return { status: statusCode, bytes: rawPayload, headers: answered, code }
}

async function withPhoto(world: TestBackend, ann: Account, bytes: Buffer, type = 'application/octet-stream'): Promise<string> {
  const url = `/api/posts/${await post(world, ann)}/photo`
  const sent = await put(world, url, { token: ann.token, body: bytes, type })
  assert.equal(sent.status, 200, sent.text)
  return url
}

onEach('an image is read in the sizes of the design, upright, without metadata, and not enlarged', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const url = await withPhoto(world, ann, await picture(800, 600))
  for (const [size, width, height] of [
    ['thumb', 200, 200],
    ['wide', 300, 400],
    ['in-box', 75, 100],
  ] as const) {
    const { status, bytes, headers } = await get(world, `${url}?size=${size}`, ann)
    assert.equal(status, 200)
    const { format, width: w, height: h, exif } = await sharp(bytes).metadata()
    assert.deepEqual([format, w, h, exif], ['webp', width, height, undefined], size)
    assert.equal(headers['content-type'], 'image/webp')
    assert.equal(headers['content-disposition'], `inline; filename="file-${size}.webp"`)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal((await get(world, `${url}?size=${size}`, ann, { 'if-none-match': String(headers.etag) })).status, 304)
  }
  assert.equal((await files.left()).length, 4)
  await get(world, `${url}?size=thumb`, ann)
  assert.equal((await files.left()).length, 4, 'it is made once')
  const small = await withPhoto(world, ann, await picture(40, 30))
  assert.equal((await sharp((await get(world, `${small}?size=wide`, ann)).bytes).metadata()).width, 30)
  for (const [size, code] of [
    ['huge', 'invalid_parameter'],
    ['', 'invalid_parameter'],
    ['../file', 'invalid_parameter'],
    ['__proto__', 'invalid_parameter'],
  ])
    assert.equal((await get(world, `${url}?size=${encodeURIComponent(size ?? '')}`, ann)).code, code)
})

onEach('a size has the rules of its file by every address, and is removed with it', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const executor = openExecutor({ url: world.databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
  t.after(() => executor.close())
  const [ann, bob] = [await account(world, 'ann'), await account(world, 'bob')]
  const url = await withPhoto(world, ann, await picture(400, 300))
  const thumb = `${url}?size=thumb`
  const missing = await get(world, `/api/posts/${ann.id}/photo?size=thumb`, bob)
  for (const when of ['before it is made', 'after']) {
    for (const caller of [bob, {}]) {
      assert.equal((await get(world, thumb, caller)).status, 404, when)
      const head = await world.backend.app.inject({
        method: 'HEAD',
        url: thumb,
        headers: 'token' in caller ? { authorization: `Bearer ${caller.token}` } : {},
      })
      assert.equal(head.statusCode, 404)
    }
    assert.equal((await get(world, `${thumb}&expires=9999999999&signature=${'A'.repeat(43)}`)).code, 'invalid_link')
    if (when === 'before it is made') assert.equal((await files.left()).length, 1, 'nobody else makes it')
    assert.equal((await get(world, thumb, ann)).status, 200)
  }
  assert.equal(missing.code, 'not_found')
  const { json: link } = await world.ask('POST', `${url}/link`, { token: ann.token })
  assert.equal((await get(world, `${link.url}&size=thumb`)).status, 200)
  await put(world, url, { token: ann.token, body: await picture(500, 300) })
  assert.equal((await get(world, `${link.url}&size=thumb`)).code, 'invalid_link')
  assert.equal((await get(world, thumb, ann)).status, 200)
  while ((await sweepFiles(explained(executor.run), files.storage)) > 0);
  assert.equal((await files.left()).length, 2, 'those of the file before are gone')
  await world.ask('DELETE', url, { token: ann.token })
  assert.equal((await get(world, thumb, ann)).status, 404)
  while ((await sweepFiles(explained(executor.run), files.storage)) > 0);
  assert.deepEqual(await files.left(), [])
})

/** A PNG that says it has so many pixels, with a line of zeros. */
function pixelBomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const lines = deflateSync(Buffer.alloc(500_000))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', lines),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

onEach('an image that is made to do harm is a typed failure, and the next one is made', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const good = await picture(400, 300)
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="100000" height="100000"><image href="file:///etc/passwd"/></svg>'
  for (const [what, bytes] of [
    ['a pixel bomb', pixelBomb(60_000, 60_000)],
    ['a wide pixel bomb', pixelBomb(2_000_000_000, 2)],
    ['fewer lines than said', pixelBomb(5_000, 5_000)],
    ['cut off', good.subarray(0, 1_500)],
    ['its first bytes alone', good.subarray(0, 200)],
    ['other bytes after the mark', Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(5_000, 7)])],
    ['a vector image', Buffer.from(svg)],
  ] as const) {
    const url = await withPhoto(world, ann, bytes, 'image/svg+xml')
    const began = performance.now()
    for (let i = 0; i < 3; i++) assert.equal((await get(world, `${url}?size=thumb`, ann)).code, 'image_unusable', what)
    assert.ok(performance.now() - began < 60_000)
    assert.equal((await get(world, url, ann)).status, 200, 'the file itself is there')
  }
  const url = await withPhoto(world, ann, good)
  const all = await Promise.all(Array.from({ length: 20 }, () => get(world, `${url}?size=thumb`, ann)))
  assert.ok(all.every(({ status }) => status === 200))
})

onEach('while the storage fails, sizes are 503', async (t, files) => {
  const world = await testBackend(t, MODEL, { files: files.storage })
  const ann = await account(world, 'ann')
  const url = await withPhoto(world, ann, await picture(400, 300))
  await files.breakDown()
  assert.equal((await get(world, `${url}?size=thumb`, ann)).code, 'file_storage_unavailable')
})

test('an image of which the storage gives no end is given up, because others wait for it', async () => {
  const silent = new Readable({ read() {} })
  silent.push((await picture(400, 300)).subarray(0, 500))
  await assert.rejects(makeSmaller(silent, { name: 'thumb', width: 10, height: 10, fit: 'cover' }, 100), StorageError)
  assert.ok(silent.destroyed)
})

test('a field without images has no sizes, and a size has a name and a measure', () => {
  const codes = (sizes: object, accept?: readonly string[]) => {
    const { diagnostics } = resolveDesign(gallery(sizes, accept), NO_SOURCE)
    return diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)
  }
  assert.deepEqual(codes(SIZES), [])
  assert.deepEqual(codes(SIZES, ['image/png', 'application/pdf']), ['PLN-D685'])
  assert.deepEqual(codes({ 'a b': { width: 1 } }), ['PLN-D686'])
  assert.deepEqual(codes({ a: {} }), ['PLN-D687'])
  assert.deepEqual(codes({ a: { width: 1, fit: 'cover' } }), ['PLN-D687'])
  assert.deepEqual(codes({ a: { width: 5_000, height: 10 } }), ['PLN-D105'])
})
