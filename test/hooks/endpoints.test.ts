/** Every endpoint that writes rows is a way in that is tested with hooks, so a new one cannot be forgotten. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ENDPOINTS, type EndpointName } from '../../src/compile/endpoints/endpoints.ts'
import { WAYS } from './hooked-world.ts'

/** For each endpoint: why it writes no rows of entities, or the ways in that go through it. TypeScript asks for a line for a new one. */
const COVERED: Readonly<Record<EndpointName, 'reads' | 'only sessions' | readonly string[]>> = {
  listRows: 'reads',
  createRows: ['POST', 'POST with nested rows', 'POST with Idempotency-Key', 'POST of an account'],
  createManyRows: ['POST /bulk'],
  getRow: 'reads',
  updateRow: ['PATCH'],
  replaceRow: ['PUT'],
  deleteRow: ['DELETE'],
  runTransaction: ['transaction, create', 'transaction, update', 'transaction, delete'],
  register: ['register'],
  runAction: [
    'steps, create',
    'steps, create for each',
    'steps, ensure of a new row',
    'steps, ensure of a row',
    'steps, ensure of a new row for each',
    'steps, ensure of a row for each',
    'steps, update of several rows',
    'steps, delete of several rows',
    'code, create',
    'code, update',
    'code, delete',
  ],
  runRowAction: ['steps, update', 'steps, call', 'steps, delete', 'code of a row, update'],
  runReadingAction: 'reads',
  runReadingRowAction: 'reads',
  login: 'only sessions',
  refreshSession: 'only sessions',
  logout: 'only sessions',
  getMe: 'reads',
  getKeys: 'reads',
  getLiveness: 'reads',
  getReadiness: 'reads',
  getOpenApi: 'reads',
  getDocs: 'reads',
  getDocsScript: 'reads',
  getMailbox: 'reads',
  getFirstPage: 'reads',
  getGraphql: 'reads',
  getGraphqlSchema: 'reads',
  postGraphql: [
    'GraphQL create',
    'GraphQL createMany',
    'GraphQL update',
    'GraphQL delete',
    'GraphQL upsert of a new row',
    'GraphQL upsert of a row',
    'GraphQL steps, create',
    'GraphQL steps, ensure of a new row for each',
    'GraphQL steps, update',
    'GraphQL steps, delete',
  ],
}

test('every way in is the way of an endpoint', () => {
  const covered = Object.values(COVERED).flatMap((ways) => (typeof ways === 'string' ? [] : ways))
  assert.deepEqual(new Set(covered), new Set(Object.keys(WAYS)))
  assert.deepEqual(Object.keys(COVERED).toSorted(), Object.keys(ENDPOINTS).toSorted())
})
