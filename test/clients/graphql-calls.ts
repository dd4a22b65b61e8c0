/** An operation for every root field of a GraphQL schema, with sample variables. */

import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isScalarType,
} from 'graphql'
import { capital } from '../../src/base/capital.ts'

/** A named operation: its text and variables of its types. */
export interface Operation {
  readonly name: string
  readonly text: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** The operations; their names begin with `prefix`, which Relay demands. */
export function operationsOf(schema: GraphQLSchema, prefix: string): readonly Operation[] {
  const roots = [
    ['query', 'Query', schema.getQueryType()],
    ['mutation', 'Mutation', schema.getMutationType()],
  ] as const
  return roots.flatMap(([kind, suffix, root]) =>
    Object.values(root?.getFields() ?? {}).map((field): Operation => {
      const name = `${prefix}${capital(field.name)}${suffix}`
      const declared = field.args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ')
      const given = field.args.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
      const args = field.args.length === 0 ? ['', ''] : [`(${declared})`, `(${given})`]
      return {
        name,
        text: `${kind} ${name}${args[0]} { ${field.name}${args[1]} ${selection(field.type)} }`,
        variables: Object.fromEntries(field.args.map((arg) => [arg.name, sample(arg.type)])),
      }
    }),
  )
}

/** All scalars, and objects three levels deep. */
function selection(type: GraphQLOutputType, depth = 0): string {
  const named = getNamedType(type)
  if (!isObjectType(named) && !isInterfaceType(named)) return ''
  const fields = Object.values(named.getFields()).flatMap((field: GraphQLField<unknown, unknown>) => {
    const inner = isCompositeType(getNamedType(field.type)) ? (depth < 3 ? selection(field.type, depth + 1) : null) : ''
    return inner === null || field.args.some((arg) => String(arg.type).endsWith('!')) ? [] : [`${field.name} ${inner}`]
  })
  return `{ ${fields.length === 0 ? '__typename' : fields.join(' ')} }`
}

const SCALARS: Readonly<Record<string, unknown>> = { Int: 1, Float: 1.5, Boolean: true, JSON: { a: [1, null, { b: 'x' }] } }

function sample(type: GraphQLInputType, depth = 0): unknown {
  const inner = getNullableType(type)
  if (isListType(inner)) return depth > 2 ? [] : [sample(inner.ofType, depth + 1)]
  if (isEnumType(inner)) return inner.getValues()[0]?.name
  if (isScalarType(inner)) return SCALARS[inner.name] ?? 'x'
  if (!isInputObjectType(inner)) return null
  const all = Object.values(inner.getFields())
  const fields = inner.isOneOf ? all.slice(0, 1) : all.filter((field) => depth < 2 || String(field.type).endsWith('!'))
  return Object.fromEntries(fields.map((field) => [field.name, sample(field.type, depth + 1)]))
}
