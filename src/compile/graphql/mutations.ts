/**
 * The mutations of an entity in the GraphQL schema of a view: mutations that the caller may do in some state, with their arguments and
 * answers.
 */

import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
} from 'graphql'
import { type Entity, fieldNamed } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import type { EntityView } from '../rules/view.ts'
import type { GraphqlValueType } from './enum-values.ts'
import type { GraphqlInputs } from './input-types.ts'
import type { EntityNames } from './names.ts'
import { GRAPHQL_SCALARS } from './scalars.ts'

/** What a mutation does. */
export type MutationKind = 'create' | 'create-many' | 'update' | 'upsert' | 'delete'

/** An entity, and the parts from which its mutations are made. */
export interface Mutable {
  readonly entity: EntityView
  readonly names: EntityNames
  readonly inputs: GraphqlInputs
  /** The type of its rows; null when the caller can read none. */
  readonly row: GraphQLObjectType | null
}

/** A mutation of the schema. */
export interface MutationType {
  readonly kind: MutationKind
  readonly name: string
  readonly field: GraphQLFieldConfig<unknown, unknown>
}

/** The argument that names a row. */
export function idArgument(inputs: GraphqlInputs, entity: Entity): { readonly type: GraphQLNonNull<GraphqlValueType> } {
  return { type: new GraphQLNonNull(inputs.value(entity, fieldNamed(entity, 'id'))) }
}

/** The mutations of an entity; none if this caller can only read the entity. */
export function mutationsOf(mutable: Mutable): readonly MutationType[] {
  const { entity, inputs, row } = mutable
  const create = isNever(entity.create) ? null : inputs.create(entity)
  const changeable = row !== null && !isNever(entity.updateFrom) && !isNever(entity.updateTo)
  const update = changeable ? inputs.update(entity) : null
  const key = !entity.hidesTakenLogin && create !== null && update !== null && entity.readable.has('id') ? inputs.key(entity) : null
  return [
    ...(create === null ? [] : creations(mutable, create)),
    ...(update === null ? [] : [updating(mutable, update)]),
    ...(create === null || update === null || key === null ? [] : [upserting(mutable, { create, update, key })]),
    ...(row === null || isNever(entity.delete) ? [] : [deletion(mutable)]),
  ]
}

/** The argument with the version that a row must have. */
export const IF_VERSION = { type: GRAPHQL_SCALARS.integer, description: 'Refuses the write if the row has another version.' }

function creations(mutable: Mutable, input: GraphQLInputObjectType): readonly MutationType[] {
  const { names, entity } = mutable
  const args = { input: { type: new GraphQLNonNull(input) } }
  if (entity.hidesTakenLogin) {
    const description = `Creates a ${entity.entity.name}, unless another one has the login: the answer is the same.`
    return [{ kind: 'create', name: names.create, field: { type: acceptedPayload(mutable), args, description } }]
  }
  const type = payloadOf(mutable, 'CreatePayload')
  const one = { type, args, description: `Creates a ${entity.entity.name}.` }
  const many = {
    type: new GraphQLList(new GraphQLNonNull(type)),
    args: { inputs: { type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(input))) } },
    description: `Creates rows of ${entity.entity.name}, all or none.`,
  }
  return [
    { kind: 'create', name: names.create, field: one },
    { kind: 'create-many', name: names.createMany, field: many },
  ]
}

interface Changing {
  /** The argument's name. */
  readonly as: string
  readonly input: GraphQLInputObjectType
  readonly description?: string
}

/** The arguments for the changes. Where amounts can be added, a request may contain amounts alone. */
function changes({ inputs, entity }: Mutable, { as, input, description }: Changing): GraphQLFieldConfigArgumentMap {
  const increment = inputs.increment(entity)
  const type = increment === null ? new GraphQLNonNull(input) : input
  const args: GraphQLFieldConfigArgumentMap = { [as]: description === undefined ? { type } : { type, description } }
  return increment === null ? args : { ...args, increment: { type: increment, description: 'Amounts to add to numbers.' } }
}

function updating(mutable: Mutable, input: GraphQLInputObjectType): MutationType {
  const { entity, inputs, names } = mutable
  const args = { id: idArgument(inputs, entity.entity), ...changes(mutable, { as: 'input', input }), ifVersion: IF_VERSION }
  const field = { type: payloadOf(mutable, 'UpdatePayload'), args, description: `Changes a ${entity.entity.name}.` }
  return { kind: 'update', name: names.update, field }
}

function upserting(
  mutable: Mutable,
  { create, update, key }: Readonly<Record<'create' | 'update' | 'key', GraphQLInputObjectType>>,
): MutationType {
  const { entity, names } = mutable
  const field = {
    type: payloadOf(mutable, 'UpsertPayload'),
    args: {
      where: { type: new GraphQLNonNull(key) },
      create: { type: new GraphQLNonNull(create), description: 'The new row, if there is none yet. It has the values of `where`.' },
      ...changes(mutable, { as: 'update', input: update, description: 'The changes, if there is a row.' }),
    },
    description: `Changes the ${entity.entity.name} that has the values of \`where\`, or creates it when there is none that you may read.`,
  }
  return { kind: 'upsert', name: names.upsert, field }
}

function deletion(mutable: Mutable): MutationType {
  const { entity, inputs, names } = mutable
  const args = { id: idArgument(inputs, entity.entity), ifVersion: IF_VERSION }
  const field = { type: payloadOf(mutable, 'DeletePayload'), args, description: `Deletes a ${entity.entity.name}.` }
  return { kind: 'delete', name: names.delete, field }
}

/** The name of the row in a payload. */
export function payloadMember({ one }: EntityNames): string {
  return one === 'id' || one === 'created' ? `${one}_` : one
}

const CREATED = { type: new GraphQLNonNull(GraphQLBoolean), description: 'Whether the row was created.' }

/** The payload of a create that does not tell whether the login is taken. */
function acceptedPayload({ names }: Mutable): GraphQLObjectType {
  const accepted = { type: new GraphQLNonNull(GraphQLBoolean), description: 'True, also when another account has the login.' }
  return new GraphQLObjectType({ name: names.types.get('CreatePayload') ?? '', fields: { accepted } })
}

function payloadOf(
  { entity, names, inputs, row }: Mutable,
  part: 'CreatePayload' | 'UpdatePayload' | 'UpsertPayload' | 'DeletePayload',
): GraphQLObjectType {
  const shown = part === 'DeletePayload' || row === null ? null : row
  return new GraphQLObjectType({
    name: names.types.get(part) ?? '',
    fields: () => ({
      id: { type: new GraphQLNonNull(inputs.value(entity.entity, fieldNamed(entity.entity, 'id'))) },
      ...(part === 'UpsertPayload' ? { created: CREATED } : {}),
      ...(shown === null
        ? {}
        : { [payloadMember(names)]: { type: shown, description: 'The row as it is now; null when you may not read it.' } }),
    }),
  })
}
