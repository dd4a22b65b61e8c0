/** The examples of docs/reference/graphql.md, run in the order of the page. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/reference/graphql.md'), 'utf8')

interface Example {
  readonly query: string
  readonly variables: unknown
  readonly answer: unknown
}

/** Each document with its variables, if it has any, and the answer that the page gives. */
function examples(): readonly Example[] {
  const blocks = [...PAGE.matchAll(/^```(\w+)( variables)?\n([\s\S]*?)^```$/gm)].map(([, language = '', variables, text = '']) => ({
    language,
    text,
    isVariables: variables !== undefined,
  }))
  return blocks.flatMap((block, i) => {
    if (block.language !== 'graphql') return []
    const variables = blocks[i + 1]?.isVariables === true ? blocks[i + 1] : undefined
    const answer = blocks[variables === undefined ? i + 1 : i + 2]
    assert.equal(answer?.language, 'json', `an answer to ${block.text}`)
    return [{ query: block.text, variables: JSON.parse(variables?.text ?? 'null'), answer: JSON.parse(answer?.text ?? 'null') }]
  })
}

const id = (end: string) => `01900000-0000-7000-8000-${end.padStart(12, '0')}`

test('every example of the page on GraphQL is answered as the page says', async (t) => {
  let next = 0
  const backend = await testBackend(t, modelFrom(blog), { newId: () => id(`f${next++}`) })
  await backend.sql(
    `insert into users (id, name, email, password) values ('${id('a')}', 'Ann', 'ann@example.com', 'x'), ('${id('b')}', 'Bob', 'bob@example.com', 'x')`,
  )
  await backend.sql(
    `insert into posts (id, title, body, tags, published, author_id) values ('${id('1')}', 'First steps', 'x', '{news}', true, '${id('a')}'), ('${id('2')}', 'A draft', 'x', '{}', false, '${id('a')}'), ('${id('3')}', 'Hello from Bob', 'x', '{}', true, '${id('b')}')`,
  )
  const token = await backend.tokenFor(id('a'))
  const found = examples()
  assert.ok(found.length >= 8)
  for (const { query, variables, answer } of found) {
    const got = await backend.ask('POST', '/graphql', { token, body: { query, variables } })
    for (const error of got.json.errors ?? []) delete error.extensions.traceId
    assert.deepEqual(got.json, answer, query)
  }
})

test('the page has the limits that the server has', () => {
  const shown = [
    LIMITS.graphqlBytes,
    LIMITS.graphqlTokens,
    LIMITS.graphqlDepth,
    LIMITS.graphqlAliases,
    LIMITS.graphqlFields,
    LIMITS.graphqlDirectives,
    LIMITS.graphqlRoots,
    LIMITS.answerRows,
    LIMITS.answerBytes,
  ]
  const table = PAGE.slice(PAGE.indexOf('## Limits'))
  const numbers = [...table.matchAll(/^\| .* \| ([\d,]+) \|$/gm)].map(([, n = '']) => Number(n.replaceAll(',', '')))
  assert.deepEqual(numbers, shown)
})
