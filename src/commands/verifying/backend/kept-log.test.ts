import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinedLogs, keepLog } from './kept-log.ts'

test('a log is read as it was written, in pieces that cut no character, and what does not fit is counted', () => {
  const log = keepLog(3 * 1024 * 1024)
  const line = `${'€'.repeat(400_000)}\n`
  log.write(line)
  log.write(line)
  log.write(line)
  const { parts, lost } = log.read()
  const pieces = [...parts()]
  assert.ok(pieces.length > 1)
  assert.equal(pieces.join(''), line.repeat(2))
  assert.equal(lost, line.length)
  const other = keepLog()
  other.write('b')
  const both = joinedLogs([log.read(), other.read()])
  assert.equal([...both.parts()].join('').slice(-3), '\nb\n')
  assert.equal(both.lost, line.length)
  log.close()
  other.close()
})
