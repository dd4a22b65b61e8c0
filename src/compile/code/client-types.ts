/** The types of the operations of a service, from its OpenAPI document. */

import { isObject } from '../../base/is-object.ts'
import type { HttpService } from '../../model/http/http-service.ts'
import type { ClientSchema, OperationParameter, ServiceClientModel, ServiceOperation } from '../../model/http/service-client.ts'
import { block, keyOf, type TypeMember } from './declaration.ts'

/** The declarations of a client: its operations, and the schemas of the document. */
export interface ClientTypes {
  /** The name of the interface with the operations. */
  readonly name: string
  readonly lines: readonly string[]
}

/** The types of a client; null for a service without a document. */
export function clientTypes({ name, client }: HttpService): ClientTypes | null {
  if (client === null) return null
  const own = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  const schemas = `${own}Schemas`
  const typeOf = (schema: ClientSchema): string => schemaType(schema, schemas)
  return {
    name: `${own}Operations`,
    lines: [
      ...schemaBlock(client, schemas, typeOf),
      ...block(`${own}Operations`, `The operations of ${name}.`, operationTypes(client, typeOf)),
    ],
  }
}

type TypeOf = (schema: ClientSchema) => string

function schemaBlock({ schemas }: ServiceClientModel, name: string, typeOf: TypeOf): readonly string[] {
  const members = Object.entries(schemas).map(([key, schema]): TypeMember => [key, typeOf(schema)])
  return members.length === 0 ? [] : block(name, 'The schemas of its document.', members)
}

function operationTypes({ operations }: ServiceClientModel, typeOf: TypeOf): readonly TypeMember[] {
  return operations.map((operation): TypeMember => {
    const { type, required } = callType(operation, typeOf)
    return [operation.name, `(call${required ? '' : '?'}: ${type}) => Promise<${answerType(operation, typeOf)}>`]
  })
}

/** The argument of an operation, and whether it must be given. */
function callType({ parameters, body, needsKey }: ServiceOperation, typeOf: TypeOf): { readonly type: string; readonly required: boolean } {
  const groups = [
    ['params', parameters.filter((one) => one.in === 'path')],
    ['query', parameters.filter((one) => one.in === 'query')],
    ['headers', parameters.filter((one) => one.in === 'header')],
  ] as const
  const members = groups.flatMap(([name, of]) =>
    of.length === 0 ? [] : [{ name: name as string, required: of.some((one) => one.required), type: groupType(of, typeOf) }],
  )
  if (body !== null) members.push({ name: body.as === 'json' ? 'body' : 'form', required: body.required, type: typeOf(body.schema) })
  if (needsKey) members.push({ name: 'idempotencyKey', required: true, type: 'string' })
  const own = members.map(({ name, required, type }) => `readonly ${name}${required ? '' : '?'}: ${type}`).join('; ')
  const type = members.length === 0 ? 'OperationOptions' : `OperationOptions & { ${own} }`
  return { type, required: members.some((one) => one.required) }
}

function groupType(parameters: readonly OperationParameter[], typeOf: TypeOf): string {
  return `{ ${parameters.map(({ name, required, schema }) => `readonly ${keyOf(name)}${required ? '' : '?'}: ${typeOf(schema)}`).join('; ')} }`
}

function answerType({ answers, accept }: ServiceOperation, typeOf: TypeOf): string {
  const types = answers.map(({ schema }) => {
    if (schema === null) return 'undefined'
    return accept === 'json' ? typeOf(schema) : accept === 'text' ? 'string' : 'Uint8Array'
  })
  return union(types)
}

/** The type of the values of a schema. What a type cannot say, such as a pattern, is checked when the code runs. */
function schemaType(schema: ClientSchema, schemas: string): string {
  if (typeof schema === 'boolean') return schema ? 'unknown' : 'never'
  const inner = (one: unknown): string => schemaType(one as ClientSchema, schemas)
  const list = (keyword: string): readonly string[] | null => {
    const given = schema[keyword]
    return Array.isArray(given) ? given.map(inner) : null
  }
  const parts = [
    ...(typeof schema.$ref === 'string' ? [`${schemas}[${JSON.stringify(schema.$ref.slice('#/$defs/'.length))}]`] : []),
    ...valueType(schema, inner),
    ...(list('allOf') ?? []).filter((one) => one !== 'unknown'),
    ...(['anyOf', 'oneOf'] as const).flatMap((keyword) => {
      const of = list(keyword)
      return of === null ? [] : [union(of)]
    }),
  ]
  const known = parts.filter((one) => one !== 'unknown')
  return known.length === 0 ? 'unknown' : known.length === 1 ? (known[0] ?? 'unknown') : known.map(grouped).join(' & ')
}

type Keywords = Exclude<ClientSchema, boolean>

/** The type that the keywords about the value itself say; none if they say nothing. */
function valueType(schema: Keywords, inner: (one: unknown) => string): readonly string[] {
  if ('const' in schema) return [literal(schema.const)]
  if (Array.isArray(schema.enum)) return [union(schema.enum.map(literal))]
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]) as readonly unknown[]
  if (schema.type === undefined)
    return 'properties' in schema ? [objectType(schema, inner)] : 'items' in schema ? [listType(schema, inner)] : []
  return [
    union(
      types.map((type) => {
        if (type === 'integer' || type === 'number') return 'number'
        if (type === 'array') return listType(schema, inner)
        return type === 'object' ? objectType(schema, inner) : String(type)
      }),
    ),
  ]
}

function listType({ items, prefixItems }: Keywords, inner: (one: unknown) => string): string {
  const rest = items === undefined ? 'unknown' : inner(items)
  if (!Array.isArray(prefixItems)) return `readonly ${grouped(rest)}[]`
  return `readonly [${[...prefixItems.map((one) => `(${inner(one)})?`), `...${grouped(rest)}[]`].join(', ')}]`
}

function objectType({ properties, required, additionalProperties }: Keywords, inner: (one: unknown) => string): string {
  const needed = new Set(Array.isArray(required) ? required : [])
  const members = Object.entries(isObject(properties) ? properties : {}).map(
    ([name, schema]) => `readonly ${keyOf(name)}${needed.has(name) ? '' : '?'}: ${inner(schema)}`,
  )
  if (members.length > 0) return `{ ${members.join('; ')} }`
  if (additionalProperties === false) return 'Record<never, never>'
  return `{ readonly [name: string]: ${additionalProperties === undefined ? 'unknown' : inner(additionalProperties)} }`
}

/** The type of one JSON value. */
function literal(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'unknown' : JSON.stringify(value)
}

function union(types: readonly string[]): string {
  const distinct = [...new Set(types)]
  if (distinct.includes('unknown')) return 'unknown'
  return distinct.length === 1
    ? (distinct[0] ?? 'never')
    : distinct.map((one) => (/[&=]/.test(one) ? `(${one})` : one)).join(' | ') || 'never'
}

function grouped(type: string): string {
  return /[|&]| => |^readonly /.test(type) && !/^\{.*\}$/.test(type) ? `(${type})` : type
}
