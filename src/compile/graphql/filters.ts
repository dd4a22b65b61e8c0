/** The input types of filters and orders in GraphQL. */

import { GraphQLBoolean, GraphQLEnumType, type GraphQLInputObjectType, GraphQLList, GraphQLNonNull, type GraphQLScalarType } from 'graphql'
import { capital } from '../../base/capital.ts'
import type { FieldType } from '../../model/field-type.ts'
import { type Entity, type Field, storedScalar } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { SCALARS } from '../../model/scalar.ts'
import { type EntityView, viewOf } from '../rules/view.ts'
import { type InputFields, inputName, inputObject, itemType, type Making } from './enum-values.ts'
import { GRAPHQL_SCALARS } from './scalars.ts'

const SORT_DIRECTION = new GraphQLEnumType({
  name: 'SortDirection',
  description: 'Missing values come last when ascending and first when descending.',
  values: { ASC: { value: false }, DESC: { value: true } },
})

/** The filter of an entity; null when the caller can filter by nothing. */
export function filterType(making: Making, entity: EntityView): GraphQLInputObjectType | null {
  if (isNever(entity.read) || entity.readable.size + entity.relations.size === 0) return null
  const description = `Selects rows of ${entity.entity.name}. All given conditions must hold.`
  return inputObject(making, inputName(making, entity, 'Filter'), { description, fields: () => filterFields(making, entity) })
}

function filterFields(making: Making, entity: EntityView): InputFields {
  const { view, names } = making
  const own = names.of(entity.entity)
  const self = filterType(making, entity)
  const fields: InputFields = {}
  for (const { field } of entity.readable.values()) {
    const { type } = field
    const target = entity.references.has(field.name) && type.kind === 'ref' ? filterType(making, viewOf(view, type.entity)) : null
    if (target !== null) fields[own.members.get(field.name) ?? ''] = { type: target, description: 'Conditions on the referenced row.' }
    const plain = plainName(making, entity, field)
    if (plain !== undefined) fields[plain] = { type: conditionsOn(making, entity.entity, field) }
  }
  for (const relation of entity.relations.values()) {
    const rows = manyFilterType(making, viewOf(view, relation.entity))
    if (rows !== null) fields[own.members.get(relation.name) ?? ''] = { type: rows }
  }
  if (self === null) return fields
  return {
    ...fields,
    and: { type: new GraphQLList(new GraphQLNonNull(self)), description: 'All of these hold.' },
    or: { type: new GraphQLList(new GraphQLNonNull(self)), description: 'One of these holds.' },
    not: { type: self, description: 'This does not hold. An unknown result (a missing value) stays unknown.' },
  }
}

function manyFilterType(making: Making, entity: EntityView): GraphQLInputObjectType | null {
  const type = filterType(making, entity)
  if (type === null) return null
  return inputObject(making, inputName(making, entity, 'ManyFilter'), {
    description: `Conditions on related rows of ${entity.entity.name}. Only rows that you may read count.`,
    fields: () => ({
      some: { type, description: 'At least one row satisfies this.' },
      every: { type, description: 'Every row satisfies this.' },
      none: { type, description: 'No row satisfies this.' },
    }),
  })
}

/** The order of an entity's rows; null when no field is sortable. */
export function orderByType(making: Making, entity: EntityView): GraphQLInputObjectType | null {
  const sortable = [...entity.readable.values()].filter(
    ({ field }) => field.type.kind !== 'list' && SCALARS[storedScalar(field.type)].ordered,
  )
  if (sortable.length === 0) return null
  return inputObject(making, inputName(making, entity, 'OrderBy'), {
    description: 'One sort key.',
    takes: 'one',
    fields: () =>
      Object.fromEntries(
        sortable.flatMap(({ field }) => {
          const name = plainName(making, entity, field)
          return name === undefined ? [] : [[name, { type: SORT_DIRECTION }]]
        }),
      ),
  })
}

/** The member with the plain value of a field; for a reference, the id. */
function plainName({ names }: Making, { entity }: EntityView, field: Field): string | undefined {
  const own = names.of(entity)
  return field.type.kind === 'ref' ? own.ids.get(field.name) : own.members.get(field.name)
}

function conditionsOn(making: Making, entity: Entity, field: Field): GraphQLInputObjectType {
  const of = itemType(making, entity, field)
  const name = of instanceof GraphQLEnumType ? making.names.enumFilterOf(entity, field) : conditionsName(field.type)
  return inputObject(making, name, {
    description: 'All of the given conditions must hold. A missing value satisfies only `isNull`.',
    fields: () => conditionFields(field.type, of),
  })
}

function conditionsName(type: FieldType): string {
  return `${capital(storedScalar(type))}${type.kind === 'list' ? 'List' : ''}Filter`
}

/** The operators of REST that make sense for a type. */
function conditionFields(type: FieldType, of: GraphQLScalarType | GraphQLEnumType): InputFields {
  const isNull = { isNull: { type: GraphQLBoolean } }
  if (type.kind === 'list') return { contains: { type: of }, ...isNull }
  if (storedScalar(type) === 'encryptedEqual') return { eq: { type: of }, in: { type: new GraphQLList(new GraphQLNonNull(of)) }, ...isNull }
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
