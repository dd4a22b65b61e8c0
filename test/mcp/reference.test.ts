/** docs/reference/mcp.md: the calls on the page give the answers on the page. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TOOL_ERRORS } from '../../src/commands/mcp/state/tool-error.ts'
import { TOOLS } from '../../src/commands/mcp/tools/tools.ts'
import { blockOf, referencePage } from '../documents/reference-page.ts'
import { ROOT } from '../support/command-line.ts'
import { callIn, directProject } from './direct.ts'

const page = referencePage('mcp.md')

test('the calls of the example give its answers', async (t) => {
  const project = directProject(t)
  const [first = '', second = ''] = [...page.matchAll(/```json answer\n([\s\S]*?)```/g)].map(([, text]) => text)
  const found = await callIn(project, 'review', { design: blockOf(page, 'yaml misspelt') })
  assert.partialDeepStrictEqual(found, JSON.parse(first))
  const clean = await callIn(project, 'review', JSON.parse(blockOf(page, 'json review')))
  assert.partialDeepStrictEqual(clean, JSON.parse(second))
  const plan = await callIn(project, 'plan', { design: clean.design })
  for (const sentence of JSON.parse(blockOf(page, 'json says'))) assert.ok((plan.says as string[]).includes(sentence), sentence)
})

test('the page has every tool, and every code with what it means', () => {
  for (const { name } of TOOLS) assert.ok(page.includes(`| \`${name}\` |`), name)
  for (const [code, means] of Object.entries(TOOL_ERRORS)) assert.ok(page.includes(`| ${code} | ${means} |`), code)
})

test('the guide is short, and its design and the examples are right', async (t) => {
  const folder = join(ROOT, 'templates/agent')
  const guide = readFileSync(join(folder, 'language.md'), 'utf8')
  assert.ok(guide.length / 4 < 3_000, `${guide.length / 4} tokens`)
  const examples = readdirSync(join(folder, 'examples')).map((name) => readFileSync(join(folder, 'examples', name), 'utf8'))
  assert.ok(examples.length > 1)
  const project = directProject(t)
  for (const design of [blockOf(guide, 'yaml'), blockOf(guide, 'yaml idioms'), ...examples])
    assert.match(String((await callIn(project, 'review', { design })).summary), /^(?:no findings|1 note)$/, design.slice(0, 80))
})
