/**
 * The official inspector lists and calls every tool, over stdio and over HTTP, in some minutes: `npm run test:mcp-inspector`. It is got
 * from the registry once.
 */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { TOOLS } from '../../src/commands/mcp/tools/tools.ts'
import { PLINTH, ROOT, run } from '../support/command-line.ts'
import { LABELS } from './labels.ts'
import { projectFolder, serveHttp } from './mcp-client.ts'

const PACKAGE = '@modelcontextprotocol/inspector@2.12.0'
const FOLDER = join(ROOT, 'node_modules/.cache/mcp-inspector')
const INSPECTOR = [process.execPath, join(FOLDER, 'node_modules/.bin/mcp-inspector'), '--cli'] as const

/** Installs the inspector, for the Node of this process. */
function install(): void {
  if (existsSync(INSPECTOR[1])) return
  mkdirSync(FOLDER, { recursive: true })
  const options = ['--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save']
  execFileSync('npm', ['install', ...options, PACKAGE], { cwd: FOLDER, stdio: 'inherit' })
}

/** What an inspector prints. @throws AssertionError if it fails. */
async function inspected(
  t: TestContext,
  target: readonly string[],
  options: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout, stderr } = await run(t, [...INSPECTOR, ...target, '--connect-timeout', '60000', ...options])
  assert.equal(code, 0, `${options.join(' ')}\n${stdout}\n${stderr}`)
  assert.doesNotMatch(stderr, /Warning/)
  return JSON.parse(stdout)
}

before(install)
for (const way of ['stdio', 'http'] as const)
  test(`the inspector lists and calls every tool over ${way}`, async (t) => {
    const folder = projectFolder(t)
    const http = way === 'http' ? await serveHttp(t, folder) : null
    const target = http === null ? [...PLINTH, 'mcp', folder] : [http.url, '--header', `Authorization: Bearer ${http.token}`]
    const listed = await inspected(t, target, ['--method', 'tools/list', '--strict'])
    assert.deepEqual(
      (listed.tools as { name: string }[]).map(({ name }) => name),
      TOOLS.map(({ name }) => name),
    )
    const called = new Set<string>()
    const call = async (tool: string, given: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> => {
      called.add(tool)
      const pairs = Object.entries(given).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      const options = ['--method', 'tools/call', '--tool-name', tool, ...(pairs.length === 0 ? [] : ['--tool-arg', ...pairs])]
      const { structuredContent } = await inspected(t, target, options)
      const answer = structuredContent as Readonly<Record<string, unknown>>
      assert.equal(answer.ok, true, `${tool}: ${JSON.stringify(answer)}`)
      return ['queued', 'running'].includes(String(answer.state)) ? call('status', { job: answer.job, wait: 15 }) : answer
    }
    try {
      const { design } = await call('review', { design: LABELS })
      const { plan } = await call('plan', { design })
      await call('implement', { design, plan, wait: 15 })
      await call('explain', { about: 'Label.delete', design })
      assert.equal((await call('query', { as: 'anonymous', path: '/api/labels' })).status, 200)
      assert.equal((await call('verify', { mode: 'quick', wait: 15 })).verdict, 'holds')
      await call('status', {})
      await call('deliver', { out: 'delivery', wait: 15 })
      assert.deepEqual([...called].sort(), TOOLS.map(({ name }) => name).sort())
      await inspected(t, target, ['--method', 'resources/read', '--uri', 'plinth://guide'])
    } finally {
      // Before the folder goes, with the state that names the server.
      await call('status', { job: 'server', cancel: true })
    }
  })
