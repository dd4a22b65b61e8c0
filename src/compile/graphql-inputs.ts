/** What a GraphQL document may send: filters over what is filterable, orders over what is sortable, and the values of writes. */

import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLScalarType,
} from 'graphql'
import { type Entity, type Field, type FieldType, storedScalar } from '../model/model.ts'
import { SCALARS } from '../model/scalar.ts'
import { isAddable } from './amount.ts'
import { choicesOf, enumNames, type GraphqlNames, type TypePart } from './graphql-names.ts'
import { GRAPHQL_SCALARS } from './graphql-scalars.ts'
import { type Input, inputOf } from './inputs.ts'
import { type Key, usableKeys } from './keys.ts'
import { type Nesting, nestingsOf } from './nesting.ts'
import { capital } from './openapi-names.ts'
import { type EntityView, isNever, type View, viewOf } from './view.ts'

const SORT_DIRECTION = new GraphQLEnumType({
  name: 'SortDirection',
  description: 'Missing values come last when ascending and first when descending.',
  values: { ASC: { value: false }, DESC: { value: true } },
})

export interface GraphqlInputs {
  /** Null when nothing of the entity can be asked for. */
  readonly filter: (entity: EntityView) => GraphQLInputObjectType | null
  readonly orderBy: (entity: EntityView) => GraphQLInputObjectType | null
  readonly create: (entity: EntityView) => GraphQLInputObjectType | null
  readonly update: (entity: EntityView) => GraphQLInputObjectType | null
  /** Amounts to add to the numbers of a row. */
  readonly increment: (entity: EntityView) => GraphQLInputObjectType | null
  /** Values by which a row is named that may be there already. */
  readonly key: (entity: EntityView) => GraphQLInputObjectType | null
  /** The type of a field's value, in either direction. */
  readonly value: (entity: Entity, field: Field) => ValueType
}

/** What a field holds: no object, so it can be sent and answered. */
export type ValueType = GraphQLScalarType | GraphQLEnumType | GraphQLList<GraphQLNonNull<GraphQLScalarType | GraphQLEnumType>>

type InputFields = Record<string, GraphQLInputFieldConfig>

