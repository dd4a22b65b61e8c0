import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { explained } from '../../src/server/run/database-failure.ts'
import { openDiskStorage } from '../../src/services/files/disk-storage.ts'
import { sweepFiles } from '../../src/services/files/sweep.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'
import { ARCHIVE } from './upload-memory.ts'

test('a server process that is killed during an upload leaves nothing behind after the sweep of the next one', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-files-'))
  const storage = openDiskStorage(folder)
  const { databaseUrl, ask, sql } = await testBackend(t, modelFrom(ARCHIVE), { files: storage, keys: null })
  const { run, close } = openExecutor({ url: databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
  const script = join(import.meta.dirname, 'upload-server.ts')
  const child = spawn(process.execPath, ['--conditions=source', script, databaseUrl, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
    await close()
    await rm(folder, { recursive: true, force: true })
  })
  const files = async () => (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { json: row } = await ask('POST', '/api/boxes', { body: {} })
  const url = `${line.toString().trim()}/api/boxes/${row.id}/content`
  const sending = request(url, { method: 'PUT', headers: { 'content-length': 9_000_000 } })
  sending.on('error', () => {})
  sending.write(Buffer.alloc(500_000, 1))
  while ((await files()).length === 0) await wait(10)
  child.kill('SIGKILL')
  await ended
  assert.deepEqual(await sql('select state from plinth.files'), [{ state: 'open' }])
  assert.equal(await sweepFiles(explained(run), storage), 0, 'until it is due, its process may be alive')
  await sql(`update plinth.files set due = now() - interval '1 second'`)
  assert.equal(await sweepFiles(explained(run), storage), 1)
  assert.deepEqual([await files(), await sql('select from plinth.files')], [[], []])
  assert.equal((await ask('GET', `/api/boxes/${row.id}`)).json.content, null)
})
