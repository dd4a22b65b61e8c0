/** Renders SQL without parameters to the text that a `Database` holds. */

import { render } from './render.ts'
import type { Sql } from './sql.ts'

/** Renders SQL. @throws TypeError when it contains a parameter, because a schema cannot depend on a request. */
export function sqlText(value: Sql): string {
  const { text, slots } = render(value)
  if (slots.length > 0) throw new TypeError(`a schema expression cannot have parameters: ${slots.map((slot) => slot.key).join(', ')}`)
  return text
}
