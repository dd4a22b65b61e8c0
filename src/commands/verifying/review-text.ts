/** The part of the text of a report that is about the review of the code. */

import type { CodeReview } from '../../verify/review/code-review.ts'
import { plainText } from '../terminal/layout.ts'
import type { Style } from '../terminal/style.ts'

const SHOWN = 20

/** The warnings with what to do. Errors stand among the findings, and notes in the report. */
export function reviewText(review: CodeReview | null, style: Style): readonly string[] {
  const warnings = (review?.findings ?? []).filter(({ level }) => level === 'warning')
  const shown = warnings.slice(0, SHOWN).flatMap(({ name, path, file, line, what, fix }) => {
    const place = file === null || path !== '' ? path : `${file}${line === null ? '' : `:${line}`}`
    return [
      `${style.yellow('WARNS')}   ${plainText(name)}            ${plainText(place)}`,
      `  ${plainText(what)}`,
      `  fix       ${plainText(fix)}`,
      '',
    ]
  })
  return warnings.length > SHOWN ? [...shown, `and ${warnings.length - SHOWN} more warnings: see report.json`, ''] : shown
}
