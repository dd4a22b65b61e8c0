/** A job as a client gets it, with the call that helps next. */

import { isUnderWay, type ToolJob, waitForJob } from '../state/jobs.ts'
import type { Project } from '../state/project.ts'
import { ToolError } from '../state/tool-error.ts'
import { type Arguments, callText, type ToolAnswer } from './tool.ts'

/** Seconds that a call waits unless it says how long: it then ends within limits of 5 s. */
const WAIT_SECONDS = 3
/** The longest wait: an answer takes at most 15 s. */
const MOST_MS = 14_000

/** How long a call waits, in milliseconds. */
export function waitOf(given: Arguments): number {
  return Math.min((typeof given.wait === 'number' ? given.wait : WAIT_SECONDS) * 1000, MOST_MS)
}

/** Waits for a job and shows it. */
export async function afterWaiting(project: Project, { job }: ToolJob, ms: number): Promise<ToolAnswer> {
  const latest = await waitForJob(project, job, ms)
  if (latest === null) throw new ToolError('PLN-M008', `the job ${job} is not kept any more`, { fix: 'make the call again' })
  return shownJob(latest)
}

/** The state of a job; its result, or its error, if it has ended. */
export function shownJob({ job, tool, state, phase, started, ended, result, error, args }: ToolJob): ToolAnswer {
  const seconds = Math.round(((ended ?? Date.now()) - started) / 1000)
  const shown = { job, tool, state, seconds }
  if (isUnderWay({ state })) return { ok: true, ...shown, phase, next: callText('status', { job, wait: 15 }) }
  if (state === 'done') return { ok: true, ...shown, ...result }
  const again = callText(tool, args)
  if (error !== null) return { ok: false, ...shown, error, next: again }
  return { ok: false, ...shown, phase, next: again }
}
