/** `plinth schema`: prints the JSON Schema of a design, of the report of verify, or of a hand-over, for editors and other programs. */

import { HANDOVER_SCHEMA } from '../deliver/handover/handover-schema.ts'
import { designSchema } from '../design/language/schema.ts'
import { REPORT_SCHEMA } from '../verify/report/report-schema.ts'
import type { Outcome } from './terminal/command.ts'

const SCHEMAS = { design: designSchema, report: REPORT_SCHEMA, handover: HANDOVER_SCHEMA } as const

/** Returns the schema as data and as indented text. Needs no design and no database. */
export function schema(of: keyof typeof SCHEMAS): Outcome {
  const data = SCHEMAS[of]
  return { exit: 0, data, text: JSON.stringify(data, null, 2) }
}
