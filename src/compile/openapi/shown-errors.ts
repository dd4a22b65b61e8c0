/** Errors in an OpenAPI document of a design that has its own statuses and body of failures. */

import { Failure } from '../../base/failure.ts'
import { FAILURES, type FailureCode, INTERNAL_CODES } from '../../base/failures/failure-catalogue.ts'
import { unreachable } from '../../base/unreachable.ts'
import {
  type ErrorFormat,
  type ErrorTerm,
  type ErrorTree,
  type ErrorType,
  shownCode,
  shownStatus,
} from '../../model/errors/error-format.ts'
import { openFailureBody } from '../errors/failure-body.ts'
import { shownFailure } from '../errors/shown-failure.ts'
import { componentRef, type JsonObject } from './component-names.ts'
import { EXAMPLE_REQUEST } from './errors.ts'

type Paths = Readonly<Record<string, Readonly<Record<string, JsonObject>>>>

/** The paths, in which each failure stands under the status that clients get. */
export function shownPaths(paths: Paths, format: ErrorFormat): Paths {
  const shownItem = (item: Paths[string]) => mapValues(item, (operation) => shownOperation(operation, format))
  return mapValues(paths, shownItem)
}

function mapValues<A, B>(of: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(of).map(([key, value]) => [key, change(value)]))
}

function shownOperation(operation: JsonObject, format: ErrorFormat): JsonObject {
  const responses = operation.responses as Readonly<Record<string, JsonObject>> | undefined
  if (responses === undefined) return operation
  const [failed, others] = [new Map<number, JsonObject[]>(), new Map<string, JsonObject>()]
  for (const [status, response] of Object.entries(responses)) {
    if (Number(status) < 400) others.set(status, response)
    else for (const shown of statusesOf(Number(status), response, format)) failed.set(shown, [...(failed.get(shown) ?? []), response])
  }
  const errors = [...failed].toSorted(([a], [b]) => a - b).map(([status, of]) => [status, merged(status, of, format)])
  return { ...operation, responses: { ...Object.fromEntries(others), ...Object.fromEntries(errors) } }
}

/** The statuses that clients get in place of one: of the codes that the response lists, or else of all that have it. */
function statusesOf(status: number, response: JsonObject, format: ErrorFormat): ReadonlySet<number> {
  const listed = codesIn(response) ?? catalogueCodes().filter((code) => FAILURES[code].status === status)
  return new Set(listed.map((code) => shownStatus(format, { code, status })))
}

function codesIn(response: JsonObject): readonly string[] | null {
  const found = /"code":\{"(?:const":"([a-z0-9_]+)"|enum":(\[[^\]]*\]))/.exec(JSON.stringify(response))
  if (found === null) return null
  return found[1] === undefined ? (JSON.parse(found[2] ?? '[]') as string[]) : [found[1]]
}

/** One response for several: the component of the status if all are components, else their descriptions under the body of the design. */
function merged(status: number, responses: readonly JsonObject[], format: ErrorFormat): JsonObject {
  const own = responses.flatMap((response) => (typeof response.description === 'string' ? [response.description] : []))
  if (own.length === 0) return componentRef('responses', nameOf(status))
  const description = [...own, describe(status, format)].filter((text) => text !== '').join(' ')
  const headers = Object.assign({}, ...responses.map((response) => response.headers ?? {}))
  const others = responses.flatMap(({ content }): readonly JsonObject[] => {
    const plain = (content as Readonly<Record<string, JsonObject | undefined>> | undefined)?.['application/json']
    return plain === undefined ? [] : [plain]
  })
  return { description, ...(Object.keys(headers).length === 0 ? {} : { headers }), content: besides(others, contentOf(format)) }
}

/** The body of failures, and others that an answer with the same status may have, such as that of the readiness. */
function besides(others: readonly JsonObject[], content: JsonObject): JsonObject {
  if (others.length === 0) return content
  const own = (content as Readonly<Record<string, JsonObject | undefined>>)['application/json']
  const schemas = [...others.map(({ schema }) => schema), ...(own === undefined ? [] : [own.schema])]
  return { ...content, 'application/json': { schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas } } }
}

