/** Random documents of one page whose filter, search, cursor and size are variables, and values of these variables. */

import {
  type GraphQLInputField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isScalarType,
} from 'graphql'
import type { GraphqlApi } from '../../../src/compile/graphql/schema.ts'
import type { Random } from '../../support/random.ts'

/** A document, and a function that makes values of its variables. */
export interface RandomDocument {
  readonly text: string
  readonly next: () => Readonly<Record<string, unknown>>
}

interface Making {
  readonly random: Random
  readonly variables: { readonly name: string; readonly type: string; readonly next: () => unknown }[]
}

/** A document for a root field that lists rows. `cursors` gives cursors for `after`. */
export function randomDocument(random: Random, { schema }: GraphqlApi, field: string, cursors: () => unknown): RandomDocument {
  const making: Making = { random, variables: [] }
  const definition = schema.getQueryType()?.getFields()[field]
  if (definition === undefined) throw new Error(`no field ${field}`)
  const types = new Map(definition.args.map((argument) => [argument.name, argument.type] as const))
  const args: string[] = []
  const filter = types.get('filter')
  if (filter !== undefined && random.chance(0.9)) args.push(`filter:${filterOf(making, filter, 3)}`)
  const order = types.get('orderBy')
  if (order !== undefined && random.chance(0.25)) args.push(`orderBy:[${orderOf(making, order)}]`)
  if (types.has('search') && random.chance(0.2))
    args.push(`search:${variable(making, 'String', () => anyOf(random, ['apple', 'berry', 'a b']))}`)
  if (random.chance(0.3)) args.push(`first:${random.chance(0.5) ? '5' : variable(making, 'Int', () => random.pick([1, 2, 3, 5, 200]))}`)
  if (random.chance(0.3)) args.push(`after:${variable(making, 'String', cursors)}`)
  const { variables } = making
  const declared = variables.length === 0 ? '' : `(${variables.map(({ name, type }) => `$${name}:${type}`).join(',')})`
  return {
    text: `query${declared}{${field}${args.length === 0 ? '' : `(${args.join(',')})`}{nodes{__typename}}}`,
    next: () => Object.fromEntries(variables.flatMap(({ name, next }) => (random.chance(0.02) ? [] : [[name, next()]]))),
  }
}

function variable({ variables }: Making, type: string, next: () => unknown): string {
  const name = `v${variables.length}`
  variables.push({ name, type, next })
  return `$${name}`
}

function filterOf(making: Making, type: GraphQLInputType, depth: number): string {
  const { random } = making
  const named = getNamedType(type)
  if (!isInputObjectType(named)) throw new Error(`${named} is no filter`)
  const fields = Object.values(named.getFields())
  const id = named.getFields().id
  // A condition on ids, so that an index serves the page.
  const isPinned = depth === 3 && id !== undefined && random.chance(0.85)
  const others = Array.from({ length: 1 + random.below(2) }, () => random.pick(fields)).filter((field) => !isPinned || field !== id)
  const members = [...new Set(others)].map((field) => memberOf(making, field, depth)).filter((member) => member !== null)
  if (isPinned) members.push(['id', pinOf(making, id)])
  return `{${members.map(([name, text]) => `${name}:${text}`).join(',')}}`
}

function pinOf(making: Making, field: GraphQLInputField): string {
  const named = getNamedType(field.type)
  const eq = isInputObjectType(named) ? named.getFields().eq : undefined
  if (eq === undefined) return filterOf(making, field.type, 0)
  const type = getNamedType(eq.type)
  return `{eq:${variable(making, String(getNullableType(eq.type)), () => sampleFor(making.random, type.name, null))}}`
}

function memberOf(making: Making, field: GraphQLInputField, depth: number): readonly [string, string] | null {
  const { random } = making
  const type = getNullableType(field.type)
  const named = getNamedType(type)
  if (isScalarType(named) || isEnumType(named)) {
    const one = () => sampleFor(random, named.name, isEnumType(named) ? named.getValues().map((value) => value.name) : null)
    const next = isListType(type) ? () => Array.from({ length: random.below(3) }, one) : one
    if (random.chance(0.1) && !isListType(type) && named.name === 'String') return [field.name, '"apple"']
    return [field.name, variable(making, String(type), next)]
  }
  if (depth === 0) return null
  const inner = filterOf(making, type, depth - 1)
  if (!isListType(type)) return [field.name, inner]
  return [field.name, random.chance(0.3) ? inner : `[${inner}${random.chance(0.3) ? `,${filterOf(making, type, depth - 1)}` : ''}]`]
}

function orderOf({ random, variables }: Making, type: GraphQLInputType): string {
  const named = getNamedType(type)
  if (!isInputObjectType(named)) throw new Error(`${named} is no order`)
  const field = random.pick(Object.values(named.getFields()))
  const direction = getNamedType(field.type)
  if (!isEnumType(direction)) throw new Error(`${direction} is no direction`)
  const names = direction.getValues().map((value) => value.name)
  const value = random.chance(0.7) ? random.pick(names) : variable({ random, variables }, direction.name, () => random.pick(names))
  return `{${field.name}:${value}}`
}

const TEXTS = [
  'apple',
  'berry',
  '',
  'true',
  'a,b',
  '"',
  '\\',
  'é',
  '\u0000',
  'x'.repeat(1_001),
  '2001-01-01',
  '1.50',
  '12:00',
  'P1D',
  'A@b.CD',
]
const IDS = ['018cc251-f7e8-724c-89e1-5e52afc47c22', '018CC251-F7E8-724C-89E1-5E52AFC47C23']

function sampleFor(random: Random, type: string, names: readonly string[] | null): unknown {
  if (random.chance(0.02)) return null
  if (names !== null) return random.pick(names)
  switch (type) {
    case 'Boolean':
      return random.chance(0.5)
    case 'UUID':
    case 'ID':
      return anyOf(random, IDS)
    case 'Int':
    case 'Integer':
      return random.chance(0.95) ? random.below(5) : 9_007_199_254_740_991
    case 'Float':
      return random.pick([0, 1.5, -2])
    case 'Timestamp':
    case 'DateTime':
      return anyOf(random, ['2001-01-01T00:00:00Z', '2020-02-29T12:30:00.5+01:00'])
    case 'Date':
      return anyOf(random, ['2001-01-01', '2024-02-29'])
    default:
      return anyOf(random, TEXTS)
  }
}

function anyOf(random: Random, usual: readonly string[]): string {
  return random.chance(0.9) ? random.pick(usual) : random.pick(TEXTS)
}
