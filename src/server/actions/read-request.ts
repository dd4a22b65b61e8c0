/** Reads the input of an action from the parts of a request to an address of its own. */

import { type FieldProblem, failure, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { memo } from '../../base/memo.ts'
import type { Values } from '../../base/sql/statement.ts'
import { memberPointer } from '../../base/texts/json-pointer.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import type { Action, ActionInput } from '../../model/action.ts'
import type { ActionAddress, InputSource } from '../../model/address/action-address.ts'
import type { HttpRequest } from '../http/request.ts'
import { listItemsOf, readQuery, type Sent, unknownNames, valueOfTexts, valuesOf } from './read-input.ts'

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
  return { path: at('path'), query: at('query'), header: at('header') }
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
  for (const input of places.header) {
    const text = headers[input.from.name.toLowerCase()]
    if (typeof text === 'string') sent[input.name] = valueOfTexts(input.type.type, listItemsOf(input, [text]).map(trimmed))
  }
  const inQuery = query === '' ? {} : readQuery(places.query, new URLSearchParams(query))
  const problems = namedAs(places.query, inQuery, { pointer: '', sent, others: 'refused' })
  problems.push(...readBody(action, { body, sent }))
  return valuesOf(action, sent, problems)
}

/** The value of a part of the path. @throws Failure for a text that is none. */
function valueInPath(input: ActionInput, text: string): unknown {
  const { type } = input
  const value = valueOfTexts(type.type, listItemsOf(input, [text]))
  if (value !== undefined && encodeJson(type.type, value).ok) return value
  throw type.kind === 'reference' ? failure('not_found', { entity: type.entity }) : failure('route_not_found', { hint: '' })
}

/** Items in a header may have spaces around them (RFC 9110 section 5.6.1). */
function trimmed(text: string): string {
  return text.trim()
}

interface Into {
  readonly sent: Record<string, unknown>
}

interface NamedInto extends Into {
  /** Of the object that has the members. */
  readonly pointer: string
  readonly others: ActionAddress['others']
  /** Members that are no inputs themselves, and contain inputs. */
  readonly containers?: readonly string[]
}

/** Puts the members that are inputs under the names of the inputs. Returns the problems of the others. */
function namedAs(inputs: readonly ActionInput[], given: Sent, { pointer, sent, others, containers = [] }: NamedInto): FieldProblem[] {
  for (const { name, from } of inputs) if (Object.hasOwn(given, from.name)) sent[name] = given[from.name]
  if (others === 'ignored') return []
  return unknownNames([...inputs.map(({ from }) => from.name), ...containers], given, pointer)
}

/** The inputs of the body by the member that contains them; undefined for members of the body itself. */
const containersOf = memo(({ inputs, address }: Action) => {
  const inBody = inputs.filter(({ from }) => from.in === 'body')
  const groups = [...Map.groupBy(inBody, ({ from }) => from.inside)]
  const isOnly = groups.length === 1
  const inner = groups.flatMap(([member, all]): readonly Container[] =>
    member === undefined
      ? []
      : [{ member, inputs: all, isNeeded: address.needs.members.includes(member), isNeededWithBody: isOnly && address.needs.body }],
  )
  return { own: groups.find(([member]) => member === undefined)?.[1] ?? [], inner }
})

/** A member of the body that contains inputs. */
interface Container {
  readonly member: string
  readonly inputs: readonly ActionInput[]
  /** Whether it must be sent even if all of its inputs may be left out. */
  readonly isNeeded: boolean
  /** Whether it is all that a needed body can have. */
  readonly isNeededWithBody: boolean
}

/** Reads the inputs of the body, and of its members that contain some. */
function readBody(action: Action, { body, sent }: Into & { readonly body: unknown }): readonly FieldProblem[] {
  const { own, inner } = containersOf(action)
  const { others, needs } = action.address
  if (body === undefined) {
    for (const container of inner) requireMember(container, container.isNeeded || container.isNeededWithBody)
    if (needs.body && !own.some(isRequired)) throw invalid([{ pointer: '', rule: 'required', message: 'is required' }])
    return []
  }
  if (!isObject(body)) throw invalid([{ pointer: '', rule: 'type', message: 'must be an object' }])
  const problems = namedAs(own, body, { pointer: '', sent, others, containers: inner.map(({ member }) => member) })
  for (const container of inner) problems.push(...readMember(container, body, { sent, others, before: problems }))
  return problems
}

/** Reads the inputs that a member of the body contains. @throws Failure `validation_failed` for a member that contains none. */
function readMember(
  container: Container,
  body: Sent,
  { sent, others, before }: Into & { readonly others: ActionAddress['others']; readonly before: readonly FieldProblem[] },
): readonly FieldProblem[] {
  const { member, inputs, isNeeded } = container
  const inner = Object.hasOwn(body, member) ? body[member] : undefined
  if (inner === undefined) {
    requireMember(container, isNeeded)
    return []
  }
  const pointer = memberPointer(member)
  if (isObject(inner)) return namedAs(inputs, inner, { pointer, sent, others })
  throw invalid([...before, { pointer, rule: 'type', message: 'must be an object' }])
}

/** @throws Failure `validation_failed` for a missing member that must be sent: one problem, whatever inputs it would contain. */
function requireMember({ member, inputs }: Container, isNeeded: boolean): void {
  if (isNeeded || inputs.some(isRequired)) throw invalid([{ pointer: memberPointer(member), rule: 'required', message: 'is required' }])
}

function isRequired({ optional, default: preset }: ActionInput): boolean {
  return !optional && preset === null
}
