import assert from 'node:assert/strict'
import { test } from 'node:test'
import { misspeltSettings } from './misspelt-settings.ts'

test('a variable with nearly the name of a setting is told, without its value', () => {
  assert.deepEqual(misspeltSettings({ RATE_LIMIT_REQUEST: '10', DATABSE_URL: 'postgres://app:secret@db/app', PLINTH_PORT: '8080' }), [
    'DATABSE_URL is not a setting and has no effect; did you mean DATABASE_URL?',
    'PLINTH_PORT is not a setting and has no effect; did you mean PORT?',
    'RATE_LIMIT_REQUEST is not a setting and has no effect; did you mean RATE_LIMIT_REQUESTS?',
  ])
})

test('settings that are set, and variables of other programs, are not', () => {
  assert.deepEqual(misspeltSettings({ DATABASE_URL: 'x', DATABASE_URLS: 'y', LOG_LEVEL: 'info', LOGLEVEL: 'warn' }), [])
  const others = [
    'HOME',
    'HOSTNAME',
    'HOSTTYPE',
    'PATH',
    'PWD',
    'NODE_PATH',
    'NODE_OPTIONS',
    'LOGNAME',
    'PLINTH_FULL',
    'PGPORT',
    'POST',
    'EXPORT',
  ]
  assert.deepEqual(misspeltSettings(Object.fromEntries(others.map((name) => [name, 'x']))), [])
})
