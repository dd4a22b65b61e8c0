/** Checks that an answer conforms to an OpenAPI document. */

import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import type { OpenApiDocument } from '../../src/compile/openapi/openapi.ts'
import { resolve } from '../../src/verify/sample-query.ts'
import type { Answered } from '../support/backend.ts'

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

export interface Asked {
  readonly method: string
  readonly path: string
}

/**
 * Returns the check of a document. The check returns the problem of an answer to an operation, or null. Rows may have only documented
 * properties; they may lack required ones only in answers with `chosen` fields.
 */
export function conformanceOf(document: OpenApiDocument, rows: 'whole' | 'chosen'): (asked: Asked, answered: Answered) => string | null {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  const addFormats = formatsPlugin as unknown as (ajv: Ajv2020) => void
  addFormats(ajv)
  ajv.addFormat('decimal', /^-?\d+(\.\d+)?$/)
  ajv.addFormat('time-local', /^\d\d:\d\d:\d\d(\.\d+)?$/)
  ajv.addSchema(closed(document, rows), 'document')
  return ({ method, path }, answered) => {
    const operation = document.paths[path]?.[method.toLowerCase()] as { readonly responses: Readonly<Record<string, Schema>> } | undefined
    const documented = operation?.responses[answered.status]
    if (documented === undefined) return `status ${answered.status} is not documented: ${answered.text.slice(0, 300)}`
    const response = resolve(document, documented)
    const headers = new Set(Object.keys((response.headers ?? {}) as object).map((name) => name.toLowerCase()))
    const stray = TELLING_HEADERS.find((name) => answered.headers[name] !== undefined && !headers.has(name))
    if (stray !== undefined) return `header ${stray} of ${answered.status} is not documented`
    if (answered.text === '') return null
    const type = String(answered.headers['content-type']).split(';', 1)[0] ?? ''
    const place =
      '$ref' in documented
        ? String(documented.$ref).slice(1)
        : `/paths/${segmentOf(path)}/${method.toLowerCase()}/responses/${answered.status}`
    if ((response.content as Schema | undefined)?.[type] === undefined) return `a body of ${type} with ${answered.status} is not documented`
    const validate = ajv.compile({ $ref: `document#${place}/content/${segmentOf(type)}/schema` })
    if (validate(answered.json)) return null
    return `body of ${answered.status}: ${ajv.errorsText(validate.errors)} in ${answered.text.slice(0, 500)}`
  }
}

function segmentOf(segment: string): string {
  return encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** A copy in which answers allow no additional properties, because an undocumented property could be a leak. */
function closed(document: OpenApiDocument, rows: 'whole' | 'chosen'): OpenApiDocument {
  const copy = structuredClone(document) as unknown as { components: { schemas: Record<string, RowSchema> } }
  for (const schema of Object.values(copy.components.schemas)) {
    if (schema.type === 'object') schema.additionalProperties = false
    if (rows === 'chosen' && schema.properties?.createdAt !== undefined) delete schema.required
  }
  return copy as unknown as OpenApiDocument
}

interface RowSchema {
  readonly type?: unknown
  readonly properties?: Schema
  required?: unknown
  additionalProperties?: boolean
}