/** The input types of a view; each is made once, when it is first needed. */
export function graphqlInputs(view: View, names: GraphqlNames): GraphqlInputs {
  const made = new Map<string, GraphQLInputObjectType>()
  const enums = new Map<string, GraphQLEnumType>()
  const conditions = new Map<string, GraphQLInputObjectType>()

  const item = (entity: Entity, field: Field): GraphQLScalarType | GraphQLEnumType => {
    const choices = choicesOf(field.type)
    if (choices === null) return GRAPHQL_SCALARS[storedScalar(field.type)]
    const name = names.enumOf(entity, field)
    let type = enums.get(name)
    if (type === undefined) {
      const values = Object.fromEntries([...enumNames(choices)].map(([value, spelled]) => [spelled, { value }]))
      type = new GraphQLEnumType({ name, description: `The values of ${entity.name}.${field.name}.`, values })
      enums.set(name, type)
    }
    return type
  }
  const value = (entity: Entity, field: Field): ValueType =>
    field.type.kind === 'list' ? new GraphQLList(new GraphQLNonNull(item(entity, field))) : item(entity, field)

  const object = (entity: EntityView, part: TypePart, description: string, fields: () => InputFields): GraphQLInputObjectType => {
    const name = names.of(entity.entity).types.get(part) ?? ''
    let type = made.get(name)
    if (type === undefined) {
      type = new GraphQLInputObjectType({ name, description, fields, isOneOf: part === 'OrderBy' || part === 'Key' })
      made.set(name, type)
    }
    return type
  }
  const conditionsOn = (entity: Entity, field: Field): GraphQLInputObjectType => {
    const of = item(entity, field)
    const name = of instanceof GraphQLEnumType ? names.enumFilterOf(entity, field) : conditionsName(field.type)
    let type = conditions.get(name)
    if (type === undefined) {
      type = new GraphQLInputObjectType({
        name,
        description: 'All of the given conditions must hold. A missing value meets none but `isNull`.',
        fields: conditionFields(field.type, of),
      })
      conditions.set(name, type)
    }
    return type
  }

  const filterFields = (entity: EntityView): InputFields => {
    const own = names.of(entity.entity)
    const self = filter(entity)
    const fields: InputFields = {}
    for (const { field } of entity.readable.values()) {
      const target = entity.references.has(field.name) && field.type.kind === 'ref' ? filter(viewOf(view, field.type.entity)) : null
      if (target !== null)
        fields[own.members.get(field.name) ?? ''] = { type: target, description: 'What holds for the row that is referred to.' }
      const plain = field.type.kind === 'ref' ? own.ids.get(field.name) : own.members.get(field.name)
      if (plain !== undefined) fields[plain] = { type: conditionsOn(entity.entity, field) }
    }
    for (const relation of entity.relations.values()) {
      const rows = manyFilter(viewOf(view, relation.entity))
      if (rows !== null) fields[own.members.get(relation.name) ?? ''] = { type: rows }
    }
    if (self === null) return fields
    return {
      ...fields,
      and: { type: new GraphQLList(new GraphQLNonNull(self)), description: 'All of these hold.' },
      or: { type: new GraphQLList(new GraphQLNonNull(self)), description: 'One of these holds.' },
      not: { type: self, description: 'This does not hold; what is unknown for want of a value stays unknown.' },
    }
  }
  const filter = (entity: EntityView): GraphQLInputObjectType | null =>
    isNever(entity.read) || entity.readable.size + entity.relations.size === 0
      ? null
      : object(entity, 'Filter', `Which rows of ${entity.entity.name}: everything that is given must hold.`, () => filterFields(entity))
  const manyFilter = (entity: EntityView): GraphQLInputObjectType | null => {
    const type = filter(entity)
    if (type === null) return null
    return object(
      entity,
      'ManyFilter',
      `What holds for related rows of ${entity.entity.name}; only those that you may read count.`,
      () => ({
        some: { type, description: 'At least one is like this.' },
        every: { type, description: 'There is none that is not like this.' },
        none: { type, description: 'None is like this.' },
      }),
    )
  }

  const orderBy = (entity: EntityView): GraphQLInputObjectType | null => {
    const own = names.of(entity.entity)
    const sortable = [...entity.readable.values()].filter(
      ({ field }) => field.type.kind !== 'list' && SCALARS[storedScalar(field.type)].ordered,
    )
    if (sortable.length === 0) return null
    return object(entity, 'OrderBy', 'One sort key.', () =>
      Object.fromEntries(
        sortable.flatMap(({ field }) => {
          const name = field.type.kind === 'ref' ? own.ids.get(field.name) : own.members.get(field.name)
          return name === undefined ? [] : [[name, { type: SORT_DIRECTION }]]
        }),
      ),
    )
  }

  const sentFields = (entity: EntityView, input: Input): InputFields =>
    Object.fromEntries(
      [...input.fields.values()].map((field) => [field.name, inputField(field, input.required, value(entity.entity, field))]),
    )
  const broughtFields = (entity: EntityView, input: Input): InputFields =>
    Object.fromEntries(
      [...nestingsOf(view, entity).values()]
        .filter(({ name }) => input.children.has(name))
        .map((nesting) => [nesting.name, { type: new GraphQLList(new GraphQLNonNull(childInput(entity, nesting))) }]),
    )
  const childInput = (entity: EntityView, { name: relation, child, input }: Nesting): GraphQLInputObjectType => {
    const name = names.childInputOf(entity.entity, relation)
    let type = made.get(name)
    if (type === undefined) {
      const description = `A new ${child.entity.name} that is created along with the ${entity.entity.name} that it refers to.`
      type = new GraphQLInputObjectType({
        name,
        description,
        fields: () => ({ ...sentFields(child, input), ...broughtFields(child, input) }),
      })
      made.set(name, type)
    }
    return type
  }
  const written = (entity: EntityView, operation: 'create' | 'patch'): GraphQLInputObjectType | null => {
    const children = operation === 'create' ? nestingsOf(view, entity).keys() : []
    const input = inputOf(entity.entity, { operation, writable: entity.writable.keys(), children })
    if (input.fields.size === 0) return null
    const part = operation === 'create' ? 'CreateInput' : 'UpdateInput'
    const about =
      operation === 'create' ? `A new ${entity.entity.name}.` : `What changes of a ${entity.entity.name}; the rest stays as it is.`
    return object(entity, part, about, () => ({ ...sentFields(entity, input), ...broughtFields(entity, input) }))
  }
  const increment = (entity: EntityView): GraphQLInputObjectType | null => {
    const input = inputOf(entity.entity, { operation: 'patch', writable: entity.writable.keys() })
    const numbers = [...input.fields.values()].filter((field) => isAddable(field.type))
    if (numbers.length === 0) return null
    return object(entity, 'Increment', `Amounts to add to what a ${entity.entity.name} has, whatever that is by then.`, () =>
      Object.fromEntries(numbers.map((field) => [field.name, { type: value(entity.entity, field) }])),
    )
  }
  const key = (entity: EntityView): GraphQLInputObjectType | null => {
    const usable = usableKeys(entity)
    if (usable.length === 0) return null
    return object(entity, 'Key', `What no two rows of ${entity.entity.name} have in common.`, () =>
      Object.fromEntries(usable.map((one) => [one.name, { type: keyType(entity.entity, one) }])),
    )
  }
  const keyType = (entity: Entity, { name, fields }: Key): GraphQLInputObjectType | ValueType => {
    const [only] = fields
    if (fields.length === 1 && only !== undefined) return value(entity, only)
    const typeName = names.keyInputOf(entity, name)
    let type = made.get(typeName)
    if (type === undefined) {
      type = new GraphQLInputObjectType({
        name: typeName,
        fields: Object.fromEntries(fields.map((field) => [field.name, { type: new GraphQLNonNull(value(entity, field)) }])),
      })
      made.set(typeName, type)
    }
    return type
  }
  return {
    filter,
    orderBy,
    create: (entity) => written(entity, 'create'),
    update: (entity) => written(entity, 'patch'),
    increment,
    key,
    value,
  }
}

