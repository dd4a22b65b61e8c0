/** JSON Schemas (2020-12) of values, bodies and rows, as the OpenAPI document publishes them. */

import { decimalPattern } from '../../base/number/decimal.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { FieldType, ScalarType } from '../../model/field-type.ts'
import { type Field, storedScalar } from '../../model/model.ts'
import { SCALARS, type ScalarKind } from '../../model/scalar.ts'
import { unaddressable } from './address.ts'
import { amountType, isAddable } from './amount.ts'
import { TICKET_PATTERN } from './file-tickets.ts'
import { formatOf, type JsonSchema, NOT_NULL } from './formats.ts'
import type { Input } from './inputs.ts'

/** The schema of a value that is sent, with the field's limits. Null is added by `nullable`. */
export function sentSchema(type: FieldType): JsonSchema {
  switch (type.kind) {
    case 'scalar':
      return { ...formatOf(type.scalar).schema, ...limitKeywords(type) }
    case 'choice':
      return { type: 'string', enum: type.values }
    case 'list':
      return { type: 'array', items: sentSchema(type.of), ...(type.min === null ? {} : { minItems: type.min }), maxItems: type.max }
    case 'password':
      return {
        type: 'string',
        format: 'password',
        writeOnly: true,
        minLength: type.min,
        maxLength: type.max,
        ...(type.pattern === null ? {} : { pattern: type.pattern }),
      }
    case 'ref': {
      const id = formatOf(type.scalar).schema
      return { oneOf: [id, { type: 'object', properties: { id }, required: ['id'], additionalProperties: false }] }
    }
    case 'file':
      return TICKET_SCHEMA
    case 'computed':
      throw new Error('a computed field is not sent')
    default:
      return unreachable(type)
  }
}

/** The schema of a value that is answered; decimals are text, references ids. Limits are left out, because they concern writes alone. */
export function answeredSchema(type: FieldType): JsonSchema {
  switch (type.kind) {
    case 'choice':
      return { type: 'string', enum: type.values }
    case 'list':
      return { type: 'array', items: answeredSchema(type.of) }
    case 'file':
      return FILE_SCHEMA
    case 'scalar':
    case 'ref':
    case 'computed':
    case 'password':
      return answeredScalar(storedScalar(type))
    default:
      return unreachable(type)
  }
}

/** An upload, by its ticket. */
const TICKET_SCHEMA: JsonSchema = {
  type: 'string',
  pattern: TICKET_PATTERN,
  description: 'The ticket of an upload for this field.',
}

/** A file as rows show it. */
const FILE_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'The name of the file.' },
    size: { type: 'integer', format: 'int64', description: 'Its size in bytes.' },
    type: { type: 'string', description: 'Its media type, found by its content.' },
    url: { type: 'string', format: 'uri-reference', description: 'Its address on this server.' },
  },
  required: ['name', 'size', 'type', 'url'],
  additionalProperties: false,
}

function answeredScalar(scalar: ScalarType['scalar']): JsonSchema {
  return ANSWERED[scalar] ?? SCALARS[scalar].json
}

/**
 * Schemas that differ for answered and sent values. Answers may contain values that plain SQL has stored, and a difference of timestamps
 * may be negative.
 */
const ANSWERED: Partial<Record<ScalarKind, JsonSchema>> = {
  email: { type: 'string', format: 'email' },
  url: { type: 'string', format: 'uri' },
  integer: { type: 'integer', format: 'int64' },
  decimal: { type: 'string', format: 'decimal' },
  time: { type: 'string', format: 'time-local' },
  duration: { type: 'string', pattern: '^-?P' },
  json: {},
}

/** The same schema, for a value that may also be null. */
export function nullable(schema: JsonSchema): JsonSchema {
  // Any JSON value except null, and null itself.
  if (schema.not === NOT_NULL.not) return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== 'not'))
  if (Array.isArray(schema.oneOf)) return { ...schema, oneOf: [...schema.oneOf, { type: 'null' }] }
  if (schema.type === undefined) return schema
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  return { ...schema, type: [...types, 'null'], ...(Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {}) }
}

/** The schema of a body: exactly what `readBody` accepts. */
export function bodySchema(input: Input): JsonSchema {
  const properties = [...input.fields.values()].map((field) => [field.name, fieldSchema(field, input)] as const)
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(input.required.length > 0 ? { required: input.required } : {}),
    additionalProperties: false,
  }
}

/** The schema of a value in a body. For a number, a change also accepts an amount. */
function valueSchema({ type }: Field, { operation }: Input): JsonSchema {
  return operation === 'patch' && isAddable(type) ? { oneOf: [sentSchema(type), amountSchema(type)] } : sentSchema(type)
}

function amountSchema(type: ScalarType): JsonSchema {
  const increment = { ...sentSchema(amountType(type)), description: 'An amount to add to the current value.' }
  return { type: 'object', properties: { increment }, required: ['increment'], additionalProperties: false }
}

function fieldSchema(field: Field, input: Input): JsonSchema {
  const schema = field.optional ? nullable(valueSchema(field, input)) : valueSchema(field, input)
  const note = [field.description, limitNote(field.type)].filter((text) => text !== null && text !== '').join(' ')
  const excluded = unaddressable(field)
  const isDefault = input.operation !== 'patch' && field.default?.kind === 'value'
  return {
    ...schema,
    ...(excluded.length === 0 ? {} : { not: { enum: excluded } }),
    ...(note === '' ? {} : { description: note }),
    ...(isDefault && field.default?.kind === 'value' ? { default: field.default.value } : {}),
  }
}

function limitKeywords(type: ScalarType): JsonSchema {
  const keywords: Record<string, unknown> = {}
  const measure = formatOf(type.scalar).limits
  if (measure === 'length') {
    if (type.min !== null) keywords.minLength = type.min
    if (type.max !== null) keywords.maxLength = shortest(type.max, formatOf(type.scalar).schema.maxLength)
  } else if (type.scalar === 'integer' || type.scalar === 'number') {
    if (type.min !== null) keywords.minimum = type.min
    if (type.max !== null) keywords.maximum = type.max
  }
  if (type.pattern !== null) keywords.pattern = type.pattern
  else if (type.scalar === 'decimal') keywords.pattern = decimalPattern(type.precision)
  return keywords
}

function shortest(max: number | string, own: unknown): number {
  return typeof own === 'number' ? Math.min(Number(max), own) : Number(max)
}

/** Limits without a keyword in JSON Schema, because the value is a text there. */
function limitNote(type: FieldType): string | null {
  if (type.kind !== 'scalar' || (type.min === null && type.max === null)) return null
  const measure = formatOf(type.scalar).limits
  if (measure === 'length' || measure === null || type.scalar === 'integer' || type.scalar === 'number') return null
  if (type.max === null) return `At least ${type.min}.`
  return type.min === null ? `At most ${type.max}.` : `From ${type.min} to ${type.max}.`
}
