/** docs/reference/events.md: the example does what the page says, and the page has every key. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { bindCode } from '../../src/design/code/bind-code.ts'
import { REACTIONS } from '../../src/design/language/language-behaviour.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { insertPeople } from '../actions/action-world.ts'
import { until } from '../events/events-world.ts'
import { testBackend } from '../support/backend.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'

const page = readFileSync(join(ROOT, 'docs/reference/events.md'), 'utf8')

function block(kind: string): string {
  const start = page.indexOf(`\`\`\`${kind}\n`)
  assert.ok(start >= 0, kind)
  return page.slice(start + kind.length + 4, page.indexOf('\n```', start + 4))
}

test('the example reacts to writes, to an action and to an event of its own', async (t) => {
  const folder = temporaryFolder(t)
  const code = join(folder, 'reactions/article.ts')
  mkdirSync(dirname(code))
  writeFileSync(code, block('ts reactions/article.ts'))
  writeFileSync(join(folder, 'design.yaml'), block('yaml design'))
  const read = await readDesign(join(folder, 'design.yaml'))
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.ok(model !== null, JSON.stringify(diagnostics))
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  )
  const bound = await bindCode(model, read.source)
  assert.ok(bound.model !== null, JSON.stringify(bound.diagnostics))
  const world = await testBackend(t, bound.model)
  const [ann] = await insertPeople(world, 'authors', [{ email: 'ann@example.com' }])
  const token = ann?.token
  const made = await world.ask('POST', '/api/articles', { token, body: { title: 'Four' } })
  assert.equal(made.status, 201, made.text)
  const at = `/api/articles/${made.json.id}`
  await until('the count', async () => ((await world.ask('GET', at)).json.words === 4 ? true : null))
  await world.ask('PATCH', at, { token, body: { title: 'Fives' } })
  const published = await world.ask('POST', `${at}/publish`, { token, body: { note: 'well done' } })
  assert.equal(published.status, 200, published.text)
  const memories = async (): Promise<readonly string[]> =>
    (await world.ask('GET', '/api/memories', { token })).json.data.map(({ what }: { readonly what: string }) => what).sort()
  await until('the memories', async () => ((await memories()).length === 3 ? true : null))
  assert.deepEqual(await memories(), ['praise for Fives', 'well done', 'wrote Four'])
  const { data } = (await world.ask('GET', '/api/renamings')).json
  assert.deepEqual(
    data.map(({ from, to }: { readonly from: string; readonly to: string }) => [from, to]),
    [['Four', 'Fives']],
  )
})

test('every key of reactions is on the page', () => {
  const words = new Set([...page.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code))
  const keys = Object.values(REACTIONS.of.cases).flatMap(({ keys }) => Object.keys(keys))
  assert.deepEqual(
    [...new Set(keys)].filter((word) => !words.has(word) && word !== 'to'),
    [],
  )
})
