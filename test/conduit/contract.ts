/** The contract in examples/conduit/openapi.yml: its operations, and the check that an answer fits it. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import { parse } from 'yaml'

/** The JSON Schema of a property of a body. */
export interface PropertySchema {
  readonly type: string | readonly string[]
}

/** The value that a body wraps in one member: `{ "article": { … } }`. */
export interface BodySchema {
  readonly member: string
  readonly properties: Readonly<Record<string, PropertySchema>>
  readonly required: readonly string[]
}

/** An operation of the contract. */
export interface Operation {
  /** The `operationId`. */
  readonly id: string
  /** In capital letters. */
  readonly method: string
  /** With names in braces. */
  readonly path: string
  /** The names in the path. */
  readonly pathNames: readonly string[]
  readonly queryNames: readonly string[]
  /** Whether it demands a token. Others may have one. */
  readonly isSecured: boolean
  /** The statuses that an answer may have. */
  readonly statuses: ReadonlySet<number>
  /** The reference of each response of the document; null for one that stands in the operation. */
  readonly documented: ReadonlyMap<number, string | null>
  readonly body: BodySchema | null
}

/** What an implementation sent, with the text of its body. */
export interface RawAnswer {
  readonly status: number
  readonly type: string
  readonly text: string
}

interface Contract {
  readonly operations: ReadonlyMap<string, Operation>
  /** @throws AssertionError when the answer does not fit. Returns the parsed body; undefined without one. */
  readonly read: (operation: Operation, answer: RawAnswer) => unknown
}

const FILE = join(import.meta.dirname, '../../examples/conduit/openapi.yml')

/**
 * Statuses that the document does not list. Its implementers agree that a taken name is 409 in updates too. A public operation may refuse a
 * token that is not valid.
 */
const BEYOND: Readonly<Record<string, readonly number[]>> = {
  UpdateCurrentUser: [409],
  GetArticle: [401],
  GetTags: [401],
  CreateUser: [401],
}

type Node = Readonly<Record<string, unknown>>

function openContract(): Contract {
  const document = parse(readFileSync(FILE, 'utf8')) as Node
  const validate = validatorOf(document)
  const operations = new Map<string, Operation>()
  for (const [path, methods] of Object.entries(document.paths as Record<string, Node>))
    for (const [method, operation] of Object.entries(methods)) {
      const read = operationOf(document, { path, method, operation: operation as Node })
      operations.set(read.id, read)
    }
  return { operations, read: (operation, answer) => readAnswer(validate, operation, answer) }
}

/** The contract. It is read once. */
export const CONTRACT: Contract = openContract()

/** The operation of a name. @throws Error when the contract has none. */
export function operationNamed(id: string): Operation {
  const found = CONTRACT.operations.get(id)
  if (found === undefined) throw new Error(`the contract has no operation ${id}`)
  return found
}

function operationOf(document: Node, { path, method, operation }: { path: string; method: string; operation: Node }): Operation {
  const parameters = ((operation.parameters ?? []) as readonly Node[]).map((parameter) => resolved(document, parameter))
  const namesIn = (place: string) => parameters.filter((parameter) => parameter.in === place).map(({ name }) => String(name))
  const id = String(operation.operationId)
  const responses = Object.entries(operation.responses as Readonly<Record<string, { readonly $ref?: string }>>)
  const documented = new Map(responses.map(([status, { $ref }]) => [Number(status), $ref ?? null]))
  return {
    id,
    method: method.toUpperCase(),
    path,
    pathNames: namesIn('path'),
    queryNames: namesIn('query'),
    isSecured: operation.security !== undefined,
    statuses: new Set([...documented.keys(), ...(BEYOND[id] ?? [])]),
    documented,
    body: operation.requestBody === undefined ? null : bodyOf(document, operation.requestBody as Node),
  }
}

function bodyOf(document: Node, requestBody: Node): BodySchema {
  const { content } = resolved(document, requestBody) as { content: Record<string, { schema: { properties: Record<string, Node> } }> }
  const [[member, wrapped] = ['', {}]] = Object.entries(content['application/json']?.schema.properties ?? {})
  const { properties, required = [] } = resolved(document, wrapped) as unknown as Partial<BodySchema>
  assert.ok(properties !== undefined)
  return { member, properties, required }
}

function resolved(document: Node, node: Node): Node {
  if (typeof node.$ref !== 'string') return node
  return node.$ref
    .slice(2)
    .split('/')
    .reduce<Node>((at, segment) => at[segment] as Node, document)
}

type Validate = (operation: Operation, status: number, body: unknown) => string | null

/** Validates bodies. An object of an answer may have only the properties of its schema: more would be a leak. */
function validatorOf(document: Node): Validate {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  const addFormats = formatsPlugin as unknown as (ajv: Ajv2020) => void
  addFormats(ajv)
  ajv.addSchema(closed(document) as Node, 'contract')
  return ({ id, method, path, documented }, status, body) => {
    const place = `#/paths/${segmentOf(path)}/${method.toLowerCase()}/responses/${status}`
    const ref = documented.has(status) ? `${documented.get(status) ?? place}${CONTENT}` : '#/components/schemas/GenericErrorModel'
    const validate = ajv.compile({ $ref: `contract${ref}` })
    return validate(body) ? null : `${id} ${status}: ${ajv.errorsText(validate.errors)}`
  }
}

/** Where the schema of a response is. */
const CONTENT = '/content/application~1json/schema'

function segmentOf(segment: string): string {
  return encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** A copy in which objects with properties have no others. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed)
  if (typeof node !== 'object' || node === null) return node
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]))
  return copy.type === 'object' && copy.properties !== undefined ? { additionalProperties: false, ...copy } : copy
}

function readAnswer(validate: Validate, operation: Operation, { status, type, text }: RawAnswer): unknown {
  const said = `${operation.id} answered ${status}: ${text.slice(0, 500)}`
  assert.ok(operation.statuses.has(status), `${said}; the contract has ${[...operation.statuses].join(', ')}`)
  if (status === 204) {
    assert.equal(text, '', said)
    return undefined
  }
  assert.match(type, /^application\/json\b/, said)
  const body: unknown = JSON.parse(text)
  assert.equal(validate(operation, status, body), null, said)
  return body
}
