/** Reads the input of an action from a request, as values for slots. */

import { type FieldProblem, failure, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import type { Value, Values } from '../../base/sql/statement.ts'
import { suggest } from '../../base/suggest.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import { formatOf } from '../../compile/values/formats.ts'
import type { Action, ActionInput } from '../../model/action.ts'
import { storedScalar } from '../../model/model.ts'
import type { ScalarKind } from '../../model/scalar.ts'

/**
 * The values of the input: `input.<name>`, and `sent.<name>` for whether it was sent. An input that was not sent has its default.
 *
 * @throws Failure `validation_failed` with every problem.
 */
export function readInput({ inputs }: Action, body: unknown): Values {
  const given = body === undefined ? {} : body
  if (!isObject(given)) throw invalid([{ pointer: '', rule: 'type', message: 'must be an object' }])
  const problems: FieldProblem[] = unknownNames(inputs, given)
  const values: Record<string, Value> = {}
  for (const input of inputs) problems.push(...readOne(input, given, values))
  if (problems.length > 0) throw invalid(problems)
  return values
}

function unknownNames(inputs: readonly ActionInput[], given: Readonly<Record<string, unknown>>): FieldProblem[] {
  const known = inputs.map(({ name }) => name)
  return Object.keys(given).flatMap((name) => {
    if (known.includes(name)) return []
    const near = suggest(name, known)
    const hint = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
    return [{ pointer: pointerTo(name), rule: 'unknown', message: `is no input of this action${hint}` }]
  })
}

function readOne(input: ActionInput, given: Readonly<Record<string, unknown>>, values: Record<string, Value>): readonly FieldProblem[] {
  const { name, type, optional, nullable } = input
  const pointer = pointerTo(name)
  const isSent = Object.hasOwn(given, name)
  values[`sent.${name}`] = isSent
  values[`input.${name}`] = null
  const value = isSent ? given[name] : input.default?.value
  if (value === undefined && !isSent)
    return optional || input.default !== null ? [] : [{ pointer, rule: 'required', message: 'is required' }]
  if (value === null) return nullable || !isSent ? [] : [{ pointer, rule: 'type', message: 'must not be null' }]
  const encoded = encodeJson(type.type, value)
  if (!encoded.ok) return encoded.problems.map((problem) => ({ ...problem, pointer: `${pointer}${problem.pointer}` }))
  values[`input.${name}`] = encoded.value
  // A default counts as sent, so that the field gets it.
  if (input.default !== null) values[`sent.${name}`] = true
  return []
}

function pointerTo(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/**
 * Converts the parameters of a query string to a body. Each text is read by the type of its input; a parameter for a list may be repeated.
 * A text that has no value of the type becomes undefined, which `readInput` refuses.
 *
 * @throws Failure `invalid_parameter` for another parameter that is repeated.
 */
export function bodyOfQuery({ inputs }: Action, query: URLSearchParams): Readonly<Record<string, unknown>> {
  const body: Record<string, unknown> = {}
  for (const name of new Set(query.keys())) {
    const all = query.getAll(name)
    const type = inputs.find((input) => input.name === name)?.type.type
    if (all.length > 1 && type?.kind !== 'list') throw failure('invalid_parameter', { name, why: 'given more than once' })
    const read = (text: string): unknown => (type === undefined ? text : valueOfText(storedScalar(type), text))
    Object.defineProperty(body, name, { enumerable: true, value: type?.kind === 'list' ? all.map(read) : read(all[0] ?? '') })
  }
  return body
}

/** The value that a text of a query string stands for; undefined for none. */
function valueOfText(scalar: ScalarKind, text: string): unknown {
  if (scalar !== 'json') return formatOf(scalar).fromText(text)
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
