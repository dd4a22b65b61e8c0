/** Makes the GraphQL types of values. Keeps the input types of a view, so that each is made once. */

import {
  GraphQLEnumType,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLScalarType,
} from 'graphql'
import { type Entity, type Field, storedScalar } from '../../model/model.ts'
import type { EntityView, View } from '../rules/view.ts'
import { FILE_SCALAR } from './json-scalar.ts'
import { choicesOf, enumNames, type GraphqlNames, type TypePart } from './names.ts'
import { GRAPHQL_SCALARS } from './scalars.ts'

/** The type of a field's value. It contains no object type, so it is valid as input and as output. */
export type GraphqlValueType = GraphQLScalarType | GraphQLEnumType | GraphQLList<GraphQLNonNull<GraphQLScalarType | GraphQLEnumType>>

/** The fields of an input type, by name. */
export type InputFields = Record<string, GraphQLInputFieldConfig>

/** Input types are made at first use, because they refer to each other. */
export interface Making {
  readonly view: View
  readonly names: GraphqlNames
  /** By name. */
  readonly objects: Map<string, GraphQLInputObjectType>
  readonly enums: Map<string, GraphQLEnumType>
}

/** The type of a field's value; for a list, the type of an item. */
export function itemType({ names, enums }: Making, entity: Entity, field: Field): GraphQLScalarType | GraphQLEnumType {
  const choices = choicesOf(field.type)
  if (field.type.kind === 'file') return FILE_SCALAR
  if (choices === null) return GRAPHQL_SCALARS[storedScalar(field.type)]
  const name = names.enumOf(entity, field)
  const known = enums.get(name)
  if (known !== undefined) return known
  const type = enumType(name, `The values of ${entity.name}.${field.name}.`, choices)
  enums.set(name, type)
  return type
}

/** Makes the enum of some choices. */
export function enumType(name: string, description: string, choices: readonly string[]): GraphQLEnumType {
  const values = Object.fromEntries([...enumNames(choices)].map(([value, spelled]) => [spelled, { value }]))
  return new GraphQLEnumType({ name, description, values })
}

/** The type of a field's value, in either direction. */
export function valueType(making: Making, entity: Entity, field: Field): GraphqlValueType {
  const item = itemType(making, entity, field)
  return field.type.kind === 'list' ? new GraphQLList(new GraphQLNonNull(item)) : item
}

interface InputShape {
  readonly description?: string
  readonly fields: () => InputFields
  /** `one`: the caller sends exactly one member. */
  readonly takes?: 'one'
}

/** The input type of a name, made once. */
export function inputObject({ objects }: Making, name: string, { description, fields, takes }: InputShape): GraphQLInputObjectType {
  const known = objects.get(name)
  if (known !== undefined) return known
  const type = new GraphQLInputObjectType({ name, fields, isOneOf: takes === 'one', ...(description === undefined ? {} : { description }) })
  objects.set(name, type)
  return type
}

/** The name of an input type of an entity. */
export function inputName({ names }: Making, { entity }: EntityView, part: TypePart): string {
  return names.of(entity).types.get(part) ?? ''
}
