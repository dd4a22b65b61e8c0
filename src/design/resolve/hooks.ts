/** The hooks of an entity. */

import type { Hook, HookMoment } from '../../model/model.ts'
import type { HookDesign } from '../authoring/behaviour-design.ts'
import { spanMs } from '../authoring/span.ts'
import type { Report } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { readReference } from '../language/code-reference.ts'
import type { EntityOutline } from '../outline/outline.ts'

/** How long a hook may take, in milliseconds, unless its design says otherwise. */
const WITHIN_MS = 3_000

/** The longest time that a design may give a hook, in milliseconds: a transaction takes no longer. */
const LONGEST_MS = 10_000

/** The hooks of an entity, in the order of the design. */
export function resolveHooks({ design, at }: EntityOutline, report: Report): readonly Hook[] {
  return Object.entries(design.hooks ?? {}).map(([moment, hook]: readonly [string, HookDesign]) => {
    const { run, as = 'caller', within } = typeof hook === 'object' ? hook : { run: hook }
    const reference = typeof run === 'string' ? readReference(run) : null
    const place = [...at, 'hooks', moment, ...(typeof hook === 'object' ? ['run'] : [])]
    if (reference !== null && 'wrong' in reference)
      report.add('PLN-D554', place, reference.wrong, 'use a path such as hooks/post.ts#beforeCreate')
    const withinMs = within === undefined ? WITHIN_MS : withinOf(within, [...at, 'hooks', moment, 'within'], report)
    return { moment: moment as HookMoment, code: run, path: typeof run === 'string' ? run : null, as, withinMs }
  })
}

function withinOf(within: string, at: Path, report: Report): number {
  const ms = spanMs(within)
  // A text that is no span is reported where the form of the design is checked.
  if (ms === null) return WITHIN_MS
  if (ms < 1 || ms > LONGEST_MS) report.add('PLN-D105', at, `expected a time from 1ms to 10s, found ${within}`)
  return ms
}
