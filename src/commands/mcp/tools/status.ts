/** The tool `status`: the state of long work. */

import { endServer, runningServer } from '../server/development-server.ts'
import { cancelJob, readJob, type ToolJob } from '../state/jobs.ts'
import type { Project } from '../state/project.ts'
import { keptNames } from '../state/state-files.ts'
import { ToolError } from '../state/tool-error.ts'
import { afterWaiting, shownJob, waitOf } from './shown-job.ts'
import { type Arguments, argumentText, callText, type Tool, type ToolAnswer } from './tool.ts'

/** Shows a job, waits for it, or cancels it. */
export const STATUS: Tool = {
  name: 'status',
  title: 'Status of long work',
  description:
    'Waits up to `wait` s for a job and gives its result; without `job`, the latest. `cancel` ends it. Job `server` is the development server.',
  inputs: {
    job: { type: 'string' },
    wait: { type: 'integer', maximum: 15, description: 'seconds; usually 3' },
    cancel: { type: 'boolean' },
  },
  required: [],
  outputs: { ok: 'boolean', job: 'string', state: 'string' },
  hints: { destructiveHint: false },
  joins: false,
  run: status,
}

async function status(given: Arguments, project: Project): Promise<ToolAnswer> {
  if (given.job === 'server') return serverStatus(given, project)
  const job = jobOf(project, argumentText(given, 'job'))
  return given.cancel === true ? shownJob(await cancelJob(project, job)) : afterWaiting(project, job, waitOf(given))
}

/** The development server, which is no job but lives as long. */
async function serverStatus(given: Arguments, project: Project): Promise<ToolAnswer> {
  const running = runningServer(project)
  if (given.cancel === true) await endServer(project)
  const state = running === null ? 'not running' : given.cancel === true ? 'cancelled' : 'running'
  return { ok: true, job: 'server', state, ...(running === null ? {} : { url: running.url }), next: null }
}

/** @throws ToolError PLN-M008 for a job that is not there. */
function jobOf(project: Project, id: string | undefined): ToolJob {
  const names = keptNames(project.root, 'jobs')
  const job = names.includes(id ?? names[0] ?? '') ? readJob(project, id ?? names[0] ?? '') : null
  if (job !== null) return job
  const [latest] = names
  throw new ToolError('PLN-M008', id === undefined ? 'there is no job yet' : `there is no job ${JSON.stringify(id.slice(0, 40))}`, {
    fix: latest === undefined ? 'start one with implement or verify' : `the latest is ${latest}`,
    next: latest === undefined ? null : callText('status', { job: latest }),
  })
}
