import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure } from '../../base/failure.ts'
import { attemptOf } from './attempt.ts'
import { type Delivery, NotNow } from './delivery.ts'

async function errorOf(thrown: unknown): Promise<string | undefined> {
  const perform = () => Promise.reject(thrown)
  const delivery = { attempt: 1 } as Omit<Delivery, 'signal'>
  const failed = await attemptOf({ name: 'a', onDead: 'continue', takes: () => true, perform }, delivery, {
    signal: new AbortController().signal,
    random: () => 0,
  })
  return failed?.error
}

test('a failure that the event does not cause counts as no attempt, and the pause grows with the age of the event', async () => {
  const failedAt = async (ageMs: number) => {
    const event = { at: new Date(Date.now() - ageMs).toISOString() } as Delivery['event']
    const perform = () => Promise.reject(new NotNow('the broker is down'))
    return attemptOf({ name: 'a', onDead: 'continue', takes: () => true, perform }, { attempt: 10, event } as Omit<Delivery, 'signal'>, {
      signal: new AbortController().signal,
      random: () => 0.5,
    })
  }
  assert.deepEqual(await failedAt(0), { attempt: 9, retryInMs: 1_000, held: false, error: 'the broker is down', quiet: true })
  const later = (await failedAt(40_000))?.retryInMs ?? 0
  assert.ok(later >= 10_000 && later < 12_000, String(later))
  assert.equal((await failedAt(86_400_000))?.retryInMs, 60_000)
})

test('an attempt that a stop of the process ends does not count', async () => {
  const stopping = new AbortController()
  const perform = () => new Promise<void>(() => stopping.abort())
  const failed = await attemptOf(
    { name: 'a', onDead: 'continue', takes: () => true, perform },
    { attempt: 10 } as Omit<Delivery, 'signal'>,
    {
      signal: stopping.signal,
      random: () => 0,
    },
  )
  assert.deepEqual(failed, { attempt: 9, retryInMs: 0, held: false, error: 'the process stopped' })
})

test('an error is said once', async () => {
  const note = 'reaction Note run a.ts: Error: no paper (a.ts:2:9)'
  assert.equal(await errorOf(failure('internal_error', {}, note)), `internal_error: ${note}`)
  assert.equal(
    await errorOf(failure('not_found', { entity: 'Note' }, 'hidden by its rule')),
    'not_found: no such Note (hidden by its rule)',
  )
  assert.equal(await errorOf(new Error('refused\0')), 'refused')
  assert.equal(await errorOf('text'), 'text')
  assert.equal(await errorOf(new Error('cut 😀'.slice(0, 5))), 'cut \ufffd')
})
