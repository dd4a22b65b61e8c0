import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsSocket } from './socket.ts'

const room = (process.platform === 'linux' ? 107 : 103) - '/run/.s.PGSQL.5432'.length

test('a folder fits while its socket path is within the limit of the operating system, counted in bytes', () => {
  assert.equal(fitsSocket(`/${'a'.repeat(room - 1)}`), true)
  assert.equal(fitsSocket(`/${'a'.repeat(room)}`), false)
  assert.equal(fitsSocket(`/${'ü'.repeat(room - 1)}`), false)
})

test('a folder with a comma does not fit, because libpq would read two hosts', () => {
  assert.equal(fitsSocket('/srv/a,b'), false)
})
