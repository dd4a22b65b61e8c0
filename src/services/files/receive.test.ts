import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { openDiskStorage } from './disk-storage.ts'
import { FileRefused } from './file-refused.ts'
import { receiveFile } from './receive.ts'
import { timedChunks } from './timed-chunks.ts'

const folder = await mkdtemp(join(tmpdir(), 'plinth-files-'))
after(() => rm(folder, { recursive: true, force: true }))
const storage = openDiskStorage(folder)

function receive(source: PassThrough, max = 10_000) {
  return receiveFile(storage, { key: randomUUID(), chunks: timedChunks(source), declared: null, type: { max, accept: ['text/plain'] } })
}

for (const [why, first] of [
  ['wrong-type', Buffer.alloc(5_000)],
  ['too-large', Buffer.alloc(20_000, 'a')],
] as const)
  test(`a file that is refused as ${why} is kept by no timer, and its source stays open`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const source = new PassThrough()
    source.write(first)
    await assert.rejects(receive(source), (error) => error instanceof FileRefused && error.why === why)
    t.mock.timers.tick(3_600_000)
    assert.equal(source.destroyed, false)
  })

test('a sender who is silent for half a minute is given up', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const refused = assert.rejects(receive(new PassThrough()), (error) => error instanceof FileRefused && error.why === 'too-slow')
  t.mock.timers.tick(30_000)
  await refused
})

test('a sender who drips is given up after a minute, and one who is slow and steady enough is not, unless many send', async () => {
  for (const [bytesPerTurn, leastRate, refused] of [
    [1_000, 8_192, true],
    [500_000, 8_192, false],
    // Many files arrive at once.
    [500_000, 131_072, true],
  ] as const) {
    let at = 0
    const source = new PassThrough()
    // Each look at the clock is ten seconds after the last one.
    const now = () => {
      at += 10_000
      return at
    }
    const chunks = timedChunks(source, { now, leastRate: () => leastRate })
    const type = { max: 100_000_000, accept: ['text/plain'] }
    const ended = receiveFile(storage, { key: randomUUID(), chunks, declared: null, type })
    const outcome = ended.then(
      () => 'stored',
      (error: unknown) => (error instanceof FileRefused ? error.why : 'failed'),
    )
    for (let i = 0; i < 20; i++) {
      source.write(Buffer.alloc(bytesPerTurn, 'a'))
      await new Promise((resolve) => setImmediate(resolve))
    }
    source.end()
    assert.equal(await outcome, refused ? 'too-slow' : 'stored')
    assert.equal(source.destroyed, !refused)
  }
})
