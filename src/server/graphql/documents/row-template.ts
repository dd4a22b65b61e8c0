/**
 * The part of a selection of rows that does not depend on the request: the shape of a row or page, and the pages whose arguments the
 * request gives.
 */

import { type FieldNode, type GraphQLField, type GraphQLObjectType, type SelectionSetNode, visit } from 'graphql'
import type { TypePart } from '../../../compile/graphql/names.ts'
import type { GraphqlApi, Member, RowType } from '../../../compile/graphql/schema.ts'
import type { EntityView } from '../../../compile/rules/view.ts'
import type {
  ConnectionMember,
  ConnectionPlan,
  EdgeMember,
  Extra,
  Include,
  Output,
  OutputField,
  PageInfoMember,
} from '../../../compile/statements/plan.ts'
import { NEVER } from '../../../model/expression.ts'
import { type Field, fieldNamed } from '../../../model/model.ts'
import { both } from '../../../model/predicate.ts'
import type { PlannedRows } from '../../plan/plan-read.ts'
import { type Collecting, collect, fieldOf, firstOf, setsOf } from './collect.ts'

/** A field of the document that shows a page of rows. Its arguments choose the rows. */
export interface PageTemplate {
  readonly row: RowType
  readonly field: GraphQLField<unknown, unknown>
  readonly node: FieldNode
  /** The path of the page in the answer. */
  readonly path: readonly string[]
  readonly slots: string
  /** The reference from its rows to the row that contains the page; null for rows of the whole entity. */
  readonly via: Field | null
  /** Whether its arguments are independent of variables and of the caller. */
  readonly fixed: boolean
}

/** A page whose arguments are known. */
export interface BoundPage {
  readonly size: number
  readonly rows: PlannedRows
}

/** The pages of a template, by their numbers. */
export type Bound = readonly BoundPage[]

/** The shape of rows before variables are known. */
export interface RowTemplate {
  readonly output: (bound: Bound) => Output
}

/** What is needed to make a template. */
export interface Templating extends Collecting {
  readonly pages: PageTemplate[]
}

/** A field of the document, with its key and its nodes. */
export interface Asked {
  readonly key: string
  readonly nodes: readonly FieldNode[]
  readonly node: FieldNode
  readonly field: GraphQLField<unknown, unknown>
}

interface Within {
  readonly sets: readonly SelectionSetNode[]
  readonly path: readonly string[]
}

/** The shape of a row. Pages inside the row are added to the pages of the template. */
export function rowTemplate(templating: Templating, row: RowType, within: Within): RowTemplate {
  const fields: OutputField[] = []
  const extras: Extra[] = []
  const keys: string[] = []
  const includes: ((bound: Bound) => Include)[] = []
  for (const [key, nodes] of collect(templating, within.sets, row.name)) {
    keys.push(key)
    const name = firstOf(nodes).name.value
    const member = row.members.get(name)
    if (name === '__typename') extras.push({ kind: 'constant', key, value: row.name })
    else if (member === undefined) throw new Error(`${row.name} has no ${name}`)
    else if (member.kind === 'node-id') extras.push({ kind: 'global-id', key, type: row.name, visible: member.view.rule })
    else if (member.kind === 'field') fields.push(outputField(key, member))
    else {
      const place = { name: key, alias: String(includes.length) }
      const inner = { path: [...within.path, key], nodes }
      if (member.kind === 'to-one') {
        const target = rowTypeOf(templating.api, member.target)
        const shape = rowTemplate(templating, target, { ...inner, sets: setsOf(nodes) })
        includes.push((bound) => ({
          ...place,
          kind: 'to-one',
          field: member.view.field,
          refVisible: member.view.rule,
          visible: member.target.read,
          output: shape.output(bound),
        }))
      } else {
        includes.push(relatedTemplate(templating, { row, member, key }, { ...inner, place }))
      }
    }
  }
  return {
    output: (bound) => ({ entity: row.entity.entity, fields, extras, keys, includes: includes.map((include) => include(bound)) }),
  }
}

function outputField(key: string, { view, spelled }: Extract<Member, { kind: 'field' }>): OutputField {
  const field = { field: view.field, visible: view.rule, ...('value' in view ? { value: view.value } : {}), as: key }
  return spelled === null ? field : { ...field, spelled }
}

function relatedTemplate(
  templating: Templating,
  { row, member }: { readonly row: RowType; readonly member: Extract<Member, { kind: 'to-many' }>; readonly key: string },
  inner: {
    readonly nodes: readonly FieldNode[]
    readonly path: readonly string[]
    readonly place: { readonly name: string; readonly alias: string }
  },
): (bound: Bound) => Include {
  const { api } = templating
  const node = firstOf(inner.nodes)
  const type = api.schema.getType(row.name) as GraphQLObjectType
  const via = fieldNamed(member.target.entity, member.relation.via)
  const asked = { key: inner.place.name, nodes: inner.nodes, node, field: fieldOf(type, node.name.value) }
  const connection = connectionTemplate(templating, asked, {
    row: rowTypeOf(api, member.target),
    via,
    path: inner.path,
  })
  return (bound) => ({ ...inner.place, kind: 'connection', via, connection: connection(bound) })
}

