/** Objects of other databases, whose statements PostgreSQL's parser does not read: they are listed by what they are. */

import type { Left } from '../sketch/sketch.ts'
import type { SourcePlace } from '../text/source-file.ts'

/** What may stand between `create` and the kind of the object. */
const HEAD = String.raw`^create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:algorithm\s*=\s*\w+\s+)?(?:definer\s*=\s*\S+\s+)?(?:sql\s+security\s+\w+\s+)?`

/** Kinds of objects, and what to do in their place. */
const OBJECTS = [
  ['view', 'a list with a filter, a computed field or an action answers it'],
  ['trigger', 'write a hook, a reaction or a field that the server sets'],
  ['procedure', 'write an action'],
  ['function', 'write an action, a hook or a computed field'],
  ['event', 'write a schedule'],
  ['virtual table', 'write search: [fields] in the entity whose texts it has'],
] as const

/** The object that a statement makes; null for a statement of another kind. */
export function unreadObject(statement: string, at: SourcePlace): Left | null {
  for (const [kind, why] of OBJECTS) {
    const form = new RegExp(String.raw`${HEAD}${kind.replace(' ', String.raw`\s+`)}\s+(?:if\s+not\s+exists\s+)?([\w".\x60[\]]+)`, 'i')
    const [, name] = form.exec(statement.slice(0, 1_000)) ?? []
    if (name !== undefined) return { kind, name: name.replaceAll(/["`[\]]/g, ''), at, why }
  }
  return null
}
