/** The blog starts in development and in production. The first thing that a newcomer reads must not be a warning about it. */

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { newPem } from '../identity/instances.ts'
import { freePort, PLINTH, ROOT, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

test('the blog in YAML starts without a finding', async (t) => {
  const folder = temporaryFolder(t)
  cpSync(join(ROOT, 'examples/blog-yaml'), folder, { recursive: true })
  const database = await testDatabase()
  t.after(() => database.drop())
  const env = { DATABASE_URL: database.url, PORT: String(await freePort()) }
  const server = start(t, [...PLINTH, 'up'], { cwd: folder, env })
  const output = await server.until(/Watching design\.yaml/)
  assert.match(output, /is running at/)
  assert.doesNotMatch(output, /PLN-D|\bwarning\b|\berror\b/i)
})

test('plinth serve of the blog logs no warning, and answers', async (t) => {
  const folder = temporaryFolder(t)
  cpSync(join(ROOT, 'examples/blog/design.ts'), join(folder, 'design.ts'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules/plinth'))
  const database = await testDatabase()
  t.after(() => database.drop())
  const port = await freePort()
  const url = `http://localhost:${port}`
  // On a busy machine a statement may take a second, which is a warning.
  const busy = { SLOW_STATEMENT_MS: 'off' }
  const needed = { DATABASE_URL: database.url, PUBLIC_URL: url, AUTH_KEYS: newPem(), SMTP_URL: 'smtp://127.0.0.1:25' }
  const env = { ...needed, ...busy, PORT: String(port) }
  const server = start(t, [...PLINTH, 'serve', '--migrate'], { cwd: folder, env })
  await server.until(/"listening"/)
  assert.equal((await fetch(`${url}/api/posts`)).status, 200)
  server.process.kill('SIGTERM')
  const { code, stdout, stderr } = await server.ended
  assert.deepEqual([code, stderr], [0, ''])
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  assert.deepEqual([...new Set(lines.map(({ level }) => level))], ['info'], stdout)
  // Statements of a migration may name a column `error`.
  const others = lines.filter(({ kind }) => kind !== 'migration')
  assert.doesNotMatch(JSON.stringify(others), /PLN-D|\bwarning\b|\berror\b/i)
})
