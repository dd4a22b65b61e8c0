/** The functions of a client for the operations of its OpenAPI document. A call is checked before it is sent, an answer when it comes. */

import type { ServiceCall } from '../../design/authoring/behaviour-design.ts'
import type { ClientSchema, OperationParameter, ServiceClientModel, ServiceOperation } from '../../model/http/service-client.ts'
import { readServiceRequest, type ServiceRequest } from './request.ts'
import { requireCall } from './schema.ts'

/** An operation that can be called. */
export interface CallableOperation {
  readonly name: string
  /** The request of a call. @param of for messages: `ctx.services.billing` @throws TypeError for a call that does not fit the document */
  readonly request: (of: string, call: unknown) => Promise<ServiceRequest>
}

/** The operations of a document; none without one. */
export function callableOperations(client: ServiceClientModel | null): readonly CallableOperation[] {
  return client === null ? [] : client.operations.map((operation) => callable(operation, client.schemas))
}

type Schemas = ServiceClientModel['schemas']

function callable(operation: ServiceOperation, schemas: Schemas): CallableOperation {
  const { name, method, accept, needsKey } = operation
  const shape = callSchema(operation, schemas)
  const answers = new Map(operation.answers.map(({ status, schema }) => [status, schema === null ? false : withSchemas(schema, schemas)]))
  const { path, params: pathNames } = numberedPath(operation)
  return {
    name,
    async request(of, given = {}) {
      const own = `${of}.${name}`
      await requireCall(own, shape, given)
      const call = given as ServiceCall
      if (needsKey && call.idempotencyKey === undefined) throw new TypeError(`${own}: the operation needs an idempotencyKey`)
      const params = Object.fromEntries(pathNames.map((one, i) => [`p${i}`, joinedText(call.params?.[one])]))
      const sent = { ...call, params, query: joinedQuery(operation, call.query), headers: textsOf(call.headers), accept }
      const request = readServiceRequest(own, method, path, withoutUndefined(sent))
      const schemaOf: ServiceRequest['schemaOf'] = (status) =>
        answers.get(String(status)) ?? answers.get('2XX') ?? answers.get('default') ?? 'unknown'
      return { ...request, schemaOf }
    },
  }
}

/** The path with numbers in place of names, which may have any characters in a document. */
function numberedPath({ path }: ServiceOperation): { readonly path: string; readonly params: readonly string[] } {
  const params: string[] = []
  const numbered = path.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    if (!params.includes(name)) params.push(name)
    return `{p${params.indexOf(name)}}`
  })
  return { path: numbered, params }
}

/** The schema of what code passes. */
function callSchema({ parameters, body }: ServiceOperation, schemas: Schemas): object {
  const groups = (['path', 'query', 'header'] as const).map((place) => ({ place, of: parameters.filter((one) => one.in === place) }))
  const required: string[] = []
  const properties: Record<string, ClientSchema> = { timeout: true, idempotencyKey: true }
  for (const { place, of } of groups) {
    if (of.length === 0) continue
    const key = GROUPS[place]
    properties[key] = groupSchema(of)
    if (of.some((one) => one.required)) required.push(key)
  }
  if (body !== null) {
    const key = body.as === 'json' ? 'body' : 'form'
    properties[key] = body.schema
    if (body.required) required.push(key)
  }
  return withSchemas({ type: 'object', properties, required, additionalProperties: false }, schemas) as object
}

/** The options of a call that hold the parameters. */
const GROUPS = { path: 'params', query: 'query', header: 'headers' } as const satisfies Record<OperationParameter['in'], keyof ServiceCall>

function groupSchema(parameters: readonly OperationParameter[]): ClientSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter((one) => one.required).map(({ name }) => name),
    additionalProperties: false,
  }
}

/** A schema with those to which it refers. */
function withSchemas(schema: ClientSchema, schemas: Schemas): object | true {
  if (typeof schema === 'boolean') return schema ? true : { not: {} }
  return Object.keys(schemas).length === 0 ? schema : { ...schema, $defs: schemas }
}

function joinedText(value: unknown): string | number {
  return Array.isArray(value) ? value.join(',') : typeof value === 'number' ? value : String(value)
}

function joinedQuery({ parameters }: ServiceOperation, query: ServiceCall['query']): ServiceCall['query'] {
  if (query === undefined) return undefined
  const joined = new Set(parameters.filter((one) => one.in === 'query' && one.joined).map(({ name }) => name))
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, joined.has(name) && Array.isArray(value) ? value.join(',') : value]),
  )
}

function textsOf(headers: unknown): Record<string, string> | undefined {
  if (headers === undefined) return undefined
  const given = Object.entries(headers as object).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, String(joinedText(value))]))
}

function withoutUndefined(call: object): object {
  return Object.fromEntries(Object.entries(call).filter(([, value]) => value !== undefined))
}
