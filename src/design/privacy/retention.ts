/** Resolves how long rows of an entity are kept. */

import type { Retention } from '../../model/parts/retention.ts'
import { spanMs } from '../authoring/span.ts'
import type { Report } from '../findings/report.ts'
import type { EntityOutline } from '../outline/outline.ts'

/** A row is never deleted in the hour in which it was made: the deletion runs once an hour. */
const LEAST_MS = 3_600_000

/** The retention of an entity; nothing for one whose rows are kept. */
export function resolveRetention({ design, at }: EntityOutline, report: Report): { readonly retention?: Retention } {
  const { retention } = design
  if (retention === undefined) return {}
  const { after, hours } = typeof retention === 'string' ? { after: retention, hours: undefined } : retention
  const afterMs = spanMs(after) ?? 0
  const place = [...at, 'retention']
  if (afterMs < LEAST_MS)
    report.add('PLN-D734', place, `rows are deleted once an hour, so they cannot go after ${after}`, 'write 1h or more')
  if (hours === undefined) return { retention: { afterMs, hours: null } }
  const [, from = 0, to = 0] = (/^(\d{1,2})-(\d{1,2})$/.exec(hours) ?? []).map(Number)
  if (!/^(\d{1,2})-(\d{1,2})$/.test(hours) || from > 23 || to > 24 || from === to)
    report.add('PLN-D734', [...place, 'hours'], 'expected two hours of the day such as 1-5 or 22-4')
  return { retention: { afterMs, hours: { from, to } } }
}
