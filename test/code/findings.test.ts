/** Findings about code that a design names by path. */

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { tasksOf } from '../../src/commands/planning/tasks.ts'
import { writeCodeTypes } from '../../src/commands/setup/code-types.ts'
import { codeTypes } from '../../src/compile/code/code-types.ts'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Hook, Model } from '../../src/model/model.ts'
import { modelWithCode } from './code-world.ts'

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
  // Folders of these files are watched, so they exist.
  for (const file of bound.files) assert.ok(existsSync(file), file)
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
  assert.deepEqual(await bind(t, 'elsewhere/a.ts', {}), { found: [], isFunction: false })
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

test('plan lists code that is not written yet as a task, with its type', async () => {
  const tasks = tasksOf(await modelWithCode('shop.yaml')).filter(({ part }) => part === 'code')
  assert.deepEqual(tasks, [
    {
      part: 'code',
      by: 'person',
      what: 'write logic/shop.mjs#later, which answers 501 until then: (ctx: CodeContext<Tables, Caller, Record<never, never>, null>) => unknown',
    },
  ])
})

test('the types of code are written beside a design that is no TypeScript, and not over a file of the author', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-code-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const model = await modelWithCode('shop.yaml')
  const file = join(folder, 'shop.d.ts')
  writeCodeTypes(join(folder, 'shop.ts'), model)
  writeCodeTypes(join(folder, 'shop.yaml'), { ...model, actions: [] })
  assert.equal(existsSync(file), false)
  writeCodeTypes(join(folder, 'shop.yaml'), model)
  assert.equal(readFileSync(file, 'utf8'), codeTypes(model))
  writeFileSync(file, '// mine')
  writeCodeTypes(join(folder, 'shop.yaml'), model)
  assert.equal(readFileSync(file, 'utf8'), '// mine')
})

test('a design whose only code is a hook gets types, too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-code-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const model = await modelWithCode('shop.yaml')
  const path = 'hooks/a.ts'
  const hook: Hook = { moment: 'beforeCreate', code: path, path, as: 'caller', withinMs: 1_000 }
  const hooked: Model = { ...model, actions: [], entities: model.entities.map((entity) => ({ ...entity, hooks: [hook] })) }
  writeCodeTypes(join(folder, 'shop.yaml'), hooked)
  assert.equal(readFileSync(join(folder, 'shop.d.ts'), 'utf8'), codeTypes(hooked))
})
