/**
 * The change to another key while callers write: nothing is unreadable at any moment. `npm run test:rotation` runs it with 32 callers and
 * 4,000 rows.
 */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { Model } from '../../src/model/model.ts'
import { openExecutor } from '../../src/postgres/executor/execute.ts'
import { type EncryptionKeys, readEncryptionKeys } from '../../src/services/encryption/keys.ts'
import { keyUses, rotateRound } from '../../src/services/encryption/rotate.ts'
import { openFieldCipher, sealedFields } from '../../src/services/encryption/sealed-fields.ts'
import { migrateTo, type TestBackend, testBackend } from '../support/backend.ts'
import { PATIENCE } from '../support/patience.ts'
import { modelOf } from '../support/resolved.ts'
import { PATIENTS, patientsDesign } from './patients.ts'

const WRITERS = Number(process.env.WRITERS ?? 4)
const ROWS = Number(process.env.ROWS ?? 40)

const key = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`
const [OLD, NEW] = [key('old'), key('new')]
const keysOf = (...keys: readonly string[]): EncryptionKeys => readEncryptionKeys('keys', keys.join(','))

/** Rotates all fields until nothing is left, or for so many rounds, and returns how many values were encrypted. */
async function rotate(model: Model, url: string, keys: EncryptionKeys, rounds?: number): Promise<number> {
  const cipher = openFieldCipher(model, keys)
  assert.ok(cipher !== null)
  const executor = openExecutor({ url, connections: 1, statementTimeoutMs: 60_000, transactionTimeoutMs: 60_000, patience: PATIENCE })
  let rotated = 0
  try {
    for (const field of sealedFields(model))
      for (let left = 1, round = 0; left > 0 && round !== rounds; round++) {
        assert.ok(round < 100, `${left} values of ${field.context} are left`)
        const done = await rotateRound(executor.transaction, field, { cipher, told: () => {} })
        rotated += done.rotated
        left = done.left
      }
    return rotated
  } finally {
    await executor.close()
  }
}

/** The keys that encrypted the stored values, by number of values. */
async function usedKeys(model: Model, url: string): Promise<Readonly<Record<string, number>>> {
  const executor = openExecutor({ url, connections: 1, statementTimeoutMs: 60_000, transactionTimeoutMs: 60_000, patience: PATIENCE })
  const used: Record<string, number> = {}
  try {
    for (const field of sealedFields(model))
      for (const { key: id, values } of await keyUses(executor.run, field)) used[id ?? 'clear'] = (used[id ?? 'clear'] ?? 0) + values
    return used
  } finally {
    await executor.close()
  }
}

/** What callers ask, and until when. */
interface Serving {
  instances: readonly [TestBackend, TestBackend]
  isDone: boolean
}

/** Creates, changes, finds and reads rows until it is done; every answer must have the clear text that was written. */
async function write(serving: Serving, number: number): Promise<number> {
  const { json } = await serving.instances[0].ask('POST', '/api/patients', {
    body: { name: 'w', insurance: `W-${number}-0`, diagnosis: 'd' },
  })
  let n = 0
  for (; !serving.isDone || n < 3; n++) {
    const [first, second] = serving.instances
    const backend = n % 2 === 0 ? first : second
    const [insurance, diagnosis] = [`W-${number}-${n + 1}`, `d-${number}-${n}`]
    const changed = await backend.ask('PATCH', `/api/patients/${json.id}`, { body: { insurance, diagnosis } })
    assert.deepEqual([changed.status, changed.json.insurance], [200, insurance], changed.text)
    const found = await (n % 2 === 0 ? second : first).ask('GET', `/api/patients?filter[insurance]=${insurance}`)
    assert.deepEqual(
      found.json.data.map((row: { diagnosis: string }) => row.diagnosis),
      [diagnosis],
      found.text,
    )
    const page = await backend.ask('GET', '/api/patients?page[size]=20')
    assert.equal(page.status, 200, page.text)
  }
  return n
}

test('while callers write with the old and with the new key, every value is readable, and then only the new key is needed', async (t) => {
  const first = await testBackend(t, PATIENTS, { encryption: keysOf(OLD, NEW) })
  const second = await testBackend(t, PATIENTS, { encryption: keysOf(NEW, OLD), databaseUrl: first.databaseUrl })
  const rows = Array.from({ length: ROWS }, (_, i) => ({ name: 'row', insurance: `R-${i}`, diagnosis: `text ${i}` }))
  for (let at = 0; at < rows.length; at += 100)
    assert.equal((await first.ask('POST', '/api/patients', { body: rows.slice(at, at + 100) })).status, 201)
  const serving: Serving = { instances: [first, second], isDone: false }
  const writing = Array.from({ length: WRITERS }, (_, i) => write(serving, i))
  // Instances with the old key first go on writing with it, so a rotation ends only after they are gone.
  const beside = await rotate(PATIENTS, first.databaseUrl, keysOf(NEW, OLD), 1)
  assert.ok(beside > 0)
  serving.instances = [second, second]
  const during = beside + (await rotate(PATIENTS, first.databaseUrl, keysOf(NEW, OLD)))
  serving.isDone = true
  const written = (await Promise.all(writing)).reduce((sum, n) => sum + n, 0)
  assert.ok(during >= 2 * ROWS, `${during} values encrypted again`)
  // Requests that the first instance had begun may have ended after the rotation.
  await rotate(PATIENTS, first.databaseUrl, keysOf(NEW, OLD))
  assert.deepEqual(Object.keys(await usedKeys(PATIENTS, first.databaseUrl)), ['new'])
  const third = await testBackend(t, PATIENTS, { encryption: keysOf(NEW), databaseUrl: first.databaseUrl })
  for (const i of [0, ROWS - 1]) {
    const { json } = await third.ask('GET', `/api/patients?filter[insurance]=R-${i}`)
    assert.deepEqual([json.data[0].diagnosis, json.data[0].version], [`text ${i}`, 1])
  }
  t.diagnostic(`${WRITERS} callers, ${written} changes, ${during} values encrypted again meanwhile`)
})

test('a plain field becomes encrypted: old values stay readable, and a rotation encrypts them', async (t) => {
  const plain = modelOf(patientsDesign('open'))
  const before = await testBackend(t, plain)
  assert.equal((await before.ask('POST', '/api/patients', { body: { name: 'a', insurance: 'P-1', diagnosis: 'old' } })).status, 201)
  await migrateTo(PATIENTS, before.databaseUrl)
  const keys = keysOf(NEW)
  const after = await testBackend(t, PATIENTS, { encryption: keys, databaseUrl: before.databaseUrl })
  assert.equal((await after.ask('GET', '/api/patients')).json.data[0].diagnosis, 'old')
  assert.deepEqual(await usedKeys(PATIENTS, before.databaseUrl), { clear: 2 })
  assert.equal(await rotate(PATIENTS, before.databaseUrl, keys), 2)
  assert.deepEqual(await usedKeys(PATIENTS, before.databaseUrl), { new: 2 })
  assert.equal((await after.ask('GET', '/api/patients?filter[insurance]=P-1')).json.data[0].diagnosis, 'old')
})
