/**
 * The official conformance suite on `plinth mcp --http`: `npm run test:mcp-conformance`. Its other scenarios call tools, prompts and
 * resources of a server that is made for the suite, so they say nothing about this one. npx gets the suite from the registry.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PLINTH } from '../support/command-line.ts'

const SUITE = '@modelcontextprotocol/conformance@0.1.16'
const SCENARIOS = ['server-initialize', 'ping', 'tools-list', 'resources-list', 'server-sse-multiple-streams', 'dns-rebinding-protection']

const folder = mkdtempSync(join(tmpdir(), 'plinth-mcp-'))
const [command, ...args] = PLINTH
const server = spawn(command, [...args, 'mcp', folder, '--http', '0'], { stdio: ['ignore', 'ignore', 'pipe'] })
let failed = 0
try {
  const [line] = (await once(createInterface({ input: server.stderr }), 'line')) as [string]
  const { port } = new URL(/http:\S+(?=;)/.exec(line)?.[0] ?? '')
  const token = readFileSync(join(folder, '.plinth/mcp/token'), 'utf8')
  // The suite sends no token.
  const proxy = createServer((asked, answer) => {
    const headers = { ...asked.headers, authorization: `Bearer ${token}` }
    const sent = request({ host: '127.0.0.1', port, path: asked.url, method: asked.method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers)
      got.pipe(answer)
    })
    asked.pipe(sent.on('error', () => answer.destroy()))
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = `http://localhost:${(proxy.address() as AddressInfo).port}/mcp`
  for (const scenario of SCENARIOS) {
    const suite = spawn('npx', ['--yes', SUITE, 'server', '--url', url, '--scenario', scenario], { stdio: 'inherit', cwd: folder })
    const [code] = (await once(suite, 'close')) as [number]
    failed += code === 0 ? 0 : 1
  }
  proxy.close()
  proxy.closeAllConnections()
} finally {
  server.kill()
  await once(server, 'close')
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${SCENARIOS.length - failed} of ${SCENARIOS.length} scenarios pass`)
process.exitCode = failed === 0 ? 0 : 1
