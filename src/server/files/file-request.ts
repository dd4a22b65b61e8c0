/** Requests about files, as their handlers get them. */

import type { Caller } from '../../model/caller.ts'
import type { HttpRequest } from '../http/request.ts'

/** A request about a file. */
export interface FileRequest {
  readonly request: HttpRequest
  readonly caller: Caller
  /** The parsed JSON; undefined without a body. */
  readonly body: unknown
  /** The query string without the `?`. */
  readonly query: string
}
