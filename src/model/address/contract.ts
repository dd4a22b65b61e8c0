/** The contract that a backend implements: an OpenAPI document that the design names, and the action of each of its operations. */

import type { ActionAddress } from './action-address.ts'

/** A contract after resolution. */
export interface Contract {
  /** The file as the design names it. */
  readonly file: string
  /** The document as data, with this server in place of those that it names. */
  readonly document: Readonly<Record<string, unknown>>
  /** In the order of the document. */
  readonly operations: readonly BoundOperation[]
}

/** An operation of a contract, and what serves it. */
export interface BoundOperation {
  /** Its `operationId`, or the method and path of one without. */
  readonly name: string
  readonly method: ActionAddress['method']
  /** The whole path, with names in braces. */
  readonly path: string
  /** The same path with the names in braces of the router; null for a path that is not routed. */
  readonly servedPath: string | null
  /** The action that serves it; null for none, and then it answers 501. */
  readonly action: { readonly entity: string | null; readonly name: string } | null
}
