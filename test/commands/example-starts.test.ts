/** `npm start` serves the blog. The first thing that a newcomer reads must not be a warning about it. */

import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePort, PLINTH, ROOT, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

test('the blog starts without a finding', async (t) => {
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
