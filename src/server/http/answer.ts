/** The answer to a request, as data. REST and GraphQL send it with the same code. */

import type { Readable } from 'node:stream'
import type { Utf8 } from '../../base/bytes/utf8.ts'

/** An HTTP response. `B` is the form of its body. */
export interface Answer<B extends string | Utf8 = string | Utf8> {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON as text or as UTF-8 bytes; null for none. */
  readonly body: B | null
  /** The bytes of a file in place of a body; `headers` has their number and type. */
  readonly stream?: Readable
}

/** An HTTP response whose body is text, because it is kept for repeated requests or becomes a part of another answer. */
export type TextAnswer = Answer<string>
