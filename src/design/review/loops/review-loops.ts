/** Finds reactions and jobs that cause themselves again. */

import { LIMITS } from '../../../base/limits.ts'
import { JOB_BEGINS_ANEW_MS } from '../../../model/job.ts'
import type { Model } from '../../../model/model.ts'
import type { Report } from '../../findings/report.ts'
import { type Cause, causesOf, type Work, workOf } from './work-graph.ts'

/** Reports each loop once: as a warning if no condition ends it, else as a note. */
export function reviewLoops(model: Model, report: Report): void {
  const all = workOf(model)
  const causes = causesOf(model, all)
  const reported = new Set<Work>()
  const endless = causes.filter((cause) => !cause.isConditional && cause.waitsMs < JOB_BEGINS_ANEW_MS)
  for (const among of [endless, causes]) {
    for (const work of all) {
      if (reported.has(work)) continue
      const loop = loopFrom(work, among)
      if (loop === null || loop.some(({ to }) => reported.has(to))) continue
      for (const { to } of loop) reported.add(to)
      reportLoop(work, loop, report)
    }
  }
}

function reportLoop(work: Work, loop: readonly Cause[], report: Report): void {
  const path = [work.label, ...loop.map(({ to }) => to.label)].join(' → ')
  const waits = loop.some(({ waitsMs }) => waitsMs >= JOB_BEGINS_ANEW_MS)
  const isConditional = loop.some((cause) => cause.isConditional)
  const limit = `after ${LIMITS.workDepth} reactions and jobs Plinth gives up (work_too_deep)`
  if (!isConditional && !waits) {
    report.add('PLN-D577', work.at, `it causes itself again, and no condition ends it: ${path}`, `add a when that becomes false; ${limit}`)
    return
  }
  const ends = isConditional ? 'make sure that a condition of it becomes false' : 'nothing ends it, so make sure that it is meant'
  const bound = waits ? 'as a job in it waits a minute or longer, no limit ends it' : limit
  report.add('PLN-D578', work.at, `it may cause itself again: ${path}`, `${ends}; ${bound}`)
}

/** The shortest chain of causes from work back to itself; null without one. */
function loopFrom(work: Work, causes: readonly Cause[]): readonly Cause[] | null {
  const ways = new Map<Work, readonly Cause[]>([[work, []]])
  // The loop also visits work that is added while it runs.
  for (const [by, way] of ways) {
    for (const cause of causes) {
      if (cause.by !== by) continue
      if (cause.to === work) return [...way, cause]
      if (!ways.has(cause.to)) ways.set(cause.to, [...way, cause])
    }
  }
  return null
}
