/** Gives the answer of an action the media type of its address, or a redirect in its place. */

import { LIMITS } from '../../base/limits.ts'
import { memoPair } from '../../base/memo.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import { type CsvColumn, csvText } from '../../base/texts/csv.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Action } from '../../model/action.ts'
import { type AnswerForm, answerForm } from '../../model/answer-form.ts'
import type { Model } from '../../model/model.ts'
import type { TextAnswer } from '../http/answer.ts'
import { PAGE_STEPS } from '../http/media/failure-page.ts'
import { fillPage } from '../http/media/fill-page.ts'
import { pageHeaders } from '../http/media/page-headers.ts'
import { tooManyBytes } from '../run/answer-size.ts'
import { leadTo } from './lead-to.ts'

/**
 * The answer in the media type of the action's address. Kept answers are JSON, so that a repeated request is converted again.
 *
 * @throws Failure `answer_too_large` when the table or page has too many bytes; `route_not_found` when a redirect leads nowhere
 */
export function inMediaType(model: Model, action: Action, answer: TextAnswer): TextAnswer {
  const { type, redirect } = action.address
  if (redirect !== null) return leadTo(redirect, answer)
  if (type === 'json' || answer.body === null) return answer
  const media = mediaOf(model, action)
  const written = media.write(parseJson(answer.body))
  // A character has at most three bytes in UTF-8 for each unit of its length.
  if (written === null || (written.length * 3 > LIMITS.answerBytes && Buffer.byteLength(written) > LIMITS.answerBytes)) throw tooManyBytes()
  return { ...answer, headers: { ...answer.headers, ...media.headers }, body: written }
}

/** How answers are written: null for a page that needs more than there is room for. */
interface Media {
  readonly headers: Readonly<Record<string, string>>
  readonly write: (answer: unknown) => string | null
}

const mediaOf = memoPair((model: Model, action: Action): Media => {
  const { type } = action.address
  switch (type) {
    case 'json':
      throw new Error('JSON is answered as it is')
    case 'csv': {
      const columns = columnsOf(answerForm(action, new Map(model.entities.map((entity) => [entity.name, entity]))))
      return { headers: csvHeaders(action), write: (rows) => csvText(columns, Array.isArray(rows) ? rows : []) }
    }
    case 'html': {
      const template = action.page?.template ?? null
      if (template === null) throw new Error(`the template of ${action.name} has not been read`)
      const room = { characters: LIMITS.answerBytes, steps: PAGE_STEPS }
      const headers = pageHeaders(template.styles)
      return { headers, write: (answer) => fillPage(template, answer, room) }
    }
    default:
      return unreachable(type)
  }
})

/** A name of an action has letters and digits alone, so it needs no escaping in a header. */
function csvHeaders({ name }: Action): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': `attachment; filename="${name}.csv"`,
  }
}

/** The columns of a table, whose form `PLN-D543` has checked. */
function columnsOf(form: AnswerForm): readonly CsvColumn[] {
  const members = form.kind === 'list' && form.of.kind === 'object' ? form.of.members : new Map<string, AnswerForm>()
  return [...members].map(([name, member]) => ({ name, kind: columnKind(member) }))
}

function columnKind(form: AnswerForm): CsvColumn['kind'] {
  if (form.kind !== 'scalar' || form.scalar === 'json') return 'json'
  return form.scalar === 'integer' || form.scalar === 'number' || form.scalar === 'decimal' ? 'number' : 'text'
}
