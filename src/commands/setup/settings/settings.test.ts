import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { EnvironmentError } from '../../../base/environment-error.ts'
import { DEFAULT_RATE_LIMITS } from '../../../server/http/rate-limits.ts'
import { NO_S3 } from '../../../services/files/s3-place.ts'
import { ignoredEnvFile, withEnvFile } from './env-file.ts'
import { readDatabaseUrl, readSettings } from './settings.ts'

const PRODUCTION = {
  DATABASE_URL: 'postgres://app:very-secret@db:5432/app',
  PUBLIC_URL: 'https://api.example.com',
  AUTH_KEYS: 'a-key',
}

/** The error of a start with this environment. */
function complaint(env: Record<string, string>, mode: 'development' | 'production'): EnvironmentError {
  try {
    readSettings(env, mode)
  } catch (error) {
    if (error instanceof EnvironmentError) return error
    throw error
  }
  return assert.fail('the settings were accepted')
}

test('development needs no settings, and listens only on this machine', () => {
  assert.deepEqual(readSettings({}, 'development'), {
    databaseUrl: null,
    host: '127.0.0.1',
    port: 3000,
    shedLagMs: null,
    stopNoticeMs: 0,
    publicUrl: null,
    authKeys: null,
    encryptionKeys: null,
    corsOrigins: ['http://localhost:*', 'http://127.0.0.1:*'],
    logLevel: 'warn',
    slowStatementMs: 1_000,
    logCosts: false,
    graphqlDocuments: null,
    rateLimits: DEFAULT_RATE_LIMITS,
    redisUrl: null,
    mail: { smtpUrl: null, from: null },
    outgoingNetworks: null,
    files: null,
    s3: NO_S3,
    trustedProxies: [],
    watchdogMs: 10_000,
    work: 'here',
    jobConcurrency: 10,
    metrics: null,
  })
})

test('production uses the given settings, and an empty variable counts as unset', () => {
  assert.deepEqual(readSettings({ ...PRODUCTION, PORT: '8080', HOST: '' }, 'production'), {
    databaseUrl: PRODUCTION.DATABASE_URL,
    host: '0.0.0.0',
    port: 8080,
    shedLagMs: 500,
    stopNoticeMs: 5_000,
    publicUrl: 'https://api.example.com',
    authKeys: 'a-key',
    encryptionKeys: null,
    corsOrigins: [],
    logLevel: 'info',
    slowStatementMs: 1_000,
    logCosts: false,
    graphqlDocuments: null,
    rateLimits: DEFAULT_RATE_LIMITS,
    redisUrl: null,
    mail: { smtpUrl: null, from: null },
    outgoingNetworks: null,
    files: null,
    s3: NO_S3,
    trustedProxies: [],
    watchdogMs: 10_000,
    work: 'here',
    jobConcurrency: 10,
    metrics: null,
  })
})

test('limits can be set and switched off, and proxies named', () => {
  const { rateLimits, trustedProxies } = readSettings(
    { RATE_LIMIT_REQUESTS: '100', RATE_LIMIT_LOGINS: 'off', TRUSTED_PROXIES: '10.0.0.7, 2001:db8::/32' },
    'development',
  )
  assert.deepEqual(rateLimits, { requests: 100, passwords: 60, logins: null })
  assert.deepEqual(trustedProxies, ['10.0.0.7', '2001:db8::/32'])
})

test('production names every missing setting at once', () => {
  assert.deepEqual(complaint({}, 'production').message.split('\n'), [
    'DATABASE_URL is not set',
    'PUBLIC_URL is not set',
    'AUTH_KEYS is not set',
  ])
})

