/** The answer to a request, as data. REST and GraphQL send it with the same code. */

import type { Utf8 } from '../../base/bytes/utf8.ts'

/** An HTTP response. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON as text or as UTF-8 bytes; null for none. */
  readonly body: string | Utf8 | null
}

/** An HTTP response whose body is text: one that is kept for repetitions, or becomes a part of another. */
export interface TextAnswer extends Answer {
  readonly body: string | null
}
