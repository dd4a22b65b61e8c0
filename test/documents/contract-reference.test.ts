/** The design of docs/reference/contract.md implements its contract; docs/guide/contracts.md shows the findings of one that does not. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { contractLines, plannedContract } from '../../src/commands/planning/planned-contract.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { temporaryFolder } from '../support/command-line.ts'

const DOCS = join(import.meta.dirname, '../../docs')
const page = readFileSync(join(DOCS, 'reference/contract.md'), 'utf8')
const guide = readFileSync(join(DOCS, 'guide/contracts.md'), 'utf8')

function block(text: string, kind: string): string {
  return new RegExp(`^ *\`\`\`${kind}\\n([\\s\\S]*?)^ *\`\`\`$`, 'm').exec(text)?.[1] ?? ''
}

/** Resolves a design beside the contract of the page. */
async function resolved(t: TestContext, design: string) {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'openapi.yml'), block(page, 'yaml contract'))
  writeFileSync(join(folder, 'design.yaml'), design)
  const read = await readDesign(folder)
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  const shown = diagnostics.map((one) => formatDiagnostic(one).replaceAll(/[^\s(]*\/(design\.yaml|openapi\.yml)/g, '$1'))
  return { model, findings: shown }
}

test('the design on the page implements the contract on the page, and plan prints its table', async (t) => {
  const { model, findings } = await resolved(t, block(page, 'yaml design'))
  assert.deepEqual(findings, [])
  assert.ok(model !== null)
  const lines = contractLines(plannedContract(model), (title) => title)
  assert.equal(`${lines.join('\n')}\n`, block(page, 'text'))
})

test('the findings in the guide are those of designs that lack an input and a member of the answer', async (t) => {
  const design = block(page, 'yaml design')
  const promised = [...guide.matchAll(/^ +design\.yaml:\d+:\d+ (.*)$/gm)].map(([, text = '']) => text)
  const withoutInput = await resolved(t, design.replace(/ {4}input: \{ pageSize.*\n/, '').replace('limit: input.pageSize', 'limit: 20'))
  const withoutMember = await resolved(t, design.replace('      notes: { each', '      items: { each'))
  const found = [...withoutInput.findings, ...withoutMember.findings].map((text) => text.replace(/^design\.yaml:\d+:\d+ /, ''))
  assert.deepEqual(promised, found)
})
