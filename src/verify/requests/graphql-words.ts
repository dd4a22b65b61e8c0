/** The names that requests in GraphQL need: of root fields, members, ids and enums. */

import { memo } from '../../base/memo.ts'
import { type EntityNames, enumNames, type GraphqlNames, graphqlNames } from '../../compile/graphql/names.ts'
import { GRAPHQL_SCALARS } from '../../compile/graphql/scalars.ts'
import type { Action } from '../../model/action.ts'
import type { Entity, Field } from '../../model/model.ts'
import type { AbstractRequest } from '../expected/abstract-request.ts'
import { fieldOrNull, type ReferenceBackend } from '../expected/reference.ts'

const namesOfModel = memo(graphqlNames)

/** The names of an entity in the schema. */
export function schemaNamesOf({ reference }: { readonly reference: ReferenceBackend }, entity: Entity): EntityNames {
  return namesOfModel(reference.model).of(entity)
}

/** The names of an action in the schema. */
export function actionNamesOf({ model }: ReferenceBackend, action: Action): ReturnType<GraphqlNames['actionOf']> {
  return namesOfModel(model).actionOf(action)
}

/** The name of the root field. */
export function rootOf(names: EntityNames, request: AbstractRequest): string {
  switch (request.kind) {
    case 'get':
      return names.one
    case 'list':
      return names.many
    case 'create':
      return request.many ? names.createMany : names.create
    case 'update':
    case 'delete':
      return names[request.kind]
  }
}

/** The type of the entity's ids. */
export function idScalarName(entity: Entity): string {
  const type = entity.fields[0]?.type
  return String(GRAPHQL_SCALARS[type?.kind === 'scalar' ? type.scalar : 'uuid'])
}

/** The member with the plain value of a field: of a reference, its id. */
export function plainName(caller: { readonly reference: ReferenceBackend }, entity: Entity, name: string): string {
  const { ids, members } = schemaNamesOf(caller, entity)
  return (fieldOrNull(entity, name)?.type.kind === 'ref' ? ids.get(name) : members.get(name)) ?? name
}

/** Values of a body as the inputs of GraphQL have them: choices are names of enums. */
export function inputValues(entity: Entity, body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, spelled(fieldOrNull(entity, name), value, 'toEnum')]))
}

/** A value with the choices in it as names of enums, or names of enums as choices. */
export function spelled(field: Field | null, value: unknown, to: 'toEnum' | 'toChoice'): unknown {
  const type = field?.type.kind === 'list' ? field.type.of : field?.type
  if (type?.kind !== 'choice') return value
  const names = [...enumNames(type.values)].map(([choice, name]) =>
    to === 'toEnum' ? ([choice, name] as const) : ([name, choice] as const),
  )
  const known = new Map<unknown, string>(names)
  const one = (item: unknown) => known.get(item) ?? item
  return Array.isArray(value) ? value.map(one) : one(value)
}

/** The name in REST of a member. */
export function restName({ ids, members }: EntityNames, member: string): string {
  return [...ids, ...members].find(([, name]) => name === member)?.[0] ?? member
}
