import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { argon2Sync } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, constants, getPriority } from 'node:os'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { Failure } from '../../../base/failure.ts'
import { HASH_THREADS, openHashThreads, type TagWork, tagsAtOnce } from './hash-threads.ts'

const work: TagWork = {
  message: Buffer.from('otter lantern'),
  salt: Buffer.alloc(16, 7),
  tagBytes: 32,
  cost: { memory: 64, passes: 1, lanes: 1 },
}

/** Answers with the salt and its own number; a salt of zeros ends the thread. */
const FRAGILE = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads'
    parentPort.on('message', ({ message, salt }) => {
      if (salt[0] === 0) throw new Error(Buffer.from(message).toString())
      setTimeout(() => parentPort.postMessage(new Uint8Array([salt[0], threadId])), 20)
    })`)}`,
)

test('a thread computes the same tag as the process itself, and leaves the password of its caller unchanged', async () => {
  const tag = await openHashThreads(1).compute(work)
  const own = argon2Sync('argon2id', { message: work.message, nonce: work.salt, parallelism: 1, tagLength: 32, memory: 64, passes: 1 })
  assert.deepEqual(tag, own)
  assert.equal(work.message.toString(), 'otter lantern')
})

test('beside other requests, hashes leave one processor free, if there are several', () => {
  assert.equal(tagsAtOnce(Number.POSITIVE_INFINITY), HASH_THREADS)
  assert.equal(tagsAtOnce(0), Math.max(1, Math.min(availableParallelism() - 1, HASH_THREADS)))
})

test('work waits in order for a few threads', async () => {
  const threads = openHashThreads(2, FRAGILE)
  const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => threads.compute({ ...work, salt: Buffer.of(n) })))
  assert.deepEqual(
    answers.map(([n]) => n),
    [1, 2, 3, 4, 5],
  )
  assert.equal(new Set(answers.map(([, thread]) => thread)).size, 2)
})

test('a thread that ends rejects its own work alone, and another thread takes its place', async () => {
  const threads = openHashThreads(1, FRAGILE)
  const results = await Promise.allSettled([1, 0, 2, 0, 0, 3].map((n) => threads.compute({ ...work, salt: Buffer.of(n) })))
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value[0] : result.reason.code)),
    [1, 'internal_error', 2, 'internal_error', 'internal_error', 3],
  )
  for (const result of results) {
    if (result.status === 'fulfilled') continue
    assert.ok(result.reason instanceof Failure)
    // The error of this thread has the password as its text.
    assert.ok(!`${result.reason.stack} ${JSON.stringify(result.reason)}`.includes('otter'))
  }
})

test('every work is rejected when no thread can start', async () => {
  const threads = openHashThreads(1, new URL('./absent.ts', import.meta.url))
  const results = await Promise.allSettled([1, 2, 3].map((n) => threads.compute({ ...work, salt: Buffer.of(n) })))
  for (const result of results) assert.ok(result.status === 'rejected' && result.reason.code === 'internal_error')
})

test('a process waits for the tags that it asked for, and then ends although its threads are idle', async () => {
  const script = `
    const { hashThreads } = await import(${JSON.stringify(new URL('./hash-threads.ts', import.meta.url).href)})
    const ask = () => hashThreads.compute({ message: Buffer.from('x'), salt: Buffer.alloc(16), tagBytes: 32, cost: { memory: 64, passes: 1, lanes: 1 } })
    for (let n = 0; n < 3; n++) console.log((await ask()).length)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
    timeout: 120_000,
  })
  assert.equal(stdout, '32\n32\n32\n')
})

test('a hash thread has the lowest priority, and the process keeps its own', {
  skip: process.platform !== 'linux' || availableParallelism() < 2,
}, async () => {
  const before = getPriority(0)
  await openHashThreads(1).compute(work)
  assert.equal(getPriority(0), before)
  assert.ok(nicenessOfHashThreads().includes(constants.priority.PRIORITY_LOW))
})

function nicenessOfHashThreads(): readonly number[] {
  return readdirSync('/proc/self/task').flatMap((id) => {
    try {
      // proc_pid_stat(5): field 19. The name before the fields may contain spaces, but ends at the last parenthesis.
      const [name = '', fields = ''] = readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(/\) (?=[A-Z] )/)
      return name.includes('(plinth-hash') ? [Number(fields.split(' ')[16])] : []
    } catch {
      // The thread has ended.
      return []
    }
  })
}
