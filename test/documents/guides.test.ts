/**
 * docs/guide/testing.md and docs/guide/embedding.md: every example is run, and every option is explained. Their types are checked with the
 * packed package (test/commands/package.test.ts).
 */

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { createBackend } from 'plinth'
import { designOf, embedding, type Page, programs, testing, tests } from '../guides/guide-pages.ts'
import { freePort, ROOT, run, start, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

const NODE = [process.execPath, '--conditions=source'] as const

/** A project with the design of a page and the packages of a typical project. */
function projectOf(t: TestContext, page: Page): string {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
  symlinkSync(ROOT, join(folder, 'node_modules/plinth'))
  for (const name of ['fastify', '@types/node']) symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'design.ts'), designOf(page))
  return folder
}

/** The output that a comment of the block promises. */
function printed(code: string): string {
  return [...code.matchAll(/^\/\/ prints (.*)$/gm)].map(([, line]) => `${line}\n`).join('')
}

test('every test of the page on testing passes', async (t) => {
  const folder = projectOf(t, testing)
  writeFileSync(join(folder, 'design.test.ts'), tests.join('\n'))
  const { code, stdout } = await run(t, [...NODE, '--test-reporter=tap', 'design.test.ts'], { cwd: folder })
  assert.equal(code, 0, stdout)
  assert.match(stdout, new RegExp(`^# pass ${tests.join('').match(/\btest\('/g)?.length}$`, 'm'))
})

test('the example with a design in YAML prints what the page says', async (t) => {
  const folder = projectOf(t, testing)
  const { default: design } = await import(pathToFileURL(join(folder, 'design.ts')).href)
  writeFileSync(join(folder, 'design.yaml'), JSON.stringify(design))
  const [{ code = '' } = {}] = testing.blocks.filter(({ kind }) => kind === 'yaml')
  writeFileSync(join(folder, 'example.ts'), code)
  const { stdout, stderr } = await run(t, [...NODE, 'example.ts'], { cwd: folder })
  assert.equal(stdout, printed(code), stderr)
})

test('every program of the page on embedding does what the page says', async (t) => {
  const folder = projectOf(t, embedding)
  const runnable = programs.filter(({ kind }) => kind === 'run')
  // One after the other in one process. Each ends with its number.
  const next = runnable.map((_, i) => `await import('./program${i}.ts')\nconsole.log('-- ${i}')\n`)
  writeFileSync(join(folder, 'all.ts'), next.join(''))
  for (const [i, { code }] of runnable.entries()) {
    // A server runs until it is stopped; the example's own port may be in use.
    const ending = code.includes('app.listen') ? `${code.replace('3000', '0')}\nawait app.close()\n` : code
    writeFileSync(join(folder, `program${i}.ts`), ending)
  }
  const ended = await run(t, [...NODE, 'all.ts'], { cwd: folder })
  const expected = runnable.map(({ code }, i) => `${printed(code)}-- ${i}\n`)
  assert.deepEqual([ended.code, ended.stdout], [0, expected.join('')], ended.stderr)
})

test('the program for production serves, and stops step by step after a signal', async (t) => {
  const folder = projectOf(t, embedding)
  const database = await testDatabase()
  t.after(database.drop)
  const [block] = embedding.blocks.filter(({ kind }) => kind === 'production')
  writeFileSync(join(folder, 'server.ts'), block?.code ?? '')
  const port = await freePort()
  const keys = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const env = { DATABASE_URL: database.url, PUBLIC_URL: 'https://notes.example.com', AUTH_KEYS: keys, PORT: String(port) }
  const refused = await run(t, [...NODE, 'server.ts'], { cwd: folder, env })
  assert.match(refused.stderr, /DatabaseOutdatedError: the database is not up to date/)
  const migrated = await createBackend(join(folder, 'design.ts'), {
    databaseUrl: database.url,
    migrate: 'apply',
    publicUrl: env.PUBLIC_URL,
  })
  await migrated.close()
  const server = start(t, [...NODE, 'server.ts'], { cwd: folder, env })
  while (!(await isReady(port))) await wait(100)
  assert.equal((await fetch(`http://localhost:${port}/api/notes`)).status, 200)
  server.process.kill('SIGTERM')
  const { code, stdout } = await server.ended
  assert.equal(code, 0)
  assert.match(stdout, /GET \/api\/notes 200/)
})

function isReady(port: number): Promise<boolean> {
  return fetch(`http://localhost:${port}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
}

for (const [page, file, names] of [
  [testing, 'src/testing/open-test-backend.ts', ['TestBackendOptions', 'TestBackend', 'SignedInClient']],
  [embedding, 'src/embed/options.ts', ['CreateBackendOptions']],
] as const) {
  test(`every option and member of ${names.join(', ')} is on the page`, () => {
    const source = readFileSync(join(ROOT, file), 'utf8')
    for (const name of names) {
      const body = new RegExp(`interface ${name}\\b.*\\{\\n([\\s\\S]*?)^\\}$`, 'm').exec(source)?.[1] ?? ''
      const members = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?(:<]/gm)].map(([, member = '']) => member)
      assert.ok(members.length >= 4)
      for (const member of members) assert.match(page.text, new RegExp(`\\b${member}\\b`), `${name}.${member}`)
    }
  })
}
