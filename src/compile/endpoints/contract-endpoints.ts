/** The endpoints of operations of a contract that no action serves. */

import type { BoundOperation } from '../../model/address/contract.ts'
import type { Endpoint } from './endpoint.ts'
import { routePath } from './own-endpoints.ts'
import { READS_NOTHING } from './service-endpoints.ts'

/** The endpoint of an operation, which reads nothing of a request; null if an action serves it, or if its path is not routed. */
export function unboundEndpoint({ method, servedPath, action }: BoundOperation): Endpoint | null {
  if (action !== null || servedPath === null) return null
  return { ...READS_NOTHING, method, path: routePath(servedPath), failures: [], description: null }
}
