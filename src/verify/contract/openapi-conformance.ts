/** Checks that an answer conforms to an OpenAPI document. */

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import type { OpenApiDocument } from '../../compile/openapi/openapi.ts'
import type { Answered } from '../expected/answered.ts'
import { resolve } from '../sample-query.ts'

type Schema = { readonly [keyword: string]: unknown }

/** Meaningful headers. A document must name them for the answers that have them. */
const TELLING_HEADERS = [
  'etag',
  'idempotency-replayed',
  'location',
  'link',
  'preference-applied',
  'retry-after',
  'www-authenticate',
  'allow',
]

/** The operation that was asked. */
export interface AskedOperation {
  readonly method: string
  /** As the document spells it. */
  readonly path: string
}

/**
 * Returns the check of a document. The check returns the problem of an answer to an operation, or null. Rows may have only documented
 * properties; they may lack required ones only in answers with `chosen` fields.
 */
export function conformanceOf(
  document: OpenApiDocument,
  rows: 'whole' | 'chosen',
): (asked: AskedOperation, answered: Answered) => string | null {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  const addFormats = formatsPlugin as unknown as (ajv: Ajv2020) => void
  addFormats(ajv)
  ajv.addFormat('decimal', /^-?\d+(\.\d+)?$/)
  ajv.addFormat('time-local', /^\d\d:\d\d:\d\d(\.\d+)?$/)
  ajv.addSchema(closed(document, rows), 'document')
  const validators = new Map<string, ValidateFunction>()
  const validatorOf = (place: string): ValidateFunction => {
    const known = validators.get(place) ?? ajv.compile({ $ref: place })
    validators.set(place, known)
    return known
  }
  return ({ method, path }, answered) => {
    const operation = document.paths[path]?.[method.toLowerCase()] as { readonly responses: Readonly<Record<string, Schema>> } | undefined
    const documented = operation?.responses[answered.status]
    if (documented === undefined) return `status ${answered.status} is not documented: ${answered.text.slice(0, 300)}`
    const response = resolve(document, documented)
    const headers = new Set(Object.keys((response.headers ?? {}) as object).map((name) => name.toLowerCase()))
    const stray = TELLING_HEADERS.find((name) => answered.headers[name] !== undefined && !headers.has(name))
    if (stray !== undefined) return `header ${stray} of ${answered.status} is not documented`
    if (answered.text === '') return isBodyMissing(method, response, answered) ? `the body of ${answered.status} is missing` : null
    const type = String(answered.headers['content-type']).split(';', 1)[0] ?? ''
    const place =
      '$ref' in documented
        ? String(documented.$ref).slice(1)
        : `/paths/${segmentOf(path)}/${method.toLowerCase()}/responses/${answered.status}`
    const range = rangesOf(type).find((one) => (response.content as Schema | undefined)?.[one] !== undefined)
    if (range === undefined) return `a body of ${type} with ${answered.status} is not documented`
    const validate = validatorOf(`document#${place}/content/${segmentOf(range)}/schema`)
    // A page and a table are texts to the document.
    if (validate(range.includes('json') ? answered.json : answered.text)) return null
    return `body of ${answered.status}: ${ajv.errorsText(validate.errors)} in ${answered.text.slice(0, 500)}`
  }
}

/** Whether an answer that the document describes with a body has none. `Prefer: return=minimal` and HEAD leave it out. */
function isBodyMissing(method: string, response: Schema, { headers }: Answered): boolean {
  return response.content !== undefined && method.toUpperCase() !== 'HEAD' && headers['preference-applied'] === undefined
}

/** How a document may name a media type: itself, or as one of a range (OpenAPI 3.1, media type objects). */
function rangesOf(type: string): readonly string[] {
  return [type, `${type.split('/', 1)[0]}/*`, '*/*']
}

function segmentOf(segment: string): string {
  return encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** A copy in which answers allow no additional properties, because an undocumented property could be a leak. */
function closed(document: OpenApiDocument, rows: 'whole' | 'chosen'): OpenApiDocument {
  const copy = structuredClone(document) as unknown as { components: { schemas: Record<string, RowSchema> } }
  for (const schema of Object.values(copy.components.schemas)) {
    if (schema.type === 'object' && schema.additionalProperties === undefined) schema.additionalProperties = false
    if (rows === 'chosen' && schema.properties?.createdAt !== undefined) delete schema.required
  }
  return copy as unknown as OpenApiDocument
}

interface RowSchema {
  readonly type?: unknown
  readonly properties?: Schema
  required?: unknown
  additionalProperties?: unknown
}
