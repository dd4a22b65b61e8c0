import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SentOverHttp } from '../expected/abstract-request.ts'
import { isReadOnly, readingOnly, WriteNotAllowed } from './read-only.ts'

const GRAPHQL = { method: 'POST', url: '/graphql' }

test('safe methods and queries only read', () => {
  const reads: readonly SentOverHttp[] = [
    { method: 'GET', url: '/api/posts?filter[id][eq]=1' },
    { method: 'HEAD', url: '/api/posts' },
    { method: 'OPTIONS', url: '/api/posts' },
    { ...GRAPHQL, body: { query: 'query ($id: UUID!) { post(id: $id) { ...f } } fragment f on Post { id }' } },
    { ...GRAPHQL, body: JSON.stringify({ query: '{ __typename }' }) },
  ]
  assert.deepEqual(
    reads.filter((one) => !isReadOnly(one)),
    [],
  )
})

test('everything else may write, and is not sent', async () => {
  const writes: readonly SentOverHttp[] = [
    ...['POST', 'PATCH', 'PUT', 'DELETE', 'PROPFIND', 'TRACE', 'get'].map((method) => ({ method, url: '/api/posts' })),
    { method: 'GET', url: '/api/posts', headers: { 'X-HTTP-Method-Override': 'DELETE' } },
    { method: 'GET', url: '/api/posts/1?_method=DELETE' },
    { method: 'GET', url: '/api/posts', body: '{}' },
    { method: 'POST', url: '/graphql?x', body: { query: '{ __typename }' } },
    { ...GRAPHQL, body: { query: 'mutation { deletePost(id: 1) { id } }' } },
    { ...GRAPHQL, body: { query: 'query a { __typename } mutation b { deletePost(id: 1) { id } }', operationName: 'b' } },
    { ...GRAPHQL, body: { query: 'subscription { posts { id } }' } },
    { ...GRAPHQL, body: { query: '{ a(' } },
    { ...GRAPHQL, body: [{ query: '{ __typename }' }] },
    { ...GRAPHQL, body: '{"query":' },
  ]
  const sent: SentOverHttp[] = []
  const send = readingOnly(async (one: SentOverHttp) => sent.push(one))
  for (const one of writes) await assert.rejects(send(one), WriteNotAllowed, JSON.stringify(one))
  assert.deepEqual(sent, [])
})
