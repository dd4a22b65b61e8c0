import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import vm from 'node:vm'
import { ROOT } from '../support/command-line.ts'
import { insertPoints } from './insert-points.ts'
import { isPointed } from './pointed-modules.ts'

test('points stand before and after each await, and the code does the same', async () => {
  const source = [
    'async (f) => {',
    '  const a = await f(1)',
    '  // await in a comment',
    "  const text = `await ${'await'}` + (await f(2))",
    '  const b = (await f(await f(3)))',
    '    .toFixed(1)',
    '  const c = await (a > 0 ? f(4) : f(5))',
    '  const pattern = /await [/]"/.test("await x")',
    '  await new Promise        ((resolve) => resolve())',
    '  for await (const d of [f(6)]) await d',
    '  const both = await Promise.all([await f(7), f(8)])',
    '  return [a, text, b, c, pattern, both, { await: !await f(0) }.await]',
    '}',
  ].join('\n')
  const { text, lines } = insertPoints(source, 10)
  assert.deepEqual(lines, [2, 4, 5, 5, 7, 9, 10, 11, 11, 12])
  assert.equal(text.split('\n').length, source.split('\n').length)
  const hits: string[] = []
  const failpoint = {
    before: (point: number) => void hits.push(`before ${point}`),
    after: (point: number, _before: undefined, value: unknown) => {
      hits.push(`after ${point}`)
      return value
    },
  }
  const f = async (n: number) => n
  const plain = await vm.runInNewContext(source)(f)
  assert.equal(JSON.stringify(await vm.runInNewContext(text, { failpoint })(f)), JSON.stringify(plain))
  assert.equal(hits.length, 20)
  assert.deepEqual(hits.slice(4, 8), ['before 12', 'before 13', 'after 13', 'after 12'])
})

test('every module of the write path gets points and can be parsed', () => {
  const files = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => isPointed(file) && !file.endsWith('.test.ts'))
  let points = 0
  for (const file of files) {
    const { text, lines } = insertPoints(stripTypeScriptTypes(readFileSync(join(ROOT, file), 'utf8')), 0)
    points += lines.length
    const asScript = text
      .replaceAll(/^import .*?from '.*?'$/gms, '')
      .replaceAll(/^export /gm, '')
      .replaceAll('import.meta', '({})')
    assert.doesNotThrow(() => new vm.Script(`(async () => {\n${asScript}\n})`), file)
  }
  assert.ok(points >= 200, String(points))
})
