/**
 * The part of a valid query that does not depend on the request: the shape of the answer and its pages. A template is made once. Each
 * request binds the arguments of the pages and gets a plan.
 */

import type { FieldNode, GraphQLField, SelectionSetNode } from 'graphql'
import { unreachable } from '../../../base/unreachable.ts'
import type { RowType } from '../../../compile/graphql/schema.ts'
import type { ConnectionPlan, QueryRoot } from '../../../compile/statements/plan.ts'
import { type ActionTemplate, actionTemplate } from './action-template.ts'
import { collect, fieldOf, firstOf, setsOf } from './collect.ts'
import { type OperationTemplate, operationTemplate } from './operation-template.ts'
import {
  type Asked,
  type Bound,
  connectionTemplate,
  type PageTemplate,
  type RowTemplate,
  rowTemplate,
  type Templating,
} from './row-template.ts'

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
  | { readonly kind: 'rows'; readonly key: string; readonly connection: (bound: Bound) => ConnectionPlan }
  | ActionTemplate
  | OperationTemplate

/** The root fields of a query, for one setting of its switches. */
export interface QueryTemplate {
  /** Each template has its own number. */
  readonly id: number
  readonly roots: readonly RootTemplate[]
  readonly pages: readonly PageTemplate[]
}

let templates = 0

/** Makes the template of a query. `nodeType` gives the type of the row that a `node` field reads; null for none. */
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

function rootTemplate(
  templating: Templating,
  asked: Asked,
  more: { readonly nodeType: (node: FieldNode) => RowType | null; readonly index: number },
): RootTemplate {
  const { key, nodes, node, field } = asked
  const root = templating.api.queries.get(node.name.value)
  if (root?.kind === 'action') return actionTemplate(templating, asked, root.called)
  if (root?.kind === 'operation') return operationTemplate(templating, { ...asked, operation: root.operation })
  if (root?.kind === 'many')
    return { kind: 'rows', key, connection: connectionTemplate(templating, asked, { row: root.row, via: null, path: [key] }) }
  const row = root?.kind === 'one' ? root.row : more.nodeType(node)
  if (row === null) return { kind: 'text', key, json: 'null' }
  const shape = rowTemplate(templating, row, { sets: setsOf(nodes), path: [key] })
  return { kind: 'row', key, row, field, node, slot: `r${more.index}.id`, shape }
}

/** The root field of the plan for a root field of the template; null when it needs no database. */
export function rootPlan(root: RootTemplate, bound: Bound): QueryRoot | null {
  switch (root.kind) {
    case 'row':
      return { kind: 'row', id: root.slot, visible: root.row.entity.read, output: root.shape.output(bound) }
    case 'rows':
      return { kind: 'rows', connection: root.connection(bound) }
    case 'text':
    case 'introspection':
    case 'action':
    case 'operation':
      return null
    default:
      return unreachable(root)
  }
}
