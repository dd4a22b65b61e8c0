/** Binds the names of a template to the answer of its action. */

import { unreachable } from '../../base/unreachable.ts'
import type { HtmlValue } from '../../model/address/page.ts'
import type { AnswerForm } from '../../model/answer-form.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { NamePath, ReportTemplate, TemplatePlace } from './template-nodes.ts'

/** What names are about: the answer, and within `each` and `with` a part of it. */
export interface NameScope {
  readonly form: AnswerForm
  /** Whether it is the element of an `each`. */
  readonly isElement: boolean
}

/** A name with its value and the form of it. */
export interface BoundName {
  readonly value: HtmlValue
  readonly form: AnswerForm
}

/** Where a name stands. */
export interface NamePlace {
  readonly scopes: readonly NameScope[]
  readonly at: TemplatePlace
  readonly report: ReportTemplate
}

/** Binds a name; null with a finding when the answer has no such part. */
export function bindName(path: NamePath, place: NamePlace): BoundName | null {
  if (path.isData && path.parts[0] !== 'root') return bindLoop(path, place)
  const depth = path.isData ? 0 : place.scopes.length - 1 - path.up
  const scope = place.scopes[depth]
  if (scope === undefined) {
    const message = `${quote(path.source)} leads out of the answer`
    place.report('PLN-D592', place.at, { message, hint: 'remove ../: each and with make one level, if and unless none' })
    return null
  }
  const parts = path.isData ? path.parts.slice(1) : path.parts
  const form = parts.reduce<AnswerForm | null>((of, part) => (of === null ? null : memberOf(of, part, { path, place })), scope.form)
  return form === null ? null : { value: { kind: 'member', depth, path: parts }, form }
}

const LOOP_NAMES = ['index', 'key', 'first', 'last'] as const

function bindLoop(path: NamePath, { scopes, at, report }: NamePlace): BoundName | null {
  const what = path.parts.length === 1 ? LOOP_NAMES.find((name) => name === path.parts[0]) : undefined
  const depth = scopes.slice(0, scopes.length - path.up).findLastIndex(({ isElement }) => isElement)
  if (what === undefined || depth < 0) {
    const message = what === undefined ? `${quote(path.source)} is unknown` : `${quote(path.source)} is not inside an each`
    report('PLN-D592', at, { message, hint: 'in each there are @index, @key, @first and @last; @root is the answer' })
    return null
  }
  const scalar = what === 'index' ? 'integer' : what === 'key' ? 'text' : 'boolean'
  return { value: { kind: 'loop', depth, what }, form: { kind: 'scalar', scalar } }
}

interface Naming {
  readonly path: NamePath
  readonly place: NamePlace
}

function memberOf(form: AnswerForm, part: string, naming: Naming): AnswerForm | null {
  switch (form.kind) {
    case 'object': {
      const found = form.members.get(part)
      if (found !== undefined) return found
      const known = [...form.members.keys()]
      const hint = known.length === 0 ? 'there is nothing to name here' : `there is ${known.join(', ')}`
      return refuse(`the answer has no ${quote(part)} here${didYouMean(part, known)}`, hint, naming)
    }
    case 'list':
      if (part === 'length') return { kind: 'scalar', scalar: 'integer' }
      return refuse(`a list has no ${quote(part)}`, 'write {{#each …}} around it', naming)
    case 'keyed':
      return refuse(`an object whose keys are values has no ${quote(part)}`, 'write {{#each …}} around it', naming)
    case 'none':
      return refuse('the action answers nothing', 'give it an answer', naming)
    case 'any':
      return refuse('the design does not say what the code of run answers', 'write output', naming)
    case 'scalar':
      return refuse(`a single value has no ${quote(part)}`, 'name the part of the answer that has it', naming)
    default:
      return unreachable(form)
  }
}

function refuse(message: string, hint: string, { path, place }: Naming): null {
  place.report('PLN-D592', place.at, { message: `${path.source}: ${message}`, hint })
  return null
}

/** Whether a name may be used in this way; false with a finding. */
export function checkUse(bound: BoundName, use: 'value' | 'each' | 'with', { path, place }: Naming): boolean {
  const { kind } = bound.form
  const refused = (message: string, hint: string): boolean => {
    refuse(message, hint, { path, place })
    return false
  }
  switch (use) {
    case 'value':
      if (kind === 'scalar') return true
      if (kind === 'list' || kind === 'keyed') return refused('this is a list', `write {{#each ${path.source}}} … {{/each}}`)
      if (kind === 'any') return refused('the design does not say what the code of run answers', 'write output')
      return refused('this is an object', 'name one of its members')
    case 'each':
      return kind === 'list' || kind === 'keyed' || refused('each takes a list', 'name a list of the answer')
    case 'with':
      return kind === 'object' || refused('with takes an object', 'name an object of the answer')
    default:
      return unreachable(use)
  }
}
