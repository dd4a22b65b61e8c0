/** How each scalar type of the design is called in GraphQL. Values are checked by the design's own rules, as REST does; a scalar only sees to their JSON type. */

import { type ConstValueNode, GraphQLBoolean, GraphQLError, GraphQLFloat, GraphQLScalarType, GraphQLString, Kind } from 'graphql'
import type { ScalarKind } from '../model/scalar.ts'

function scalar(
  name: string,
  facts: { readonly description: string; readonly url: string; readonly types: readonly ('string' | 'number')[] },
) {
  const { description, url, types } = facts
  const coerce = (value: unknown): unknown => {
    if (types.some((type) => type === typeof value)) return value
    throw new GraphQLError(`${name} cannot represent this value`)
  }
  return new GraphQLScalarType({
    name,
    description,
    specifiedByURL: url,
    coerceInputValue: coerce,
    coerceInputLiteral: (node: ConstValueNode) => {
      if (node.kind === Kind.STRING && types.includes('string')) return node.value
      // The digits as they are written; a number would lose some.
      if ((node.kind === Kind.INT || node.kind === Kind.FLOAT) && types.includes('number'))
        return types.includes('string') ? node.value : Number(node.value)
      throw new GraphQLError(`${name} cannot represent this value`)
    },
    coerceOutputValue: (value: unknown) => value,
  })
}

const TEXT = ['string'] as const

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
    types: TEXT,
  }),
  url: scalar('URL', { description: 'An absolute URL with http or https.', url: 'https://www.rfc-editor.org/rfc/rfc3986', types: TEXT }),
  uuid: scalar('UUID', { description: 'A UUID.', url: 'https://www.rfc-editor.org/rfc/rfc9562', types: TEXT }),
  integer: scalar('SafeInt', {
    description: 'A whole number from -(2^53 - 1) to 2^53 - 1.',
    url: 'https://www.rfc-editor.org/rfc/rfc8259#section-6',
    types: ['number'],
  }),
  decimal: scalar('Decimal', {
    description: 'A decimal number with all its digits, as text: `"12.50"`.',
    url: 'https://www.w3.org/TR/xmlschema-2/#decimal',
    types: ['string', 'number'],
  }),
  number: GraphQLFloat,
  boolean: GraphQLBoolean,
  timestamp: scalar('DateTime', {
    description: 'A moment in time, answered in UTC with milliseconds: `"2026-01-31T12:00:00.000Z"`.',
    url: 'https://scalars.graphql.org/andimarek/date-time.html',
    types: TEXT,
  }),
  date: scalar('Date', {
    description: 'A day: `"2026-01-31"`.',
    url: 'https://scalars.graphql.org/andimarek/local-date.html',
    types: TEXT,
  }),
  time: scalar('LocalTime', {
    description: 'A time of day without a time zone: `"12:00:00"`.',
    url: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
    types: TEXT,
  }),
  duration: scalar('Duration', {
    description: 'A length of time: `"PT1H30M"`.',
    url: 'https://www.rfc-editor.org/rfc/rfc3339#appendix-A',
    types: TEXT,
  }),
  json: JSON_SCALAR,
} as const satisfies Record<ScalarKind, GraphQLScalarType>
