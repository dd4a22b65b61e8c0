/** The endpoints of operations of a contract that no action serves. */

import { LIMITS } from '../../base/limits.ts'
import type { BoundOperation } from '../../model/address/contract.ts'
import type { Endpoint } from './endpoint.ts'

/** The endpoint of an operation, which reads nothing of a request; null if an action serves it, or if its path is not routed. */
export function unboundEndpoint({ method, servedPath, action }: BoundOperation): Endpoint | null {
  if (action !== null || servedPath === null) return null
  return {
    method,
    path: servedPath.replaceAll(/\{(\w+)\}/g, ':$1'),
    presence: 'always',
    parameters: { query: 'ignored', headers: [] },
    body: 'none',
    auth: 'none',
    idempotent: false,
    answers: 'json',
    failures: [],
    limit: { bodyBytes: LIMITS.bodyBytes, counted: true, transactionMs: null },
    description: null,
  }
}
