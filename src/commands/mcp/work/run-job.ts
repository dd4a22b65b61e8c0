/** The process of a job: does its work, and writes how it goes into the file of the job. */

import { join } from 'node:path'
import { takeLock } from '../../../postgres/embedded/lock.ts'
import type { Outcome } from '../../terminal/command.ts'
import { describeEvent } from '../../terminal/describe-event.ts'
import type { CommandEvent } from '../../terminal/event.ts'
import { PLAIN } from '../../terminal/style.ts'
import { readJob, type ToolJob, writeJob } from '../state/jobs.ts'
import type { Project } from '../state/project.ts'
import { mcpFolder } from '../state/state-files.ts'
import { ToolError } from '../state/tool-error.ts'
import { toolErrorOf } from '../tools/answer.ts'
import { deliverDesign } from './deliver-design.ts'
import { implementDraft } from './implement-draft.ts'
import { verifyDesign } from './verify-design.ts'
import type { Working } from './working.ts'

/** How often the state is written at most, in milliseconds. */
const WRITE_MS = 250

const WORK = { implement: implementDraft, verify: verifyDesign, deliver: deliverDesign } as const

/** Does the work of a job. @throws ToolError PLN-M008 for a job that is not there or has begun. */
export async function runJob(given: Project, id: string): Promise<Outcome> {
  const found = readJob(given, id)
  if (found?.state !== 'queued') throw new ToolError('PLN-M008', `${id} is no job that waits`, { fix: 'make the call of a tool' })
  let job: ToolJob = { ...found, state: 'running', pid: process.pid }
  writeJob(given.root, job)
  let written = performance.now()
  const observe = (event: CommandEvent): void => {
    const phase = describeEvent(event, PLAIN).trim().split('\n').at(-1) ?? ''
    if (phase === '' || performance.now() - written < WRITE_MS) return
    job = { ...job, phase: phase.slice(0, 200) }
    written = performance.now()
    writeJob(given.root, job)
  }
  const ended = await working({ project: { ...given, io: { ...given.io, observe } }, job })
  writeJob(given.root, { ...job, ...ended, ended: Date.now() })
  return { exit: 0, data: { job: id, state: ended.state }, text: '' }
}

/** How a job ends. One of each tool works at a time, also where two servers have started them at once. */
async function working(work: Working): Promise<Pick<ToolJob, 'state' | 'phase' | 'result' | 'error'>> {
  const { project, job } = work
  const lock = takeLock(join(mcpFolder(project.root), `${job.tool}.lock`))
  try {
    if (lock === undefined) throw new ToolError('PLN-M006', `another ${job.tool} is under way`, { fix: 'wait for it with status' })
    return { state: 'done', phase: 'done', result: await WORK[job.tool](work), error: null }
  } catch (thrown) {
    const { code, message, fix } = toolErrorOf(thrown)
    if (code === 'PLN-M099') process.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`)
    return { state: 'failed', phase: 'failed', result: null, error: { code, message, fix } }
  } finally {
    lock?.release()
  }
}
