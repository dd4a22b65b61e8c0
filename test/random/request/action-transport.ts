/** Sends calls of actions in REST and in GraphQL, and reads both answers in the form of REST. */

import { type GraphQLOutputType, getNamedType, isLeafType, isListType, isNonNullType, isObjectType } from 'graphql'
import { FAILURES, type FailureCode } from '../../../src/base/failures/failure-catalogue.ts'
import { LIMITS } from '../../../src/base/limits.ts'
import { graphqlNames } from '../../../src/compile/graphql/names.ts'
import { type GraphqlApi, graphqlApi } from '../../../src/compile/graphql/schema.ts'
import { viewFor } from '../../../src/compile/rules/view.ts'
import type { Action } from '../../../src/model/action.ts'
import type { Caller } from '../../../src/model/caller.ts'
import type { Model } from '../../../src/model/model.ts'
import type { CalledAction } from '../../../src/verify/fold/outcome.ts'
import type { Answered } from '../../support/backend.ts'
import type { AuthoredDesign } from '../design/authored.ts'
import { type OwnAddress, sayOwn } from './own-address.ts'

/** An answer in the form of REST. */
export interface ActionAnswer {
  readonly status: number
  readonly code: string | null
  readonly pointers: readonly string[]
  readonly body: unknown
}

/** A request of a call. */
export interface ActionSent {
  readonly method: string
  readonly url: string
  readonly body?: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** The request of REST, to the address that the design gives the action, or to the usual one. */
export function sayRest({ address, reads, inputs }: Action, call: CalledAction, own: OwnAddress | null): ActionSent {
  if (own !== null) return sayOwn(own, call)
  const path = address.path.replace('{id}', String(call.id))
  if (!reads) {
    const headers: Readonly<Record<string, string>> = call.version === null ? {} : { 'if-match': `"${call.version}"` }
    return { method: address.method, url: path, body: call.input, headers }
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(call.input)) {
    const isList = inputs.some((input) => input.name === name && input.type.type.kind === 'list')
    for (const one of isList && Array.isArray(value) ? value : [value]) query.append(name, String(one))
  }
  return { method: address.method, url: query.size === 0 ? path : `${path}?${query}`, headers: {} }
}

/** Reads an answer of REST. */
export function understandRest({ status, json }: Answered): ActionAnswer {
  if (status < 400) return { status, code: null, pointers: [], body: json }
  return { status, code: json?.code ?? null, pointers: pointersOf(json?.errors), body: null }
}

function pointersOf(errors: unknown): readonly string[] {
  return Array.isArray(errors) ? errors.map(({ pointer }) => String(pointer)) : []
}

/** The GraphQL schemas of a model, by kind of caller. */
export function schemasOf(model: Model): (caller: Caller) => GraphqlApi {
  const names = graphqlNames(model)
  const known = new Map<unknown, GraphqlApi>()
  return (caller) => {
    const view = viewFor(model, caller)
    const api = known.get(view) ?? graphqlApi(view, names, LIMITS)
    known.set(view, api)
    return api
  }
}

/** The root field of an action. */
export function fieldNameOf({ entity, name }: Pick<CalledAction, 'entity' | 'name'>): string {
  return `${name}${entity ?? ''}`
}

/** The request of GraphQL; null when the schema of the caller has no field of this action. */
export function sayGraphql({ schema }: GraphqlApi, action: Action, call: CalledAction): ActionSent | null {
  const root = action.reads ? schema.getQueryType() : schema.getMutationType()
  const field = root?.getFields()[fieldNameOf(call)]
  const headers = { accept: 'application/graphql-response+json' }
  const variables = {
    ...(call.id === null ? {} : { id: call.id }),
    ...call.input,
    ...(call.version === null ? {} : { ifVersion: call.version }),
  }
  const types = new Map(field?.args.map(({ name, type }) => [name, String(type)] as const))
  const given = Object.keys(variables)
  const declared = given.length === 0 ? '' : `(${given.map((name) => `$${name}: ${types.get(name) ?? 'Int'}`).join(', ')})`
  const args = given.length === 0 ? '' : `(${given.map((name) => `${name}: $${name}`).join(', ')})`
  const selection = field === undefined ? '' : selectionOf(field.type)
  const query = `${action.reads ? 'query' : 'mutation'} ${declared} { done: ${fieldNameOf(call)}${args}${selection} }`
  return { method: 'POST', url: '/graphql', body: { query, variables }, headers }
}

/** An id that only GraphQL has. */
const NODE_ID = 'nodeId'

/** All leaves of a type, in objects of answers and in rows. */
function selectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type)
  if (!isObjectType(named)) return ''
  const isAnswer = named.name.includes('Answer')
  const members = Object.values(named.getFields()).flatMap((field) => {
    const isLeaf = isLeafType(getNamedType(field.type))
    if (field.name === NODE_ID) return []
    return isLeaf || isAnswer ? [`${field.name}${selectionOf(field.type)}`] : []
  })
  return ` { ${members.join(' ')} }`
}

/** The parts of an expected answer that the document selects, in the names of GraphQL. */
export function selectedOf(type: GraphQLOutputType, expected: unknown): unknown {
  if (isNonNullType(type)) return selectedOf(type.ofType, expected)
  if (expected === null || expected === undefined) return null
  if (isListType(type)) return (expected as readonly unknown[]).map((item) => selectedOf(type.ofType, item))
  if (!isObjectType(type)) return expected
  const isAnswer = type.name.includes('Answer')
  const row = expected as Readonly<Record<string, unknown>>
  const members = Object.values(type.getFields()).flatMap((field): readonly (readonly [string, unknown])[] => {
    if (field.name === NODE_ID || (!isAnswer && !isLeafType(getNamedType(field.type)))) return []
    const name = Object.hasOwn(row, field.name) ? field.name : field.name.replace(/Id$/, '')
    return [[field.name, selectedOf(field.type, row[name])]]
  })
  return Object.fromEntries(members)
}

/** Reads an answer of GraphQL. `expectedBody` has the selected parts already. */
export function understandGraphql({ status, json }: Answered, { errors = { codes: {} } }: AuthoredDesign): ActionAnswer {
  const [error] = json?.errors ?? []
  if (error === undefined) return { status: json?.data?.done === undefined ? 599 : 200, code: null, pointers: [], body: json?.data?.done }
  const code: string = error.extensions?.code
  const own = Object.hasOwn(FAILURES, code) ? FAILURES[code as FailureCode].status : (errors.codes[code]?.status ?? 409)
  const isWhole = !Object.hasOwn(json, 'data')
  if (status !== (isWhole ? own : 200)) return { status: 598, code, pointers: [], body: json }
  return { status: own, code, pointers: pointersOf(error.extensions?.errors), body: null }
}
