/** What a client has sent to an action, for the page that shows it again. */

import { isObject } from '../../base/is-object.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Action, ActionInput } from '../../model/action.ts'
import { formName } from '../../model/address/action-address.ts'
import { shownInputs } from '../../model/answer-form.ts'
import { answerMember, answerText } from '../http/media/answer-values.ts'
import type { FormPairs } from '../http/media/form.ts'
import type { HttpRequest } from '../http/request.ts'

/** The parts of a request that contain inputs. */
export interface SentParts extends Pick<HttpRequest, 'parameters' | 'headers'> {
  /** Without the `?`. */
  readonly query: string
  /** The parsed JSON, or the pairs of a form; undefined without a body. */
  readonly body: unknown
}

/** The texts by the names of the inputs, as they were sent, whether they are values of the inputs or not. */
export function sentTexts(action: Action, parts: SentParts): Readonly<Record<string, unknown>> {
  const shown = shownInputs(action)
  const texts: Record<string, unknown> = { ...parts.parameters }
  for (const input of action.inputs) {
    const form = shown.get(input.name)
    if (form === undefined) continue
    const given = textsOf(action, input, parts)
    texts[input.name] = form.kind === 'list' ? given : (given[0] ?? '')
  }
  return texts
}

function textsOf({ address }: Action, { from }: ActionInput, { parameters, headers, query, body }: SentParts): readonly string[] {
  switch (from.in) {
    case 'path':
      return [parameters[from.name] ?? '']
    case 'header':
      return [headers[from.name.toLowerCase()] ?? ''].flat()
    case 'query':
      return new URLSearchParams(query).getAll(from.name)
    case 'body':
      return address.accepts === 'form' ? inForm((body ?? []) as FormPairs, formName(from)) : inJson(body, from)
    default:
      return unreachable(from.in)
  }
}

function inForm(pairs: FormPairs, name: string): readonly string[] {
  return pairs.flatMap(([key, text]) => (key === name ? [text] : []))
}

function inJson(body: unknown, { name, inside }: ActionInput['from']): readonly string[] {
  const object = inside === undefined ? body : answerMember(body, inside)
  const value = answerMember(object, name)
  return (Array.isArray(value) ? value : [value]).filter((item) => !isObject(item)).map(answerText)
}
