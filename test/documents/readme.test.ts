/** Runs every command of the README unchanged against a server that `npm start` has started. */

import assert from 'node:assert/strict'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { runHere } from '../commands/command-here.ts'
import { freePort, ROOT, start, temporaryFolder } from '../support/command-line.ts'
import { blocks, checkWalk, walkOf } from '../support/walk.ts'

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const WALK = README.slice(README.indexOf('## A walk through the blog'), README.indexOf('## Commands'))

test('the README names exactly the parts of a design that have no effect yet', () => {
  const { model, diagnostics } = resolveDesign(
    {
      name: 'demo',
      entities: {
        Post: {
          fields: { title: { type: 'text' } },
          access: { read: 'true', create: 'true', update: 'true', delete: 'true' },
          hooks: { beforeCreate: './hooks.ts#before' },
          history: true,
          cache: { ttl: '5s' },
        },
      },
    },
    NO_SOURCE,
  )
  const pending = new Set((model ?? assert.fail(JSON.stringify(diagnostics))).pending.map(({ feature }) => feature))
  const [, parts = ''] = /^- (.*) have no effect yet/m.exec(README) ?? assert.fail('no such sentence')
  assert.deepEqual(pending, new Set(parts.toLowerCase().split(/, | and /)))
})

/** A folder with the files of a fresh clone that the commands need. The blog is a copy, so its database is new. */
function clone(t: TestContext): string {
  const folder = temporaryFolder(t)
  for (const name of ['package.json', 'src', 'node_modules']) symlinkSync(join(ROOT, name), join(folder, name))
  cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true, filter: (path) => !path.endsWith('.plinth') })
  return folder
}

test('every command of the walk through the blog answers what the README shows', { timeout: 120_000 }, async (t) => {
  const folder = clone(t)
  const port = await freePort()
  const server = start(t, ['npm', 'start'], { cwd: folder, env: { PORT: String(port) } })
  await server.until(/blog is running at/)
  const walk = walkOf(WALK, 'sh')
  await checkWalk(t, { folder, walk, ported: (text) => text.replaceAll('localhost:3000', `localhost:${port}`) })
  assert.ok(walk.filter(({ answer }) => answer !== null).length >= 13, 'the walk has lost its answers')
  server.process.kill('SIGTERM')
  await server.until(/stopping/)
})

test('the design at the top of the README has no findings', async (t) => {
  const folder = temporaryFolder(t)
  const [design = ''] = blocks(README, 'ts')
  writeFileSync(join(folder, 'design.ts'), design)
  const { code, stdout } = await runHere(t, ['plan', '--quick', '--json'], { cwd: folder })
  const findings: readonly { severity: string }[] = JSON.parse(stdout).findings
  assert.deepEqual([code, findings.filter(({ severity }) => severity !== 'note')], [0, []])
})

test("the README's two commands are those that the repository and its continuous integration run", () => {
  const lines = blocks(README, 'sh').map((block) => block.trim())
  assert.ok(lines.includes('npm ci && npm start') && lines.includes('npm ci && npm test'))
  assert.match(readFileSync(join(ROOT, '.ci/run'), 'utf8'), /^npm ci$.*^npm test$/ms)
})
