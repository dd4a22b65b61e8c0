/** The actions of a design in a client: their types, and where a request has their inputs. */

import type { Action, ActionInput } from '../../model/action.ts'
import { namesInPath } from '../../model/address/action-address.ts'
import { ownEndpoint } from '../endpoints/own-endpoints.ts'
import { answerSchemaOf, codesOf, isOpenAction, isRequired, pathOf, valueSchema } from '../openapi/action-paths.ts'
import type { JsonObject } from '../openapi/component-names.ts'
import type { Scope } from '../openapi/scope.ts'
import { comment, interfaceText, literalText, type TypeContext, typeMembers, typeText } from './type-text.ts'

/**
 * The actions that programs call. Pages and redirects are for browsers, and signed messages come from other systems; they are not in the
 * client.
 */
export function calledActions(scope: Scope): readonly Action[] {
  return scope.model.actions.filter((action) => {
    const { address } = action
    const isForPrograms = address.type !== 'html' && address.redirect === null && address.signed === null
    return isForPrograms && isOpenAction(scope, action) && (address.own || scope.model.served.rest !== null)
  })
}

/** What the types of an action need to know. */
export interface ActionTypes {
  /** Its name in the client. */
  readonly name: string
  /** The beginning of the names of its types: `OrderShip`. */
  readonly prefix: string
  readonly nameOf: TypeContext['nameOf']
  /** The type of what finds the row; null for an action of the design. */
  readonly id: string | null
}

/** The declarations of an action, and the lines of its method. */
export interface ActionText {
  readonly declarations: readonly string[]
  readonly method: readonly string[]
}

/** The types and the method of an action. */
export function actionText(scope: Scope, action: Action, { name, prefix, nameOf, id }: ActionTypes): ActionText {
  const { inputs, description, reads } = action
  const members = typeMembers(inputSchema(inputs), { direction: 'sent', nameOf })
  const isNeeded = inputs.some(isRequired)
  const options = reads ? 'CallOptions' : id === null ? 'WriteOptions' : 'ChangeOptions'
  const parameters = [
    ...(id === null ? [] : [`id: ${id}`]),
    `input${isNeeded ? '' : '?'}: ${members.length === 0 ? 'Record<string, never>' : `${prefix}Input`}`,
    `options?: ${options}`,
  ]
  const answer = answerOf(scope, action, { prefix, nameOf })
  const codes = codesOf(scope.model, action).map(literalText)
  const codeLines =
    codes.length === 0 ? [] : [`export type ${prefix}Code =\n${[...codes, 'CommonCode'].map((one) => `  | ${one}`).join('\n')}\n`]
  return {
    declarations: [...(members.length === 0 ? [] : [interfaceText(`${prefix}Input`, members, null)]), ...answer.declarations, ...codeLines],
    method: [
      ...comment(description, '  '),
      `  ${name}(${parameters.join(', ')}): Call<${answer.type}${codes.length === 0 ? '' : `, ${prefix}Code`}>`,
    ],
  }
}

function inputSchema(inputs: readonly ActionInput[]): JsonObject {
  const described = ({ description }: ActionInput): JsonObject => (description === null ? {} : { description })
  return {
    properties: Object.fromEntries(inputs.map((input) => [input.name, { ...valueSchema(input), ...described(input) }])),
    required: inputs.filter(isRequired).map((input) => input.name),
  }
}

/** The type of the answer: an object has a name. */
function answerOf(scope: Scope, action: Action, { prefix, nameOf }: Pick<ActionTypes, 'prefix' | 'nameOf'>) {
  const schema = answerSchemaOf(scope, action)
  if (action.address.type === 'csv') return { type: 'string', declarations: [] }
  if (schema === null) return { type: 'void', declarations: [] }
  const context = { direction: 'answered', nameOf } as const
  if (schema.type !== 'object' || schema.properties === undefined) return { type: typeText(schema, context), declarations: [] }
  return { type: `${prefix}Answer`, declarations: [interfaceText(`${prefix}Answer`, typeMembers(schema, context), null)] }
}

/** What the runtime must know to call an action, in the order of its type. */
export interface ActionFacts {
  readonly method: string
  readonly path: string
  readonly row?: string
  readonly inputs?: Readonly<Record<string, readonly string[]>>
  readonly answer: 'json' | 'text' | 'none'
  readonly repeat: 'safe' | 'key' | 'never'
  readonly form?: true
  readonly needs?: readonly string[]
}

/** The facts of an action. */
export function actionFacts(scope: Scope, action: Action): ActionFacts {
  const { entity, address, reads, run } = action
  const isKeyed = address.own ? ownEndpoint(action).idempotent : !reads
  const row = address.own ? address.row?.parameter : entity === null ? undefined : 'id'
  const path = pathOf(scope, action)
  if (row !== undefined && !namesInPath(path).includes(row)) throw new Error(`${path} has no {${row}}`)
  const places = Object.fromEntries(action.inputs.flatMap((input) => placeOf(input, address.method)))
  const needs = [...(address.needs.body ? [''] : []), ...address.needs.members]
  return {
    method: address.method,
    path,
    ...(row === undefined ? {} : { row }),
    ...(Object.keys(places).length === 0 ? {} : { inputs: places }),
    answer: address.type === 'csv' ? 'text' : answerSchemaOf(scope, action) === null ? 'none' : 'json',
    repeat: reads ? 'safe' : isKeyed && run?.ownTransaction !== true ? 'key' : 'never',
    ...(address.accepts === 'form' ? { form: true as const } : {}),
    ...(needs.length === 0 ? {} : { needs }),
  }
}

/** Where a request has an input; nothing if it is where the runtime puts it anyway. */
function placeOf({ name, from }: ActionInput, method: string): readonly (readonly [string, readonly string[]])[] {
  const usual = method === 'GET' ? 'query' : 'body'
  if (from.in === usual && from.name === name && from.inside === undefined && from.separator === undefined) return []
  const around = from.inside ?? from.separator
  return [[name, [from.in, from.name, ...(around === undefined ? [] : [around])]]]
}
