/** Resolves the address that the design gives to an action. */

import type { Action, ActionInput } from '../../model/action.ts'
import { type ActionAddress, type InputSource, namesInPath, type RowParameter, USUAL_ADDRESS } from '../../model/address/action-address.ts'
import { SEE_OTHER } from '../../model/address/redirect.ts'
import { ALWAYS } from '../../model/expression.ts'
import type { EndpointDesign } from '../authoring/endpoint-design.ts'
import type { ActionDesign } from '../authoring/logic-design.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { namesOneRow, sentType } from '../logic/inputs.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import { INPUT_HEADER_REFUSED } from './header-names.ts'
import { isAlike } from './names.ts'
import { redirectOf } from './redirect.ts'
import { reportUnsigned, resolveSigned } from './signed.ts'

/** An action with an address of its own, as the design has it. */
interface Given {
  readonly design: ActionDesign
  readonly endpoint: EndpointDesign
}

interface Placing {
  readonly action: Action
  readonly design: ActionDesign
  readonly context: LogicContext
  readonly method: ActionAddress['method']
  /** The names in braces of the path. */
  readonly parameters: readonly string[]
}

/** The action with its own address, and with the places of its inputs. Parts that cannot be so are reported. */
export function ownAddress(action: Action, { design, endpoint }: Given, context: LogicContext): Action {
  const [method = '', path = ''] = endpoint.at.split(' ')
  const parameters = namesInPath(path)
  const placing: Placing = { action, design, context, method: method as ActionAddress['method'], parameters }
  const at = [...action.at, 'endpoint', ...(typeof design.endpoint === 'string' ? [] : ['at'])]
  const row = rowParameter(placing, at)
  const inputs = action.inputs.map((input) => ({ ...input, from: within(placeOf(input, placing), endpoint.body) }))
  reportSameNames(inputs, placing)
  reportOptions(endpoint, { ...placing, at, hasBody: inputs.some(({ from }) => from.in === 'body') })
  const redirect = redirectOf(endpoint, [...action.at, 'endpoint'], context.report)
  const { status = redirect === null ? null : SEE_OTHER, type = 'json', accepts = 'json' } = endpoint
  const usual = { ...USUAL_ADDRESS, method: placing.method, path, own: true, row, status, redirect, type, accepts }
  if (endpoint.signed === undefined) return { ...action, inputs, address: usual }
  const signed = resolveSigned(endpoint.signed, placing, context.report)
  // Senders add members, and who has the secret may call.
  const address = { ...usual, signed, others: 'ignored' as const }
  reportUnsigned({ ...action, inputs, address }, context.report)
  return design.allow === undefined ? { ...action, inputs, address, allow: ALWAYS, allowSource: 'true' } : { ...action, inputs, address }
}

/** The place of an input of the body inside of the member that contains the inputs. */
function within(from: InputSource, member: string | undefined): InputSource {
  return from.in === 'body' && member !== undefined && from.inside === undefined ? { ...from, inside: member } : from
}

/** The methods whose requests have no body here. The content of a body of GET and DELETE has no meaning (RFC 9110 section 9.3). */
function hasNoBody(method: ActionAddress['method']): boolean {
  return method === 'GET' || method === 'DELETE'
}

/** The parameter that finds the row; null for an action of the design. Names that are neither an input nor a unique field are reported. */
function rowParameter({ action, parameters, context }: Placing, at: Path): RowParameter | null {
  const { report, entities } = context
  const entity = action.entity === null ? undefined : entities.get(action.entity)
  const inputs = action.inputs.map(({ name }) => name)
  const unique =
    entity?.fields.filter(({ name, type }) => namesOneRow(entity, name) && sentType(type) !== null).map(({ name }) => name) ?? []
  // Contracts write {articleId} for the id of an article.
  const fieldOf = (name: string): string | null => {
    if (unique.includes(name)) return name
    return entity !== undefined && isAlike(name, `${entity.name}Id`) ? 'id' : null
  }
  const [row, second] = parameters.filter((name) => !inputs.includes(name) && fieldOf(name) !== null)
  const unknown = parameters.filter((name) => !inputs.includes(name) && fieldOf(name) === null)
  for (const name of unknown) {
    const what = entity === undefined ? 'which is no input' : `which is neither an input nor a unique field of ${entity.name}`
    const near = didYouMean(name, [...inputs, ...unique])
    const hint =
      entity === undefined ? 'declare an input of this name' : `use {${unique.join('} or {')}} for the row, or the name of an input`
    report.add('PLN-D542', at, `path names {${name}}, ${what}${near}`, near === '' ? hint : undefined)
  }
  const twice = parameters.find((name, i) => parameters.indexOf(name) < i)
  if (twice !== undefined) report.add('PLN-D542', at, `path names {${twice}} twice`, 'rename one of them')
  else if (second !== undefined)
    report.add('PLN-D542', at, `path finds the row twice, by {${row}} and {${second}}`, 'leave out one of them')
  else if (entity !== undefined && row === undefined && unknown.length === 0)
    report.add('PLN-D542', at, `path names no unique field of ${entity.name}, so it finds no row`, `use {${unique.join('} or {')}}`)
  return row === undefined ? null : { parameter: row, by: fieldOf(row) ?? 'id' }
}

