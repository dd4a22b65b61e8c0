/** Reads the inputs of an action from a form. */

import { invalid } from '../../base/failure.ts'
import { memberPointer } from '../../base/texts/json-pointer.ts'
import type { Action, ActionInput } from '../../model/action.ts'
import { formName, inputPointer } from '../../model/address/action-address.ts'
import type { FormPairs } from '../http/media/form.ts'
import { valueOfTexts } from './read-input.ts'

/**
 * Converts a form to a body. Each text is read by the type of its input, as in a query string; a name for a list may be repeated. Browsers
 * send an empty text for a field that nobody filled in, so an empty text is no value of an input that is not of the type text. The name
 * `user[name]` is that of the member `name` of `user`, if this is an input; `user` counts as sent, also with an empty text.
 *
 * @throws Failure `validation_failed` for another name that is repeated
 */
export function bodyOfForm({ inputs }: Action, pairs: FormPairs): Readonly<Record<string, unknown>> {
  const body: Record<string, unknown> = {}
  for (const [name, given] of Map.groupBy(pairs, ([key]) => key)) {
    const input = inputs.find(({ from }) => from.in === 'body' && formName(from) === name)
    const type = input?.type.type
    const texts = given.map(([, text]) => text).filter((text) => text !== '' || type === undefined || isText(type))
    if (texts.length > 1 && type?.kind !== 'list')
      throw invalid([
        { pointer: input === undefined ? memberPointer(name) : inputPointer(input.from), rule: 'type', message: 'is given more than once' },
      ])
    if (input === undefined && inputs.some(({ from }) => from.inside === name))
      throw invalid([{ pointer: memberPointer(name), rule: 'type', message: 'must be an object' }])
    const { inside, name: member } = input?.from ?? { name }
    const object = inside === undefined ? body : innerOf(body, inside)
    if (texts.length > 0 || type?.kind === 'list') setMember(object, member, valueOfTexts(type, texts))
  }
  return body
}

/** The member that contains others. */
function innerOf(body: Record<string, unknown>, name: string): Record<string, unknown> {
  if (!Object.hasOwn(body, name)) setMember(body, name, {})
  return body[name] as Record<string, unknown>
}

/** Sets a member, also one with the name of a property that all objects have. */
function setMember(body: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(body, name, { enumerable: true, value })
}

function isText(type: ActionInput['type']['type']): boolean {
  return type.kind === 'password' || (type.kind === 'scalar' && type.scalar === 'text')
}
