/**
 * The whole walk of an agent, on the example of the clinic: from a design with a mistake to the hand-over, over stdio and over HTTP, in
 * some minutes. `npm run test:mcp`; words after `--`: `full` verifies everything, `stdio` or `http` walks over one of them.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/command-line.ts'
import { type Answered, type McpClient, open, openHttp, projectFolder, serveHttp } from './mcp-client.ts'

const MODE = process.argv.includes('full') ? 'full' : 'quick'
const WAYS = (['stdio', 'http'] as const).filter(
  (way, _, all) => process.argv.includes(way) || !all.some((one) => process.argv.includes(one)),
)
const MISTAKE = { is: 'unique: [[doctor, startsAt]]', was: 'unique: [[doctor, startAt]]' }
const MOST_TOKENS = 4_000
const MOST_MS = 15_000

/** Calls a tool, and waits for its work. Each answer is small and soon there. */
async function done({ call }: McpClient, tool: string, given: object): Promise<Answered> {
  const began = performance.now()
  const answered = async (name: string, sent: object): Promise<Answered> => {
    const asked = performance.now()
    const answer = await call(name, sent)
    assert.ok(performance.now() - asked < MOST_MS, `${name} took ${Math.round(performance.now() - asked)} ms`)
    assert.ok(JSON.stringify(answer).length / 4 <= MOST_TOKENS, `${name} has ${JSON.stringify(answer).length / 4} tokens`)
    return answer
  }
  let answer = await answered(tool, given)
  while (['queued', 'running'].includes(String(answer.state))) answer = await answered('status', { job: answer.job, wait: 15 })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${tool}: ${seconds} s, ${Math.ceil(JSON.stringify(answer).length / 4)} tokens, next: ${answer.next}`)
  return answer
}

for (const way of WAYS)
  test(`an agent walks from a design with a mistake to the hand-over, over ${way}`, async (t) => {
    const folder = projectFolder(t)
    const client = way === 'stdio' ? await open(folder) : await openHttp(await serveHttp(t, folder))
    t.after(() => client.close())
    t.after(() => client.call('status', { job: 'server', cancel: true }))
    const well = async (tool: string, given: object): Promise<Answered> => {
      const answer = await done(client, tool, given)
      assert.equal(answer.ok, true, JSON.stringify(answer, null, 2))
      return answer
    }
    const right = readFileSync(join(ROOT, 'templates/agent/examples/clinic.yaml'), 'utf8')
    const found = await done(client, 'review', { design: right.replace(MISTAKE.is, MISTAKE.was) })
    assert.equal(found.ok, false)
    const reviewed = await well('review', { design: found.design, edits: ['1'] })
    const plan = await well('plan', { design: reviewed.design })
    const { url } = await well('implement', { design: reviewed.design, plan: plan.plan })
    assert.equal((await fetch(`${url}/health/ready`)).status, 200)
    const verified = await well('verify', { mode: MODE })
    assert.deepEqual([verified.verdict, verified.failed], ['holds', []])
    await well('explain', { about: 'Visit.delete' })
    assert.equal((await well('query', { as: 'anonymous', path: '/api/accounts?page[size]=2' })).status, 200)
    const delivered = await well('deliver', { out: 'delivery' })
    console.log(`${verified.passed} of ${verified.cases} cases\n${delivered.message}`)
    const handover = JSON.parse(readFileSync(join(folder, 'delivery/handover.json'), 'utf8'))
    assert.equal(handover.status, delivered.status)
  })
