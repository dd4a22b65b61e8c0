import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { processorTime } from '../../../../test/support/processor-time.ts'
import { SEEDED } from '../../../../test/support/random.ts'
import { Failure } from '../../../base/failure.ts'
import { limitConcurrency } from './concurrency-limit.ts'
import { ARGON2ID, openPasswords } from './passwords.ts'
import { parsePhc } from './phc.ts'

/** Cheap hashing, for tests that do not test the cost. */
const cheap = openPasswords({ cost: { memory: 8, passes: 1, lanes: 1 }, running: () => 2 })
const full = openPasswords({ cost: ARGON2ID, running: () => 2 })

test('a password is stored as argon2id of 19 MiB and two passes', async () => {
  const hash = await full.hash('otter lantern mosaic')
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.equal(await full.verify('otter lantern mosaic', hash), 'right')
  assert.equal(await full.verify('otter lantern mosaiC', hash), 'wrong')
})

test('the hash of the argon2 reference implementation verifies', async () => {
  // test.c of the reference implementation: Argon2id, version 0x13, t=2, m=2^16, p=1, "password", "somesalt"
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  assert.equal(await full.verify('password', reference), 'right')
  assert.equal(await full.verify('Password', reference), 'wrong')
})

test('equal passwords have different hashes', async () => {
  const hashes = await Promise.all(Array.from({ length: 60 }, () => cheap.hash('otter lantern')))
  assert.equal(new Set(hashes).size, 60)
})

test('passwords are not truncated: the last character counts, and a prefix of 72 bytes does not match', async () => {
  for (const password of ['x'.repeat(63), 'long words '.repeat(22), '🦉 '.repeat(50), 'y'.repeat(1024)].map((p) => `${p.slice(0, -1)}z`)) {
    const hash = await cheap.hash(password)
    assert.equal(await cheap.verify(password, hash), 'right')
    assert.equal(await cheap.verify(`${password.slice(0, -1)}Z`, hash), 'wrong')
    assert.equal(
      await cheap.verify(Buffer.from(password).subarray(0, 72).toString(), hash),
      Buffer.byteLength(password) <= 72 ? 'right' : 'wrong',
    )
    assert.equal(await cheap.verify(`${password} `, hash), 'wrong')
  }
})

test('a password matches when it is typed with other code points for the same characters', async () => {
  const hash = await cheap.hash('caf\u00e9 noir')
  assert.equal(await cheap.verify('cafe\u0301\u00a0noir', hash), 'right')
  assert.equal(await cheap.verify('cafe noir', hash), 'wrong')
})

test('a password of more than 1,024 bytes is not hashed', async () => {
  const took = processorTime()
  assert.equal(await full.verify('x'.repeat(10_000_000), null), 'wrong')
  assert.equal(await full.verify('🦉'.repeat(257), null), 'wrong')
  await assert.rejects(full.hash('x'.repeat(1025)), (error: unknown) => error instanceof Failure && error.code === 'malformed_request')
  assert.ok(took() < 20)
})

test('a password with lone surrogates is refused, so two such passwords never match each other', async () => {
  await assert.rejects(cheap.hash('secret \ud800 words'), Failure)
  assert.equal(await cheap.verify('secret \ud801 words', await cheap.hash('secret \ufffd words')), 'wrong')
})

test('no password matches an unknown account', async () => {
  assert.equal(await cheap.verify('otter lantern', null), 'wrong')
})

test('a stored text that is not an argon2id hash within the cost limits matches nothing and is `unreadable`', async () => {
  const hash = await cheap.hash('otter lantern')
  const unreadable = [
    '',
    'otter lantern',
    '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
    hash.replace('argon2id', 'argon2i'),
    hash.replace('v=19', 'v=16'),
    hash.replace('m=8', 'm=4194304'),
    hash.replace('m=8', 'm=7'),
    hash.replace('t=1', 't=999'),
    hash.replace('p=1', 'p=9'),
    hash.replace('p=1', 'p=2'),
    hash.replace(/\$[^$]+$/, '$AAAA'),
    `${hash}\n`,
    `${hash}=`,
  ]
  for (const text of unreadable) assert.equal(await cheap.verify('otter lantern', text), 'unreadable', text)
})

test('only a hash below the current cost needs a new hash', async () => {
  const old = await cheap.hash('otter lantern')
  assert.equal(cheap.needsRehash(old), false)
  assert.equal(full.needsRehash(old), true)
  assert.equal(cheap.needsRehash(await full.hash('otter lantern')), false)
  assert.equal(await full.verify('otter lantern', old), 'right')
  assert.equal(full.needsRehash('not a hash'), false)
})

