/** Collects the fields of an operation: follows fragments, applies `@skip` and `@include`, groups fields by key. */

import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  Kind,
  type SelectionSetNode,
  type VariableValues,
} from 'graphql'
import { unreachable } from '../../../base/unreachable.ts'
import type { GraphqlApi } from '../../../compile/graphql/schema.ts'

/** The document's fragments and variables, which decide which fields are collected. */
export interface Collecting {
  readonly api: GraphqlApi
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly variables: VariableValues
}

/** Collects the fields of selections on a type, by key of the answer (specification, section 6.3.2, CollectFields). */
export function collect(
  { api, fragments, variables }: Collecting,
  sets: readonly SelectionSetNode[],
  type: string,
): ReadonlyMap<string, readonly FieldNode[]> {
  const found = new Map<string, FieldNode[]>()
  const applies = (condition: string | undefined): boolean =>
    condition === undefined || condition === type || (condition === 'Node' && api.rows.has(type))
  const spread = new Set<string>()
  const walk = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (!isIncluded(selection, variables)) continue
      switch (selection.kind) {
        case Kind.FIELD: {
          const key = selection.alias?.value ?? selection.name.value
          const same = found.get(key)
          if (same === undefined) found.set(key, [selection])
          else same.push(selection)
          break
        }
        case Kind.INLINE_FRAGMENT:
          if (applies(selection.typeCondition?.name.value)) walk(selection.selectionSet)
          break
        case Kind.FRAGMENT_SPREAD: {
          const name = selection.name.value
          const fragment = fragments.get(name)
          if (fragment === undefined || spread.has(name)) break
          spread.add(name)
          if (applies(fragment.typeCondition.name.value)) walk(fragment.selectionSet)
          break
        }
        default:
          unreachable(selection)
      }
    }
  }
  for (const set of sets) walk(set)
  return found
}

/** The selections inside the fields that share a key. */
export function setsOf(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
  return nodes.flatMap((node) => (node.selectionSet === undefined ? [] : [node.selectionSet]))
}

/** The first of the nodes that share a key. @throws Error when there is none (a defect of Plinth). */
export function firstOf(nodes: readonly FieldNode[]): FieldNode {
  const [node] = nodes
  if (node === undefined) throw new Error('a field is asked for at least once')
  return node
}

/** The field of a type. @throws Error when the type has none of that name (a defect of Plinth: the document is valid). */
export function fieldOf(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> {
  const field = type.getFields()[name]
  if (field === undefined) throw new Error(`${type.name} has no ${name}`)
  return field
}

/** Whether `@skip` and `@include` leave a selection in the document. */
function isIncluded(node: Pick<FieldNode, 'directives'>, variables: VariableValues): boolean {
  for (const directive of node.directives ?? []) {
    const name = directive.name.value
    if (name !== 'skip' && name !== 'include') continue
    const value = directive.arguments?.[0]?.value
    const holds = value?.kind === Kind.BOOLEAN ? value.value : value?.kind === Kind.VARIABLE && variables.coerced[value.name.value] === true
    if (holds === (name === 'skip')) return false
  }
  return true
}
