import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { hasEnded, ownerName } from './owner.ts'

test('an owner of this machine has ended if its process has; of others nothing is known', () => {
  const [where] = ownerName().split(':')
  const ended = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim()
  assert.equal(hasEnded(ownerName()), false)
  assert.equal(hasEnded(`${where}:${process.ppid}`), false)
  assert.equal(hasEnded(`${where}:${ended}`), true)
  for (const other of [`${'0'.repeat(16)}:${ended}`, `${where}:`, `${where}:-1`, `${where}`, ''])
    assert.equal(hasEnded(other), false, other)
})
