/** Findings about code that a design names by path. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'

/** Binds the code of a design with one action; returns the findings, and whether the code is a function. */
async function bind(t: TestContext, run: string, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-code-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'logic'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const design = `name: x\nentities: { A: { fields: { b: { type: text } }, access: { read: 'true', create: 'false', update: 'false', delete: 'false' } } }\nactions: { go: { allow: 'true', run: '${run}' } }\n`
  writeFileSync(join(folder, 'design.yaml'), design)
  if (run.includes('link')) symlinkSync(import.meta.filename, join(folder, 'logic/link.ts'))
  const read = await readDesign(folder)
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.ok(model !== null, diagnostics.map(({ message }) => message).join('\n'))
  const bound = await bindCode(model, read.source)
  return {
    found: bound.diagnostics.map(({ code, message, at }) => `${code} ${at.path.join('.')}: ${message.replaceAll(/\S*(?=logic\/)/g, '')}`),
    isFunction: typeof bound.model?.actions[0]?.run?.code === 'function',
  }
}

test('code that is there is loaded, with and without a name', async (t) => {
  const files = { 'logic/a.ts': 'type T = string\nexport const one = (x: T) => x\nexport default () => 1\n' }
  assert.deepEqual(await bind(t, 'logic/a.ts', files), { found: [], isFunction: true })
  assert.deepEqual(await bind(t, './logic/a.ts#one', files), { found: [], isFunction: true })
})

test('code that is not written yet is no finding', async (t) => {
  assert.deepEqual(await bind(t, 'logic/a.ts', {}), { found: [], isFunction: false })
  assert.deepEqual(await bind(t, 'logic/a.ts#two', { 'logic/a.ts': 'export const one = 1\n' }), { found: [], isFunction: false })
  assert.deepEqual(await bind(t, 'logic/a.ts#toString', { 'logic/a.ts': 'export const one = 1\n' }), { found: [], isFunction: false })
})

test('code that cannot be used is PLN-D555', async (t) => {
  const found = async (run: string, text: string) => (await bind(t, run, { 'logic/a.ts': text })).found
  assert.deepEqual(await found('logic/a.ts#one', 'export const one = 1\n'), [
    'PLN-D555 actions.go.run: the export one of logic/a.ts is no function',
  ])
  assert.deepEqual(await found('logic/a.ts', 'export const one = 1\nthrow new Error("no")\n'), [
    'PLN-D555 actions.go.run: logic/a.ts:2:7: Error: no',
  ])
  assert.match((await found('logic/a.ts', 'export default (\n')).join(), /^PLN-D555 actions\.go\.run: logic\/a\.ts:\d+:\d+: SyntaxError/)
  assert.deepEqual(await found('logic/link.ts', ''), ['PLN-D555 actions.go.run: the file is outside the folder of the design'])
})
