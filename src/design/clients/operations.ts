/** Reads the operations of an OpenAPI document, for a client that code calls. */

import { isObject } from '../../base/is-object.ts'
import type { OperationAnswer, OperationBody, OperationParameter, ServiceOperation } from '../../model/http/service-client.ts'
import { itemsOf, memberOf, membersOf, type ObjectPart, type Part } from '../contract/references.ts'
import { type ClientReading, objectOf, UnusablePart } from './reading.ts'
import type { SchemaConverter } from './schemas.ts'

/** An operation of the document: its place, its path and the parameters of its path. */
export interface OperationPlace {
  readonly part: ObjectPart
  readonly name: string
  readonly method: ServiceOperation['method']
  readonly path: string
  readonly shared: readonly Part[]
}

/** What reading an operation needs. */
export interface OperationReading extends ClientReading {
  readonly schemas: SchemaConverter
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:;|$)/
const FORM_TYPE = 'application/x-www-form-urlencoded'
/** Headers that the client, or Plinth, sets (OpenAPI 3.1 section 4.8.12). */
const OWN_HEADERS = /^(?:accept|content-type|authorization|idempotency-key|traceparent|tracestate|x-request-id)$/i

/** Reads an operation. @throws UnusablePart when code could not call it */
export function readOperation(reading: OperationReading, place: OperationPlace): ServiceOperation {
  const { part, name, method, path } = place
  const given = parametersOf(reading, place)
  const answers = answersOf(reading, part)
  const description = part.value.summary ?? part.value.description
  return {
    name,
    description: typeof description === 'string' && description !== '' ? description.replaceAll(/\s+/g, ' ').slice(0, 200) : null,
    method,
    path,
    parameters: given.parameters,
    body: bodyOf(reading, part),
    needsKey: given.needsKey,
    ...answers,
  }
}

function parametersOf(
  reading: OperationReading,
  { part, path, shared }: OperationPlace,
): { readonly parameters: readonly OperationParameter[]; readonly needsKey: boolean } {
  const found = new Map<string, OperationParameter>()
  let needsKey = false
  for (const one of [...shared, ...itemsOf(part, 'parameters')]) {
    const parameter = objectOf(reading, one)
    const { name, in: place, required } = parameter.value
    if (typeof name !== 'string' || typeof place !== 'string') throw new UnusablePart('a parameter has a name and a place', parameter.path)
    if (place === 'header' && OWN_HEADERS.test(name)) {
      needsKey ||= name.toLowerCase() === 'idempotency-key' && required === true
      continue
    }
    const read = parameterOf(reading, parameter, { name, place })
    if (read !== null) found.set(`${place} ${name}`, read)
  }
  for (const [, name = ''] of path.matchAll(/\{([^{}]*)\}/g))
    if (!found.has(`path ${name}`)) throw new UnusablePart(`the path names ${name}, which is no parameter`, part.path)
  return { parameters: [...found.values()], needsKey }
}

/** A parameter; null for an optional one that cannot be sent. */
function parameterOf(
  reading: OperationReading,
  parameter: ObjectPart,
  { name, place }: { readonly name: string; readonly place: string },
): OperationParameter | null {
  const { value, path } = parameter
  const required = value.required === true || place === 'path'
  const schema = memberOf(parameter, 'schema')
  const usual = place === 'query' ? 'form' : 'simple'
  const isSent = (place === 'path' || place === 'query' || place === 'header') && (value.style ?? usual) === usual && schema !== undefined
  if (!isSent) {
    if (required) throw new UnusablePart(`the parameter ${name} is sent in a way that clients do not have`, path)
    return null
  }
  const joined = place !== 'query' || value.explode === false
  return { name, in: place, required, schema: reading.schemas.schemaOf(schema, 'sent'), joined }
}

function bodyOf(reading: OperationReading, part: ObjectPart): OperationBody | null {
  const given = memberOf(part, 'requestBody')
  if (given === undefined) return null
  const body = objectOf(reading, given)
  const required = body.value.required === true
  const media = membersOf(body, 'content')
  const json = media.find(([type]) => JSON_TYPE.test(type))
  const found = json ?? media.find(([type]) => type === FORM_TYPE)
  if (found === undefined) {
    if (required) throw new UnusablePart('the body is neither JSON nor a form', body.path)
    return null
  }
  const schema = memberOf(objectOf(reading, found[1]), 'schema')
  const as = json === undefined ? 'form' : 'json'
  return { as, required, schema: schema === undefined ? true : reading.schemas.schemaOf(schema, 'sent') }
}

/** The answers from 200 to 299, and how they are read. */
function answersOf(reading: OperationReading, part: ObjectPart): Pick<ServiceOperation, 'accept' | 'answers'> {
  const all = membersOf(part, 'responses').filter(([status]) => /^2(?:\d\d|XX)$/i.test(status) || status === 'default')
  const named = all.filter(([status]) => status !== 'default')
  const used = named.length === 0 ? all : named
  if (used.length === 0) throw new UnusablePart('the operation has no answer from 200 to 299', part.path)
  const media = used.map(([status, one]) => ({ status: status.toUpperCase(), answer: objectOf(reading, one) }))
  const types = media.flatMap(({ answer }) => membersOf(answer, 'content').map(([type]) => type))
  const accept = types.length === 0 || types.some((type) => JSON_TYPE.test(type)) ? 'json' : types.every(isText) ? 'text' : 'bytes'
  const answers = media.map(({ status, answer }): OperationAnswer => {
    const content = membersOf(answer, 'content')
    if (content.length === 0) return { status: status === 'DEFAULT' ? 'default' : status, schema: null }
    const json = content.find(([type]) => JSON_TYPE.test(type))
    const schema = json === undefined || accept !== 'json' ? undefined : memberOf(objectOf(reading, json[1]), 'schema')
    return {
      status: status === 'DEFAULT' ? 'default' : status,
      schema: schema === undefined ? true : reading.schemas.schemaOf(schema, 'answered'),
    }
  })
  return { accept, answers }
}

function isText(type: string): boolean {
  return type.startsWith('text/')
}

/** The methods of operations that code calls. */
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/** The operations with a name, in the order of the document. */
export function operationPlaces(reading: ClientReading, document: ObjectPart): readonly OperationPlace[] {
  return membersOf(document, 'paths').flatMap(([path, one]) => {
    const item = objectOf(reading, one)
    return METHODS.flatMap((method): readonly OperationPlace[] => {
      const part = memberOf(item, method)
      if (part === undefined || !isObject(part.value)) return []
      const { operationId } = part.value
      if (typeof operationId !== 'string' || operationId === '') return []
      const upper = method.toUpperCase() as ServiceOperation['method']
      return [{ part: { value: part.value, path: part.path }, name: operationId, method: upper, path, shared: itemsOf(item, 'parameters') }]
    })
  })
}
