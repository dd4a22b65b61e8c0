/** Reads the inputs of an action from a form. */

import { invalid } from '../../base/failure.ts'
import { memberPointer } from '../../base/texts/json-pointer.ts'
import type { Action, ActionInput } from '../../model/action.ts'
import type { FormPairs } from '../http/media/form.ts'
import { valueOfTexts } from './read-input.ts'

/**
 * Converts a form to a body. Each text is read by the type of its input, as in a query string; a name for a list may be repeated. Browsers
 * send an empty text for a field that nobody filled in, so an empty text is no value of an input that is not of the type text.
 *
 * @throws Failure `validation_failed` for another name that is repeated
 */
export function bodyOfForm({ inputs }: Action, pairs: FormPairs): Readonly<Record<string, unknown>> {
  const body: Record<string, unknown> = {}
  for (const [name, given] of Map.groupBy(pairs, ([key]) => key)) {
    const type = inputs.find(({ from }) => from.in === 'body' && from.name === name)?.type.type
    const texts = given.map(([, text]) => text).filter((text) => text !== '' || type === undefined || isText(type))
    if (texts.length > 1 && type?.kind !== 'list')
      throw invalid([{ pointer: memberPointer(name), rule: 'type', message: 'is given more than once' }])
    if (texts.length > 0 || type?.kind === 'list') Object.defineProperty(body, name, { enumerable: true, value: valueOfTexts(type, texts) })
  }
  return body
}

function isText(type: ActionInput['type']['type']): boolean {
  return type.kind === 'password' || (type.kind === 'scalar' && type.scalar === 'text')
}
