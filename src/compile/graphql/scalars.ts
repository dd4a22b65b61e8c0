/**
 * The GraphQL scalar for each scalar type of the design. A GraphQL scalar checks only the JSON type of a value; the rules of the design
 * check the rest, as in REST.
 */

import { type ConstValueNode, GraphQLBoolean, GraphQLError, GraphQLFloat, GraphQLScalarType, GraphQLString, Kind } from 'graphql'
import { nearestDouble, numberDigits, plainDigits } from '../../base/number/decimal.ts'
import { exactNumber, isExactNumber } from '../../base/number/exact-json.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { JSON_SCALAR, literalOf } from './json-scalar.ts'

/** The JSON form of a scalar: a text, a whole number that is exact in JSON, a number as a JSON number or as text, or a double. */
type Form = 'text' | 'whole' | 'digits' | 'double'

interface Facts {
  readonly description: string | null | undefined
  readonly url: string | null
  readonly form: Form
}

function scalar(name: string, { description, url, form }: Facts): GraphQLScalarType {
  const checked = (value: unknown): unknown => {
    const read = readForm(form, value)
    if (read !== undefined) return read
    throw new GraphQLError(`${name} cannot represent this value`)
  }
  return new GraphQLScalarType({
    name,
    description: description ?? null,
    specifiedByURL: url,
    coerceInputValue: checked,
    coerceInputLiteral: (node: ConstValueNode) => checked(fromLiteral(form, node)),
    valueToLiteral: literalOf,
    coerceOutputValue: (value: unknown) => value,
  })
}

/** Converts a value for the checks of the design; undefined when it does not have the form. */
function readForm(form: Form, value: unknown): unknown {
  switch (form) {
    case 'text':
      return typeof value === 'string' ? value : undefined
    case 'whole':
      return Number.isSafeInteger(value) ? value : undefined
    case 'digits':
      if (typeof value === 'string') return value
      if (typeof value === 'number') return numberDigits(value)
      return isExactNumber(value) ? plainDigits(value.rawJSON) : undefined
    case 'double':
      if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
      return isExactNumber(value) ? nearestDouble(value.rawJSON) : undefined
    default:
      return unreachable(form)
  }
}

/** Numbers keep all their digits. */
function fromLiteral(form: Form, node: ConstValueNode): unknown {
  if (node.kind === Kind.STRING) return node.value
  if (form === 'digits' && (node.kind === Kind.INT || node.kind === Kind.FLOAT) && !/[eE]/.test(node.value)) return node.value
  return node.kind === Kind.INT || node.kind === Kind.FLOAT ? exactNumber(node.value) : undefined
}

/** The GraphQL type of each scalar, in requests and answers. */
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
  // `Float` of the specification also accepts numbers with more digits than a double has.
  number: scalar(GraphQLFloat.name, { description: GraphQLFloat.description, url: null, form: 'double' }),
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
  encrypted: GraphQLString,
  encryptedEqual: GraphQLString,
  json: JSON_SCALAR,
} as const satisfies Record<ScalarKind, GraphQLScalarType>
