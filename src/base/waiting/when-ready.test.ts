import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whenReady } from './when-ready.ts'

const fail = (text: string): never => {
  throw new Error(text)
}

test('a value goes on at once, and a promise later', async () => {
  assert.equal(
    whenReady(1, (n) => n + 1),
    2,
  )
  const later = whenReady(Promise.resolve(1), (n) => n + 1)
  assert.ok(later instanceof Promise)
  assert.equal(await later, 2)
})

test('an error after a value is thrown at once, and after a promise it is a rejection', async () => {
  assert.throws(() => whenReady('now', fail), /now/)
  await assert.rejects(async () => whenReady(Promise.resolve('later'), fail), /later/)
  await assert.rejects(async () => whenReady(Promise.reject(new Error('before')), fail), /before/)
})
