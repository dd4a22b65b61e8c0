/** docs/reference/files.md: the design has no finding, and its requests do what the page says. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import sharp from 'sharp'
import { proveOn } from '../../src/commands/planning/proof/index-proof.ts'
import { loadDesign } from '../../src/commands/setup/load-design.ts'
import { FIELD } from '../../src/design/language/language-fields.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { runHere } from '../commands/command-here.ts'
import { account, put } from '../files/blog.ts'
import { testBackend } from '../support/backend.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'
import { testDatabase } from '../support/database.ts'

const page = readFileSync(join(ROOT, 'docs/reference/files.md'), 'utf8')
const blocks = (kind: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text)

test('the requests on the page do what it says', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), blocks('yaml design')[0] ?? '')
  const read = await readDesign(folder)
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity !== 'note').map(({ message }) => message),
    [],
  )
  assert.ok(model !== null)
  const world = await testBackend(t, model)
  const { token } = await account(world, 'ann')
  const image = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  // As many bytes as the page says; what follows the end of an image is no part of it.
  const png = Buffer.concat([image, Buffer.alloc(2_000 - image.length)])
  const { json: row } = await world.ask('POST', '/api/posts', { token, body: { title: 'a cat' } })
  const lines = (block: string): readonly (readonly string[])[] =>
    block
      .trim()
      .split('\n')
      .map((line) => line.replace('{id}', row.id).split(' '))
  const [own = '', byTicket = ''] = blocks('http')
  const statuses: number[] = []
  for (const [method = '', url = ''] of lines(own)) {
    const answer = method === 'PUT' ? await put(world, url, { token, body: png }) : await world.ask(method, url, { token })
    statuses.push(answer.status)
    if (method === 'PUT') assert.deepEqual(answer.json.photo, JSON.parse((blocks('json')[0] ?? '').replace('{id}', row.id)))
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 204])
  const [ask = [], send = [], create = []] = lines(byTicket)
  const ticket = await world.ask(ask[0] ?? '', ask[1] ?? '', { token })
  assert.equal((await put(world, (send[1] ?? '').replace('{url}', ticket.json.url), { body: png })).status, 200)
  const made = await world.ask(create[0] ?? '', create[1] ?? '', { token, body: { title: 'another', photo: ticket.json.ticket } })
  assert.equal(made.status, 201)
})

test('plan says what each file is and where, and proves the design of the page, also if its file is required', async (t) => {
  const cwd = temporaryFolder(t)
  const design = blocks('yaml design')[0] ?? ''
  writeFileSync(join(cwd, 'design.yaml'), design)
  const { code, stdout, stderr } = await runHere(t, ['plan', '--quick'], { cwd })
  assert.equal(code, 0, stderr)
  const words = ['Post.photo', '/api/posts/{id}/photo', 'at most 10 MB', 'image/png, image/jpeg', 'in sizes: thumb 200×200 cover']
  for (const word of words) assert.ok(stdout.includes(word), `${word} in\n${stdout}`)

  writeFileSync(join(cwd, 'design.yaml'), design.replace('type: file, optional: true', 'type: file'))
  const { model } = await loadDesign(undefined, cwd)
  assert.ok(model !== null)
  const database = await testDatabase()
  t.after(database.drop)
  const proof = await proveOn(model, database.url)
  assert.ok(proof.kind === 'proved')
  assert.ok(proof.operations.some(({ entity, operation }) => entity === 'Post' && operation === 'create'))
})

test('every option of files is on the page', () => {
  const words = new Set([...page.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code))
  assert.deepEqual(
    Object.keys(FIELD.cases.file.keys).filter((key) => !words.has(key)),
    [],
  )
})
