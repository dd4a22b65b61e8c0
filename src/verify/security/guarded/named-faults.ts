/** What a refused create must say: the field that is wrong, by its pointer (RFC 6901), in REST and in GraphQL. */

import type { PlannedWorld } from '../../cases/questions.ts'
import type { Answered } from '../../expected/answered.ts'
import { uniquesOf } from '../../expected/written-design.ts'
import type { SpoiledBody } from '../spoiled-bodies.ts'

/** Causes that lie in the value of one field. */
const OF_A_VALUE: ReadonlySet<string> = new Set(['limit', 'unknown-name', 'missing', 'reference', 'hidden-reference'])

/**
 * The field that a refusal must name; null where it may name none: several fields together, or one that its caller may not read.
 *
 * @param entity of the row
 */
export function namedFault({ reference }: PlannedWorld, entity: string, { cause, changed }: SpoiledBody): string | null {
  const [name] = changed
  if (name === undefined || changed.length > 1) return null
  if (OF_A_VALUE.has(cause)) return name
  const own = reference.design.entities[entity]
  const isAlone = uniquesOf(own).some(({ names, where }) => names.length === 1 && names[0] === name && where === 'true')
  return cause === 'unique' && isAlone && own?.fields[name]?.read === undefined ? name : null
}

/** What is wrong with the pointers of a refusal; null if one of them is this one. @param end of the pointer, such as `/1/title` */
export function pointerProblem({ json }: Answered, end: string): string | null {
  const inGraphql = (json?.errors ?? []).flatMap(({ extensions }: WithExtensions) => extensions?.errors ?? [])
  const pointers = [...(json?.errors ?? []), ...inGraphql].flatMap(({ pointer }: { readonly pointer?: unknown }) =>
    pointer === undefined ? [] : [String(pointer)],
  )
  return pointers.some((pointer: string) => pointer.endsWith(end))
    ? null
    : `the answer points at ${pointers.join(', ') || 'nothing'}, and ${end} is wrong`
}

interface WithExtensions {
  readonly extensions?: { readonly errors?: readonly { readonly pointer?: unknown }[] }
}
