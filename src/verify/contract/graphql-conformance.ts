/** Checks that an answer of GraphQL conforms to the schema that introspection shows, and to the document that was asked. */

import {
  buildClientSchema,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type IntrospectionQuery,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql'
import type { Answered } from '../expected/answered.ts'
import { askedMembers, type Fragments, fragmentsIn } from './selected-fields.ts'

/** What was seen in an answer. */
export interface GraphqlSeen {
  /** The root fields that were asked, with their operation: `query posts`. */
  readonly fields: readonly string[]
  /** What is wrong; null if nothing is. */
  readonly problem: string | null
}

/** A document as it was sent. */
export interface AskedDocument {
  readonly query: string
  /** The operation that is meant; the first one unless given. */
  readonly operationName?: unknown
}

/** The check of a schema. */
export interface GraphqlConformance {
  /** The root fields of the schema: `query posts`, `mutation createPost`. */
  readonly fields: readonly string[]
  readonly check: (asked: AskedDocument, answered: Answered) => GraphqlSeen
}

/** Reads the answer to an introspection query. */
export function graphqlConformance(introspection: IntrospectionQuery): GraphqlConformance {
  const schema = buildClientSchema(introspection)
  const rootsOf = (operation: 'query' | 'mutation'): readonly string[] => {
    const type = operation === 'query' ? schema.getQueryType() : schema.getMutationType()
    return Object.keys(type?.getFields() ?? {}).map((name) => `${operation} ${name}`)
  }
  return {
    fields: [...rootsOf('query'), ...rootsOf('mutation')],
    check: (asked, answered) => checkAnswer(schema, asked, answered),
  }
}

function checkAnswer(schema: GraphQLSchema, asked: AskedDocument, { status, json }: Answered): GraphqlSeen {
  const found = operationIn(asked)
  if (found === null) return { fields: [], problem: null }
  const { operation, fragments } = found
  const kind = operation.operation === 'mutation' ? 'mutation' : 'query'
  const root = kind === 'mutation' ? schema.getMutationType() : schema.getQueryType()
  const names = askedMembers(operation.selectionSet, root?.name ?? '', fragments).map(({ name }) => name)
  // A document with a name that this schema does not have is refused as a whole; the status says so.
  const fields = names.filter((name) => root?.getFields()[name] !== undefined).map((name) => `${kind} ${name}`)
  if (status >= 500) return { fields, problem: `status ${status}` }
  if (typeof json !== 'object' || json === null) return { fields, problem: 'the answer is no JSON object' }
  const stray = Object.keys(json).find((key) => !['data', 'errors', 'extensions'].includes(key))
  if (stray !== undefined) return { fields, problem: `the answer has the member ${stray}` }
  const errors = errorsProblem(json.errors)
  if (errors !== null) return { fields, problem: errors }
  if (json.data === undefined || json.data === null)
    return { fields, problem: json.errors === undefined ? 'there is no data and no error' : null }
  if (root === undefined || root === null) return { fields, problem: `the schema has no ${kind}` }
  return { fields, problem: selectionProblem({ value: json.data, type: root, set: operation.selectionSet, fragments, at: 'data' }) }
}

function operationIn({ query, operationName }: AskedDocument) {
  try {
    const document = parse(query)
    const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
    const operation = operations.find(({ name }) => name?.value === operationName) ?? operations[0]
    return operation === undefined ? null : { operation, fragments: fragmentsIn(document) }
  } catch {
    return null
  }
}

function errorsProblem(errors: unknown): string | null {
  if (errors === undefined) return null
  if (!Array.isArray(errors) || errors.length === 0) return 'errors is no list with an item'
  return errors.every((one) => typeof one?.message === 'string') ? null : 'an error has no message'
}

interface Selected {
  readonly value: unknown
  readonly type: GraphQLObjectType
  readonly set: SelectionSetNode
  readonly fragments: Fragments
  /** Where in the answer. */
  readonly at: string
}

/** The fields of an object are those that were asked, in their types. */
function selectionProblem({ value, type, set, fragments, at }: Selected): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at} is no object`
  const asked = askedMembers(set, type.name, fragments)
  const stray = Object.keys(value).find((key) => !asked.some((member) => member.key === key))
  if (stray !== undefined) return `${at}.${stray} was not asked`
  for (const { key, name, set: inside, isOptional } of asked) {
    const inner = (value as Readonly<Record<string, unknown>>)[key]
    if (inner === undefined && isOptional) continue
    if (name === '__typename') {
      if (inner !== type.name) return `${at}.${key} is ${JSON.stringify(inner)}, expected ${type.name}`
      continue
    }
    const of = type.getFields()[name]?.type
    if (of === undefined) return `${type.name} has no ${name}`
    const problem = typeProblem({ value: inner, type: of, set: inside, fragments, at: `${at}.${key}` })
    if (problem !== null) return problem
  }
  return null
}

interface Typed {
  readonly value: unknown
  readonly type: GraphQLOutputType
  readonly set: SelectionSetNode | undefined
  readonly fragments: Fragments
  readonly at: string
}

function typeProblem({ value, type, set, fragments, at }: Typed): string | null {
  if (isNonNullType(type))
    return value === null || value === undefined
      ? `${at} is missing`
      : typeProblem({ value, type: type.ofType as GraphQLOutputType, set, fragments, at })
  if (value === undefined) return `${at} is missing`
  if (value === null) return null
  if (isListType(type)) {
    if (!Array.isArray(value)) return `${at} is no list`
    const items = value.map((item, i) =>
      typeProblem({ value: item, type: type.ofType as GraphQLOutputType, set, fragments, at: `${at}.${i}` }),
    )
    return items.find((problem) => problem !== null) ?? null
  }
  if (isObjectType(type)) return set === undefined ? null : selectionProblem({ value, type, set, fragments, at })
  if (isEnumType(type))
    return type.getValues().some(({ name }) => name === value) ? null : `${at} is ${JSON.stringify(value)}, no ${type.name}`
  const fits = SCALARS[type.name]
  return fits === undefined || fits(value) ? null : `${at} is ${JSON.stringify(value)?.slice(0, 200)}, no ${type.name}`
}

const isText = (value: unknown): boolean => typeof value === 'string'
const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value)

/** The values of each scalar, from the reference of GraphQL. A scalar that is not here takes any value. */
const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: isText,
  ID: isText,
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
  Float: (value) => typeof value === 'number',
  SafeInt: (value) => Number.isSafeInteger(value),
  UUID: matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  Decimal: matches(/^-?\d+(\.\d+)?$/),
  DateTime: matches(/^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
  Date: matches(/^\d{4,6}-\d\d-\d\d$/),
  LocalTime: matches(/^\d\d:\d\d:\d\d(\.\d+)?$/),
  Duration: matches(/^-?P/),
  EmailAddress: matches(/@/),
  URL: isText,
}
