import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import { conformanceOf } from './openapi-conformance.ts'
import { documentedOperations, operationFinder } from './operations.ts'

const { model } = resolveDesign({ name: 'demo', entities: { Post: { fields: {}, access: {} } } }, NO_SOURCE)
const ROW = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }
const content = { 'application/json': { schema: { $ref: '#/components/schemas/Post' } } }
const DOCUMENT = {
  openapi: '3.1.1',
  paths: {
    '/api/posts': { get: { operationId: 'listPosts', responses: { 200: { content }, 406: {} } } },
    '/api/posts/{id}/photo': {
      get: { operationId: 'getPhoto', responses: { 200: { content: { 'image/*': { schema: { type: 'string' } } } } } },
    },
    '/api/posts/{id}': {
      parameters: {},
      get: { operationId: 'getPost', responses: { 200: { headers: { ETag: {} }, content }, 304: { headers: { ETag: {} } } } },
    },
  },
  components: { schemas: { Post: ROW } },
} as unknown as Parameters<typeof conformanceOf>[0]

const check = conformanceOf(DOCUMENT, 'whole')
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }

/** The problem of an answer to a read of one row. */
function problemOf(status: number, text: string, headers: Readonly<Record<string, string>> = JSON_TYPE): string | null {
  return check({ method: 'GET', path: '/api/posts/{id}' }, { status, headers, text, json: text === '' ? undefined : JSON.parse(text) })
}

test('a request is found in a document by its literal path, else by a path with parameters', () => {
  const find = operationFinder(documentedOperations(model ?? assert.fail('no model'), DOCUMENT))
  assert.equal(find('GET', '/api/posts?page[size]=2')?.name, 'Post.list')
  assert.equal(find('GET', '/api/posts/01900000')?.name, 'Post.get')
  assert.deepEqual(find('GET', '/api/posts/01900000')?.statuses, [200, 304])
  assert.equal(find('DELETE', '/api/posts/01900000'), null)
})

test('an answer must have a described status, body, type and headers, and no body where none is described', () => {
  assert.equal(problemOf(200, '{"id":"1"}', { ...JSON_TYPE, etag: '"1"' }), null)
  assert.equal(problemOf(304, '', { etag: '"1"' }), null)
  assert.match(problemOf(201, '{"id":"1"}') ?? '', /status 201 is not documented/)
  assert.match(problemOf(200, '{"id":"1","secret":2}') ?? '', /additional properties/)
  assert.match(problemOf(200, '{}') ?? '', /required property 'id'/)
  assert.match(problemOf(200, '') ?? '', /the body of 200 is missing/)
  assert.match(problemOf(304, '{"id":"1"}') ?? '', /a body of application\/json with 304/)
  assert.match(problemOf(200, '{"id":"1"}', { 'content-type': 'text/html' }) ?? '', /a body of text\/html/)
  assert.match(problemOf(200, '{"id":"1"}', { ...JSON_TYPE, location: '/x' }) ?? '', /header location/)
})

test('a range of media types in a document has all types of the range', () => {
  const typed = (type: string): string | null =>
    check({ method: 'GET', path: '/api/posts/{id}/photo' }, { status: 200, headers: { 'content-type': type }, text: 'x', json: undefined })
  assert.equal(typed('image/png'), null)
  assert.match(typed('text/html') ?? '', /a body of text\/html/)
})
