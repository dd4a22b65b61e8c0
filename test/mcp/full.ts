/**
 * The whole walk of an agent over stdio, on the example of the clinic: from the design to the hand-over, in some minutes. `npm run
 * test:mcp`; words after `--` are options of `verify`, such as `full`.
 */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../support/command-line.ts'
import { type Answered, open } from './mcp-client.ts'

const mode = process.argv.includes('full') ? 'full' : 'quick'
const folder = mkdtempSync(join(tmpdir(), 'plinth-mcp-'))
const mcp = await open(folder, { mode: 'auto' })
let calls = 0

/** Calls a tool, and waits for its work. */
async function done(tool: string, given: object): Promise<Answered> {
  const began = performance.now()
  calls++
  let answer = await mcp.call(tool, given)
  while (['queued', 'running'].includes(String(answer.state))) {
    console.log(`  ${String(answer.phase).slice(0, 100)}`)
    answer = await mcp.call('status', { job: answer.job, wait: 15 })
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${tool}: ${seconds} s, ${Math.ceil(JSON.stringify(answer).length / 4)} tokens, next: ${answer.next}`)
  assert.equal(answer.ok, true, JSON.stringify(answer, null, 2))
  return answer
}

try {
  const { tools } = await mcp.client.listTools()
  console.log(`${tools.length} tools, ${Math.ceil(JSON.stringify({ tools }).length / 4)} tokens`)
  const design = readFileSync(join(ROOT, 'templates/agent/examples/clinic.yaml'), 'utf8')
  const reviewed = await done('review', { design })
  const plan = await done('plan', { design: reviewed.design })
  for (const sentence of plan.says as string[]) console.log(`  ${sentence}`)
  const { url } = await done('implement', { design: reviewed.design, plan: plan.plan })
  console.log(`  served at ${url}`)
  const verified = await done('verify', { mode })
  console.log(`  ${verified.verdict}: ${verified.passed} of ${verified.cases} cases`)
  await done('explain', { about: 'Visit.delete' })
  await done('query', { as: 'anonymous', path: '/api/accounts?page[size]=2' })
  // A hand-over names the versions of all packages.
  spawnSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { cwd: folder })
  const delivered = await done('deliver', { out: 'delivery' })
  console.log(`${delivered.message}\n\n${calls} calls`)
} finally {
  await mcp.call('status', { job: 'server', cancel: true })
  await mcp.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
}
