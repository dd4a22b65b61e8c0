/** What is wrong with an OpenAPI document of a service, at its place in the document. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { bindDocument } from './client-world.ts'

const HEAD = "openapi: 3.1.0\ninfo: { title: A, version: '1' }\n"
const OK = 'responses: { "204": { description: ok } }'

/** The findings of a document, and the names of the operations that it has. */
async function findings(
  t: TestContext,
  document: string | null,
): Promise<{ readonly said: readonly string[]; readonly names: readonly string[] }> {
  const { model, diagnostics } = await bindDocument(t, document)
  return {
    said: diagnostics.map(({ code, at, message }) => `${code} ${at.line ?? '-'} ${at.path.join('.')}: ${message}`),
    names: model?.httpServices[0]?.client?.operations.map(({ name }) => name) ?? [],
  }
}

test('a document that cannot be used is an error', async (t) => {
  const said = async (document: string | null): Promise<string> => (await findings(t, document)).said.join('\n')
  assert.match(await said(null), /^PLN-D679 10 integrations\.http\.billing\.openapi: there is no file \.\/billing\.yaml/)
  assert.match(await said('openapi: [\n'), /^PLN-D005/)
  assert.match(await said("swagger: '2.0'\n"), /^PLN-D679 1 openapi: expected an OpenAPI document of version 3\.0 or 3\.1/)
  assert.match(await said(`${HEAD}paths: {}\n`), /^PLN-D679 3 paths: the document has no operation/)
  assert.match(
    await said(`${HEAD}paths: { /a: { $ref: 'other.yaml' } }\n`),
    /^PLN-D679 3 paths\.\/a: the reference "other\.yaml" leads to nothing/,
  )
  assert.match(await said(`${HEAD}more: '${'x'.repeat(1_000_001)}'\n`), /^PLN-D679 10 .* at most 1000000 are read/)
  const many = Array.from({ length: 1_001 }, (_, i) => `  /a${i}: { get: { operationId: a${i}, ${OK} } }\n`).join('')
  assert.match(await said(`${HEAD}paths:\n${many}`), /^PLN-D679 3 paths: more than 1000 operations/)
})

test('operations that code could not call are left out, each with its place', async (t) => {
  const { said, names } = await findings(
    t,
    `${HEAD}paths:
  /good: { get: { operationId: good, ${OK} } }
  /unnamed: { get: { ${OK} } }
  /taken: { get: { operationId: request, ${OK} } }
  /twice: { get: { operationId: good, ${OK} } }
  /upload: { post: { operationId: upload, requestBody: { required: true, content: { multipart/form-data: {} } }, ${OK} } }
  /cookie: { get: { operationId: cookie, parameters: [{ name: a, in: cookie, required: true, schema: {} }], ${OK} } }
  /open/{id}: { get: { operationId: open, ${OK} } }
  /silent: { get: { operationId: silent, responses: { '404': { description: none } } } }
  /lost: { get: { operationId: lost, responses: { '200': { $ref: '#/components/responses/Lost' } } } }
  /pattern: { get: { operationId: pattern, parameters: [{ name: a, in: query, schema: { pattern: '(' } }], ${OK} } }
`,
  )
  assert.deepEqual(names, ['good'])
  assert.deepEqual(said, [
    'PLN-D688 6 paths./taken.get.operationId: request is a function of every client',
    'PLN-D688 7 paths./twice.get.operationId: two operations are called good',
    'PLN-D688 8 paths./upload.post.requestBody: the body is neither JSON nor a form',
    'PLN-D688 9 paths./cookie.get.parameters.0: the parameter a is sent in a way that clients do not have',
    'PLN-D688 10 paths./open/{id}.get: the path names id, which is no parameter',
    'PLN-D688 11 paths./silent.get: the operation has no answer from 200 to 299',
    'PLN-D688 12 paths./lost.get.responses.200: the reference "#/components/responses/Lost" leads to nothing in this document',
    'PLN-D688 13 paths./pattern.get.parameters.0.schema.pattern: the pattern is no regular expression',
  ])
})

test('schemas that refer to one another in circles, or that nest without end, are read within limits', async (t) => {
  const circle = `${HEAD}paths: { /a: { get: { operationId: a, responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/A' } } } } } } } }
components: { schemas: { A: { anyOf: [{ $ref: '#/components/schemas/B' }, { type: 'null' }] }, B: { allOf: [{ $ref: '#/components/schemas/A' }] } } }
`
  assert.deepEqual(await findings(t, circle), { said: [], names: ['a'] })
  const deep = `${'{ items: '.repeat(80)}{}${' }'.repeat(80)}`
  const nested = `${HEAD}paths: { /a: { get: { operationId: a, responses: { '200': { description: ok, content: { application/json: { schema: ${deep} } } } } } } }\n`
  assert.match((await findings(t, nested)).said.join('\n'), /PLN-D012 3 : nested more than 40 levels deep/)
})
