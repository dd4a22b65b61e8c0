/** The comments of a written design. */

import type { Draft } from '../draft/draft.ts'
import { oneLine } from '../text/source-file.ts'

/** The lines at the head of a design. */
export function headOf(sources: readonly string[]): readonly string[] {
  return [
    `A skeleton, made by plinth import from ${sources.map(oneLine).join(', ')}.`,
    'Nobody may do anything yet: write access rules, and delete what is not needed. plinth plan says what is open.',
  ]
}

/** The place in the source of a part, as a comment at the end of its line; empty if it is not known. */
export function commentOf(draft: Draft, path: string, sign = '#'): string {
  const at = draft.sources.get(path)
  return at === undefined ? '' : ` ${sign} ${oneLine(at.file)}:${at.line}`
}

const ENTITY_KEYS: readonly string[] = ['description', 'identity', 'table', 'path', 'fields', 'softDelete', 'unique', 'indexes', 'checks']

/** The members of a map in the order in which they are written: an entity has its fields in the middle. */
export function inOrder(map: object, path: readonly string[]): readonly (readonly [key: string, member: unknown])[] {
  const members = Object.entries(map).filter(([, member]) => member !== undefined)
  if (path.length !== 2 || path[0] !== 'entities') return members
  const rank = (key: string): number => (ENTITY_KEYS.includes(key) ? ENTITY_KEYS.indexOf(key) : ENTITY_KEYS.length)
  return members.toSorted(([a], [b]) => rank(a) - rank(b))
}
