/** The endpoints that run actions: of the design, and of a row. */

import { LIMITS } from '../../base/limits.ts'
import type { Endpoint } from './endpoint.ts'

const COMMON = {
  auth: 'optional',
  answers: 'json',
  limit: { bodyBytes: LIMITS.bodyBytes, counted: true, transactionMs: null },
  description: null,
} as const

const WRITES = { ...COMMON, method: 'POST', body: 'optional', idempotent: true } as const
const READS = { ...COMMON, method: 'GET', body: 'none', idempotent: false, parameters: { query: 'read', headers: [] } } as const

/** The address of an action of the design. */
export const ACTION_PATH = '/api/actions/:action'
/** The address of an action of a row. */
export const ROW_ACTION_PATH = '/api/:path/:id/:action'

/** An action that writes is a POST, one that only reads a GET. */
export const ACTION_ENDPOINTS = {
  runAction: {
    ...WRITES,
    path: ACTION_PATH,
    presence: 'with-actions',
    parameters: { query: 'refused', headers: [] },
    failures: [400, 401, 403, 404, 406, 409, 413, 415, 422, 429, 431, 500, 503],
  },
  runReadingAction: { ...READS, path: ACTION_PATH, presence: 'with-actions', failures: [400, 401, 403, 404, 406, 409, 429, 431, 500, 503] },
  runRowAction: {
    ...WRITES,
    path: ROW_ACTION_PATH,
    presence: 'with-row-actions',
    parameters: { query: 'refused', headers: ['IfMatch'] },
    failures: [400, 401, 403, 404, 406, 409, 412, 413, 414, 415, 422, 429, 431, 500, 503],
  },
  runReadingRowAction: {
    ...READS,
    path: ROW_ACTION_PATH,
    presence: 'with-row-actions',
    failures: [400, 401, 403, 404, 406, 409, 414, 429, 431, 500, 503],
  },
} as const satisfies Readonly<Record<string, Endpoint>>

/** The name of an endpoint that runs an action. */
export type ActionEndpointName = keyof typeof ACTION_ENDPOINTS
