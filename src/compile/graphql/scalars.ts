/**
 * The GraphQL scalar for each scalar type of the design. A GraphQL scalar checks only the JSON type of a value; the rules of the design
 * check the rest, as in REST.
 */

import { type ConstValueNode, GraphQLBoolean, GraphQLError, GraphQLFloat, GraphQLScalarType, GraphQLString, Kind } from 'graphql'
import { unreachable } from '../../base/unreachable.ts'
import type { ScalarKind } from '../../model/scalar.ts'

/** The JSON form of a scalar: a text, a whole number that is exact in JSON, or a number as a JSON number or as text. */
type Form = 'text' | 'whole' | 'digits'

interface Facts {
  readonly description: string
  readonly url: string
  readonly form: Form
}

function scalar(name: string, { description, url, form }: Facts): GraphQLScalarType {
  const checked = (value: unknown): unknown => {
    if (isOf(form, value)) return value
    throw new GraphQLError(`${name} cannot represent this value`)
  }
  return new GraphQLScalarType({
    name,
    description,
    specifiedByURL: url,
    coerceInputValue: checked,
    coerceInputLiteral: (node: ConstValueNode) => checked(literalOf(form, node)),
    coerceOutputValue: (value: unknown) => value,
  })
}

function isOf(form: Form, value: unknown): boolean {
  switch (form) {
    case 'text':
      return typeof value === 'string'
    case 'whole':
      return Number.isSafeInteger(value)
    case 'digits':
      return typeof value === 'string' || typeof value === 'number'
    default:
      return unreachable(form)
  }
}

/** Numbers stay as text, because a JavaScript number would lose digits. */
function literalOf(form: Form, node: ConstValueNode): unknown {
  if (node.kind === Kind.STRING) return node.value
  if (node.kind !== Kind.INT && node.kind !== Kind.FLOAT) return undefined
  return form === 'digits' ? node.value : Number(node.value)
}

/** Any JSON value (RFC 8259), passed through as it is. */
export const JSON_SCALAR = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
})

/** The type of a value of each kind, as it is sent and as it is answered. */
export const GRAPHQL_SCALARS = {
  text: GraphQLString,
  email: scalar('EmailAddress', {
    description: 'An email address, in lower case.',
    url: 'https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2',
    form: 'text',
  }),
  url: scalar('URL', { description: 'An absolute URL with http or https.', url: 'https://www.rfc-editor.org/rfc/rfc3986', form: 'text' }),
  uuid: scalar('UUID', { description: 'A UUID.', url: 'https://www.rfc-editor.org/rfc/rfc9562', form: 'text' }),
  integer: scalar('SafeInt', {
    description: 'A whole number from -(2^53 - 1) to 2^53 - 1.',
    url: 'https://www.rfc-editor.org/rfc/rfc8259#section-6',
    form: 'whole',
  }),
  decimal: scalar('Decimal', {
    description: 'A decimal number with all its digits, as text: `"12.50"`.',
    url: 'https://www.w3.org/TR/xmlschema-2/#decimal',
    form: 'digits',
  }),
  number: GraphQLFloat,
  boolean: GraphQLBoolean,
  timestamp: scalar('DateTime', {
    description: 'A moment in time, answered in UTC with milliseconds: `"2026-01-31T12:00:00.000Z"`.',
    url: 'https://scalars.graphql.org/andimarek/date-time.html',
    form: 'text',
  }),
  date: scalar('Date', {
    description: 'A day: `"2026-01-31"`.',
    url: 'https://scalars.graphql.org/andimarek/local-date.html',
    form: 'text',
  }),
  time: scalar('LocalTime', {
    description: 'A time of day without a time zone: `"12:00:00"`.',
    url: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
    form: 'text',
  }),
  duration: scalar('Duration', {
    description: 'A length of time: `"PT1H30M"`.',
    url: 'https://www.rfc-editor.org/rfc/rfc3339#appendix-A',
    form: 'text',
  }),
  json: JSON_SCALAR,
} as const satisfies Record<ScalarKind, GraphQLScalarType>
