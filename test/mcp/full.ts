/**
 * The whole walk of an agent, from a design with a mistake to the hand-over, over stdio and over HTTP, in some minutes. `npm run test:mcp`;
 * words after `--`: `clinic` takes the example of the clinic, `full` verifies everything, `stdio` or `http` walks over one of them.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/command-line.ts'
import { processorWait } from '../support/processor-wait.ts'
import { LABELS, MISSPELT_LABELS } from './labels.ts'
import { type Answered, type McpClient, open, openHttp, projectFolder, serveHttp } from './mcp-client.ts'

const MODE = process.argv.includes('full') ? 'full' : 'quick'
const WAYS = (['stdio', 'http'] as const).filter(
  (way, _, all) => process.argv.includes(way) || !all.some((one) => process.argv.includes(one)),
)
const CLINIC = readFileSync(join(ROOT, 'templates/agent/examples/clinic.yaml'), 'utf8')
const WALK = process.argv.includes('clinic')
  ? {
      right: CLINIC,
      wrong: CLINIC.replace('unique: [[doctor, startsAt]]', 'unique: [[doctor, startAt]]'),
      explain: 'Visit.delete',
      path: '/api/accounts',
    }
  : { right: LABELS, wrong: MISSPELT_LABELS, explain: 'Label.delete', path: '/api/labels' }
const MOST_TOKENS = 4_000
const MOST_MS = 15_000

/** Calls a tool, and waits for its work. Each answer is small and soon there. */
async function done({ call, pid }: McpClient, tool: string, given: object): Promise<Answered> {
  const began = performance.now()
  const answered = async (name: string, sent: object): Promise<Answered> => {
    const [asked, waited] = [performance.now(), processorWait(pid)]
    const answer = await call(name, sent)
    const took = performance.now() - asked - waited()
    assert.ok(took < MOST_MS, `${name} took ${Math.round(took)} ms`)
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
    const well = async (tool: string, given: object): Promise<Answered> => {
      const answer = await done(client, tool, given)
      assert.equal(answer.ok, true, JSON.stringify(answer, null, 2))
      return answer
    }
    try {
      const found = await done(client, 'review', { design: WALK.wrong })
      assert.equal(found.ok, false)
      const reviewed = await well('review', { design: found.design, edits: ['1'] })
      const plan = await well('plan', { design: reviewed.design })
      const { url } = await well('implement', { design: reviewed.design, plan: plan.plan })
      assert.equal(readFileSync(join(folder, 'design.yaml'), 'utf8'), WALK.right)
      assert.equal((await fetch(`${url}/health/ready`)).status, 200)
      const verified = await well('verify', { mode: MODE })
      assert.deepEqual([verified.verdict, verified.failed], ['holds', []])
      await well('explain', { about: WALK.explain })
      assert.equal((await well('query', { as: 'anonymous', path: `${WALK.path}?page[size]=2` })).status, 200)
      const delivered = await well('deliver', { out: 'delivery' })
      console.log(`${verified.passed} of ${verified.cases} cases\n${delivered.message}`)
      const handover = JSON.parse(readFileSync(join(folder, 'delivery/handover.json'), 'utf8'))
      assert.equal(handover.status, delivered.status)
    } finally {
      // Before the folder goes, with the state that names the server.
      await client.call('status', { job: 'server', cancel: true })
      await client.close()
    }
  })
