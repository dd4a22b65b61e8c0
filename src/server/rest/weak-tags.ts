/** Weak tags in `If-Match`, which never match. A proxy that compresses answers makes weak tags. */

import { Failure, failure } from '../../base/failure.ts'

const ONLY_WEAK = /^\s*W\/"[^"]*"(?:\s*,\s*W\/"[^"]*")*\s*$/

/** The failure `weak_etag` for a version that was refused because `ifMatch` has only weak tags; any other error as it is. */
export function explainWeakTags(error: unknown, ifMatch: string | null): unknown {
  const isStale = error instanceof Failure && error.code === 'stale_version'
  return isStale && ifMatch !== null && ONLY_WEAK.test(ifMatch) ? failure('weak_etag', {}) : error
}
