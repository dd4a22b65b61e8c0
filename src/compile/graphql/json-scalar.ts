/** The scalars `JSON` and `StoredFile` of GraphQL. Numbers keep all their digits in GraphQL. */

import { type ConstValueNode, GraphQLScalarType, Kind } from 'graphql'
import { type ExactNumber, exactNumber, isExactNumber } from '../../base/number/exact-json.ts'
import { unreachable } from '../../base/unreachable.ts'

/** Any JSON value (RFC 8259), passed through unchanged. */
export const JSON_SCALAR = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  coerceInputValue: (value: unknown) => value,
  coerceInputLiteral: jsonOf,
  valueToLiteral: literalOf,
})

/** A file: in answers an object, in requests a text. */
export const FILE_SCALAR = new GraphQLScalarType({
  name: 'StoredFile',
  description:
    'A file. In answers an object with name, size (bytes), type (media type) and url; in requests the ticket of an upload, as text.',
  coerceInputValue: (value: unknown) => value,
  coerceInputLiteral: jsonOf,
  valueToLiteral: literalOf,
})

/** The JSON value of a GraphQL literal; numbers keep their digits. */
function jsonOf(node: ConstValueNode): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.INT:
    case Kind.FLOAT:
      return exactNumber(node.value)
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.BOOLEAN:
      return node.value
    case Kind.LIST:
      return node.values.map(jsonOf)
    case Kind.OBJECT:
      // `fromEntries` makes own properties, also of a name such as `__proto__`.
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, jsonOf(value)]))
    default:
      return unreachable(node)
  }
}

/** The literal of a JSON value. graphql-js needs it for a variable inside a literal. */
export function literalOf(value: unknown): ConstValueNode {
  if (isExactNumber(value) || typeof value === 'number') return numberLiteral(value)
  if (typeof value === 'string') return { kind: Kind.STRING, value }
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value }
  if (Array.isArray(value)) return { kind: Kind.LIST, values: value.map(literalOf) }
  if (typeof value !== 'object' || value === null) return { kind: Kind.NULL }
  const fields = Object.entries(value).map(([name, item]) => ({
    kind: Kind.OBJECT_FIELD,
    name: { kind: Kind.NAME, value: name } as const,
    value: literalOf(item),
  }))
  return { kind: Kind.OBJECT, fields: fields as Extract<ConstValueNode, { kind: 'ObjectValue' }>['fields'] }
}

function numberLiteral(value: number | ExactNumber): ConstValueNode {
  const text = isExactNumber(value) ? value.rawJSON : JSON.stringify(value)
  return { kind: /^-?\d+$/.test(text) ? Kind.INT : Kind.FLOAT, value: text }
}
