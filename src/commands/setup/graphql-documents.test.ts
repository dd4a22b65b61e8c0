import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { EnvironmentError } from '../../base/environment-error.ts'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { Model } from '../../model/model.ts'
import { readGraphqlDocuments } from './graphql-documents.ts'

const DESIGN = {
  name: 'blog',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: { type: 'email', unique: true, read: 'id == auth.id' }, password: { type: 'password' } },
      access: { read: 'true', create: 'true' },
    },
    Post: {
      fields: { title: { type: 'text' }, secret: { type: 'text', optional: true, read: 'false' } },
      access: { read: 'auth.id != null', create: 'auth.id != null' },
    },
  },
}

function model(): Model {
  const { model: resolved } = resolveDesign(DESIGN, NO_SOURCE)
  assert.ok(resolved !== null)
  return resolved
}

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'documents-'))
  t.after(() => rmSync(path, { recursive: true }))
  mkdirSync(join(path, 'ops'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

async function refused(path: string, cwd: string): Promise<EnvironmentError> {
  try {
    await readGraphqlDocuments(model(), { path, cwd })
  } catch (error) {
    if (error instanceof EnvironmentError) return error
    throw error
  }
  return assert.fail('it was accepted')
}

test('documents are read from a JSON file by id, from a manifest of Apollo, and from a folder of files', async (t) => {
  const operations = [{ id: 'x1', name: 'Posts', type: 'query', body: '{ posts { nodes { id } } }' }]
  const cwd = folder(t, {
    'map.json': '{ "sha256:1": "{ users { nodes { id } } }" }',
    'apollo.json': JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }),
    'ops/posts.graphql': '{ posts { nodes { id } } }\n',
    'ops/users.graphql': '{ users { nodes { id } } }',
    'ops/notes.txt': 'no document',
  })
  const read = async (path: string) => [...((await readGraphqlDocuments(model(), { path, cwd })) ?? [])]
  assert.deepEqual(await read('map.json'), [['sha256:1', '{ users { nodes { id } } }']])
  assert.deepEqual(await read('apollo.json'), [['x1', '{ posts { nodes { id } } }']])
  assert.deepEqual(await read('ops'), [
    ['posts', '{ posts { nodes { id } } }\n'],
    ['users', '{ users { nodes { id } } }'],
  ])
})

test('a file that is no list of documents is named, with the expected form', async (t) => {
  const cwd = folder(t, {
    'broken.json': '{',
    'list.json': '[]',
    'empty.json': '{}',
    'odd.json': '{ "a": 1, "b": "{ posts { nodes { id } } }", "c": null }',
    'manifest.json':
      '{ "operations": [{ "id": "x" }, 1, { "id": "y", "body": "{ __typename }" }, { "id": "y", "body": "{ __typename }" }] }',
  })
  const said: string[] = []
  for (const path of ['none.json', 'empty.json/below', 'broken.json', 'list.json', 'empty.json', 'odd.json', 'manifest.json', 'ops'])
    said.push((await refused(path, cwd)).message.replace(/^GRAPHQL_DOCUMENTS: /, '').replace(/(not JSON: ).+/, '$1…'))
  assert.deepEqual(said, [
    'none.json does not exist',
    'empty.json/below does not exist: part of the path is not a folder',
    'broken.json is not JSON: …',
    'list.json is not a JSON object',
    'empty.json has no documents',
    '2 problems\n  odd.json, "a": expected an id and the text of a document\n  odd.json, "c": expected an id and the text of a document',
    '3 problems\n  manifest.json, "x": expected an id and the text of a document\n  manifest.json, operation 2: expected an id and the text of a document\n  manifest.json, "y": two documents have this id',
    'ops has no documents',
  ])
  assert.match((await refused('none.json', cwd)).hint, /a folder of \.graphql files/)
})

