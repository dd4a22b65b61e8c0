/**
 * The official conformance suite on `plinth mcp --http`. All of its scenarios run; those that fail must be the ones that the page names,
 * each with its reason.
 */

import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { referencePage } from '../documents/reference-page.ts'
import { run } from '../support/command-line.ts'
import { projectFolder, serveHttp } from './mcp-client.ts'

/** The suite has its own node_modules. */
const SUITE = join(import.meta.dirname, 'suite/node_modules/@modelcontextprotocol/conformance/dist/index.js')
const skip = !existsSync(SUITE) && process.env.CI !== 'true' && 'the suite is missing; npm ci --prefix test/mcp/suite --ignore-scripts'

/** Passes requests on with the token, because the suite sends none. */
async function withToken(t: TestContext, url: string, token: string): Promise<string> {
  const { port, pathname } = new URL(url)
  const proxy = createServer((asked, answer) => {
    const headers = { ...asked.headers, authorization: `Bearer ${token}` }
    const sent = request({ host: '127.0.0.1', port, path: asked.url, method: asked.method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers)
      got.pipe(answer)
    })
    asked.pipe(sent.on('error', () => answer.destroy()))
  }).listen(0, '127.0.0.1')
  t.after(() => {
    proxy.close()
    proxy.closeAllConnections()
  })
  await new Promise((resolve) => proxy.once('listening', resolve))
  return `http://localhost:${(proxy.address() as AddressInfo).port}${pathname}`
}

test('all scenarios of the official suite pass, but those that the page explains', { skip }, async (t) => {
  const section = /## Conformance\n([\s\S]*?)(?=\n## |$)/.exec(referencePage('mcp.md'))?.[1] ?? ''
  const explained = [...section.matchAll(/^\| `([\w-]+)` \| .{10,} \|$/gm)].map(([, name = '']) => name)
  assert.ok(explained.length > 10)
  const folder = projectFolder(t)
  const { url, token } = await serveHttp(t, folder)
  const expected = join(folder, 'expected.yml')
  writeFileSync(expected, `server:\n${explained.map((name) => `  - ${name}\n`).join('')}`)
  const address = await withToken(t, url, token)
  const options = ['--url', address, '--suite', 'all', '--expected-failures', expected]
  const { code, stdout, stderr } = await run(t, [process.execPath, SUITE, 'server', ...options], { cwd: folder })
  assert.equal(code, 0, `${stdout}\n${stderr}`)
  assert.match(stdout, /Total: \d+ passed/)
})
