/** Checks that an answer fits the media type of its address. */

import { unreachable } from '../../base/unreachable.ts'
import type { AnswerTree } from '../../model/action.ts'
import { type AnswerForm, answerForm } from '../../model/answer-form.ts'
import type { Model } from '../../model/model.ts'
import { quote, type Report } from '../findings/report.ts'

/** Reports answers that are no tables where CSV is answered, pages without templates, and templates without pages. */
export function reportMedia({ actions, entities }: Model, report: Report): void {
  const byName = new Map(entities.map((entity) => [entity.name, entity]))
  for (const action of actions) {
    const { at, page, address, answer } = action
    const template = [...at, 'template']
    switch (address.type) {
      case 'csv': {
        const wrong = whyNoTable(answerForm(action, byName), answer)
        if (wrong !== null) report.add('PLN-D543', [...at, 'answer'], `csv needs a list of flat objects; ${wrong.message}`, wrong.hint)
        break
      }
      case 'html':
        if (page === null) report.add('PLN-D590', template, 'a page needs a template', 'write template: file.html beside endpoint')
        if (answer.kind === 'none')
          report.add('PLN-D590', [...at, 'answer'], 'a page needs an answer to fill in', 'use answer to say what it shows')
        break
      case 'json':
        break
      default:
        unreachable(address.type)
    }
    const isForBrowsers = address.type === 'html' || address.redirect !== null || address.accepts === 'form'
    if (action.failurePage !== null && !isForBrowsers)
      report.add(
        'PLN-D590',
        [...at, 'errorTemplate'],
        'browsers get pages about failures at endpoints with type html, redirect or accepts form',
        'remove it, or give the endpoint one of them',
      )
    if (page !== null && address.type !== 'html')
      report.add('PLN-D590', template, 'only an endpoint with type html has a template', 'remove it, or use an endpoint with type html')
  }
}

interface Wrong {
  readonly message: string
  readonly hint: string
}

/** Why the form is no list of flat objects; null if it is one. */
function whyNoTable(form: AnswerForm, tree: AnswerTree): Wrong | null {
  const hint = 'use { each: l in lines, is: { name: l.name } }'
  if (form.kind !== 'list') return { message: `the answer is ${WORDS[form.kind]}`, hint }
  if (form.isValue || form.of.kind !== 'object') return { message: `each element is ${WORDS[form.of.kind]}`, hint }
  if (form.of.isRow)
    return { message: `${rowOf(tree)} is a whole row, of which callers see different fields`, hint: 'use its fields, one by one' }
  if (form.of.members.size === 0) return { message: 'its objects have no members', hint: 'use a member for each column' }
  for (const [name, { kind, ...member }] of form.of.members) {
    if (kind === 'scalar' || ('isValue' in member && member.isValue)) continue
    return { message: `${quote(name)} is ${WORDS[kind]} inside one`, hint: 'leave it out, or name the parts of it that become columns' }
  }
  return null
}

const WORDS: Readonly<Record<AnswerForm['kind'], string>> = {
  none: 'nothing',
  scalar: 'a single value',
  object: 'an object',
  list: 'a list',
  keyed: 'an object whose keys are values',
  any: 'what the code returns',
}

function rowOf(tree: AnswerTree): string {
  return tree.kind === 'list' && tree.of.kind === 'row' ? tree.of.row.entity : 'each element'
}