test('parsing a hash never throws, and formatting it gives the same text', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^\$argon2id\$v=19\$m=\d{1,5},t=\d,p=\d\$[A-Za-z0-9+/]{11,30}\$[A-Za-z0-9+/]{22,60}$/)),
      (text) => {
        const hash = parsePhc(text)
        if (hash !== null) assert.ok(hash.cost.memory <= 262_144 && hash.cost.passes <= 10 && hash.cost.lanes <= 8)
      },
    ),
    SEEDED,
  )
})

test('the limit runs a few tasks at once, in order, and refuses further tasks when the queue is full', async () => {
  const limit = limitConcurrency({ running: () => 2, waiting: 3 })
  const finished: number[] = []
  let running = 0
  let most = 0
  const work = (n: number) => async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setImmediate(resolve))
    running -= 1
    finished.push(n)
    if (n === 1) throw new Error('this one fails')
    return n
  }
  const results = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map((n) => limit(work(n), undefined)))
  assert.deepEqual(finished, [0, 1, 2, 3, 4])
  assert.equal(most, 2)
  assert.deepEqual(
    results.map((r) => r.status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
  )
  for (const result of results.slice(5)) assert.ok(result.status === 'rejected' && result.reason.code === 'overloaded')
  // Every place is free again, even after a failure.
  assert.deepEqual(await Promise.all([limit(work(7), undefined), limit(work(8), undefined)]), [7, 8])
})

test('when more tasks may run, the waiting ones start before new ones; when fewer may run, finished ones have no successor', async () => {
  let allowed = 1
  const limit = limitConcurrency({ running: () => allowed, waiting: 10 })
  const ends: (() => void)[] = []
  const started: number[] = []
  const ask = (n: number) =>
    limit(() => {
      started.push(n)
      return new Promise<void>((resolve) => ends.push(resolve))
    }, undefined)
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  const all = [ask(1), ask(2), ask(3)]
  await settled()
  assert.deepEqual(started, [1])
  allowed = 2
  all.push(ask(4))
  await settled()
  assert.deepEqual(started, [1, 2])
  allowed = 1
  ends[0]?.()
  await settled()
  assert.deepEqual(started, [1, 2])
  ends[1]?.()
  await settled()
  assert.deepEqual(started, [1, 2, 3])
  ends[2]?.()
  await settled()
  ends[3]?.()
  await Promise.all(all)
  assert.deepEqual(started, [1, 2, 3, 4])
})

test('callers take turns, and work of a disconnected client does not run', async () => {
  const limit = limitConcurrency({ running: () => 1, waiting: 10 })
  const done: string[] = []
  let hungUp = false
  const work = (name: string) => async () => {
    await new Promise((resolve) => setImmediate(resolve))
    done.push(name)
  }
  const ask = (key: string, n: number, gone = () => false) => limit(work(`${key}${n}`), { key, gone })
  const all = Promise.allSettled([
    ask('a', 1),
    ask('a', 2),
    ask('a', 3),
    ask('b', 1),
    ask('c', 1, () => hungUp),
    ask('c', 2, () => hungUp),
    ask('b', 2),
  ])
  hungUp = true
  const results = await all
  assert.deepEqual(done, ['a1', 'a2', 'b1', 'a3', 'b2'])
  assert.deepEqual(
    results.map((r) => (r.status === 'rejected' ? r.reason.code : 'done')),
    ['done', 'done', 'done', 'done', 'client_gone', 'client_gone', 'done'],
  )
})

test('when the queue is full, the caller with the most waiting work is refused', async () => {
  const limit = limitConcurrency({ running: () => 1, waiting: 3 })
  const ask = (key: string) => limit(() => new Promise((resolve) => setImmediate(resolve)), { key, gone: () => false })
  const results = await Promise.allSettled([ask('a'), ask('a'), ask('a'), ask('a'), ask('b'), ask('a'), ask('b'), ask('c')])
  assert.deepEqual(
    results.map((r) => (r.status === 'rejected' ? r.reason.code : 'done')),
    ['done', 'done', 'overloaded', 'overloaded', 'done', 'overloaded', 'overloaded', 'done'],
  )
})

test('logins beyond the length of the queue are refused', async () => {
  const flooded = openPasswords({ cost: { memory: 1024, passes: 1, lanes: 1 }, running: () => 1 })
  const results = await Promise.allSettled(Array.from({ length: 100 }, () => flooded.verify('otter lantern', null)))
  assert.equal(results.filter((r) => r.status === 'fulfilled').length, 65)
  assert.equal(results.filter((r) => r.status === 'rejected' && r.reason.code === 'overloaded' && r.reason.status === 503).length, 35)
})