/** Where a request has an input. */
function placeOf(input: ActionInput, placing: Placing): InputSource {
  const { action, design, context, method, parameters } = placing
  const given = design.input?.[input.name]
  const { in: place, name = input.name, inside } = typeof given === 'object' ? given : {}
  const at = [...action.at, 'input', input.name]
  const refuse = (key: string, message: string, hint: string) => context.report.add('PLN-D209', [...at, key], message, hint)
  if (inside !== undefined && (parameters.includes(input.name) || (place ?? (hasNoBody(method) ? 'query' : 'body')) !== 'body'))
    refuse('inside', 'only members of the body contain inputs', 'leave out inside')
  if (parameters.includes(input.name)) {
    if (place !== undefined) refuse('in', `the path names {${input.name}}`, 'remove in')
    else if (name !== input.name) refuse('name', `the path names {${input.name}}`, 'remove name')
    if (input.optional)
      context.report.add('PLN-D209', at, `the path names {${input.name}}, so it is always sent`, 'leave out ?, optional and default')
    reportType(input, 'path', [at, context])
    return { in: 'path', name: input.name }
  }
  if (place === 'body' && hasNoBody(method)) refuse('in', `a ${method} has no body`, 'write in: query')
  const where = place ?? (hasNoBody(method) ? 'query' : 'body')
  if (where === 'header' && INPUT_HEADER_REFUSED.test(name))
    refuse(
      'name' in Object(given) ? 'name' : 'in',
      `the header ${quote(name)} has a meaning of its own`,
      'use another name, such as X-Site',
    )
  if (where !== 'body') reportType(input, where, [at, context])
  return where === 'body' && inside !== undefined ? { in: where, name, inside } : { in: where, name }
}

/** Reports a type whose values cannot stand at a place of a request. */
function reportType(
  { type: { type } }: ActionInput,
  place: 'path' | 'query' | 'header',
  [at, { report }]: readonly [Path, LogicContext],
): void {
  const isText = type.kind !== 'list' && !(type.kind === 'scalar' && type.scalar === 'json')
  if (type.kind === 'password')
    report.add('PLN-D571', at, `a password in the ${place} is kept in logs; send it in the body`, 'use POST, PUT or PATCH')
  else if (!isText && place !== 'query')
    report.add('PLN-D571', at, `one text in the ${place} cannot hold this type`, 'use the query or the body')
}

/** Reports two inputs at the same place of a request. */
function reportSameNames(inputs: readonly ActionInput[], { action, context }: Placing): void {
  const keyOf = ({ from }: ActionInput) => `${from.in} ${from.inside ?? ''} ${from.in === 'header' ? from.name.toLowerCase() : from.name}`
  inputs.forEach((input, i) => {
    const other = inputs.slice(0, i).find((one) => keyOf(one) === keyOf(input))
    if (other === undefined) return
    const message = `${input.name} and ${other.name} are both ${quote(input.from.name)} of the ${input.from.in}`
    context.report.add('PLN-D203', [...action.at, 'input', input.name], message, 'rename one of them with name')
  })
}

function reportOptions(
  { body, status, accepts }: EndpointDesign,
  { action, context, method, at, hasBody }: Placing & { readonly at: Path; readonly hasBody: boolean },
): void {
  const { report } = context
  if (method === 'GET' && !action.reads)
    report.add('PLN-D209', at, 'a GET changes nothing, and this action writes', 'use POST, PUT, PATCH or DELETE')
  const option = (key: string): Path => [...action.at, 'endpoint', key]
  if (body !== undefined && hasNoBody(method)) report.add('PLN-D209', option('body'), `a ${method} has no body`, 'remove body')
  else if (body !== undefined && !hasBody) report.add('PLN-D209', option('body'), 'no input is in the body', 'remove body')
  if (accepts === 'form' && hasNoBody(method)) report.add('PLN-D209', option('accepts'), `a ${method} has no body`, 'remove accepts')
  if ((status === 204 || status === 205) && action.answer.kind !== 'none')
    report.add('PLN-D209', option('status'), `${status} has no body, and the action has an answer`, 'leave out the status, or the answer')
}
