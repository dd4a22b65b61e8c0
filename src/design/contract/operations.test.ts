import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reportOn } from '../findings/report.ts'
import { NO_SOURCE, type Path } from '../findings/source.ts'
import { readOperations } from './operations.ts'
import { allowsNull, schemaOf } from './schema.ts'
import { servedDocument } from './served-document.ts'
import { servedPaths } from './served-paths.ts'

/** Reads a document that has no file. */
function read(value: unknown) {
  const report = reportOn(NO_SOURCE)
  const found = readOperations({ file: 'openapi.yml', value, at: (path: Path) => ({ path, file: 'openapi.yml' }) }, report)
  return { ...found, findings: report.list.map(({ code, message }) => `${code} ${message}`) }
}

const INFO = { openapi: '3.1.0', info: { title: 'Notes', version: '1' } }

test('the path of the server is in front of the paths of a contract, with the defaults of its variables', () => {
  const servers = [{ url: 'https://{host}/{base}/', variables: { host: { default: 'example.com' }, base: { default: 'v1' } } }]
  const { operations, findings } = read({ ...INFO, servers, paths: { '/notes/{id}': { get: { operationId: 'GetNote', responses: {} } } } })
  assert.deepEqual(findings, [])
  assert.deepEqual(
    operations.map(({ name, method, path, ownPath }) => [name, method, path, ownPath]),
    [['GetNote', 'GET', '/v1/notes/{id}', '/notes/{id}']],
  )
})

test('an operation has the parameters of its path, and its own in their place', () => {
  const id = (schema: object) => ({ name: 'id', in: 'path', required: true, schema })
  const get = { parameters: [id({ type: 'integer' }), { $ref: '#/components/parameters/page' }], responses: {} }
  const paths = { '/notes/{id}': { parameters: [id({ type: 'string' })], get } }
  const components = { parameters: { page: { name: 'page', in: 'query', schema: { type: 'integer' } } } }
  const { operations } = read({ ...INFO, paths, components })
  assert.deepEqual(
    operations[0]?.parameters.map(({ name, place, required, schema }) => [name, place, required, schema?.value]),
    [
      ['id', 'path', true, { type: 'integer' }],
      ['page', 'query', false, { type: 'integer' }],
    ],
  )
  assert.equal(operations[0]?.name, 'GET /notes/{id}')
})

test('null is allowed by nullable of OpenAPI 3.0, by a list of types, by a choice, and not otherwise', () => {
  const schemas = [
    { type: 'string', nullable: true },
    { type: ['string', 'null'] },
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    { nullable: true, oneOf: [{ $ref: '#/components/schemas/Text' }] },
    { allOf: [{ type: ['string', 'null'] }, { maxLength: 3 }] },
    {},
    { type: 'string' },
    { enum: ['a', 'b'] },
    { anyOf: [{ type: 'string' }, { type: 'integer' }] },
  ]
  const { reading } = read({ ...INFO, paths: {}, components: { schemas: { Text: { type: 'string' } } } })
  const allowed = schemas.map((value) => {
    const schema = schemaOf(reading, { value, path: [] })
    return schema !== null && allowsNull(reading, schema)
  })
  assert.deepEqual(allowed, [true, true, true, true, true, true, false, false, false])
})

test('the members of all parts of an allOf are one schema', () => {
  const components = { schemas: { Named: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } }
  const { reading } = read({ ...INFO, paths: {}, components })
  const value = { allOf: [{ $ref: '#/components/schemas/Named' }, { required: ['age'], properties: { age: { type: 'integer' } } }] }
  const schema = schemaOf(reading, { value, path: [] })
  assert.deepEqual([...(schema?.members.keys() ?? [])], ['name', 'age'])
  assert.deepEqual([...(schema?.required ?? [])], ['name', 'age'])
  assert.deepEqual([...(schema?.kinds ?? [])], ['object'])
})

test('a reference may have its signs in the form of a URI', () => {
  const schemas = { 'a/b': { type: 'string' }, 'a~1b': { type: 'integer' }, 'per cent %': { type: 'boolean' } }
  const { reading } = read({ ...INFO, paths: {}, components: { schemas } })
  const kinds = ['a~1b', 'a%7E1b', 'a~01b', 'a%7e01b', 'per%20cent%20%25', 'per cent %'].map((token) =>
    [...(schemaOf(reading, { value: { $ref: `#/components/schemas/${token}` }, path: [] })?.kinds ?? [])].join(),
  )
  assert.deepEqual(kinds, ['string', 'string', 'integer', 'integer', 'boolean', 'boolean'])
})

test('anything but an OpenAPI document of version 3 is refused, and nothing throws', () => {
  for (const value of [null, 1, 'text', [], {}, { openapi: 3 }, { openapi: '2.0' }, { swagger: '2.0' }])
    assert.match(read(value).findings.join(), /^PLN-D580 /, JSON.stringify(value))
  for (const paths of [null, [], { '/a': null }, { '/a': { get: 1 } }, { '/a': { get: { parameters: [null, 1, { in: 'query' }] } } }])
    assert.doesNotThrow(() => read({ ...INFO, paths }), JSON.stringify(paths))
})

test('the served contract differs from the document in its servers alone', () => {
  const paths = { '/notes': { servers: [{ url: 'https://other.example.com/v2' }], get: { operationId: 'ListNotes', responses: {} } } }
  const document = { ...INFO, servers: [{ url: 'https://example.com/v1' }], paths, 'x-own': true }
  assert.deepEqual(servedDocument(document), {
    ...document,
    servers: [{ url: '/v1' }],
    paths: { '/notes': { ...paths['/notes'], servers: [{ url: '/v2' }] } },
  })
})

test('each place of a path has one name, and each name stands once in a path', () => {
  const paths = ['/a/{id}', '/a/{other-id}/b/{id}', '/a/{x}/b/{y}/c', '/{id}']
  assert.deepEqual(
    [...servedPaths(paths).values()].map(({ path, names }) => [path, ...names.values()]),
    [
      ['/a/{id}', 'id'],
      ['/a/{id}/b/{id2}', 'id', 'id2'],
      ['/a/{id}/b/{id2}/c', 'id', 'id2'],
      ['/{id}', 'id'],
    ],
  )
})
