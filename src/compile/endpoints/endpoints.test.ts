import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACTION_PATH, ROW_ACTION_PATH } from './action-endpoints.ts'
import type { Endpoint } from './endpoint.ts'
import { allowedAt, ENDPOINTS } from './endpoints.ts'
import { BULK_PATH, COLLECTION_PATH, ROW_PATH } from './row-endpoints.ts'

const ALL: readonly (readonly [string, Endpoint])[] = Object.entries(ENDPOINTS)

test('no two endpoints share a method and a path', () => {
  const keys = ALL.map(([, { method, path }]) => `${method} ${path}`)
  assert.deepEqual([...new Set(keys)], keys)
})

test('the failures of an endpoint follow from the parts of a request that it reads', () => {
  for (const [name, endpoint] of ALL) {
    const { failures, parameters, auth, body, idempotent, path } = endpoint
    if (failures.length === 0) continue
    assert.deepEqual(
      failures.toSorted((a, b) => a - b),
      failures,
      name,
    )
    const expected: readonly (readonly [boolean, readonly number[]])[] = [
      [true, [406, 431]],
      [parameters.query !== 'ignored' || body !== 'none', [400]],
      [auth !== 'none', [401]],
      [parameters.headers.includes('IfMatch'), [412]],
      [body !== 'none', [413, 415]],
      [path.includes(':id'), [404, 414]],
      [idempotent, [409, 422]],
      [endpoint.limit.counted, [429]],
    ]
    for (const [holds, statuses] of expected) {
      for (const status of holds ? statuses : [])
        assert.ok(
          failures.some((failure) => failure === status),
          `${name} lacks ${status}`,
        )
    }
  }
})

test('only endpoints for rows and actions, and endpoints with a description, list their failures', () => {
  for (const [name, endpoint] of ALL) {
    const isDocumented =
      endpoint.description !== null || [COLLECTION_PATH, BULK_PATH, ROW_PATH, ACTION_PATH, ROW_ACTION_PATH].includes(endpoint.path)
    assert.equal(endpoint.failures.length > 0, isDocumented, name)
  }
})

test('the methods of a path include HEAD if there is GET, and always OPTIONS', () => {
  assert.equal(allowedAt(COLLECTION_PATH), 'GET, HEAD, POST, OPTIONS')
  assert.equal(allowedAt(ROW_PATH), 'GET, HEAD, PATCH, PUT, DELETE, OPTIONS')
  assert.equal(allowedAt('/api/auth/login'), 'POST, OPTIONS')
})
