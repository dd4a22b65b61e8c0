/**
 * Limits the size of a transaction with its references: the limits of a body apply as if the client had sent each value in place of its
 * reference.
 */

import { failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { measure } from '../http/body.ts'

/** The room that is left for the values of references. */
export interface ReferenceRoom {
  /** Takes the room for a value in the place that a JSON pointer names. @throws Failure `body_too_large` or `malformed_request`. */
  take(value: unknown, pointer: string): void
}

/** Opens the room that a body leaves. */
export function openReferenceRoom(body: unknown): ReferenceRoom {
  const sent = JSON.stringify(body)
  let bytes = LIMITS.bodyBytes - Buffer.byteLength(sent)
  let items = LIMITS.bodyKeys - measure(sent, { depth: LIMITS.bodyDepth, items: LIMITS.bodyKeys }).items
  return {
    take(value, pointer) {
      const text = JSON.stringify(value)
      bytes -= Buffer.byteLength(text)
      if (bytes < 0) throw failure('body_too_large', { limit: LIMITS.bodyBytes })
      items -= measure(text, { depth: LIMITS.bodyDepth - levelsAround(pointer), items }).items
    },
  }
}

/** Each name and index of a pointer leads into one more object or list. */
function levelsAround(pointer: string): number {
  return pointer.split('/').length - 1
}
