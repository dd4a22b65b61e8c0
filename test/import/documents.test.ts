/** Documents in Markdown and diagrams alone, as people write them: with gaps, in other orders, and with blocks that are broken. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadDesign } from '../../src/commands/setup/load-design.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { imported, importHere } from './imported.ts'

const STATES = `stateDiagram-v2
  [*] --> DRAFT
  DRAFT --> LIVE : start
  LIVE --> LIVE : bid
  LIVE --> SOLD : close
  LIVE --> GONE : close
`

test('a diagram of states alone makes the entity that has them', async () => {
  const { draft, left } = await imported('auction.mmd', STATES)
  assert.deepEqual(draft.design.entities, {
    Sample: { fields: { state: { type: 'choice', values: ['DRAFT', 'LIVE', 'SOLD', 'GONE'], default: 'DRAFT' } } },
  })
  assert.equal(draft.carried.filter(({ kind }) => kind === 'transition').length, 4)
  assert.ok(draft.carried.some(({ kind, note }) => kind === 'entity' && note === 'Sample was made for its states'))
  assert.deepEqual(left, [])
})

const diagram = (lines: string): string => `\`\`\`mermaid\n${lines}\n\`\`\`\n`

test('the heading above a diagram of states names the entity, and a text becomes a choice', async () => {
  const { draft } = await imported(
    'a.md',
    `# Shop\n${diagram('erDiagram\n  ORDER {\n    string status\n  }\n  BILL {\n    string status\n  }')}\n## The lifecycle of orders\n${diagram(STATES)}`,
  )
  assert.equal(draft.design.entities.Order?.fields.status?.type, 'choice')
  assert.equal(draft.design.entities.Bill?.fields.status?.type, 'text')
  assert.deepEqual(Object.keys(draft.design.workflows ?? {}), ['theLifecycleOfOrders'])
})

test('attributes with their names first, without types, twice, and foreign keys without their mark', async () => {
  const { draft, left } = await imported(
    'a.mmd',
    `erDiagram
  USER ||--o{ POST : writes
  USER {
    id bigint PK
    name string
    nickname
    timestamps
    name string
  }
  POST {
    id uuid
    user_id bigint
    born date
  }`,
  )
  const { User, Post } = draft.design.entities
  assert.deepEqual(User?.fields, { id: { type: 'integer' }, name: { type: 'text' }, nickname: { type: 'text' } })
  assert.deepEqual(Post?.fields, { user: { type: 'ref', entity: 'User', inverse: 'posts' }, born: { type: 'date' } })
  assert.deepEqual(left, ['field USER.name: the entity has an attribute of this name already'])
})

const API = `openapi: 3.0.3
info: { title: Notes, version: '1' }
paths:
  /notes/{id}:
    get:
      operationId: readNote
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Note' } } } } }
  /export: { post: { operationId: exportAll, responses: { '204': { description: ok } } } }
components:
  schemas:
    Note: { type: object, required: [id, text], properties: { id: { type: string, format: uuid }, text: { type: string } } }
`

test('an OpenAPI document in a block becomes the contract, a second one is listed, and a broken block hides no other', async (t) => {
  const cwd = temporaryFolder(t)
  const second = API.replace('readNote', 'seeNote').replace('exportAll', 'dumpAll')
  const text = `# Notes\n\n\`\`\`yaml\n${API}\`\`\`\n\n\`\`\`yaml\nopenapi: 3.0.0\npaths: {\n\`\`\`\n\n\`\`\`yaml\n${second}\`\`\`\n`
  writeFileSync(join(cwd, 'notes.md'), text)
  const outcome = await importHere(cwd, 'notes.md')
  assert.ok('data' in outcome && outcome.exit === 0)
  const { left } = outcome.data as {
    readonly left: readonly { readonly kind: string; readonly name: string; readonly at: { readonly line: number } }[]
  }
  assert.deepEqual(
    left.map(({ kind, name }) => `${kind} ${name}`),
    ['block yaml', 'operation seeNote', 'operation dumpAll'],
  )
  assert.equal(readFileSync(join(cwd, 'notes.openapi.yaml'), 'utf8').trim(), API.trim())
  const { model, diagnostics } = await loadDesign('design.yaml', cwd)
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  )
  assert.deepEqual(
    model?.contract?.operations.map(({ path, action }) => [path, action !== null]),
    [
      ['/notes/{id}', true],
      ['/export', false],
    ],
  )
})

test('a document without schemas is a contract of tasks, and is not copied where it is', async (t) => {
  const cwd = temporaryFolder(t)
  writeFileSync(
    join(cwd, 'api.yaml'),
    "openapi: 3.0.0\ninfo: { title: A, version: '1' }\npaths: { /a: { get: { responses: { '200': { description: ok } } } } }\n",
  )
  const outcome = await importHere(cwd, 'api.yaml')
  assert.equal(outcome.exit, 0)
  const { diagnostics } = await loadDesign('design.yaml', cwd)
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  )
  assert.ok(!existsSync(join(cwd, 'api.openapi.yaml')))
})

test('hostile sources end with a clear error or a listed loss', async () => {
  const twins = Array.from(
    { length: 40 },
    (_, i) => `    S${i}: { properties: { id: { type: string } }, allOf: [${`{ $ref: '#/components/schemas/S${i + 1}' }, `.repeat(40)}] }`,
  )
  const bomb = await imported('bomb.yaml', `openapi: 3.0.0\npaths: {}\ncomponents:\n  schemas:\n${twins.join('\n')}\n`)
  assert.equal(Object.keys(bomb.draft.design.entities).length, 40)
  const many = await imported('many.jdl', `entity A\nentity B\n${'relationship OneToMany { A{b} to B{a} }\n'.repeat(600)}`)
  assert.ok(many.left.includes('reference B to A: an entity has at most 250 fields'))
  const names = Array.from({ length: 2_100 }, (_, i) => `CREATE TABLE t${i} (id int);`).join('\n')
  await assert.rejects(imported('many.sql', names), /more than 2000 tables/)
  const states = Array.from({ length: 250 }, (_, i) => `s${i} --> s${i + 1}`).join('\n')
  await assert.rejects(imported('states.mmd', `stateDiagram-v2\n${states}`), /a choice has at most 200 values/)
  const cut = await imported(
    'cut.mmd',
    'erDiagram\n  A {\n    string __proto__\n    string constructor\n  }\n  A ||--o{ toString : x\n  B {\n    int',
  )
  assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  assert.deepEqual(Object.keys(cut.draft.design.entities), ['A', 'ToString', 'B'])
  const open = `CREATE TABLE \`a\` (${'`/*!'.repeat(20_000)}`
  assert.ok((await imported('open.sql', open)).draft.carried.length < 5)
})
