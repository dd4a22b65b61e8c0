import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defectIn, entryOf } from './log-entries.ts'
import { latest } from './serve-process.ts'

test('a defect is named by what it says, without the other members of its entry', () => {
  const line = JSON.stringify({
    ...{ level: 'error', time: 1, token: 'a-secret-of-somebody', msg: 'defect' },
    err: { type: 'TypeError', message: 'x is not a function', stack: 'at /home/somebody/app.ts', detail: 'Key (email)=(a@b.example)' },
  })
  assert.equal(defectIn(entryOf(line) ?? {}), 'defect: TypeError: x is not a function')
  assert.equal(
    defectIn({ level: 'error', msg: 'refused: PLN-4001', code: 'PLN-4001', note: 'no key' }),
    'refused: PLN-4001: PLN-4001: no key',
  )
  assert.equal(defectIn({ level: 'fatal' }), 'an entry without a message')
  assert.equal(defectIn({ level: 'warn', msg: 'slow' }), null)
  assert.equal(defectIn({ level: 'error', msg: 'refused: overloaded', code: 'overloaded', note: 'no connection' }), null)
  assert.deepEqual([entryOf('null'), entryOf('at start'), entryOf('{}')], [null, null, {}])
})

test('what nobody takes is kept up to a number, the latest first', () => {
  const kept = latest<number>(10)
  for (let i = 0; i < 100; i++) kept.add(i)
  const taken = kept.take()
  assert.ok(taken.length <= 10)
  assert.equal(taken.at(-1), 99)
  assert.deepEqual(kept.take(), [])
})
