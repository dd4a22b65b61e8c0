/**
 * Measures how much a document asks for, before it is validated or planned. A fragment counts at each spread but is measured once, so
 * measuring takes time in proportion to the text. Validation later refuses a fragment that spreads itself.
 */

import { type DocumentNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql'
import { LIMITS } from '../../../base/limits.ts'
import { unreachable } from '../../../base/unreachable.ts'

interface Measure {
  readonly depth: number
  readonly fields: number
  readonly aliases: number
  readonly directives: number
  /** Fields that are lists in introspection, and their nesting. They count only below `__schema` and `__type`. */
  readonly lists: number
  readonly listDepth: number
  /** The same counts and the levels inside introspection. */
  readonly introspected: { readonly depth: number; readonly lists: number; readonly listDepth: number }
}

const NOT_INTROSPECTED = { depth: 0, lists: 0, listDepth: 0 }
const NOTHING: Measure = { depth: 0, fields: 0, aliases: 0, directives: 0, lists: 0, listDepth: 0, introspected: NOT_INTROSPECTED }

/** Lists that lead from a type to other types. When they are nested, their sizes multiply. */
const TYPE_LISTS = new Set(['fields', 'inputFields', 'interfaces', 'possibleTypes'])
const LISTS = new Set([...TYPE_LISTS, 'types', 'args', 'enumValues', 'directives'])
/** The usual introspection query of tools has nine lists, none inside another. */
const MAX_INTROSPECTED_LISTS = 12

/** The longest alias. Each row of an answer repeats its keys, so a long alias makes a large answer. */
const KEY_LENGTH = 63

/** Describes the limit that a document exceeds; null when it exceeds none. */
export function excessOf(document: DocumentNode): string | null {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const d of document.definitions) if (d.kind === Kind.FRAGMENT_DEFINITION) fragments.set(d.name.value, d)
  const known = new Map<string, Measure | 'open'>()
  const fragment = (name: string): Measure => {
    const found = known.get(name)
    const definition = fragments.get(name)
    if (found === 'open' || definition === undefined) return NOTHING
    if (found !== undefined) return found
    known.set(name, 'open')
    const measure = measureSet(definition.selectionSet, fragment)
    known.set(name, measure)
    return measure
  }
  for (const d of document.definitions) {
    if (d.kind !== Kind.OPERATION_DEFINITION) continue
    const excess = excessOfOperation(d, measureSet(d.selectionSet, fragment))
    if (excess !== null) return excess
  }
  return null
}

function excessOfOperation(operation: OperationDefinitionNode, measure: Measure): string | null {
  const directives = measure.directives + (operation.directives?.length ?? 0)
  const limits = [
    ['levels', measure.depth, LIMITS.graphqlDepth],
    ['levels of introspection', measure.introspected.depth, LIMITS.graphqlIntrospectionDepth],
    ['lists in introspection', measure.introspected.lists, MAX_INTROSPECTED_LISTS],
    ['levels of lists of types', measure.introspected.listDepth, 1],
    ['fields', measure.fields, LIMITS.graphqlFields],
    ['aliases', measure.aliases, LIMITS.graphqlAliases],
    ['directives', directives, LIMITS.graphqlDirectives],
    ['root fields', operation.selectionSet.selections.length, LIMITS.graphqlRoots],
  ] as const
  const over = limits.find(([, has, limit]) => has > limit)
  if (over === undefined) return null
  const [what, has, limit] = over
  return `${has > 1e9 ? 'very many' : has} ${what}, at most ${limit}`
}

function measureSet(set: SelectionSetNode, fragment: (name: string) => Measure): Measure {
  let total = NOTHING
  for (const selection of set.selections) {
    const directives = selection.directives?.length ?? 0
    let inner: Measure
    switch (selection.kind) {
      case Kind.FRAGMENT_SPREAD:
        inner = fragment(selection.name.value)
        break
      case Kind.INLINE_FRAGMENT:
        inner = measureSet(selection.selectionSet, fragment)
        break
      case Kind.FIELD:
        inner = measureField(
          selection.name.value,
          selection.selectionSet === undefined ? NOTHING : measureSet(selection.selectionSet, fragment),
        )
        if (selection.alias !== undefined)
          inner = { ...inner, aliases: inner.aliases + (selection.alias.value.length > KEY_LENGTH ? 1e6 : 1) }
        break
      default:
        return unreachable(selection)
    }
    total = beside(total, { ...inner, directives: inner.directives + directives })
  }
  return total
}

function measureField(name: string, inner: Measure): Measure {
  const fields = inner.fields + 1
  if (name === '__schema' || name === '__type') {
    const introspected = { depth: inner.depth, lists: inner.lists, listDepth: inner.listDepth }
    return { ...inner, fields, depth: 1, lists: 0, listDepth: 0, introspected }
  }
  const lists = inner.lists + (LISTS.has(name) ? 1 : 0)
  const listDepth = inner.listDepth + (TYPE_LISTS.has(name) ? 1 : 0)
  return { ...inner, fields, lists, listDepth, depth: name === 'edges' ? inner.depth : inner.depth + 1 }
}

function beside(a: Measure, b: Measure): Measure {
  return {
    depth: Math.max(a.depth, b.depth),
    fields: a.fields + b.fields,
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
    lists: a.lists + b.lists,
    listDepth: Math.max(a.listDepth, b.listDepth),
    introspected: {
      depth: Math.max(a.introspected.depth, b.introspected.depth),
      lists: a.introspected.lists + b.introspected.lists,
      listDepth: Math.max(a.introspected.listDepth, b.introspected.listDepth),
    },
  }
}
