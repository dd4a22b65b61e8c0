/** Reads the lists of answers: `{ each: l in order.lines, key: l.id, is: … }`. */

import type { AnswerDesign, AnswerObject } from '../authoring/logic-design.ts'
import { quote, type ReportPlace } from '../findings/report.ts'

/** A list of an answer, as the design has it. */
export interface AnswerList {
  /** The name of one element. */
  readonly name: string
  /** The expression after `in`. */
  readonly over: string
  readonly key: AnswerDesign | undefined
  readonly is: AnswerDesign
}

/** The parts of a list; null, with a finding, when a part is missing. @param hint what to write at this place */
export function answerList({ each, is, key, ...others }: AnswerObject, { at, report }: ReportPlace, hint: string): AnswerList | null {
  const [other] = Object.keys(others)
  if (other !== undefined) report.add('PLN-D101', [...at, other], `unknown key ${quote(other)}`, 'the keys of a list are each, is and key')
  const [, name, over] = typeof each === 'string' ? (/^([A-Za-z][A-Za-z0-9]*) +in +(\S.*)$/s.exec(each) ?? []) : []
  if (name !== undefined && over !== undefined && is !== undefined) return { name, over, key, is }
  report.add('PLN-D103', at, 'a list of an answer needs each and is', hint)
  return null
}
