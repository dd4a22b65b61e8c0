/** `plinth schema`: prints the JSON Schema of a design, for editors and other programs. */

import { designSchema } from '../design/language/schema.ts'
import type { Outcome } from './terminal/command.ts'

/** Returns the schema as data and as indented text. Needs no design and no database. */
export function schema(): Outcome {
  return { exit: 0, data: designSchema, text: JSON.stringify(designSchema, null, 2) }
}
