/** Reads the endpoint of an action: an operation of a contract, or a method and a path. */

import type { EndpointDesign } from '../authoring/endpoint-design.ts'
import type { ActionDesign } from '../authoring/logic-design.ts'

/** The endpoint with its options; null without one. */
export function endpointOf({ endpoint }: Pick<ActionDesign, 'endpoint'>): EndpointDesign | null {
  return typeof endpoint === 'string' ? { at: endpoint } : (endpoint ?? null)
}

/** Whether an endpoint names an operation of a contract, and not a method and a path. */
export function isOperation({ at }: EndpointDesign): boolean {
  return !at.includes(' ')
}
