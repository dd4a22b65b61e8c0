/** The part of a valid mutation that does not depend on a request: its fields, and the shape of each payload. */

import { type FieldNode, type GraphQLField, getNamedType, type SelectionSetNode } from 'graphql'
import { type MutationKind, payloadMember } from '../../../compile/graphql/mutations.ts'
import type { RowType } from '../../../compile/graphql/schema.ts'
import { type ActionTemplate, actionTemplate } from './action-template.ts'
import { type Collecting, collect, fieldOf, firstOf, setsOf } from './collect.ts'
import { type OperationTemplate, operationTemplate } from './operation-template.ts'
import { type PageTemplate, type RowTemplate, rowTemplate, type Templating } from './row-template.ts'

/** A root field of a mutation. */
export interface MutationField {
  readonly key: string
  readonly kind: MutationKind
  readonly row: RowType
  readonly field: GraphQLField<unknown, unknown>
  readonly node: FieldNode
  /** The members of the payload, or of each payload of a list. */
  readonly members: readonly PayloadMember[]
  readonly pages: readonly PageTemplate[]
}

/** A member of the payload of a mutation, under its key in the answer. */
export type PayloadMember =
  | { readonly kind: 'type'; readonly key: string; readonly name: string }
  | { readonly kind: 'id'; readonly key: string }
  | { readonly kind: 'created' | 'accepted'; readonly key: string }
  | { readonly kind: 'row'; readonly key: string; readonly shape: RowTemplate }

/** The mutations of an operation, for one setting of its switches. Each template has its own `id`. */
export interface MutationTemplate {
  readonly id: number
  readonly fields: readonly (MutationField | ActionTemplate | OperationTemplate | { readonly kind: 'type'; readonly key: string })[]
}

let mutations = 0

/** Makes the template of a mutation. */
export function mutationTemplate(templating: Collecting, set: SelectionSetNode): MutationTemplate {
  const { api } = templating
  const mutation = api.schema.getMutationType()
  if (mutation === undefined || mutation === null) throw new Error('a mutation is validated against a mutation type')
  const fields = [...collect(templating, [set], 'Mutation')].map(([key, nodes]) => {
    const node = firstOf(nodes)
    const root = api.mutations.get(node.name.value)
    if (root === undefined || root.kind === 'node' || root.kind === 'one' || root.kind === 'many') return { kind: 'type' as const, key }
    const field = fieldOf(mutation, node.name.value)
    if (root.kind === 'action') return actionTemplate(templating, { key, nodes, node, field }, root.called)
    if (root.kind === 'operation') return operationTemplate(templating, { key, nodes, node, field, operation: root.operation })
    const pages: PageTemplate[] = []
    const members = payloadMembers({ ...templating, pages }, { key, nodes, field }, root.row)
    return { key, kind: root.kind, row: root.row, field, node, members, pages }
  })
  return { id: mutations++, fields }
}

function payloadMembers(
  templating: Templating,
  { key, nodes, field }: Pick<MutationField, 'key' | 'field'> & { readonly nodes: readonly FieldNode[] },
  row: RowType,
): readonly PayloadMember[] {
  const type = getNamedType(field.type).name
  const member = payloadMember(templating.api.names.of(row.entity.entity))
  return [...collect(templating, setsOf(nodes), type)].map(([inner, innerNodes]): PayloadMember => {
    const name = firstOf(innerNodes).name.value
    if (name === '__typename') return { kind: 'type', key: inner, name: type }
    if (name === 'id' || name === 'created' || (name === 'accepted' && row.entity.hidesTakenLogin)) return { kind: name, key: inner }
    if (name !== member) throw new Error(`${type} has no ${name}`)
    return { kind: 'row', key: inner, shape: rowTemplate(templating, row, { sets: setsOf(innerNodes), path: [key, inner] }) }
  })
}
