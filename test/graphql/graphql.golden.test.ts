/**
 * The GraphQL schema of the blog for signed-in callers, and the statement of a document, as golden files. `npm run golden` writes them
 * anew.
 */

import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { printSchema, validateSchema } from 'graphql'
import blog from '../../examples/blog/design.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { graphqlNames } from '../../src/compile/graphql/names.ts'
import { graphqlApi } from '../../src/compile/graphql/schema.ts'
import { viewFor } from '../../src/compile/rules/view.ts'
import { ANONYMOUS, type Caller } from '../../src/model/caller.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { wide } from '../support/wide-design.ts'

const FOLDER = join(import.meta.dirname, '../golden/graphql')

function compare(name: string, actual: string): void {
  const file = join(FOLDER, name)
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, actual)
  assert.equal(actual, existsSync(file) ? readFileSync(file, 'utf8') : '', `${name} differs; if the new text is right: npm run golden`)
}

const user: Caller = {
  claims: new Map([
    ['id', '01900000-0000-7000-8000-0000000000a1'],
    ['role', 'user'],
  ]),
  session: null,
}

test('the schema of the blog for signed-in callers', () => {
  const model = modelFrom(blog)
  compare('blog.graphql', `${printSchema(graphqlApi(viewFor(model, user), graphqlNames(model), LIMITS).schema)}\n`)
})

test('the schema of a design with awkward names is valid, for every kind of caller', () => {
  const model = modelFrom({
    ...wide,
    entities: {
      ...wide.entities,
      Node: {
        fields: { not: { type: 'text' }, nodeId: { type: 'text' }, kind: { type: 'choice', values: ['a-b', 'a b', 'true', '1', 'ok'] } },
        access: { read: 'true', create: 'true' },
      },
      NodeConnection: {
        fields: { first: { type: 'ref', entity: 'Node', inverse: 'and' } },
        access: { read: 'true' },
      },
      UUID: { fields: { name: { type: 'text' } }, access: { read: 'true' } },
      Closed: { fields: { name: { type: 'text' } } },
      WriteOnly: { fields: { name: { type: 'text' } }, access: { create: 'true' } },
    },
  })
  for (const caller of [ANONYMOUS, user]) {
    const { schema } = graphqlApi(viewFor(model, caller), graphqlNames(model), LIMITS)
    assert.deepEqual(validateSchema(schema), [])
    assert.ok(!printSchema(schema).includes('Closed'))
    assert.match(printSchema(schema), /createWriteOnly\([^)]*\): CreateWriteOnlyPayload/)
  }
})

test('the statement of a document with pages in pages', async (t) => {
  const backend = await testBackend(t, modelFrom(blog))
  const query = `query ($author: UUID!, $word: String!) {
    user(id: $author) { name posts(first: 2, filter: { title: { startsWith: $word } }, orderBy: [{ createdAt: DESC }]) { edges { cursor node { title author { name } } } pageInfo { hasNextPage } } }
    users(first: 3) { totalCount nodes { nodeId __typename posts(first: 2) { nodes { id } } } }
  }`
  const answer = await backend.ask('POST', '/graphql', {
    body: { query, variables: { author: '01900000-0000-7000-8000-0000000000a1', word: 'A' } },
  })
  assert.deepEqual(answer.json, { data: { user: null, users: { totalCount: 0, nodes: [] } } })
  assert.equal(backend.statements.length, 1)
  const text = backend.statements[0]?.text ?? ''
  compare('nested.sql', `${query}\n\n${text.replaceAll(/ (from|where|order by|limit) /g, '\n$1 ')}\n`)
})

test('three levels of ten rows each are one statement', async (t) => {
  const design = {
    name: 'three',
    entities: {
      Top: { fields: { name: { type: 'text' } }, access: { read: 'true' } },
      Middle: { fields: { name: { type: 'text' }, top: { type: 'ref', entity: 'Top', inverse: 'middles' } }, access: { read: 'true' } },
      Leaf: { fields: { name: { type: 'text' }, middle: { type: 'ref', entity: 'Middle', inverse: 'leaves' } }, access: { read: 'true' } },
    },
  }
  const backend = await testBackend(t, modelFrom(design))
  await backend.sql("insert into tops (id, name) select gen_random_uuid(), 'top' from generate_series(1, 10)")
  await backend.sql("insert into middles (id, name, top_id) select gen_random_uuid(), 'middle', t.id from tops t, generate_series(1, 10)")
  await backend.sql("insert into leafs (id, name, middle_id) select gen_random_uuid(), 'leaf', m.id from middles m, generate_series(1, 10)")
  const query = '{ tops(first: 10) { nodes { name middles(first: 10) { nodes { name leaves(first: 10) { nodes { id name } } } } } } }'
  const answer = await backend.ask('POST', '/graphql', { body: { query } })
  type Level = { nodes: { name: string; middles?: Level; leaves?: Level }[] }
  const count = (level: Level | undefined): number =>
    level === undefined ? 0 : level.nodes.reduce((sum, row) => sum + 1 + count(row.middles) + count(row.leaves), 0)
  assert.equal(count(answer.json.data.tops), 10 + 100 + 1000)
  assert.deepEqual(
    backend.statements.map((s) => s.name),
    ['query'],
  )
})