function contentOf(format: ErrorFormat, example?: unknown): JsonObject {
  const { media } = openFailureBody(format)
  return { [media]: { schema: componentRef('schemas', 'Problem'), ...(example === undefined ? {} : { example }) } }
}

function nameOf(status: number): string {
  return `Failure${status}`
}

function catalogueCodes(): readonly FailureCode[] {
  return (Object.keys(FAILURES) as FailureCode[]).filter((code) => !INTERNAL_CODES.has(code))
}

function codesAt(status: number, format: ErrorFormat): readonly FailureCode[] {
  return catalogueCodes().filter((code) => shownStatus(format, { code, status: FAILURES[code].status }) === status)
}

/** What the codes of Plinth with a status mean. */
function describe(status: number, format: ErrorFormat): string {
  const texts = codesAt(status, format).map(
    (code) => shownCode(format, { code, status: FAILURES[code].status })?.message ?? FAILURES[code].title,
  )
  return texts.length === 0 ? '' : `${[...new Set(texts)].join(', ')}.`
}

/** The responses to which `shownPaths` refers. */
export function shownComponents(format: ErrorFormat): JsonObject {
  const statuses = new Set(catalogueCodes().map((code) => shownStatus(format, { code, status: FAILURES[code].status })))
  return Object.fromEntries([...statuses].toSorted((a, b) => a - b).map((status) => [nameOf(status), responseOf(status, format)]))
}

function responseOf(status: number, format: ErrorFormat): JsonObject {
  const codes = codesAt(status, format)
  const [first = 'internal_error'] = codes
  const waits = codes.some((code) => code === 'too_many_requests' || FAILURES[code].status === 503)
  const headers = {
    ...(waits ? { 'Retry-After': componentRef('headers', 'RetryAfter') } : {}),
    ...(status === 401 ? { 'WWW-Authenticate': componentRef('headers', 'WwwAuthenticate') } : {}),
  }
  const known = new Failure(first, FAILURES[first].title, {})
  const example = openFailureBody(format).write(known, shownFailure(format, known), EXAMPLE_REQUEST)
  return {
    description: describe(status, format),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: contentOf(format, example),
  }
}

/** The schema of the body that a design gives to its failures. */
export function errorSchema(tree: ErrorTree): JsonObject {
  switch (tree.kind) {
    case 'value':
      return termSchema(tree.value)
    case 'object': {
      const names = tree.members.map(({ name }) => name)
      return {
        type: 'object',
        properties: Object.fromEntries(tree.members.map(({ name, of }) => [name, errorSchema(of)])),
        ...(names.length === 0 ? {} : { required: names }),
      }
    }
    case 'list': {
      const items = errorSchema(tree.of)
      return tree.key === null ? { type: 'array', items } : { type: 'object', additionalProperties: items }
    }
    default:
      return unreachable(tree)
  }
}

function termSchema(term: ErrorTerm): JsonObject {
  return term.kind === 'constant' ? { const: term.value } : isNullable(term) ? { anyOf: [TYPES[term.type], TYPES.null] } : TYPES[term.type]
}

/** Whether a term can be null: past the end of a list, or where a choice says so. */
function isNullable(term: ErrorTerm): boolean {
  switch (term.kind) {
    case 'constant':
      return term.value === null
    case 'name':
    case 'size':
    case 'equal':
      return false
    case 'item':
      return term.at > 0 || isNullable(term.of)
    case 'member':
    case 'string':
      return isNullable(term.of)
    case 'concatenation':
      return isNullable(term.left) || isNullable(term.right)
    case 'choice':
      return isNullable(term.yes) || isNullable(term.no)
    default:
      return unreachable(term)
  }
}

const TEXTS = { type: 'array', items: { type: 'string' } } as const

const PROBLEM = {
  type: 'object',
  properties: { name: { type: 'string' }, rule: { type: 'string' }, messages: TEXTS, pointer: { type: 'string' } },
  required: ['name', 'rule', 'messages', 'pointer'],
} as const

const TYPES = {
  text: { type: 'string' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  null: { type: 'null' },
  texts: TEXTS,
  problem: PROBLEM,
  problems: { type: 'array', items: PROBLEM, minItems: 1 },
} as const satisfies Readonly<Record<ErrorType, JsonObject>>