for (const [name, value, says] of [
  ['RATE_LIMIT_REQUESTS', '0', 'RATE_LIMIT_REQUESTS is not a whole number from 1 on, or off'],
  ['RATE_LIMIT_LOGINS', 'many', 'RATE_LIMIT_LOGINS is not a whole number from 1 on, or off'],
  ['TRUSTED_PROXIES', '10.0.0.0/33', 'TRUSTED_PROXIES is not a list of addresses such as 10.0.0.7,192.168.0.0/16'],
  ['TRUSTED_PROXIES', 'proxy.example.com', 'TRUSTED_PROXIES is not a list of addresses such as 10.0.0.7,192.168.0.0/16'],
  ['PORT', '70000', 'PORT is not a port, 0 to 65535'],
  ['PORT', '3000x', 'PORT is not a port, 0 to 65535'],
  ['HOST', 'my host', 'HOST is not a host name or an address'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL is not one of fatal, error, warn, info, debug, trace, silent'],
  ['PUBLIC_URL', 'ftp://example.com', 'PUBLIC_URL is not an address that begins with http:// or https://'],
  ['DATABASE_URL', 'mysql://app:hunter2@db/app', 'DATABASE_URL is not an address that begins with postgres:// or postgresql://'],
] as const) {
  test(`${name} as ${JSON.stringify(value)} is refused without repeating it`, () => {
    const error = complaint({ ...PRODUCTION, [name]: value }, 'production')
    assert.equal(error.message, says)
    // The hint has the path of this checkout, which may contain anything.
    const hint = error.hint.replace(/: \S+$/, '')
    assert.doesNotMatch(error.message + hint, new RegExp(`hunter2|very-secret|${value}`))
  })
}

test('CORS_ORIGINS is a list of origins, never all of them', () => {
  const { corsOrigins } = readSettings({ ...PRODUCTION, CORS_ORIGINS: 'https://a.example, https://b.example:8443 ' }, 'production')
  assert.deepEqual(corsOrigins, ['https://a.example', 'https://b.example:8443'])
  assert.match(complaint({ ...PRODUCTION, CORS_ORIGINS: '*' }, 'production').message, /^CORS_ORIGINS holds \*, which would let every page/)
})

test('the development server does not start with NODE_ENV=production', () => {
  const error = complaint({ NODE_ENV: 'production' }, 'development')
  assert.match(error.hint, /plinth serve/)
})

test('a database command uses the embedded database, but not with NODE_ENV=production', () => {
  assert.equal(readDatabaseUrl({}), null)
  assert.equal(readDatabaseUrl({ NODE_ENV: 'production', DATABASE_URL: PRODUCTION.DATABASE_URL }), PRODUCTION.DATABASE_URL)
  assert.throws(() => readDatabaseUrl({ NODE_ENV: 'production' }), /DATABASE_URL is not set/)
  assert.throws(() => readDatabaseUrl({ DATABASE_URL: 'file:///tmp/x' }), /DATABASE_URL is not an address/)
})

test('a secret may be in a file, and its value stays out of errors', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-secrets-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'url')
  writeFileSync(file, `${PRODUCTION.DATABASE_URL}\n`)
  const { DATABASE_URL: url, ...rest } = PRODUCTION
  assert.equal(readSettings({ ...rest, DATABASE_URL_FILE: file }, 'production').databaseUrl, url)
  assert.equal(readDatabaseUrl({ DATABASE_URL_FILE: file }), url)
  assert.equal(
    complaint({ ...PRODUCTION, DATABASE_URL_FILE: file }, 'production').message,
    'DATABASE_URL and DATABASE_URL_FILE are both set; unset one of them',
  )
  assert.equal(
    complaint({ ...rest, DATABASE_URL_FILE: join(folder, 'nowhere') }, 'production').message,
    'DATABASE_URL_FILE names a file that cannot be read (ENOENT)',
  )
  writeFileSync(file, 'mysql://app:hunter2@db/app')
  const { message } = complaint({ ...rest, DATABASE_URL_FILE: file, PORT: 'x' }, 'production')
  assert.deepEqual(message.split('\n'), [
    'DATABASE_URL is not an address that begins with postgres:// or postgresql://',
    'PORT is not a port, 0 to 65535',
  ])
  // Only secrets: a typing mistake must not read a file.
  assert.equal(readSettings({ ...PRODUCTION, PORT_FILE: file }, 'production').port, 3000)
})

test('the file .env adds to the environment of development, and production does not read it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-env-'))
  t.after(() => rmSync(folder, { recursive: true }))
  assert.equal(ignoredEnvFile(folder), null)
  writeFileSync(join(folder, '.env'), '# mine\nPORT=4000\nHOST="127.0.0.1"\n')
  assert.deepEqual(withEnvFile({ PORT: '5000' }, folder), { PORT: '5000', HOST: '127.0.0.1' })
  assert.deepEqual(withEnvFile({ NODE_ENV: 'production' }, folder), { NODE_ENV: 'production' })
  assert.match(ignoredEnvFile(folder) ?? '', /has no effect in production/)
})