test('all documents that are invalid for every caller are named at once, with file, position and reason', async (t) => {
  const cwd = folder(t, {
    'ops/broken.graphql': 'query {\n  posts {',
    'ops/empty.graphql': '',
    'ops/good.graphql': '{ posts { nodes { id } } }',
    'ops/large.graphql': `{ ${Array.from({ length: 30 }, (_, i) => `a${i}: posts { nodes { id } }`).join(' ')} }`,
    'ops/names.graphql': 'query {\n  posts { nodes { titel secret } }\n}',
    'ops/types.graphql': 'query ($size: String) { posts(first: $size) { nodes { id } } }',
  })
  const error = await refused('ops', cwd)
  assert.deepEqual(error.message.split('\n'), [
    'GRAPHQL_DOCUMENTS: 6 problems',
    '  ops/broken.graphql:2:10: Syntax Error: Expected Name, found <EOF>.',
    '  ops/empty.graphql:1:1: Syntax Error: Unexpected <EOF>.',
    '  ops/large.graphql: the document asks for too much: 30 aliases, at most 15',
    '  ops/names.graphql:2:19: Cannot query field "titel" on type "Post". Did you mean "title"?',
    '  ops/names.graphql:2:25: Cannot query field "secret" on type "Post".',
    '  ops/types.graphql:1:8: Variable "$size" of type "String" used in position expecting type "Int".',
  ])
  assert.equal(error.hint, 'correct the documents, or remove them from the list')
  writeFileSync(join(cwd, 'map.json'), JSON.stringify({ good: '{ posts { nodes { id } } }', bad: '{\n  nothing }' }))
  assert.match(
    (await refused('map.json', cwd)).message,
    /1 problem\n {2}map\.json, "bad":2:3: Cannot query field "nothing" on type "Query"\./,
  )
})

test('a document that is valid for one kind of caller is accepted', async (t) => {
  // Only signed-in callers may read and create posts, and a user may read only their own email.
  const cwd = folder(t, {
    'ops/mine.graphql': 'query ($id: ID!) { node(id: $id) { ... on User { email } ... on Post { title } } posts { totalCount } }',
    'ops/write.graphql': 'mutation ($input: CreatePostInput!) { createPost(input: $input) { post { title } } }',
  })
  assert.equal((await readGraphqlDocuments(model(), { path: 'ops', cwd }))?.size, 2)
})

test('unreadable files are named together with invalid documents, each with a hint', async (t) => {
  const cwd = folder(t, { 'ops/good.graphql': '{ posts { nodes { id } } }', 'ops/wrong.graphql': '{ nothing }' })
  mkdirSync(join(cwd, 'ops/folder.graphql'))
  symlinkSync('circle.graphql', join(cwd, 'ops/circle.graphql'))
  const { message } = await refused('ops', cwd)
  assert.match(message, /^GRAPHQL_DOCUMENTS: 3 problems\n/)
  assert.match(message, /\n {2}ops\/folder\.graphql: is a folder; rename it, or move the documents that it holds next to the others\n/)
  assert.match(message, /\n {2}ops\/circle\.graphql: is a link that leads back to itself; make it point to a file\n/)
  assert.match(message, /\n {2}ops\/wrong\.graphql:1:3: Cannot query field "nothing"/)
})

test('the error for a file or folder that this user may not read says so and has a hint', async (t) => {
  const cwd = folder(t, { 'closed.json': '{}', 'ops/closed.graphql': '{ __typename }' })
  chmodSync(cwd, 0o755)
  for (const closed of ['closed.json', 'ops/closed.graphql']) chmodSync(join(cwd, closed), 0o000)
  await asNobody(async () => {
    const file = await refused('closed.json', cwd)
    assert.equal(file.message, 'GRAPHQL_DOCUMENTS: closed.json may not be read by this user')
    assert.match(file.hint, /^let the user that runs plinth read it/)
    assert.match((await refused('ops', cwd)).message, /ops\/closed\.graphql: may not be read by this user; let the user/)
  })
  chmodSync(join(cwd, 'ops'), 0o000)
  await asNobody(async () => assert.equal((await refused('ops', cwd)).message, 'GRAPHQL_DOCUMENTS: ops may not be read by this user'))
  chmodSync(join(cwd, 'ops'), 0o700)
})

/** Runs `work` as the user 65534 when the tests run as root, because root may read every file. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}
