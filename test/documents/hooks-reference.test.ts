/** docs/reference/hooks.md: the example does what the page says, and the tables have every moment and key. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { HOOKS } from '../../src/design/language/language-behaviour.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { testBackend } from '../support/backend.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'

const page = readFileSync(join(ROOT, 'docs/reference/hooks.md'), 'utf8')

function block(kind: string): string {
  const start = page.indexOf(`\`\`\`${kind}\n`)
  assert.ok(start >= 0, kind)
  return page.slice(start + kind.length + 4, page.indexOf('\n```', start + 4))
}

test('the example changes, refuses and writes', async (t) => {
  const folder = temporaryFolder(t)
  const code = join(folder, 'hooks/article.ts')
  mkdirSync(dirname(code))
  writeFileSync(code, block('ts hooks/article.ts'))
  writeFileSync(join(folder, 'design.yaml'), block('yaml design'))
  const read = await readDesign(join(folder, 'design.yaml'))
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.ok(model !== null)
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity !== 'note').map(({ message }) => message),
    [],
  )
  const bound = await bindCode(model, read.source)
  assert.ok(bound.model !== null, JSON.stringify(bound.diagnostics))
  const world = await testBackend(t, bound.model)
  const made = await world.ask('POST', '/api/articles', { body: { title: 'Hello, World' } })
  assert.equal(made.json.slug, 'hello-world')
  const at = `/api/articles/${made.json.id}`
  await world.ask('PATCH', at, { body: { title: 'Hello', state: 'published' } })
  const { data } = (await world.ask('GET', '/api/changes')).json
  assert.deepEqual(
    data.map(({ what }: { readonly what: string }) => what),
    ['was Hello, World'],
  )
  const refused = await world.ask('DELETE', at)
  assert.deepEqual([refused.status, refused.json.code, refused.json.detail], [423, 'published', 'a published article cannot be deleted'])
})

test('every moment and every key is on the page', () => {
  const words = new Set([...page.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code))
  const keys = HOOKS.keys.beforeCreate.form.of[1].keys
  assert.deepEqual(
    [...Object.keys(HOOKS.keys), ...Object.keys(keys)].filter((word) => !words.has(word)),
    [],
  )
})
