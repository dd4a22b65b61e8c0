/**
 * The GraphQL schema of a view. It leaves out what the caller can never read or do, so a hidden name in a document gets the same answer as
 * an unknown name. graphql-js checks documents against the schema and answers introspection; the schema has no resolvers.
 */

import {
  DirectiveLocation,
  GraphQLDirective,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  GraphQLID,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
  specifiedDirectives,
} from 'graphql'
import { unreachable } from '../../base/unreachable.ts'
import type { Relation } from '../../model/model.ts'
import { isAlways, isNever } from '../../model/predicate.ts'
import type { DerivedView } from '../rules/derived-view.ts'
import { type EntityView, type FieldView, type View, viewOf } from '../rules/view.ts'
import { type ActionField, actionFields } from './action-fields.ts'
import { type GraphqlInputs, graphqlInputs } from './input-types.ts'
import { idArgument, type MutationKind, mutationsOf } from './mutations.ts'
import { choicesOf, enumNames, type GraphqlNames, type TypePart } from './names.ts'
import { operationFields, type ServerOperation } from './operation-fields.ts'
import { pageInfoType } from './page-info.ts'
import { GRAPHQL_SCALARS } from './scalars.ts'

/** The meaning of a member of a row's type. */
export type Member =
  /** `spelled`: the GraphQL names of the values of a choice by stored value; null if no name differs. */
  | { readonly kind: 'field'; readonly view: FieldView | DerivedView; readonly spelled: ReadonlyMap<string, string> | null }
  | { readonly kind: 'to-one'; readonly view: FieldView; readonly target: EntityView }
  | { readonly kind: 'to-many'; readonly relation: Relation; readonly target: EntityView }
  | { readonly kind: 'node-id'; readonly view: FieldView }

/** The object type of the rows of an entity. */
export interface RowType {
  readonly name: string
  readonly entity: EntityView
  readonly members: ReadonlyMap<string, Member>
}

/** What a root field does. */
export type RootField =
  | { readonly kind: 'node' }
  | { readonly kind: 'one' | 'many' | MutationKind; readonly row: RowType }
  | { readonly kind: 'action'; readonly called: ActionField }
  | { readonly kind: 'operation'; readonly operation: ServerOperation }

/** The schema of a view, and the meaning of its names. */
export interface GraphqlApi {
  readonly schema: GraphQLSchema
  /** By type name. */
  readonly rows: ReadonlyMap<string, RowType>
  readonly queries: ReadonlyMap<string, RootField>
  readonly mutations: ReadonlyMap<string, RootField>
  readonly view: View
  readonly names: GraphqlNames
}

/** The default and the maximum number of rows of a page. */
export interface PageLimits {
  readonly pageSizeDefault: number
  readonly pageSizeMax: number
}

/** Runs several mutations in one transaction. */
const ATOMIC = new GraphQLDirective({
  name: 'atomic',
  description: 'All mutations of the operation take place in one transaction: if one is refused, none takes place.',
  locations: [DirectiveLocation.MUTATION],
})

type OutputFields = Record<string, GraphQLFieldConfig<unknown, unknown>>

interface Making {
  readonly view: View
  readonly names: GraphqlNames
  readonly inputs: GraphqlInputs
  readonly limits: PageLimits
  readonly node: GraphQLInterfaceType
  readonly pageInfo: GraphQLObjectType
  readonly objects: Map<string, GraphQLObjectType>
  readonly rows: Map<string, RowType>
}

