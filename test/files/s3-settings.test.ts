/** What the settings of a bucket say, and what they say when something is wrong with them. */

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { EnvironmentError } from '../../src/base/environment-error.ts'
import { readSettings } from '../../src/commands/setup/settings/settings.ts'
import { FILES_SETTINGS, openStorage } from '../../src/services/files/file-settings.ts'
import { s3PlaceOf } from '../../src/services/files/s3-place.ts'
import { openS3Storage } from '../../src/services/files/s3-storage.ts'
import { type FileStorage, StorageError } from '../../src/services/files/storage.ts'
import { modelFrom } from '../support/backend.ts'
import { freePort } from '../support/command-line.ts'
import { BUCKET, startS3 } from './s3/server.ts'
import { KEY, REGION } from './s3/signature.ts'
import { ARCHIVE } from './upload-memory.ts'

const GOOD = { FILES: `s3://${BUCKET}`, FILES_REGION: REGION, FILES_ACCESS_KEY: KEY.id, FILES_SECRET_KEY: KEY.secret }

async function server(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-s3-'))
  const started = await startS3(folder)
  t.after(async () => {
    await started.close()
    await rm(folder, { recursive: true, force: true })
  })
  return started
}

async function open(environment: Readonly<Record<string, string>>): Promise<void> {
  const { files: setting, s3 } = readSettings(environment, 'development')
  const here = { cwd: tmpdir(), state: tmpdir() }
  const storage = await openStorage(modelFrom(ARCHIVE), { setting, s3, named: FILES_SETTINGS, mode: 'development', ...here })
  storage?.close()
}

function refusal(environment: Readonly<Record<string, string>>): Promise<EnvironmentError> {
  return open(environment).then(
    () => assert.fail('it started'),
    (error: unknown) => {
      if (!(error instanceof EnvironmentError)) throw error
      const { FILES_SECRET_KEY = '-' } = environment
      assert.ok(!`${error.message}${error.hint}`.includes(FILES_SECRET_KEY), 'no message has the secret')
      return error
    },
  )
}

test('a start with a bucket writes, reads, lists and deletes an object, and leaves nothing', async (t) => {
  const { url, requests, objects } = await server(t)
  await open({ ...GOOD, FILES_ENDPOINT: url })
  assert.deepEqual(
    requests.map((one) => one.split(' ')[0]),
    ['PUT', 'GET', 'GET', 'GET', 'DELETE'],
  )
  assert.deepEqual(await objects.list(''), [])
})

test('incomplete and wrong settings are refused at the start, with what to set', async () => {
  const { FILES_REGION: _, ...noRegion } = GOOD
  const { FILES_SECRET_KEY: __, ...noSecret } = GOOD
  for (const [environment, message] of [
    [{ FILES: GOOD.FILES }, /^FILES_ACCESS_KEY is not set\nFILES_SECRET_KEY is not set\nFILES_REGION is not set$/],
    [noRegion, /^FILES_REGION is not set$/],
    [noSecret, /^FILES_SECRET_KEY is not set$/],
    [{ ...GOOD, FILES: 's3://' }, /^FILES is not an address such as s3:/],
    [{ ...GOOD, FILES: 's3://UPPER/x' }, /^FILES is not an address such as s3:/],
    [{ ...GOOD, FILES: 's3://key:secret@bucket' }, /^FILES is not an address such as s3:/],
    [{ ...GOOD, FILES: `s3://${BUCKET}/a/../b` }, /^FILES is not an address such as s3:/],
    [{ ...GOOD, FILES: 'gs://bucket' }, /^FILES is neither a folder nor an address/],
    [{ ...GOOD, FILES_ENDPOINT: 'minio:9000' }, /^FILES_ENDPOINT does not begin with https/],
    [{ ...GOOD, FILES_ENDPOINT: 'http://user:pass@minio:9000' }, /^FILES_ENDPOINT has more than/],
    [{ ...GOOD, FILES_PATH_STYLE: 'yes' }, /^FILES_PATH_STYLE is not on or off$/],
    [{ ...GOOD, FILES_REGION: 'eu central' }, /^FILES_REGION is not a region/],
  ] as const)
    assert.match((await refusal(environment)).message, message)
})

test('a bucket that cannot be used is refused at the start, with the reason and the next step', async (t) => {
  const { url, fail } = await server(t)
  const at = { ...GOOD, FILES_ENDPOINT: url }
  for (const [environment, message, hint] of [
    [{ ...at, FILES: 's3://another-bucket' }, /NoSuchBucket/, /make the bucket/],
    [{ ...at, FILES_SECRET_KEY: 'not the secret' }, /SignatureDoesNotMatch/, /correct FILES_ACCESS_KEY and FILES_SECRET_KEY/],
    [{ ...at, FILES_ACCESS_KEY: 'NOTTHEKEY' }, /InvalidAccessKeyId/, /correct FILES_ACCESS_KEY/],
    [{ ...at, FILES_REGION: 'other-region-1' }, /AuthorizationHeaderMalformed/, /correct FILES_REGION/],
    [{ ...at, FILES_ENDPOINT: `http://127.0.0.1:${await freePort()}` }, /ECONNREFUSED/, /correct FILES_ENDPOINT/],
  ] as const) {
    const error = await refusal(environment)
    assert.match(error.message, message)
    assert.match(error.hint, hint)
  }
  fail('NotImplemented')
  assert.match((await refusal(at)).hint, /take a server that has .*ListMultipartUploads/)
  fail('AccessDenied')
  assert.match((await refusal(at)).hint ?? '', /the keys need s3:PutObject/)
})

async function storageAt(t: TestContext, endpoint: string): Promise<FileStorage> {
  const settings = { endpoint, region: REGION, accessKey: KEY.id, secretKey: KEY.secret, pathStyle: null }
  const storage = await openS3Storage(s3PlaceOf(GOOD.FILES, settings, FILES_SETTINGS))
  t.after(() => storage.close())
  return storage
}

test('a thousand downloads that nobody reads hold up no upload', async (t) => {
  const { url } = await server(t)
  const storage = await storageAt(t, url)
  const name = { key: '019ae0f2-5c00-7000-8000-000000000001', form: 'file' }
  const bytes = async function* () {
    yield Buffer.alloc(10_000, 7)
  }
  await storage.write(name, bytes())
  const unread = await Promise.all(Array.from({ length: 1_024 }, () => storage.read(name, null)))
  await storage.write({ ...name, form: 'other' }, bytes())
  for (const one of unread) one?.destroy()
})

test('a server that lists objects after their removal is not asked for ever', async (t) => {
  const key = '019ae0f2-5c00-7000-8000-000000000001'
  const asked: string[] = []
  const server = createServer(({ method = '', url = '' }, response) => {
    asked.push(method)
    if (method === 'DELETE') return response.writeHead(204).end()
    const listed = url.includes('uploads') ? '' : `<Contents><Key>${key}/file</Key></Contents>`
    return response.writeHead(200, { 'content-type': 'application/xml' }).end(`<ListBucketResult>${listed}</ListBucketResult>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const storage = await storageAt(t, endpoint)
  await assert.rejects(storage.remove(key), StorageError)
  assert.ok(asked.filter((method) => method === 'DELETE').length <= 5)
})
