/** Reads the input of an action from an object, as values for slots. */

import { type FieldProblem, failure, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import type { Value, Values } from '../../base/sql/statement.ts'
import { suggest } from '../../base/suggest.ts'
import { memberPointer } from '../../base/texts/json-pointer.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import { formatOf } from '../../compile/values/formats.ts'
import type { Action, ActionInput } from '../../model/action.ts'
import { inputPointer } from '../../model/address/action-address.ts'
import type { FieldType } from '../../model/field-type.ts'
import { storedScalar } from '../../model/model.ts'
import type { ScalarKind } from '../../model/scalar.ts'

/** Values that were sent, by the name of the input. A value that is undefined was sent, but has not the type of the input. */
export type Sent = Readonly<Record<string, unknown>>

/**
 * The values of the input of a body whose members have the names of the inputs: `input.<name>`, and `sent.<name>` for whether it was sent.
 * An input that was not sent has its default.
 *
 * @throws Failure `validation_failed` with every problem.
 */
export function readInput(action: Action, body: unknown): Values {
  const sent = body === undefined ? {} : body
  if (!isObject(sent)) throw invalid([{ pointer: '', rule: 'type', message: 'must be an object' }])
  const known = action.inputs.map(({ name }) => name)
  return valuesOf(action, sent, unknownNames(known, sent, ''))
}

/** The values of an input. `problems` are those that were found before. @throws Failure `validation_failed` with every problem. */
export function valuesOf({ inputs }: Action, sent: Sent, problems: FieldProblem[]): Values {
  const values: Record<string, Value> = {}
  for (const input of inputs)
    for (const problem of readOne(input, sent, values))
      problems.push({ ...problem, pointer: `${inputPointer(input.from)}${problem.pointer}` })
  if (problems.length > 0) throw invalid(problems)
  return values
}

/** The problems of members that no input has. `pointer` is that of their object. */
export function unknownNames(known: readonly string[], sent: Sent, pointer: string): FieldProblem[] {
  return Object.keys(sent).flatMap((name) => {
    if (known.includes(name)) return []
    const near = suggest(name, known)
    const hint = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
    return [{ pointer: `${pointer}${memberPointer(name)}`, rule: 'unknown', message: `is no input of this action${hint}` }]
  })
}

/** Reads one input into `values`. The pointers of its problems begin at its value. */
function readOne(input: ActionInput, sent: Sent, values: Record<string, Value>): readonly FieldProblem[] {
  const { name, type, optional, nullable } = input
  const isSent = Object.hasOwn(sent, name)
  values[`sent.${name}`] = isSent
  values[`input.${name}`] = null
  const value = isSent ? sent[name] : input.default?.value
  if (value === undefined && !isSent)
    return optional || input.default !== null ? [] : [{ pointer: '', rule: 'required', message: 'is required' }]
  if (value === null) return nullable || !isSent ? [] : [{ pointer: '', rule: 'type', message: 'must not be null', empty: true }]
  const encoded = encodeJson(type.type, value)
  if (!encoded.ok) return encoded.problems
  values[`input.${name}`] = encoded.value
  // A default counts as sent, so that the field gets it.
  if (input.default !== null) values[`sent.${name}`] = true
  return []
}

/**
 * The parameters of a query string, by their names. Each text is read by the type of its input; a parameter for a list may be repeated.
 * A text that has no value of the type becomes undefined, which `valuesOf` refuses. Unknown parameters are texts.
 *
 * @throws Failure `invalid_parameter` for another parameter that is repeated.
 */
export function readQuery(inputs: readonly ActionInput[], query: URLSearchParams): Sent {
  const sent: Record<string, unknown> = {}
  for (const name of new Set(query.keys())) {
    const all = query.getAll(name)
    const input = inputs.find(({ from }) => from.name === name)
    const type = input?.type.type
    if (all.length > 1 && type?.kind !== 'list') throw failure('invalid_parameter', { name, why: 'given more than once' })
    Object.defineProperty(sent, name, { enumerable: true, value: valueOfTexts(type, input === undefined ? all : listItemsOf(input, all)) })
  }
  return sent
}

/** The texts of the items of a list, or the texts themselves. An empty text is a list without items. */
export function listItemsOf({ from: { separator } }: ActionInput, texts: readonly string[]): readonly string[] {
  return separator === undefined ? texts : texts.flatMap((text) => (text === '' ? [] : text.split(separator)))
}

/** The value of the texts with one name, by the type of its input: of all of them for a list. Without an input, the text itself. */
export function valueOfTexts(type: FieldType | undefined, texts: readonly string[]): unknown {
  const read = (text: string): unknown => (type === undefined ? text : valueOfText(storedScalar(type), text))
  return type?.kind === 'list' ? texts.map(read) : read(texts[0] ?? '')
}

/** The value that a text stands for; undefined for none. */
function valueOfText(scalar: ScalarKind, text: string): unknown {
  if (scalar !== 'json') return formatOf(scalar).fromText(text)
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