/** Makes the schema of a view. Views of one variant give equal schemas. */
export function graphqlApi(view: View, names: GraphqlNames, limits: PageLimits): GraphqlApi {
  const node = new GraphQLInterfaceType({
    name: 'Node',
    description: 'A row of any kind.',
    fields: { nodeId: { type: new GraphQLNonNull(GraphQLID), description: 'An id that is unique among the rows of all types.' } },
  })
  const making: Making = {
    view,
    names,
    inputs: graphqlInputs(view, names),
    limits,
    node,
    pageInfo: pageInfoType(),
    objects: new Map(),
    rows: new Map(),
  }
  for (const entity of view.entities.values()) {
    const row = rowTypeOf(making, entity)
    making.rows.set(row.name, row)
  }
  const queries = new Map<string, RootField>([['node', { kind: 'node' }]])
  const mutations = new Map<string, RootField>()
  const queryFields: OutputFields = {
    node: {
      type: node,
      args: { id: { type: new GraphQLNonNull(GraphQLID) } },
      description: 'The row with this `nodeId`, of any type.',
    },
  }
  const mutationFields: OutputFields = {}
  for (const row of making.rows.values()) {
    const own = names.of(row.entity.entity)
    if (isReadable(row.entity)) {
      queries.set(own.one, { kind: 'one', row }).set(own.many, { kind: 'many', row })
      queryFields[own.one] = {
        type: objectOf(making, row),
        args: { id: idArgument(making.inputs, row.entity.entity) },
        description: `One ${row.entity.entity.name} by its id; null when there is none that you may read.`,
      }
      queryFields[own.many] = { ...connectionField(making, row), description: row.entity.entity.description }
    }
    const type = isReadable(row.entity) ? objectOf(making, row) : null
    for (const { kind, name, field } of mutationsOf({ entity: row.entity, names: own, inputs: making.inputs, row: type })) {
      mutations.set(name, { kind, row })
      mutationFields[name] = field
    }
  }
  const rowOf = (entity: EntityView) => (isReadable(entity) ? objectOf(making, rowNamed(making, entity)) : null)
  for (const { called, config } of actionFields({ ...making, rowOf })) {
    ;(called.action.reads ? queries : mutations).set(called.name, { kind: 'action', called })
    ;(called.action.reads ? queryFields : mutationFields)[called.name] = config
  }
  for (const { name, operation, reads, config } of operationFields(making)) {
    ;(reads ? queries : mutations).set(name, { kind: 'operation', operation })
    ;(reads ? queryFields : mutationFields)[name] = config
  }
  const query = new GraphQLObjectType({ name: 'Query', fields: queryFields })
  const mutation = mutations.size === 0 ? null : new GraphQLObjectType({ name: 'Mutation', fields: mutationFields })
  const types = [...making.rows.values()].filter((row) => isReadable(row.entity)).map((row) => objectOf(making, row))
  const description = view.model.description ?? `The backend ${view.model.name}.`
  const schema = new GraphQLSchema({ description, query, mutation, types, directives: [...specifiedDirectives, ATOMIC], assumeValid: true })
  return { schema, rows: making.rows, queries, mutations, view, names }
}

function isReadable(entity: EntityView): boolean {
  return !isNever(entity.read) && entity.readable.size > 0
}

function rowTypeOf({ view, names }: Making, entity: EntityView): RowType {
  const own = names.of(entity.entity)
  const members = new Map<string, Member>()
  for (const field of entity.readable.values()) {
    const { type } = field.field
    const plain = type.kind === 'ref' ? own.ids.get(field.field.name) : own.members.get(field.field.name)
    if (type.kind === 'ref' && entity.references.has(field.field.name)) {
      members.set(own.members.get(field.field.name) ?? '', { kind: 'to-one', view: field, target: viewOf(view, type.entity) })
    }
    if (plain !== undefined) members.set(plain, { kind: 'field', view: field, spelled: spelledOf(field) })
  }
  for (const view of entity.derived.values()) {
    members.set(own.members.get(view.field.name) ?? '', { kind: 'field', view, spelled: null })
  }
  for (const relation of entity.relations.values()) {
    members.set(own.members.get(relation.name) ?? '', { kind: 'to-many', relation, target: viewOf(view, relation.entity) })
  }
  const id = entity.readable.get('id')
  if (own.nodeId !== null && id !== undefined) members.set(own.nodeId, { kind: 'node-id', view: id })
  return { name: own.types.get('') ?? '', entity, members }
}

function spelledOf({ field }: FieldView): ReadonlyMap<string, string> | null {
  const names = enumNames(choicesOf(field.type) ?? [])
  return [...names].some(([value, name]) => value !== name) ? names : null
}

/** An output type by name, made once; its fields are made later, because types refer to each other. */
function once(
  making: Making,
  name: string,
  make: () => { readonly description: string | null; readonly fields: () => OutputFields; readonly node?: boolean },
): GraphQLObjectType {
  let type = making.objects.get(name)
  if (type === undefined) {
    const { description, fields, node } = make()
    type = new GraphQLObjectType({ name, description, fields, interfaces: node === true ? [making.node] : [] })
    making.objects.set(name, type)
  }
  return type
}

