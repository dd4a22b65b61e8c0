import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure } from '../../base/failure.ts'
import { attemptOf } from './attempt.ts'
import type { Delivery } from './delivery.ts'

async function errorOf(thrown: unknown): Promise<string | undefined> {
  const perform = () => Promise.reject(thrown)
  const delivery = { attempt: 1 } as Omit<Delivery, 'signal'>
  const failed = await attemptOf({ name: 'a', onDead: 'continue', takes: () => true, perform }, delivery, {
    signal: new AbortController().signal,
    random: () => 0,
  })
  return failed?.error
}

test('an error is said once', async () => {
  const note = 'reaction Note run a.ts: Error: no paper (a.ts:2:9)'
  assert.equal(await errorOf(failure('internal_error', {}, note)), `internal_error: ${note}`)
  assert.equal(
    await errorOf(failure('not_found', { entity: 'Note' }, 'hidden by its rule')),
    'not_found: no such Note (hidden by its rule)',
  )
  assert.equal(await errorOf(new Error('refused\0')), 'refused')
  assert.equal(await errorOf('text'), 'text')
})
