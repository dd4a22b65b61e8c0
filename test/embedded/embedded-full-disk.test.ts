/** A full disk of the embedded server: no committed data are lost, and the server runs again when the disk has room. */

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, open, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { homeOf, plinthProcess, projectFolder, query } from './embedded-fixture.ts'

const MEBIBYTE = 1024 * 1024

/** Why this machine cannot mount a small disk; false when it can. */
function obstacle(): string | false {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return 'only root on Linux can mount a small disk'
  const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { encoding: 'utf8' })
  return tried.status === 0 ? false : `this machine mounts no tmpfs: ${tried.stderr ?? tried.error?.message}`
}

const skip = obstacle()

/** A project folder on a new small disk, which is deleted after the test. */
async function smallDisk(t: TestContext, mebibytes: number): Promise<string> {
  const folder = await projectFolder({ after: (clean) => t.after(() => clean().catch(() => {})) })
  const disk = dirname(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'tmpfs', disk])
  t.after(() => execFileSync('umount', ['--lazy', disk]))
  await mkdir(folder)
  return folder
}

/** Writes a file until the disk of a folder is full. Returns its path. */
async function fill(folder: string): Promise<string> {
  const path = join(folder, 'filler')
  const file = await open(path, 'w')
  try {
    for (;;) await file.write(Buffer.alloc(MEBIBYTE, 1))
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
  } finally {
    await file.close()
  }
  const { bavail, bsize } = await statfs(folder)
  assert.ok(bavail * bsize < MEBIBYTE)
  return path
}

test('a server that a full disk has stopped runs again when there is room, with every committed row', {
  skip,
  timeout: 180_000,
}, async (t) => {
  const folder = await smallDisk(t, 400)
  const plinth = plinthProcess(t, folder)
  const { url, pid } = await plinth.ready
  await query(url, 'create table things (id integer primary key)', 'insert into things select generate_series(1, 1000)')
  const filler = await fill(folder)
  await writeUntilItStops(join(await homeOf(folder), 'run'))
  await plinth.saw('disk-full')
  await sleep(2_500)
  assert.equal(plinth.events.filter(({ kind }) => kind === 'disk-full').length, 1, 'it says so once')
  assert.ok(!plinth.events.some(({ kind }) => kind === 'lost'))
  await rm(filler)
  await plinth.saw('restarted')
  const again = plinth.events.find((event) => event.kind === 'restarted')
  assert.notEqual(again?.kind === 'restarted' && again.pid, pid)
  assert.deepEqual(await query(url, 'select count(*)::integer from things where id <= 1000'), [1000])
  await query(url, 'insert into things values (-1)')
})

test('the error of a first start on a full disk names the disk and not DATABASE_URL', { skip, timeout: 60_000 }, async (t) => {
  const folder = await smallDisk(t, 24)
  await assert.rejects(plinthProcess(t, folder).ready, (error: Error) => {
    assert.match(error.message, /the disk with \S+ is full/)
    assert.doesNotMatch(error.message, /DATABASE_URL/)
    return true
  })
})

/** Fills segments of the write-ahead log until the disk has no room for the next. */
async function writeUntilItStops(sockets: string): Promise<void> {
  for (;;) {
    const client = new pg.Client({ host: sockets, user: 'postgres', database: 'plinth' })
    client.on('error', () => {})
    try {
      await client.connect()
      for (;;)
        await client.query(
          "select pg_logical_emit_message(false, 'test', repeat('x', 1000000)) from generate_series(1, 20); select pg_switch_wal()",
        )
    } catch (error) {
      if (/No space left/.test((error as Error).message) && (error as { code?: string }).code === '53100') continue
      return
    } finally {
      await client.end().catch(() => {})
    }
  }
}