function objectOf(making: Making, row: RowType): GraphQLObjectType {
  const node = row.members.get('nodeId')
  return once(making, row.name, () => ({
    description: row.entity.entity.description,
    fields: () => Object.fromEntries([...row.members].map(([name, member]) => [name, memberField(making, row, member)])),
    node: node?.kind === 'node-id' && isAlways(node.view.rule),
  }))
}

function memberField(making: Making, row: RowType, member: Member): GraphQLFieldConfig<unknown, unknown> {
  switch (member.kind) {
    case 'node-id':
      return { type: present(GraphQLID, isAlways(member.view.rule)), description: 'An id that is unique among the rows of all types.' }
    case 'field': {
      const { field, rule } = member.view
      const sure = !field.optional && field.type.kind !== 'computed' && isAlways(rule)
      return { type: present(making.inputs.value(row.entity.entity, field), sure), description: field.description }
    }
    case 'to-one': {
      const { field, rule } = member.view
      const sure = !field.optional && isAlways(rule) && isAlways(member.target.read) && !member.target.entity.softDelete
      return { type: present(objectOf(making, rowNamed(making, member.target)), sure), description: field.description }
    }
    case 'to-many':
      return {
        ...connectionField(making, rowNamed(making, member.target)),
        description: `Rows of ${member.relation.entity} that refer here.`,
      }
    default:
      return unreachable(member)
  }
}

function rowNamed({ rows, names }: Making, entity: EntityView): RowType {
  const row = rows.get(names.of(entity.entity).types.get('') ?? '')
  if (row === undefined) throw new Error(`no type for ${entity.entity.name}`)
  return row
}

function present(type: GraphQLOutputType, sure: boolean): GraphQLOutputType {
  return sure && !(type instanceof GraphQLNonNull) ? new GraphQLNonNull(type) : type
}

function connectionField(making: Making, row: RowType): GraphQLFieldConfig<unknown, unknown> {
  const node = objectOf(making, row)
  const own = making.names.of(row.entity.entity)
  const name = (part: TypePart): string => own.types.get(part) ?? ''
  const edge = () =>
    once(making, name('Edge'), () => ({
      description: 'A row and its place among the others.',
      fields: () => ({ cursor: { type: new GraphQLNonNull(GraphQLString) }, node: { type: new GraphQLNonNull(node) } }),
    }))
  const connection = once(making, name('Connection'), () => ({
    description: `A page of ${row.entity.entity.name} rows.`,
    fields: () => ({
      nodes: { type: listOf(node) },
      edges: { type: listOf(edge()) },
      pageInfo: { type: new GraphQLNonNull(making.pageInfo) },
      totalCount: {
        type: new GraphQLNonNull(GRAPHQL_SCALARS.integer),
        description: 'The number of rows on all pages. Counting costs time.',
      },
    }),
  }))
  return { type: new GraphQLNonNull(connection), args: connectionArguments(making, row.entity) }
}

function listOf(type: GraphQLObjectType): GraphQLOutputType {
  return new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)))
}

function connectionArguments({ inputs, limits }: Making, entity: EntityView): GraphQLFieldConfigArgumentMap {
  const filter = inputs.filter(entity)
  const order = inputs.orderBy(entity)
  const { search } = entity.entity
  return {
    first: { type: GraphQLInt, default: { value: limits.pageSizeDefault }, description: `How many rows, at most ${limits.pageSizeMax}.` },
    after: { type: GraphQLString, description: 'The page starts after the row of this cursor, such as `endCursor` of the previous page.' },
    ...(filter === null ? {} : { filter: { type: filter } }),
    ...(filter === null ? {} : { where: { type: GraphQLString, description: 'A condition in CEL, in addition to `filter`.' } }),
    ...(order === null ? {} : { orderBy: { type: new GraphQLList(new GraphQLNonNull(order)) } }),
    ...(search?.fields.some((name) => entity.readable.has(name)) === true
      ? { search: { type: GraphQLString, description: 'Words to find. All of them must be there, in any order.' } }
      : {}),
  }
}
