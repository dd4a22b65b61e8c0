import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answered, NO_ANSWER } from '../expected/answered.ts'
import { askAgain } from './ask-again.ts'
import type { SentRequest } from './stage.ts'

/** How often a request is sent to a backend that is busy for some requests, and the last status. */
async function outcome(
  sent: Pick<SentRequest, 'method' | 'url' | 'body'>,
  busy: number,
  when = 503,
  code?: string,
): Promise<readonly [times: number, status: number]> {
  let times = 0
  const ask = (): Promise<Answered> => {
    times++
    return Promise.resolve({ status: times <= busy ? when : 200, headers: {}, text: '', json: code === undefined ? undefined : { code } })
  }
  const { status } = await askAgain(ask, { ...sent, token: null })
  return [times, status]
}

test('a read that is answered 503 is sent again, and a backend that always answers so is found', async () => {
  const list = { method: 'GET', url: '/api/notes' }
  assert.deepEqual(await outcome(list, 0), [1, 200])
  assert.deepEqual(await outcome(list, 2), [3, 200])
  assert.deepEqual(await outcome(list, 9), [4, 503])
  assert.deepEqual(await outcome({ method: 'POST', url: '/graphql', body: { query: 'query { notes { id } }' } }, 1), [2, 200])
})

test('a read without an answer is sent again once', async () => {
  const row = { method: 'GET', url: '/api/notes/1' }
  assert.deepEqual(await outcome(row, 1, NO_ANSWER), [2, 200])
  assert.deepEqual(await outcome(row, 9, NO_ANSWER), [2, NO_ANSWER])
})

test('a write is sent once', async () => {
  assert.deepEqual(await outcome({ method: 'POST', url: '/api/notes', body: {} }, 1), [1, 503])
  assert.deepEqual(await outcome({ method: 'POST', url: '/graphql', body: { query: 'mutation { a }' } }, 1), [1, 503])
})

test('a write that was refused because too much waits is sent again', async () => {
  assert.deepEqual(await outcome({ method: 'POST', url: '/api/users', body: {} }, 2, 503, 'overloaded'), [3, 200])
  assert.deepEqual(await outcome({ method: 'POST', url: '/api/users', body: {} }, 9, 503, 'overloaded'), [4, 503])
  assert.deepEqual(await outcome({ method: 'POST', url: '/api/users', body: {} }, 1, 503, 'other'), [1, 503])
})
