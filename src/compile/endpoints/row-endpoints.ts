/** The endpoints for rows: one row of the table per operation, for all entities alike. */

import { LIMITS } from '../../base/limits.ts'
import type { Operation } from '../../model/expression.ts'
import type { Endpoint, ErrorStatus } from './endpoint.ts'

/** Addresses of the rows of an entity, and of one row. */
export const COLLECTION_PATH = '/api/:path'
/** The path of one row of an entity. */
export const ROW_PATH = '/api/:path/:id'
/**
 * The address that creates a list of rows. It is separate, so that each operation of the OpenAPI document has one type of answer. Only for
 * POST: other methods at this address are about a row whose id is `bulk`.
 */
export const BULK_PATH = '/api/:path/bulk'

/** An endpoint for rows. */
export interface RowEndpoint extends Endpoint {
  /** The access rules that decide whether the endpoint is open for an entity. */
  readonly operation: Operation
}

const COMMON = {
  presence: 'always',
  auth: 'optional',
  answers: 'json',
  limit: { bodyBytes: LIMITS.bodyBytes, counted: true, transactionMs: null },
  description: null,
} as const

const READ = { ...COMMON, method: 'GET', operation: 'read', body: 'none', idempotent: false } as const
/** 404: a repetition whose row the caller may no longer read, or which is gone. */
const CREATE = {
  ...COMMON,
  method: 'POST',
  operation: 'create',
  parameters: { query: 'read', headers: ['Prefer'] },
  body: 'required',
  idempotent: true,
  failures: [400, 401, 403, 404, 406, 409, 413, 415, 422, 429, 431, 500, 503],
} as const
const UPDATE_FAILURES: readonly ErrorStatus[] = [400, 401, 403, 404, 406, 409, 412, 413, 414, 415, 422, 429, 431, 500, 503]
const UPDATE = {
  ...COMMON,
  path: ROW_PATH,
  operation: 'update',
  parameters: { query: 'read', headers: ['IfMatch', 'Prefer'] },
  body: 'required',
  idempotent: true,
  failures: UPDATE_FAILURES,
} as const

/** In the order of the OpenAPI document. */
export const ROW_ENDPOINTS = {
  listRows: {
    ...READ,
    path: COLLECTION_PATH,
    parameters: { query: 'read', headers: [] },
    failures: [400, 401, 403, 406, 429, 431, 500, 503],
  },
  createRows: { ...CREATE, path: COLLECTION_PATH },
  createManyRows: { ...CREATE, path: BULK_PATH },
  getRow: {
    ...READ,
    path: ROW_PATH,
    parameters: { query: 'read', headers: ['IfNoneMatch'] },
    failures: [400, 401, 403, 404, 406, 414, 429, 431, 500, 503],
  },
  updateRow: { ...UPDATE, method: 'PATCH' },
  replaceRow: { ...UPDATE, method: 'PUT' },
  deleteRow: {
    ...COMMON,
    method: 'DELETE',
    path: ROW_PATH,
    operation: 'delete',
    parameters: { query: 'read', headers: ['IfMatch'] },
    body: 'none',
    idempotent: true,
    failures: [400, 401, 403, 404, 406, 409, 412, 414, 422, 429, 431, 500, 503],
  },
} as const satisfies Readonly<Record<string, RowEndpoint>>

/** The name of an endpoint for rows. */
export type RowEndpointName = keyof typeof ROW_ENDPOINTS
