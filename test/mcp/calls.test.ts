import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ToolJob } from '../../src/commands/mcp/state/jobs.ts'
import { callTool } from '../../src/commands/mcp/tools/call-tool.ts'
import { REVIEW } from '../../src/commands/mcp/tools/review.ts'
import { implementDraft } from '../../src/commands/mcp/work/implement-draft.ts'
import { callIn, directProject } from './direct.ts'
import { NOTES } from './mcp-client.ts'

test('a call that is not ready in time says so, and the same call gets the answer of the first', async (t) => {
  const project = directProject(t)
  const { promise, resolve } = Promise.withResolvers<void>()
  let runs = 0
  const slow = { ...REVIEW, run: async () => ({ ok: true, run: await promise.then(() => ++runs) }) }
  const serving = { project, calls: new Map(), withinMs: 20 }
  const late = await callTool(slow, { design: NOTES }, serving)
  assert.match(JSON.stringify(late), /PLN-M012.*"failed":true/)
  resolve()
  const [same, too] = await Promise.all([1, 2].map(() => callTool(slow, { design: NOTES }, { ...serving, withinMs: 10_000 })))
  assert.deepEqual([same?.answer, too?.answer, runs], [{ ok: true, run: 1 }, { ok: true, run: 1 }, 1])
})

test('a defect shows no stack', async (t) => {
  const broken = { ...REVIEW, run: () => Promise.reject(new Error('at /home/ada/secret.ts')) }
  const { answer } = await callTool(broken, { design: NOTES }, { project: directProject(t), calls: new Map(), withinMs: 1_000 })
  assert.match(JSON.stringify(answer), /PLN-M099/)
  assert.equal(JSON.stringify(answer).includes('secret'), false)
})

test('a long answer is cut at whole items, and the whole is in a file', async (t) => {
  const project = directProject(t)
  const answer = await callIn(project, 'review', {
    design: NOTES.replaceAll(
      '    fields:\n',
      `    fields:\n${Array.from({ length: 150 }, (_, i) => `      f${i}: { type: txt }\n`).join('')}`,
    ),
  })
  const more = answer.more as { findings: number; path: string }
  assert.ok((answer.findings as unknown[]).length > 10 && more.findings > 10)
  assert.ok(existsSync(join(project.root, more.path)))
})

test('a design beside another one is not written', async (t) => {
  const project = directProject(t, { 'design.ts': 'export default {}' })
  const { design } = await callIn(project, 'review', { design: NOTES })
  const job = { job: 'implement-1', tool: 'implement', args: { design } } as unknown as ToolJob
  await assert.rejects(implementDraft({ project, job }), { code: 'PLN-M011' })
  assert.equal(existsSync(join(project.root, 'design.yaml')), false)
})

test('each part of the language is explained within the size of an answer, and a misspelt one names the right one', async (t) => {
  const project = directProject(t)
  const says = async (about: string) => (await callIn(project, 'explain', { about })).says as readonly string[]
  assert.ok((await says('language')).some((line) => line.startsWith('entities:')))
  assert.ok((await says('language field decimal')).some((line) => line.startsWith('precision (required): Digits')))
  assert.ok((await says('language step Create')).some((line) => /^set: .* Example: /.test(line)))
  const { next } = await callIn(project, 'explain', { about: 'language field' })
  assert.equal(next, 'explain {"about":"language field text"}')
  for (const [about, fix] of [
    ['language feld', /did you mean field\?/],
    ['language step mak', /step has find, list/],
  ] as const)
    assert.match(String((await callIn(project, 'explain', { about })).error?.fix), fix)
})
