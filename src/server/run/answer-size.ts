/** The failures of an answer that would be too large to send. */

import { type Failure, failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'

/** The failure of an answer with too many included rows. */
export function tooManyRows(): Failure {
  return failure('answer_too_large', { limit: `${LIMITS.answerRows} included rows` })
}

/** The failure of an answer with too many bytes. */
export function tooManyBytes(): Failure {
  return failure('answer_too_large', { limit: `${LIMITS.answerBytes} bytes` })
}
