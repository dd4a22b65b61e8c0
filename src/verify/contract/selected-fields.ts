/** The members that a document asks an object for (GraphQL, section 6.3.2): fields of fragments count, and fields of one key are one. */

import { type DocumentNode, type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'

/** A member that is asked for. */
export interface AskedMember {
  readonly key: string
  readonly name: string
  /** What is asked of its value: the sets of all its fields together; absent for a scalar. */
  readonly set: SelectionSetNode | undefined
  /** Whether it may be missing: a directive or the type of the object decides. */
  readonly isOptional: boolean
}

/** The fragments of a document by name. */
export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

/** The fragments of a document. */
export function fragmentsIn({ definitions }: DocumentNode): Fragments {
  return new Map(definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])))
}

interface Found {
  readonly node: FieldNode
  readonly isOptional: boolean
}

/** The members that a set asks of an object. @param type the name of the object's type */
export function askedMembers(set: SelectionSetNode, type: string, fragments: Fragments): readonly AskedMember[] {
  const byKey = Map.groupBy(fieldsIn(set, { type, fragments, isOptional: false }), ({ node }) => (node.alias ?? node.name).value)
  return [...byKey].map(([key, fields]) => {
    const sets = fields.flatMap(({ node }) => node.selectionSet?.selections ?? [])
    return {
      key,
      name: fields[0]?.node.name.value ?? key,
      set: sets.length === 0 ? undefined : { kind: Kind.SELECTION_SET, selections: sets },
      isOptional: fields.every(({ isOptional }) => isOptional),
    }
  })
}

interface Walk {
  readonly type: string
  readonly fragments: Fragments
  readonly isOptional: boolean
}

function fieldsIn({ selections }: SelectionSetNode, { type, fragments, isOptional }: Walk): readonly Found[] {
  return selections.flatMap((one): readonly Found[] => {
    const maybe = isOptional || (one.directives ?? []).length > 0
    if (one.kind === Kind.FIELD) return [{ node: one, isOptional: maybe }]
    const fragment = one.kind === Kind.FRAGMENT_SPREAD ? fragments.get(one.name.value) : one
    if (fragment === undefined) return []
    const isOther = fragment.typeCondition !== undefined && fragment.typeCondition.name.value !== type
    return fieldsIn(fragment.selectionSet, { type, fragments, isOptional: maybe || isOther })
  })
}
