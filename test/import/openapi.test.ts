/** An OpenAPI document becomes entities and a contract, with actions for its plain operations. */

import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadDesign } from '../../src/commands/setup/load-design.ts'
import { ImportError } from '../../src/import/text/source-file.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'
import { imported, importHere } from './imported.ts'

test('the plain operations of the Conduit contract are bound, and the others are tasks with their reasons', async (t) => {
  const cwd = temporaryFolder(t)
  copyFileSync(join(ROOT, 'examples/conduit/openapi.yml'), join(cwd, 'openapi.yml'))
  const outcome = await importHere(cwd, 'openapi.yml')
  assert.ok('data' in outcome)
  const { carried, left } = outcome.data as {
    readonly carried: readonly { readonly kind: string; readonly name: string; readonly path: string; readonly note: string | null }[]
    readonly left: readonly { readonly kind: string }[]
  }
  const operations = carried.filter(({ kind }) => kind === 'operation')
  assert.equal(operations.length, 19)
  assert.deepEqual(
    operations.filter(({ path }) => path !== 'contract').map(({ name, path }) => `${name}: ${path}`),
    [
      'GetProfileByUsername (GET /profiles/{username}): entities.Profile.actions.getProfileByUsername',
      'GetArticle (GET /articles/{slug}): entities.Article.actions.getArticle',
      'UpdateArticle (PUT /articles/{slug}): entities.Article.actions.updateArticle',
      'DeleteArticle (DELETE /articles/{slug}): entities.Article.actions.deleteArticle',
    ],
  )
  for (const { path, note } of operations) if (path === 'contract') assert.match(note ?? '', /^answers 501 until an action serves it: /)
  assert.deepEqual(
    carried.filter(({ kind }) => kind === 'entity').map(({ name }) => name),
    ['User', 'Profile', 'Article', 'Comment'],
  )
  assert.deepEqual(
    left.map(({ kind }) => kind),
    ['security'],
  )

  const { model, diagnostics } = await loadDesign('design.yaml', cwd)
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  )
  const served = model?.contract?.operations.filter(({ action }) => action !== null) ?? []
  assert.deepEqual(
    served.map(({ method, path }) => `${method} ${path}`),
    ['GET /api/profiles/{username}', 'GET /api/articles/{slug}', 'PUT /api/articles/{slug}', 'DELETE /api/articles/{slug}'],
  )
})

const NOTES = `openapi: 3.0.3
info: { title: Notes, version: '1' }
paths:
  /notes:
    get:
      operationId: listNotes
      parameters: [{ name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 100, default: 100 } }]
      responses: { '200': { description: ok, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Note' } } } } } }
    post:
      operationId: createNote
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/NewNote' } } } }
      responses: { '201': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Note' } } } } }
  /notes/{id}:
    delete:
      parameters: [{ name: id, in: path, required: true, schema: { type: string, format: uuid } }]
      responses: { '204': { description: gone } }
    get:
      operationId: getNote
      parameters: [{ name: id, in: path, required: true, schema: { type: string, format: uuid } }]
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Note' } } } } }
components:
  schemas:
    State: { type: string, enum: [draft, sent] }
    NewNote:
      type: object
      required: [title, state]
      properties: { title: { type: string, maxLength: 80 }, state: { $ref: '#/components/schemas/State' } }
    Note:
      allOf:
        - $ref: '#/components/schemas/NewNote'
        - type: object
          required: [id, createdAt]
          properties: { id: { type: string, format: uuid }, createdAt: { type: string, format: date-time }, scan: { type: string, format: binary } }
`

test('a contract outside of the folder of the design is copied there, and never over another file', async (t) => {
  const cwd = temporaryFolder(t)
  writeFileSync(join(cwd, 'notes.yaml'), NOTES)
  await importHere(cwd, 'notes.yaml', { out: 'shop/design.yaml' })
  assert.equal(readFileSync(join(cwd, 'shop/notes.yaml'), 'utf8'), NOTES)
  assert.equal(
    readFileSync(join(cwd, 'shop/design.yaml'), 'utf8').split('\n').slice(2).join('\n'),
    `name: notes
contract: notes.yaml
serve: { rest: false, graphql: false }
entities:
  Note: # notes.yaml:28
    fields:
      title: { type: text, max: 80 } # notes.yaml:27
      state: { type: choice, values: [draft, sent] } # notes.yaml:27
    actions:
      getNote: # notes.yaml:17
        answer: { title: row.title, state: row.state, id: row.id, createdAt: row.createdAt }
      deleteNotesId: # notes.yaml:14
        endpoint: 'DELETE /notes/{id}'
        steps: [{ delete: row }]
actions:
  listNotes: # notes.yaml:5
    input: { limit: { type: integer, min: 1, max: 100, default: 100 } }
    steps: [{ list: Note, sort: [id], limit: input.limit, as: found }]
    answer: { each: each in found, is: { title: each.title, state: each.state, id: each.id, createdAt: each.createdAt } }
  createNote: # notes.yaml:9
    input: { title: Note.title, state: Note.state }
    steps: [{ create: Note, set: input, as: made }]
    answer: { title: made.title, state: made.state, id: made.id, createdAt: made.createdAt }
`,
  )
  writeFileSync(join(cwd, 'shop/design.yaml'), '')
  await assert.rejects(
    importHere(cwd, 'notes.yaml', { out: 'shop/other.yaml' }),
    /shop\/notes\.yaml exists, and the contract would be written there/,
  )
  assert.ok(!existsSync(join(cwd, 'shop/other.yaml')))
})

test('a document that is broken, nested too deeply, made of aliases or of another version is refused with its line', async () => {
  const deep = `openapi: 3.1.0\nx: ${'{ a: '.repeat(120)}1${' }'.repeat(120)}\n`
  const aliases = `openapi: 3.1.0\na: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n`
  for (const [text, message] of [
    ['openapi: 3.1.0\npaths: [\n', /not valid YAML or JSON/],
    [deep, /nested more than 100 levels deep/],
    [aliases, /aliases stand for more/],
    ['openapi: 2.0\n', /no OpenAPI document of version 3/],
  ] as const) {
    const error = await imported('api.yaml', text, 'openapi').then(
      () => null,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof ImportError, String(error))
    assert.match(error.message, message)
  }
  const outside = await imported(
    'api.yaml',
    "openapi: 3.1.0\ncomponents:\n  schemas:\n    A: { type: object, properties: { id: { type: string }, b: { $ref: 'https://example.com/b.json' }, c: { $ref: '#/components/schemas/A' } } }\npaths: { /x: { get: { responses: {} } } }\n",
    'openapi',
  ).catch((error: unknown) => error)
  assert.ok(outside instanceof Object && 'left' in outside, String(outside))
})