function inputField(field: Field, required: readonly string[], type: ValueType): GraphQLInputFieldConfig {
  const about = field.type.kind === 'ref' ? `The id of a ${field.type.entity}.` : null
  const description = [field.description, about].filter((text) => text !== null).join(' ')
  return { type: required.includes(field.name) ? new GraphQLNonNull(type) : type, ...(description === '' ? {} : { description }) }
}

function conditionsName(type: FieldType): string {
  return `${capital(storedScalar(type))}${type.kind === 'list' ? 'List' : ''}Filter`
}

/** The operators of REST that make sense for a type. */
function conditionFields(type: FieldType, of: GraphQLScalarType | GraphQLEnumType): InputFields {
  const isNull = { isNull: { type: GraphQLBoolean } }
  if (type.kind === 'list') return { contains: { type: of }, ...isNull }
  const { comparable, ordered, column } = SCALARS[storedScalar(type)]
  if (!comparable) return isNull
  const one = { type: of }
  const many = { type: new GraphQLList(new GraphQLNonNull(of)) }
  return {
    eq: one,
    ne: one,
    ...(ordered ? { gt: one, gte: one, lt: one, lte: one } : {}),
    in: many,
    nin: many,
    ...(column === 'text' ? TEXT_CONDITIONS : {}),
    ...isNull,
  }
}

const TEXT_CONDITIONS: InputFields = {
  contains: { type: GRAPHQL_SCALARS.text },
  startsWith: { type: GRAPHQL_SCALARS.text },
  endsWith: { type: GRAPHQL_SCALARS.text },
}
