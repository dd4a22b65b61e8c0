import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { explained } from '../../src/server/run/database-failure.ts'
import { sweepFiles } from '../../src/services/files/sweep.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'
import { onEach } from './storages.ts'
import { ARCHIVE } from './upload-memory.ts'

onEach(
  'a server process that is killed during an upload leaves nothing behind after the sweep of the next one',
  async (t, { storage, left, environment }) => {
    const { databaseUrl, ask, sql } = await testBackend(t, modelFrom(ARCHIVE), { files: storage, keys: null })
    const { run, close } = openExecutor({ url: databaseUrl, connections: 1, statementTimeoutMs: 5_000, patience: PATIENCE })
    const script = join(import.meta.dirname, 'upload-server.ts')
    const child = spawn(process.execPath, ['--conditions=source', script, databaseUrl], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    })
    const ended = once(child, 'exit')
    t.after(async () => {
      child.kill('SIGKILL')
      await ended
      await close()
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { json: row } = await ask('POST', '/api/boxes', { body: {} })
    const url = `${line.toString().trim()}/api/boxes/${row.id}/content`
    const sending = request(url, { method: 'PUT', headers: { 'content-length': 9_000_000 } })
    sending.on('error', () => {})
    // More than a part, so that each storage has some of it.
    sending.write(Buffer.alloc(7_000_000, 1))
    while ((await left()).length === 0) await wait(10)
    child.kill('SIGKILL')
    await ended
    assert.deepEqual(await sql('select state from plinth.files'), [{ state: 'open' }])
    assert.equal(await sweepFiles(explained(run), storage), 0, 'until it is due, its process may be alive')
    await sql(`update plinth.files set due = now() - interval '1 second'`)
    assert.equal(await sweepFiles(explained(run), storage), 1)
    assert.deepEqual([await left(), await sql('select from plinth.files')], [[], []])
    assert.equal((await ask('GET', `/api/boxes/${row.id}`)).json.content, null)
  },
)
