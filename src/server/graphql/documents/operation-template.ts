/** The part of a call of an operation of the server that does not depend on a request: what the document selects of its answer. */

import { type FieldNode, type GraphQLField, type GraphQLOutputType, isListType, isNonNullType, isObjectType } from 'graphql'
import type { ServerOperation } from '../../../compile/graphql/operation-fields.ts'
import { type Collecting, collect, fieldOf, firstOf, setsOf } from './collect.ts'

/** A root field that calls an operation. */
export interface OperationTemplate {
  readonly kind: 'operation'
  readonly key: string
  readonly operation: ServerOperation
  readonly field: GraphQLField<unknown, unknown>
  readonly node: FieldNode
  /** The JSON of what is selected of an answer. */
  readonly select: Select
}

type Select = (value: unknown) => string

interface Called extends Pick<OperationTemplate, 'key' | 'operation' | 'field' | 'node'> {
  readonly nodes: readonly FieldNode[]
}

/** Makes the template of a call. */
export function operationTemplate(collecting: Collecting, { nodes, ...called }: Called): OperationTemplate {
  return { kind: 'operation', ...called, select: selectionOf(collecting, nodes, called.field.type) }
}

function selectionOf(collecting: Collecting, nodes: readonly FieldNode[], type: GraphQLOutputType): Select {
  if (isNonNullType(type)) return selectionOf(collecting, nodes, type.ofType)
  if (isListType(type)) {
    const of = selectionOf(collecting, nodes, type.ofType)
    return orNull((value) => `[${(value as readonly unknown[]).map(of).join(',')}]`)
  }
  if (!isObjectType(type)) return (value) => JSON.stringify(value ?? null)
  const members = [...collect(collecting, setsOf(nodes), type.name)].map(([key, inner]) => {
    const { value: name } = firstOf(inner).name
    const named = JSON.stringify(key)
    if (name === '__typename') return () => `${named}:${JSON.stringify(type.name)}`
    const of = selectionOf(collecting, inner, fieldOf(type, name).type)
    return (value: Readonly<Record<string, unknown>>) => `${named}:${of(value[name])}`
  })
  return orNull((value) => `{${members.map((member) => member(value as Readonly<Record<string, unknown>>)).join(',')}}`)
}

function orNull(select: Select): Select {
  return (value) => (value === null || value === undefined ? 'null' : select(value))
}
