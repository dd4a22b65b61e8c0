/** Every example of `--help` and of docs/reference/commands.md, run as it is written there. */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import design from '../examples/blog/design.ts'
import { COMMANDS } from '../src/commands/catalogue.ts'
import { freePort, outsidePath, PLINTH, ROOT, run, start, temporaryFolder } from './support/command-line.ts'
import { testDatabase } from './support/database.ts'

/** Installs packages, and is run by package.test.ts from the packed tarball. */
const ELSEWHERE = 'plinth init shop && cd shop && npm install && npm start'

/** A folder with the blog in both spellings, a `plinth` on the path, and all settings of production. */
async function blog(t: TestContext) {
  const folder = temporaryFolder(t)
  const database = await testDatabase()
  t.after(() => database.drop())
  cpSync(join(ROOT, 'examples/blog/design.ts'), join(folder, 'design.ts'))
  // JSON is YAML too.
  writeFileSync(join(folder, 'blog.yaml'), JSON.stringify(design))
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/plinth'), `#!/bin/sh\nexec ${PLINTH.join(' ')} "$@"\n`)
  chmodSync(join(folder, 'bin/plinth'), 0o755)
  const port = await freePort()
  const { privateKey } = generateKeyPairSync('ed25519')
  const env = {
    PATH: `${join(folder, 'bin')}${delimiter}${outsidePath()}`,
    DATABASE_URL: database.url,
    PORT: String(port),
    PUBLIC_URL: `http://localhost:${port}`,
    AUTH_KEYS: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  }
  return { cwd: folder, env, url: env.PUBLIC_URL, port, databaseUrl: database.url }
}

test('every example of the help works as it is written', { timeout: 180_000 }, async (t) => {
  const { cwd, env, url, port, databaseUrl } = await blog(t)
  const here = (line: string) => line.replace('PORT=4000', `PORT=${port}`).replace('postgres://me@localhost/shop', databaseUrl)

  await t.test('an account to work with', async (t) => {
    const server = start(t, ['plinth', 'serve', '--migrate'], { cwd, env })
    await server.until(/"listening"/)
    const body = JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'Lantern-Otter-42' })
    const { status } = await fetch(`${url}/api/auth/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    assert.equal(status, 201)
  })

  for (const { examples, stops } of COMMANDS) {
    for (const { line } of examples.filter((example) => example.line !== ELSEWHERE)) {
      await t.test(line, { timeout: 60_000 }, async (t) => {
        const command = ['bash', '-c', `exec env ${here(line)}`] as const
        if (stops === 'drains') {
          const server = start(t, command, { cwd, env })
          await server.until(/is running at|"listening"/)
          assert.equal((await fetch(`${url}/api/posts`)).status, 200)
        } else {
          const { code, stdout, stderr } = await run(t, line.includes('>') ? ['bash', '-c', line] : command, { cwd, env })
          assert.deepEqual([code, stderr], [0, ''], stdout)
        }
      })
    }
  }
})
