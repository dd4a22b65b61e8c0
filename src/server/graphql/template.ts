/**
 * From a valid operation to what does not depend on a request: the shape of the answer, and the pages whose arguments a request decides. A template is made
 * once; a request binds its pages and gets a plan.
 */

import { type FieldNode, type GraphQLField, type GraphQLObjectType, type SelectionSetNode, visit } from 'graphql'
import type { GraphqlApi, Member, RowType } from '../../compile/graphql-schema.ts'
import type {
  Connection,
  ConnectionMember,
  EdgeMember,
  Extra,
  Include,
  Output,
  OutputField,
  PageInfoMember,
  QueryRoot,
} from '../../compile/plan.ts'
import type { EntityView } from '../../compile/view.ts'
import { NEVER } from '../../model/expression.ts'
import { type Field, fieldNamed } from '../../model/model.ts'
import { both } from '../plan-output.ts'
import type { PlannedRows } from '../plan-read.ts'
import { type Collecting, collect, fieldOf, firstOf, setsOf } from './collect.ts'

/** A place of the document whose arguments say which rows it shows. */
export interface PageTemplate {
  readonly row: RowType
  readonly field: GraphQLField<unknown, unknown>
  readonly node: FieldNode
  /** Keys of the answer that lead here. */
  readonly path: readonly string[]
  readonly slots: string
  /** The reference by which its rows belong to a row around; null for rows of the whole entity. */
  readonly via: Field | null
  /** The page around it; null when it is in none. */
  readonly parent: number | null
  /** Values of each of its rows, and of the page itself. */
  readonly values: number
  readonly ownValues: number
  /** Neither a variable nor the caller has a say. */
  readonly fixed: boolean
}

/** A page whose arguments are known. */
export interface BoundPage {
  readonly size: number
  readonly rows: PlannedRows
}

type Bound = readonly BoundPage[]

export interface RowTemplate {
  readonly output: (bound: Bound) => Output
  readonly values: number
}

/** A root field of a query. */
export type RootTemplate =
  | { readonly kind: 'text'; readonly key: string; readonly json: string }
  | { readonly kind: 'introspection'; readonly key: string; readonly nodes: readonly FieldNode[] }
  | {
      readonly kind: 'row'
      readonly key: string
      readonly row: RowType
      readonly field: GraphQLField<unknown, unknown>
      readonly node: FieldNode
      readonly slot: string
      readonly shape: RowTemplate
    }
  | { readonly kind: 'rows'; readonly key: string; readonly connection: (bound: Bound) => Connection }

export interface QueryTemplate {
  /** Tells templates apart. */
  readonly id: number
  readonly roots: readonly RootTemplate[]
  readonly pages: readonly PageTemplate[]
}

/** What a template is made from. */
export interface Templating extends Collecting {
  readonly pages: PageTemplate[]
}

let templates = 0

/** Makes the template of a query. `nodeType` gives the type of the row that a `node` field names; null for none. */
export function queryTemplate(templating: Templating, set: SelectionSetNode, nodeType: (node: FieldNode) => RowType | null): QueryTemplate {
  const { api } = templating
  const query = api.schema.getQueryType()
  if (query === undefined || query === null) throw new Error('a schema has a query type')
  const roots: RootTemplate[] = []
  for (const [key, nodes] of collect(templating, [set], 'Query')) {
    const node = firstOf(nodes)
    const name = node.name.value
    if (name === '__typename') roots.push({ kind: 'text', key, json: '"Query"' })
    else if (name === '__schema' || name === '__type') roots.push({ kind: 'introspection', key, nodes })
    else roots.push(rootTemplate(templating, { key, nodes, node, field: fieldOf(query, name) }, { nodeType, index: roots.length }))
  }
  return { id: templates++, roots, pages: templating.pages }
}

interface Asked {
  readonly key: string
  readonly nodes: readonly FieldNode[]
  readonly node: FieldNode
  readonly field: GraphQLField<unknown, unknown>
}

function rootTemplate(
  templating: Templating,
  asked: Asked,
  more: { readonly nodeType: (node: FieldNode) => RowType | null; readonly index: number },
): RootTemplate {
  const { key, nodes, node, field } = asked
  const root = templating.api.queries.get(node.name.value)
  if (root?.kind === 'many')
    return { kind: 'rows', key, connection: connectionTemplate(templating, asked, { row: root.row, via: null, parent: null, path: [key] }) }
  const row = root?.kind === 'one' ? root.row : more.nodeType(node)
  if (row === null) return { kind: 'text', key, json: 'null' }
  const shape = rowTemplate(templating, row, { sets: setsOf(nodes), parent: null, path: [key] })
  return { kind: 'row', key, row, field, node, slot: `r${more.index}.id`, shape }
}

/** The root of a plan that a template's root is; null for one that needs no database. */
export function rootPlan(root: RootTemplate, bound: Bound): QueryRoot | null {
  switch (root.kind) {
    case 'row':
      return { kind: 'row', id: root.slot, visible: root.row.entity.read, output: root.shape.output(bound) }
    case 'rows':
      return { kind: 'rows', connection: root.connection(bound) }
    default:
      return null
  }
}

interface Within {
  readonly sets: readonly SelectionSetNode[]
  readonly parent: number | null
  readonly path: readonly string[]
}

