/**
 * The rows that a request with an `Idempotency-Key` has written. A repetition reads these rows again, with the rules of that moment, and
 * writes nothing. So the answer to a repetition holds nothing that its caller may no longer read.
 */

import { failure } from '../../base/failure.ts'
import type { WrittenRow } from '../../compile/statements/row-columns.ts'
import type { WriteIntent } from '../plan/intent.ts'

/** A write of the first request. Only ids and versions are kept, and no content of rows. */
export interface KeptWrite {
  readonly kind: WriteIntent['kind'] | 'action'
  readonly rows: readonly KeptRow[]
}

/** A written row; for an action, a row that it has named, or the ids of several rows. */
export interface KeptRow {
  readonly id: string | null
  readonly version: string | null
  /** Whether the first answer held the row; false if the caller did not ask for it or could not read it. */
  readonly shown: boolean
}

/** The writes of one request, in the order in which they ran: while they are recorded, or while they are repeated. */
export interface Journal {
  readonly isReplaying: () => boolean
  /** Forgets recorded writes. Call it when the transaction begins, because after a deadlock it runs again. */
  readonly begin: () => void
  readonly record: (kind: KeptWrite['kind'], rows: readonly WrittenRow[]) => void
  /** The next write of the first request. @throws Failure `idempotency_mismatch` when there is none. */
  readonly next: () => KeptWrite
  /** Begins the repetition of recorded writes, which are the result of `kept`. */
  readonly replay: (writes: string) => void
  /** The recorded writes as text. */
  readonly kept: () => string
}

/** A journal without writes. */
export function openJournal(): Journal {
  const written: KeptWrite[] = []
  let repeated: KeptWrite[] | null = null
  return {
    isReplaying: () => repeated !== null,
    begin: () => {
      written.length = 0
    },
    record: (kind, rows) => void written.push({ kind, rows: rows.map(({ id, version, body }) => ({ id, version, shown: body !== null })) }),
    next() {
      const write = repeated?.shift()
      if (write === undefined) throw failure('idempotency_mismatch', {}, 'the first request made fewer writes')
      return write
    },
    replay: (writes) => {
      repeated = JSON.parse(writes)
    },
    kept: () => JSON.stringify(written),
  }
}
