/** Reads where an endpoint leads its clients, and checks it. */

import { unreachable } from '../../base/unreachable.ts'
import type { Action } from '../../model/action.ts'
import { hasDotSegment, isWholeValue, parseRedirect, REDIRECT_STATUSES, type Redirect } from '../../model/address/redirect.ts'
import { type AnswerForm, answerForm } from '../../model/answer-form.ts'
import type { Entity, Model } from '../../model/model.ts'
import type { EndpointDesign } from '../authoring/endpoint-design.ts'
import { didYouMean, either, quote, type Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'

/** The target of an endpoint; null for none. A status or a media type that does not fit is reported. @param at the place of the endpoint */
export function redirectOf({ redirect, status, type }: EndpointDesign, at: Path, report: Report): Redirect | null {
  const isRedirect = status !== undefined && status >= 300
  if (redirect === undefined) {
    if (isRedirect) report.add('PLN-D209', [...at, 'status'], `${status} leads to another address`, 'write redirect: /path beside it')
    return null
  }
  if (status !== undefined && !REDIRECT_STATUSES.includes(status)) {
    const statuses = either(REDIRECT_STATUSES.map(String))
    report.add('PLN-D209', [...at, 'status'], `${status} leads to no other address`, `leave it out, or write ${statuses}`)
  }
  if (hasDotSegment(redirect))
    report.add(
      'PLN-D209',
      [...at, 'redirect'],
      'no redirect leads through the segment . or .., so each request gets 404',
      'remove the segment',
    )
  if (type !== undefined && type !== 'json') report.add('PLN-D209', [...at, 'type'], 'a redirect has no body', 'remove type')
  return parseRedirect(redirect)
}

/** Reports the names of targets that the answers do not have, or that stand for no text. */
export function reportRedirects({ actions, entities }: Model, report: Report): void {
  const byName = new Map(entities.map((entity) => [entity.name, entity]))
  for (const action of actions) reportRedirect(action, byName, report)
}

function reportRedirect(action: Action, entities: ReadonlyMap<string, Entity>, report: Report): void {
  const { redirect } = action.address
  if (redirect === null) return
  const at = [...action.at, 'endpoint', 'redirect']
  const form = answerForm(action, entities)
  const isWhole = isWholeValue(redirect)
  for (const part of redirect.parts) {
    if (part.kind === 'text') continue
    const name = part.path.join('.')
    const found = memberAt(form, part.path)
    if (found === null || found.kind === 'none') {
      const known = form.kind === 'object' ? [...form.members.keys()] : []
      const near = part.path.length > 1 ? '' : didYouMean(name, known)
      const hint = known.length === 0 ? 'use answer to say what it has' : `use ${known.join(', ')}, or a member of one of them`
      report.add('PLN-D592', at, `the answer has no ${quote(name)}${near}`, near === '' ? hint : undefined)
    } else if (found.kind !== 'scalar' || found.scalar === 'json')
      report.add('PLN-D592', at, `${quote(name)} is no single value`, 'use a single value of the answer')
    else if (isWhole && found.scalar !== 'url')
      report.add(
        'PLN-D592',
        at,
        `${quote(name)} is no URL, and the whole target is its value`,
        'use a field of the type url, or begin with a path',
      )
  }
}

/** The form of a member of an answer; null if it has none of this name. */
function memberAt(form: AnswerForm, path: readonly string[]): AnswerForm | null {
  return path.reduce<AnswerForm | null>((of, name) => (of === null ? null : memberOf(of, name)), form)
}

function memberOf(form: AnswerForm, name: string): AnswerForm | null {
  switch (form.kind) {
    case 'object':
      return form.members.get(name) ?? null
    case 'none':
    case 'scalar':
    case 'list':
    case 'keyed':
    case 'any':
      return null
    default:
      return unreachable(form)
  }
}
