/** The input types of a GraphQL schema: values of writes, filters and orders. */

import { type GraphQLInputFieldConfig, type GraphQLInputObjectType, GraphQLList, GraphQLNonNull } from 'graphql'
import type { Entity, Field } from '../../model/model.ts'
import type { EntityView, View } from '../rules/view.ts'
import { isAddable } from '../values/amount.ts'
import { type Input, inputOf } from '../values/inputs.ts'
import { type Key, usableKeys } from '../values/keys.ts'
import { type Nesting, nestingsOf } from '../values/nesting.ts'
import { type GraphqlValueType, type InputFields, inputName, inputObject, type Making, valueType } from './enum-values.ts'
import { filterType, orderByType } from './filters.ts'
import type { GraphqlNames } from './names.ts'

/** The input types of a schema, by purpose. Null where the caller may not do this at all. */
export interface GraphqlInputs {
  /** The filter of an entity; null when the caller can filter by nothing. */
  readonly filter: (entity: EntityView) => GraphQLInputObjectType | null
  readonly orderBy: (entity: EntityView) => GraphQLInputObjectType | null
  readonly create: (entity: EntityView) => GraphQLInputObjectType | null
  readonly update: (entity: EntityView) => GraphQLInputObjectType | null
  /** Amounts to add to the numbers of a row. */
  readonly increment: (entity: EntityView) => GraphQLInputObjectType | null
  /** The keys of an upsert. */
  readonly key: (entity: EntityView) => GraphQLInputObjectType | null
  /** The type of a field's value, in either direction. */
  readonly value: (entity: Entity, field: Field) => GraphqlValueType
}

/** The input types of a view; each is made once, when it is first needed. */
export function graphqlInputs(view: View, names: GraphqlNames): GraphqlInputs {
  const making: Making = { view, names, objects: new Map(), enums: new Map() }
  return {
    filter: (entity) => filterType(making, entity),
    orderBy: (entity) => orderByType(making, entity),
    create: (entity) => writtenType(making, entity, 'create'),
    update: (entity) => writtenType(making, entity, 'patch'),
    increment: (entity) => incrementType(making, entity),
    key: (entity) => keyType(making, entity),
    value: (entity, field) => valueType(making, entity, field),
  }
}

function writtenType(making: Making, entity: EntityView, operation: 'create' | 'patch'): GraphQLInputObjectType | null {
  const children = operation === 'create' ? nestingsOf(making.view, entity).keys() : []
  const input = inputOf(entity.entity, { operation, writable: entity.writable.keys(), children })
  if (input.fields.size === 0) return null
  const { name } = entity.entity
  const description = operation === 'create' ? `A new ${name}.` : `The changes of a ${name}. Fields that are not sent stay the same.`
  const part = operation === 'create' ? 'CreateInput' : 'UpdateInput'
  return inputObject(making, inputName(making, entity, part), { description, fields: () => bodyFields(making, entity, input) })
}

/** The values of a row, and its nested rows. */
function bodyFields(making: Making, entity: EntityView, input: Input): InputFields {
  const sent = [...input.fields.values()].map((field) => {
    return [field.name, inputField(field, input.required, valueType(making, entity.entity, field))] as const
  })
  const brought = [...nestingsOf(making.view, entity).values()]
    // GraphQL has no input object without fields, so rows without a field to send cannot be nested; only their own mutation creates them.
    .filter((nesting) => input.children.has(nesting.name) && nesting.input.fields.size > 0)
    .map((nesting) => [nesting.name, { type: new GraphQLList(new GraphQLNonNull(childType(making, entity, nesting))) }] as const)
  return Object.fromEntries<GraphQLInputFieldConfig>([...sent, ...brought])
}

function childType(making: Making, { entity }: EntityView, { name: relation, child, input }: Nesting): GraphQLInputObjectType {
  return inputObject(making, making.names.childInputOf(entity, relation), {
    description: `A new ${child.entity.name} that is created along with the ${entity.name} that it refers to.`,
    fields: () => bodyFields(making, child, input),
  })
}

function incrementType(making: Making, entity: EntityView): GraphQLInputObjectType | null {
  const input = inputOf(entity.entity, { operation: 'patch', writable: entity.writable.keys() })
  const numbers = [...input.fields.values()].filter((field) => isAddable(field.type))
  if (numbers.length === 0) return null
  return inputObject(making, inputName(making, entity, 'Increment'), {
    description: `Amounts to add to the current values of a ${entity.entity.name}.`,
    fields: () => Object.fromEntries(numbers.map((field) => [field.name, { type: valueType(making, entity.entity, field) }])),
  })
}

function keyType(making: Making, entity: EntityView): GraphQLInputObjectType | null {
  const usable = usableKeys(entity)
  if (usable.length === 0) return null
  return inputObject(making, inputName(making, entity, 'Key'), {
    description: `A unique key of ${entity.entity.name}.`,
    takes: 'one',
    fields: () => Object.fromEntries(usable.map((key) => [key.name, { type: keyValueType(making, entity.entity, key) }])),
  })
}

function keyValueType(making: Making, entity: Entity, { name, fields }: Key): GraphQLInputObjectType | GraphqlValueType {
  const [only] = fields
  if (fields.length === 1 && only !== undefined) return valueType(making, entity, only)
  return inputObject(making, making.names.keyInputOf(entity, name), {
    fields: () => Object.fromEntries(fields.map((field) => [field.name, { type: new GraphQLNonNull(valueType(making, entity, field)) }])),
  })
}

function inputField(field: Field, required: readonly string[], type: GraphqlValueType): GraphQLInputFieldConfig {
  const about = field.type.kind === 'ref' ? `The id of a ${field.type.entity}.` : null
  const description = [field.description, about].filter((text) => text !== null).join(' ')
  return { type: required.includes(field.name) ? new GraphQLNonNull(type) : type, ...(description === '' ? {} : { description }) }
}