/** The shape of a row. Pages inside it are added to those of the template. */
export function rowTemplate(templating: Templating, row: RowType, within: Within): RowTemplate {
  const fields: OutputField[] = []
  const extras: Extra[] = []
  const keys: string[] = []
  const includes: ((bound: Bound) => Include)[] = []
  let values = 0
  for (const [key, nodes] of collect(templating, within.sets, row.name)) {
    keys.push(key)
    values++
    const name = firstOf(nodes).name.value
    const member = row.members.get(name)
    if (name === '__typename') extras.push({ kind: 'constant', key, value: row.name })
    else if (member === undefined) throw new Error(`${row.name} has no ${name}`)
    else if (member.kind === 'node-id') extras.push({ kind: 'global-id', key, type: row.name, visible: member.view.rule })
    else if (member.kind === 'field') fields.push(outputField(key, member))
    else {
      const place = { name: key, alias: String(includes.length) }
      const inner = { parent: within.parent, path: [...within.path, key], nodes }
      if (member.kind === 'to-one') {
        const target = rowTypeOf(templating.api, member.target)
        const shape = rowTemplate(templating, target, { ...inner, sets: setsOf(nodes) })
        values += shape.values
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
    values,
    output: (bound) => ({ entity: row.entity.entity, fields, extras, keys, includes: includes.map((include) => include(bound)) }),
  }
}

function outputField(key: string, { view, spelled }: Extract<Member, { kind: 'field' }>): OutputField {
  const field = { field: view.field, visible: view.rule, as: key }
  return spelled === null ? field : { ...field, spelled }
}

function relatedTemplate(
  templating: Templating,
  { row, member }: { readonly row: RowType; readonly member: Extract<Member, { kind: 'to-many' }>; readonly key: string },
  inner: {
    readonly nodes: readonly FieldNode[]
    readonly parent: number | null
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
    parent: inner.parent,
    path: inner.path,
  })
  return (bound) => ({ ...inner.place, kind: 'connection', via, connection: connection(bound) })
}

interface PagePlace {
  readonly row: RowType
  readonly via: Field | null
  readonly parent: number | null
  readonly path: readonly string[]
}

/** What counting rows costs, in values. */
const COUNT_VALUES = 10

function connectionTemplate(templating: Templating, asked: Asked, place: PagePlace): (bound: Bound) => Connection {
  const { row, via } = place
  const { api, pages } = templating
  const index = pages.length
  const slots = `c${index}.`
  // The page takes its number before the pages inside it, and gets what it shows afterwards.
  const page = {
    row,
    field: asked.field,
    node: asked.node,
    path: place.path,
    slots,
    via,
    parent: place.parent,
    values: 0,
    ownValues: 0,
    fixed: isFixed(asked.node),
  }
  pages.push(page)
  const names = api.names.of(row.entity.entity).types
  const members: ((bound: Bound) => ConnectionMember)[] = []
  const rowMember = (nodes: readonly FieldNode[], key: string) => {
    const shape = rowTemplate(templating, row, { sets: setsOf(nodes), parent: index, path: [...place.path, key] })
    page.values += shape.values
    return shape
  }
  for (const [key, nodes] of collect(templating, setsOf(asked.nodes), names.get('Connection') ?? '')) {
    const name = firstOf(nodes).name.value
    if (name === '__typename') members.push(() => ({ kind: 'constant', key, value: names.get('Connection') ?? '' }))
    else if (name === 'totalCount') {
      page.ownValues += COUNT_VALUES
      members.push(() => ({ kind: 'total-count', key }))
    } else if (name === 'pageInfo') members.push(pageInfoTemplate(templating, key, nodes))
    else if (name === 'nodes') {
      const shape = rowMember(nodes, key)
      members.push((bound) => ({ kind: 'nodes', key, output: shape.output(bound) }))
    } else {
      const edge: ((bound: Bound) => EdgeMember)[] = []
      for (const [inner, edgeNodes] of collect(templating, setsOf(nodes), names.get('Edge') ?? '')) {
        const what = firstOf(edgeNodes).name.value
        page.values++
        if (what === '__typename') edge.push(() => ({ kind: 'constant', key: inner, value: names.get('Edge') ?? '' }))
        else if (what === 'cursor') edge.push(() => ({ kind: 'cursor', key: inner }))
        else {
          const shape = rowMember(edgeNodes, inner)
          edge.push((bound) => ({ kind: 'node', key: inner, output: shape.output(bound) }))
        }
      }
      members.push((bound) => ({ kind: 'edges', key, members: edge.map((member) => member(bound)) }))
    }
  }
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

function pageInfoTemplate(templating: Templating, key: string, nodes: readonly FieldNode[]): () => ConnectionMember {
  const members = [...collect(templating, setsOf(nodes), 'PageInfo')].map(([inner, [node]]): PageInfoMember => {
    const name = node?.name.value
    return name === 'hasNextPage' || name === 'hasPreviousPage' || name === 'startCursor' || name === 'endCursor'
      ? { kind: name, key: inner }
      : { kind: 'constant', key: inner, value: 'PageInfo' }
  })
  return () => ({ kind: 'page-info', key, members })
}

function rowTypeOf(api: GraphqlApi, entity: EntityView): RowType {
  const row = api.rows.get(api.names.of(entity.entity).types.get('') ?? '')
  if (row === undefined) throw new Error(`no type for ${entity.entity.name}`)
  return row
}

function isFixed(node: FieldNode): boolean {
  let fixed = true
  for (const argument of node.arguments ?? []) {
    // A condition in CEL may be about the caller.
    if (argument.name.value === 'where') return false
    visit(argument, {
      Variable() {
        fixed = false
      },
    })
  }
  return fixed
}
