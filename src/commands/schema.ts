/** `plinth schema`: prints the JSON Schema of a design, or of the report of `plinth verify`, for editors and other programs. */

import { designSchema } from '../design/language/schema.ts'
import { REPORT_SCHEMA } from '../verify/report/report-schema.ts'
import type { Outcome } from './terminal/command.ts'

/** Returns the schema as data and as indented text. Needs no design and no database. */
export function schema(of: 'design' | 'report'): Outcome {
  const data = of === 'design' ? designSchema : REPORT_SCHEMA
  return { exit: 0, data, text: JSON.stringify(data, null, 2) }
}
