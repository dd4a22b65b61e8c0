import assert from 'node:assert/strict'
import { test } from 'node:test'
import { programOf } from './ask-backend.ts'

test('the program without its command is that of verify, and of deliver, which verifies', () => {
  const of = (...command: readonly string[]) => programOf({ self: { command, supervisor: null } })
  for (const name of ['verify', 'deliver']) assert.deepEqual(of('node', 'cli.js', name, 'blog', '--out', 'verify'), ['node', 'cli.js'])
})
