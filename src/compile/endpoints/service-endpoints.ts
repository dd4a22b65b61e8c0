/** Further endpoints of every backend: transactions, health, the OpenAPI document. */

import { LIMITS } from '../../base/limits.ts'
import type { Endpoint } from './endpoint.ts'

/** The parts of an endpoint that reads nothing of a request but its address. */
export const READS_NOTHING = {
  presence: 'always',
  parameters: { query: 'ignored', headers: [] },
  body: 'none',
  auth: 'none',
  idempotent: false,
  answers: 'json',
  limit: { bodyBytes: LIMITS.bodyBytes, counted: true, transactionMs: null },
} as const

const HEALTH = { ...READS_NOTHING, method: 'GET', failures: [406, 431], limit: { ...READS_NOTHING.limit, counted: false } } as const

/** Several operations in one transaction. */
export const TRANSACTION_ENDPOINTS = {
  runTransaction: {
    ...READS_NOTHING,
    method: 'POST',
    path: '/api/transaction',
    parameters: { query: 'refused', headers: [] },
    body: 'required',
    auth: 'optional',
    idempotent: true,
    failures: [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 429, 431, 500, 503],
    limit: { ...READS_NOTHING.limit, transactionMs: LIMITS.transactionMs },
    description: {
      tag: 'service',
      summary: 'Several operations in one transaction',
      text: [
        'All of them take place, in order, or none does.',
        'Each is a request of its own, under its own rules, and sees the changes of earlier operations.',
        'A value `{ "$ref": "name.field" }` in a body, and `${name.field}` in an address, stand for a value of the answer',
        'to the earlier operation of that name.',
        'The first failure is the answer: its `operation` is the index, and its pointers begin with `/operations/<index>/body`.',
        `At most ${LIMITS.transactionOperations} operations.`,
      ].join(' '),
      request: 'Transaction',
      answer: {
        status: 200,
        text: 'All operations are done; there is one result per operation.',
        schema: 'TransactionResults',
        media: 'application/json',
      },
    },
  },
} as const satisfies Readonly<Record<string, Endpoint>>

/** Health, and the OpenAPI document itself. */
export const SERVICE_ENDPOINTS = {
  getLiveness: {
    ...HEALTH,
    path: '/health/live',
    description: {
      tag: 'service',
      summary: 'Whether the process runs',
      text: 'Does not check the database.',
      request: null,
      answer: { status: 200, text: 'It runs.', schema: 'HealthStatus', media: 'application/json' },
    },
  },
  getReadiness: {
    ...HEALTH,
    path: '/health/ready',
    description: {
      tag: 'service',
      summary: 'Whether requests can be served',
      text: 'Whether the database answers and this instance takes requests.',
      request: null,
      answer: { status: 200, text: 'They can.', schema: 'HealthStatus', media: 'application/json' },
    },
  },
  getOpenApi: {
    ...READS_NOTHING,
    method: 'GET',
    path: '/openapi.json',
    auth: 'optional',
    failures: [401, 406, 429, 431, 500, 503],
    description: {
      tag: 'service',
      summary: 'This document, limited to what the caller may know',
      text: 'In production, it leaves out what the caller cannot reach.',
      request: null,
      answer: { status: 200, text: 'An OpenAPI 3.1 document.', schema: null, media: 'application/json' },
    },
  },
} as const satisfies Readonly<Record<string, Endpoint>>
