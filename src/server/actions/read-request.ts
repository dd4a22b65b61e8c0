/** Reads the input of an action from the parts of a request to an address of its own. */

import { type FieldProblem, failure, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { memo } from '../../base/memo.ts'
import type { Values } from '../../base/sql/statement.ts'
import { memberPointer } from '../../base/texts/json-pointer.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import type { Action, ActionInput } from '../../model/action.ts'
import type { ActionAddress, InputSource } from '../../model/address/action-address.ts'
import { storedScalar } from '../../model/model.ts'
import type { HttpRequest } from '../http/request.ts'
import { readQuery, type Sent, unknownNames, valueOfText, valuesOf } from './read-input.ts'

/** The parts of a request that contain inputs. */
export interface RequestParts extends Pick<HttpRequest, 'parameters' | 'headers'> {
  /** Without the `?`. */
  readonly query: string
  /** The parsed JSON; undefined without a body. */
  readonly body: unknown
}

/** The inputs of each place, and the names that they have there. */
const placesOf = memo(({ inputs }: Action) => {
  const at = (place: InputSource['in']): readonly ActionInput[] => inputs.filter(({ from }) => from.in === place)
  return { path: at('path'), query: at('query'), header: at('header'), body: at('body') }
})

/**
 * The values of the input: `input.<name>`, and `sent.<name>` for whether it was sent.
 *
 * @throws Failure `not_found` or `route_not_found` for a part of the path that no value or row can have; `validation_failed` with every
 *   other problem; `invalid_parameter` for a parameter that is repeated.
 */
export function readRequest(action: Action, { parameters, headers, query, body }: RequestParts): Values {
  const places = placesOf(action)
  const sent: Record<string, unknown> = {}
  for (const input of places.path) sent[input.name] = valueInPath(input, parameters[input.from.name] ?? '')
  for (const { name, type, from } of places.header) {
    const text = headers[from.name.toLowerCase()]
    if (typeof text === 'string') sent[name] = valueOfText(storedScalar(type.type), text)
  }
  const inQuery = query === '' ? {} : readQuery(places.query, new URLSearchParams(query))
  const problems = namedAs(places.query, inQuery, { pointer: '', sent, others: 'refused' })
  problems.push(...readBody(action, places.body, { body, sent }))
  return valuesOf(action, sent, problems)
}

/** The value of a part of the path. @throws Failure for a text that is none. */
function valueInPath({ type }: ActionInput, text: string): unknown {
  const value = valueOfText(storedScalar(type.type), text)
  if (value !== undefined && encodeJson(type.type, value).ok) return value
  throw type.kind === 'reference' ? failure('not_found', { entity: type.entity }) : failure('route_not_found', { hint: '' })
}

interface Into {
  readonly sent: Record<string, unknown>
}

interface NamedInto extends Into {
  /** Of the object that has the members. */
  readonly pointer: string
  readonly others: ActionAddress['others']
}

/** Puts the members that are inputs under the names of the inputs. Returns the problems of the others. */
function namedAs(inputs: readonly ActionInput[], given: Sent, { pointer, sent, others }: NamedInto): FieldProblem[] {
  for (const { name, from } of inputs) if (Object.hasOwn(given, from.name)) sent[name] = given[from.name]
  if (others === 'ignored') return []
  return unknownNames(
    inputs.map(({ from }) => from.name),
    given,
    pointer,
  )
}

/** Reads the inputs of the body, or of its member that contains them. */
function readBody(
  { address }: Action,
  inputs: readonly ActionInput[],
  { body, sent }: Into & { readonly body: unknown },
): readonly FieldProblem[] {
  if (body === undefined) return missing(address, inputs, address.needs !== 'nothing')
  if (!isObject(body)) throw invalid([{ pointer: '', rule: 'type', message: 'must be an object' }])
  const { body: member, others: how } = address
  if (member === null) return namedAs(inputs, body, { pointer: '', sent, others: how })
  const others = how === 'ignored' ? [] : unknownNames([member], body, '')
  const inner = Object.hasOwn(body, member) ? body[member] : undefined
  if (inner === undefined) return [...others, ...missing(address, inputs, address.needs === 'member')]
  const pointer = memberPointer(member)
  if (isObject(inner)) return [...others, ...namedAs(inputs, inner, { pointer, sent, others: how })]
  throw invalid([...others, { pointer, rule: 'type', message: 'must be an object' }])
}

/**
 * The problems of a missing body, or of its missing member that contains the inputs. The member is one problem if an input in it is
 * required; without a member, each input has its own problem.
 *
 * @param isNeeded whether it must be sent even if no input is required
 * @throws Failure `validation_failed` with it.
 */
function missing({ body: member }: ActionAddress, inputs: readonly ActionInput[], isNeeded: boolean): readonly FieldProblem[] {
  const needsInput = inputs.some(({ optional, default: preset }) => !optional && preset === null)
  if (member === null ? needsInput || !isNeeded : !needsInput && !isNeeded) return []
  throw invalid([{ pointer: member === null ? '' : memberPointer(member), rule: 'required', message: 'is required' }])
}
