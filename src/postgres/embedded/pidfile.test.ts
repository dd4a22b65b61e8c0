import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { disarmPidFile, parsePidFile, readPidFile } from './pidfile.ts'

const SOCKET = '6452\n/srv/app/.plinth/postgres/data\n1795355787\n5432\n/srv/app/.plinth/postgres/run\n\n  2146335         9\nready   \n'
const LOOPBACK = '77\n/data\n1795355787\n40123\n\n127.0.0.1\n  2146335         9\nstarting\n'

test('postmaster.pid of a server on a unix socket', () => {
  const address = { kind: 'socket', folder: '/srv/app/.plinth/postgres/run', port: 5432 }
  assert.deepEqual(parsePidFile(SOCKET), { pid: 6452, address, status: 'ready' })
})

test('postmaster.pid of a server on loopback that is still starting', () => {
  assert.deepEqual(parsePidFile(LOOPBACK), { pid: 77, address: { kind: 'loopback', port: 40123 }, status: 'starting' })
})

test('an incomplete file has no status yet; a file without a process id is ignored', () => {
  assert.equal(parsePidFile('77\n/data\n1795355787\n')?.status, 'unknown')
  assert.equal(parsePidFile('-78\n/data\n')?.pid, 78) // single-user mode writes its id negative
  for (const text of ['', '\n', 'garbage\n', '0\n/data\n']) assert.equal(parsePidFile(text), undefined, JSON.stringify(text))
})

test('disarming a stale file replaces the process id and keeps the shared memory key', async (t) => {
  const data = await mkdtemp(join(tmpdir(), 'plinth-pid-'))
  t.after(() => rm(data, { recursive: true }))
  await writeFile(join(data, 'postmaster.pid'), SOCKET)
  await disarmPidFile(data)
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8')
  assert.equal(text.split('\n').slice(1).join('\n'), SOCKET.split('\n').slice(1).join('\n'))
  const file = await readPidFile(data)
  assert.ok(file !== undefined)
  assert.throws(() => process.kill(file.pid, 0), { code: 'ESRCH' })
})

test('disarming removes an incomplete file and accepts a missing file', async (t) => {
  const data = await mkdtemp(join(tmpdir(), 'plinth-pid-'))
  t.after(() => rm(data, { recursive: true }))
  await writeFile(join(data, 'postmaster.pid'), '')
  await disarmPidFile(data)
  await disarmPidFile(data)
  await assert.rejects(readFile(join(data, 'postmaster.pid')), { code: 'ENOENT' })
})
