/** Answers with a redirect. */

import { failure } from '../../base/failure.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import { hasDotSegment, isWholeValue, type Redirect } from '../../model/address/redirect.ts'
import type { TextAnswer } from '../http/answer.ts'
import { answerMember, answerText } from '../http/media/answer-values.ts'

/**
 * The answer that leads to the target, in place of an answer with a body.
 *
 * @throws Failure `route_not_found` for a value that no part of an address can be: none, an empty text, or one that makes `.` or `..`
 */
export function leadTo(redirect: Redirect, answer: TextAnswer): TextAnswer {
  const location = locationOf(redirect, answer.body === null ? null : parseJson(answer.body))
  return { ...answer, headers: { ...answer.headers, location }, body: null }
}

function locationOf(redirect: Redirect, answer: unknown): string {
  const isWhole = isWholeValue(redirect)
  const texts = redirect.parts.map((part) => {
    if (part.kind === 'text') return part.text
    const text = answerText(part.path.reduce(answerMember, answer))
    if (text === '') throw nowhere()
    return isWhole ? new URL(text).href : encodeURIComponent(text.toWellFormed())
  })
  const location = texts.join('')
  if (!isWhole && hasDotSegment(location)) throw nowhere()
  return location
}

function nowhere(): Error {
  return failure('route_not_found', { hint: '' })
}
