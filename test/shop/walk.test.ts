/** examples/shop: every command of its README is run unchanged, and its size and its plan are those that it promises. */

import assert from 'node:assert/strict'
import { cpSync, globSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort, PLINTH, ROOT, run, start, temporaryFolder } from '../support/command-line.ts'
import { blocks, checkWalk, walkOf } from '../support/walk.ts'

const FOLDER = join(ROOT, 'examples/shop')
const README = readFileSync(join(FOLDER, 'README.md'), 'utf8')
const WALK = README.slice(README.indexOf('## A walk through the shop'))

/** A folder with the files of a fresh clone that the commands need. The shop is a copy, so its database is new. */
function clone(t: TestContext): string {
  const folder = temporaryFolder(t)
  for (const name of ['package.json', 'src', 'node_modules']) symlinkSync(join(ROOT, name), join(folder, name))
  cpSync(FOLDER, join(folder, 'examples/shop'), { recursive: true, filter: (path) => !path.endsWith('.plinth') })
  return folder
}

test('every command of the walk through the shop answers what its README shows', { timeout: 120_000 }, async (t) => {
  const folder = clone(t)
  const [port, providerPort] = [await freePort(), await freePort()]
  const [starting = ''] = blocks(README, 'sh start')
  // Both run until they are stopped; the ports of the README may be in use.
  const [settings, provider, shop] = [/^export .*$/gm, /^npx .*(?= &$)/m, /^npm .*$/m].map((line) => starting.match(line)?.join('\n'))
  const commands = (last = '') =>
    `${settings}\n${last}`.replace('localhost:4000', `localhost:${providerPort}`).replace(/\$\(openssl.*\)$/m, SECRET)
  const webhooks = `http://localhost:${port}/hooks/payments`
  const shown = start(t, ['bash', '-c', commands(`exec ${provider?.replace('npx node', process.execPath)}`)], {
    cwd: folder,
    env: { PORT: String(providerPort), WEBHOOKS: webhooks },
  })
  await shown.until(/the payment provider is at/)
  const server = start(t, ['bash', '-c', commands(`exec ${shop}`)], { cwd: folder, env: { PORT: String(port) } })
  await server.until(/shop is running at/)
  const walk = walkOf(WALK, 'sh')
  await checkWalk(t, { folder, walk, ported: (text) => text.replaceAll('localhost:3000', `localhost:${port}`) })
  assert.ok(walk.filter(({ answer }) => answer !== null).length >= 20, 'the walk has lost its answers')
  server.process.kill('SIGTERM')
  await server.until(/stopping/)
})

const SECRET = Buffer.alloc(32, 'walk').toString('base64')

test('the plan of the shop has no finding, and at its targets nothing grows but counts and searches', {
  timeout: 120_000,
}, async (t) => {
  const { code, stdout, stderr } = await run(t, [...PLINTH, 'plan', FOLDER, '--json'])
  assert.equal(code, 0, stderr)
  const { findings, tasks, indexes, pending } = JSON.parse(stdout)
  const open = tasks.filter(({ by }: { by: string }) => by !== 'plinth')
  assert.deepEqual([findings, open, pending], [[], [], []])
  const growing = indexes.operations.filter(({ growth }: { growth: string }) => growth === 'grows')
  const others = growing.filter(({ operation }: { operation: string }) => !/^list (count=true|search)/.test(operation))
  // What counts or ranks all rows that match cannot be otherwise.
  assert.deepEqual(others, [])
  assert.ok(growing.length > 0 && growing.every(({ remedy }: { remedy: string | null }) => remedy === null))
  assert.ok(indexes.operations.length > 300)
})

test('the shop is small: under 400 lines of design and 300 lines of code', () => {
  const lines = (file: string) => readFileSync(join(FOLDER, file), 'utf8').trimEnd().split('\n').length
  assert.ok(lines('design.ts') < 400, `${lines('design.ts')} lines of design`)
  const code = globSync('*.ts', { cwd: FOLDER }).filter((file) => file !== 'design.ts')
  const sum = code.reduce((all, file) => all + lines(file), 0)
  assert.ok(sum > 0 && sum < 300, `${sum} lines of code`)
})
