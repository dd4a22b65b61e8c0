/** The operations of a document, as far as it matters whether they create, read, change or delete rows. */

import { type ApiDocument, type ApiPlace, memberPlace, memberPlaces } from './document.ts'
import { propertiesOf, schemaName, schemaSubject } from './schemas.ts'

/** A body: its schema, or the schema of its only member that is an object. */
export interface OperationBody {
  /** The schema of the row or rows. */
  readonly schema: ApiPlace
  /** The member of the body that holds it; null if it is the body. */
  readonly member: string | null
  /** Whether it holds rows in a list. */
  readonly list: boolean
  /** What it is about; null for a schema without a name. */
  readonly subject: string | null
  /** The schema of the whole body. */
  readonly whole: ApiPlace
}

/** An operation. */
export interface ApiOperation {
  /** Its `operationId`; null without one. */
  readonly id: string | null
  readonly method: string
  readonly path: string
  /** The names in the path. */
  readonly names: readonly string[]
  readonly query: readonly { readonly name: string; readonly required: boolean; readonly schema: ApiPlace | null }[]
  readonly body: OperationBody | null
  readonly answer: OperationBody | null
  readonly at: ApiPlace
}

const METHODS: readonly string[] = ['get', 'post', 'put', 'patch', 'delete']

/** The operations, in the order of the document. */
export function apiOperations(document: ApiDocument): readonly ApiOperation[] {
  return memberPlaces(memberPlace(document.root, 'paths')).flatMap(([path, found]) => {
    const item = document.resolve(found)
    if (item === null) return []
    return METHODS.flatMap((method): readonly ApiOperation[] => {
      const at = memberPlace(item, method)
      if (at === null) return []
      const id = at.value.operationId
      return [
        {
          id: typeof id === 'string' && id !== '' ? id : null,
          ...{ method, path, at, names: [...path.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name) },
          query: [...parametersOf(document, item), ...parametersOf(document, at)].filter((each) => each !== null),
          body: bodyOf(document, memberPlace(at, 'requestBody')),
          answer: answerOf(document, at),
        },
      ]
    })
  })
}

function parametersOf(document: ApiDocument, at: ApiPlace): readonly (ApiOperation['query'][number] | null)[] {
  const listed = Array.isArray(at.value.parameters) ? at.value.parameters : []
  return listed.map((value, i) => {
    const parameter = typeof value === 'object' && value !== null ? document.resolve({ value, path: [...at.path, 'parameters', i] }) : null
    const name = parameter?.value.name
    return parameter === null || typeof name !== 'string' || parameter.value.in !== 'query'
      ? null
      : { name, required: parameter.value.required === true, schema: memberPlace(parameter, 'schema') }
  })
}

function answerOf(document: ApiDocument, at: ApiPlace): OperationBody | null {
  const responses = memberPlaces(memberPlace(at, 'responses'))
  const success = responses.find(([status]) => /^2/.test(status))
  return success === undefined ? null : bodyOf(document, success[1])
}

/** The body of a request or an answer in JSON. */
function bodyOf(document: ApiDocument, place: ApiPlace | null): OperationBody | null {
  const found = place === null ? null : document.resolve(place)
  const media = memberPlaces(found === null ? null : memberPlace(found, 'content')).find(([type]) => /json/.test(type))
  const whole = media === undefined ? null : memberPlace(media[1], 'schema')
  if (whole === null) return null
  const direct = listed(document, whole)
  const name = schemaName(direct.schema)
  const members = propertiesOf(document, whole)
  const wrapped = members.filter(({ schema }) => {
    const inner = listed(document, schema)
    return propertiesOf(document, inner.schema).length > 0
  })
  const [only] = wrapped
  const others = members.filter((member) => member !== only)
  const isWrapper = !direct.list && only !== undefined && wrapped.length === 1 && others.every(({ schema }) => isCount(document, schema))
  if (!isWrapper || only === undefined) return { ...direct, member: null, subject: name === null ? null : schemaSubject(name), whole }
  const inner = listed(document, only.schema)
  const innerName = schemaName(inner.schema)
  return { ...inner, member: only.name, subject: innerName === null ? null : schemaSubject(innerName), whole }
}

function listed(document: ApiDocument, place: ApiPlace): { readonly schema: ApiPlace; readonly list: boolean } {
  const schema = document.resolve(place)
  const items = schema?.value.type === 'array' ? memberPlace(schema, 'items') : null
  return items === null ? { schema: place, list: false } : { schema: items, list: true }
}

function isCount(document: ApiDocument, place: ApiPlace): boolean {
  const type = document.resolve(place)?.value.type
  return type === 'integer' || type === 'number' || type === 'boolean' || type === 'string'
}
