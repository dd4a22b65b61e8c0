/** The requests that a busy process still answers. */

import type { IncomingMessage } from 'node:http'
import { AUTH_ENDPOINTS } from '../../compile/endpoints/auth-endpoints.ts'
import { servedPath } from '../../compile/endpoints/endpoints.ts'
import { SERVICE_ENDPOINTS } from '../../compile/endpoints/service-endpoints.ts'
import type { Model } from '../../model/model.ts'

/**
 * Whether a request is one of them, by its path: health checks, because an orchestrator would end a process that only has much to do, and
 * signing in and renewing a session, because somebody must be able to look.
 */
export function urgentRequests(model: Model): (request: IncomingMessage) => boolean {
  const { getLiveness, getReadiness } = SERVICE_ENDPOINTS
  const paths = new Set(
    [getLiveness, getReadiness, AUTH_ENDPOINTS.login, AUTH_ENDPOINTS.refreshSession].map(({ path }) => servedPath(model, path)),
  )
  return ({ url = '' }) => paths.has(url.split('?', 1)[0] ?? '')
}