/** The position of a page in a document: its row type, its reference (null at the root), and its keys. */
export interface PagePlace {
  readonly row: RowType
  readonly via: Field | null
  readonly path: readonly string[]
}

/** The shape of a page. The page is added to the pages of the template, before the pages inside it. */
export function connectionTemplate(templating: Templating, asked: Asked, place: PagePlace): (bound: Bound) => ConnectionPlan {
  const { row, via } = place
  const { api, pages } = templating
  const index = pages.length
  const slots = `c${index}.`
  // The page gets its number before the pages inside it.
  pages.push({ row, field: asked.field, node: asked.node, path: place.path, slots, via, fixed: isFixed(asked.node) })
  const names = api.names.of(row.entity.entity).types
  const inside: Inside = { templating, place, names }
  const members = [...collect(templating, setsOf(asked.nodes), names.get('Connection') ?? '')].map(([key, nodes]) =>
    connectionMember(inside, key, nodes),
  )
  const { read, readable } = row.entity
  const visible = via === null ? read : both(read, readable.get(via.name)?.rule ?? NEVER)
  return (bound) => {
    const known = bound[index]
    if (known === undefined) throw new Error('every page of a template is bound')
    const { filter, search, order, after } = known.rows
    return {
      slots,
      entity: row.entity.entity,
      visible,
      filter,
      search,
      order,
      after,
      size: known.size,
      members: members.map((member) => member(bound)),
    }
  }
}

interface Inside {
  readonly templating: Templating
  readonly place: PagePlace
  readonly names: ReadonlyMap<TypePart, string>
}

/** The shape of the page's rows under one key of the answer. */
function rowShape({ templating, place }: Inside, key: string, nodes: readonly FieldNode[]): RowTemplate {
  return rowTemplate(templating, place.row, { sets: setsOf(nodes), path: [...place.path, key] })
}

function connectionMember(inside: Inside, key: string, nodes: readonly FieldNode[]): (bound: Bound) => ConnectionMember {
  const name = firstOf(nodes).name.value
  if (name === '__typename') return () => ({ kind: 'constant', key, value: inside.names.get('Connection') ?? '' })
  if (name === 'totalCount') return () => ({ kind: 'total-count', key })
  if (name === 'pageInfo') return pageInfoTemplate(inside.templating, key, nodes)
  if (name === 'edges') return edgesTemplate(inside, key, nodes)
  const shape = rowShape(inside, key, nodes)
  return (bound) => ({ kind: 'nodes', key, output: shape.output(bound) })
}

function edgesTemplate(inside: Inside, key: string, nodes: readonly FieldNode[]): (bound: Bound) => ConnectionMember {
  const { templating, names } = inside
  const type = names.get('Edge') ?? ''
  const members = [...collect(templating, setsOf(nodes), type)].map(([inner, innerNodes]): ((bound: Bound) => EdgeMember) => {
    const name = firstOf(innerNodes).name.value
    if (name === '__typename') return () => ({ kind: 'constant', key: inner, value: type })
    if (name === 'cursor') return () => ({ kind: 'cursor', key: inner })
    const shape = rowShape(inside, inner, innerNodes)
    return (bound) => ({ kind: 'node', key: inner, output: shape.output(bound) })
  })
  return (bound) => ({ kind: 'edges', key, members: members.map((member) => member(bound)) })
}

function pageInfoTemplate(templating: Templating, key: string, nodes: readonly FieldNode[]): () => ConnectionMember {
  const members = [...collect(templating, setsOf(nodes), 'PageInfo')].map(([inner, [node]]): PageInfoMember => {
    const name = node?.name.value
    return name === 'hasNextPage' || name === 'hasPreviousPage' || name === 'startCursor' || name === 'endCursor'
      ? { kind: name, key: inner }
      : { kind: 'constant', key: inner, value: 'PageInfo' }
  })
  return () => ({ kind: 'page-info', key, members })
}

/** The type of the rows of an entity. @throws Error when the schema has none (a defect of Plinth). */
export function rowTypeOf(api: GraphqlApi, entity: EntityView): RowType {
  const row = api.rows.get(api.names.of(entity.entity).types.get('') ?? '')
  if (row === undefined) throw new Error(`no type for ${entity.entity.name}`)
  return row
}

function isFixed(node: FieldNode): boolean {
  let fixed = true
  for (const argument of node.arguments ?? []) {
    // A CEL condition may depend on the caller.
    if (argument.name.value === 'where') return false
    visit(argument, {
      Variable() {
        fixed = false
      },
    })
  }
  return fixed
}
