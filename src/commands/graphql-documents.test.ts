import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { EnvironmentError } from '../base/environment-error.ts'
import { readGraphqlDocuments } from './graphql-documents.ts'

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'documents-'))
  t.after(() => rmSync(path, { recursive: true }))
  mkdirSync(join(path, 'ops'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

test('documents are read from a JSON file by id, from a manifest of Apollo, and from a folder of files', (t) => {
  const operations = [{ id: 'x1', name: 'Posts', type: 'query', body: '{ posts { nodes { id } } }' }]
  const cwd = folder(t, {
    'map.json': '{ "sha256:1": "{ users { nodes { id } } }" }',
    'apollo.json': JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }),
    'ops/posts.graphql': '{ posts { nodes { id } } }\n',
    'ops/users.graphql': '{ users { nodes { id } } }',
    'ops/notes.txt': 'no document',
  })
  assert.deepEqual([...readGraphqlDocuments('map.json', cwd)], [['sha256:1', '{ users { nodes { id } } }']])
  assert.deepEqual([...readGraphqlDocuments('apollo.json', cwd)], [['x1', '{ posts { nodes { id } } }']])
  assert.deepEqual(
    [...readGraphqlDocuments('ops', cwd)],
    [
      ['posts', '{ posts { nodes { id } } }\n'],
      ['users', '{ users { nodes { id } } }'],
    ],
  )
})

test('what is no list of documents is named, with what it should be', (t) => {
  const cwd = folder(t, {
    'broken.json': '{',
    'list.json': '[]',
    'empty.json': '{}',
    'odd.json': '{ "a": 1 }',
    'manifest.json': '{ "operations": [{ "id": "x" }] }',
  })
  const said = (path: string): string => {
    try {
      readGraphqlDocuments(path, cwd)
    } catch (error) {
      if (error instanceof EnvironmentError) return error.message
      throw error
    }
    return assert.fail('it was accepted')
  }
  assert.deepEqual(
    ['none.json', 'broken.json', 'list.json', 'empty.json', 'odd.json', 'manifest.json', 'ops'].map(said),
    [
      'none.json cannot be read',
      'broken.json is not JSON',
      'list.json is no JSON object',
      'empty.json has no documents',
      'odd.json holds something that is not a document under its id',
      'manifest.json holds something that is not a document under its id',
      'ops has no documents',
    ].map((text) => `GRAPHQL_DOCUMENTS: ${text}`),
  )
})
