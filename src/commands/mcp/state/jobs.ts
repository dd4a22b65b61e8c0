/** Long work: each is a process of its own, whose state is a file, so that it runs on and is found when its client has gone. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isObject } from '../../../base/is-object.ts'
import type { Project } from './project.ts'
import { keepFile, kept, keptNames, keptPath } from './state-files.ts'
import { ToolError, type ToolErrorCode } from './tool-error.ts'

const JOB_TOOLS = ['implement', 'verify', 'deliver'] as const

/** The tools whose work is long. */
export type JobTool = (typeof JOB_TOOLS)[number]

/** The state of long work, as its file has it. */
export interface ToolJob {
  readonly job: string
  readonly tool: JobTool
  /** The hash of what is asked for: the same call finds the same job. */
  readonly key: string
  readonly args: Readonly<Record<string, unknown>>
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted'
  /** What it does at the moment, in words. */
  readonly phase: string
  /** Milliseconds since 1970. */
  readonly started: number
  readonly ended: number | null
  /** The process; null before it has begun. */
  readonly pid: number | null
  readonly result: Readonly<Record<string, unknown>> | null
  readonly error: { readonly code: ToolErrorCode; readonly message: string; readonly fix: string } | null
}

/** A process that has not written its state after this long does not run. */
const START_MS = 60_000
/** How long the result of a job answers the same call. */
const FRESH_MS = 3_600_000

/** What to start. */
export interface JobWish extends Pick<ToolJob, 'tool' | 'key' | 'args'> {
  /** Whether a job of the same call that has ended well within the hour answers it, or only one that is under way. */
  readonly repeat: 'fresh' | 'under-way'
}

/**
 * Starts long work, or finds the job of the same call.
 *
 * @throws ToolError PLN-M006 while other work of the tool is under way.
 */
export function startJob(project: Project, { tool, key, args, repeat }: JobWish): ToolJob {
  const jobs = keptNames(project.root, 'jobs').flatMap((name) => readJob(project, name) ?? [])
  const known = jobs.find((one) => one.tool === tool && one.key === key && (isUnderWay(one) || (repeat === 'fresh' && isFresh(one))))
  if (known !== undefined) return known
  const other = jobs.find((one) => one.tool === tool && isUnderWay(one))
  if (other !== undefined)
    throw new ToolError('PLN-M006', `${tool} is under way: ${other.job}`, {
      fix: 'wait for it, or cancel it',
      next: `status ${JSON.stringify({ job: other.job, wait: 15 })}`,
    })
  const id = `${tool}-${randomBytes(4).toString('hex')}`
  const job: ToolJob = {
    ...{
      job: id,
      tool,
      key,
      args,
      state: 'queued',
      phase: 'starting',
      started: Date.now(),
      ended: null,
      pid: null,
      result: null,
      error: null,
    },
  }
  keepFile(project.root, 'jobs', id, job)
  begin(project, id)
  return job
}

function isFresh({ state, ended }: ToolJob): boolean {
  return state === 'done' && Date.now() - (ended ?? 0) < FRESH_MS
}

/** Whether the work of a job goes on. */
export function isUnderWay({ state }: Pick<ToolJob, 'state'>): boolean {
  return state === 'queued' || state === 'running'
}

/** Begins the process of a job. It belongs to no terminal, and neither the end of this process nor of its client ends it. */
function begin({ root, program, io, code }: Project, id: string): void {
  const folder = jobFolder(root, id)
  const log = openSync(join(folder, 'log.txt'), 'a', 0o600)
  const [file = '', ...args] = [...program, 'mcp', root, '--job', id, ...(code === 'run' ? ['--allow-code'] : [])]
  const child = spawn(file, args, { cwd: root, env: io.env, detached: true, stdio: ['ignore', log, log] })
  child.on('error', () => {})
  child.unref()
  closeSync(log)
}

/** The folder with the log and the files of a job, which is made. */
export function jobFolder(root: string, id: string): string {
  const folder = keptPath(root, 'jobs', id).replace(/\.json$/, '')
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  return folder
}

/** Writes the state of a job. */
export function writeJob(root: string, job: ToolJob): void {
  keepFile(root, 'jobs', job.job, job)
}

/** A job, with the state `interrupted` if its process has gone; null if there is none. */
export function readJob({ root }: Pick<Project, 'root'>, id: string): ToolJob | null {
  const found = kept(root, 'jobs', id)
  if (!isJob(found, id)) return null
  const gone = found.state === 'queued' ? Date.now() - found.started > START_MS : found.state === 'running' && !runsJob(found.pid, id)
  return gone ? { ...found, state: 'interrupted', phase: 'its process has gone; the same call starts it again' } : found
}

function isJob(value: unknown, id: string): value is ToolJob {
  const states = ['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted']
  if (!isObject(value) || value.job !== id || !JOB_TOOLS.some((tool) => tool === value.tool)) return false
  return states.includes(String(value.state)) && typeof value.started === 'number' && isObject(value.args)
}

/** Whether a process runs, and is that of the job: a forged state, or a number that was used again, must end no other process. */
function runsJob(pid: number | null, id: string): boolean {
  if (pid === null || !isAlive(pid)) return false
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(id)
  } catch {
    return !existsSync('/proc/self')
  }
}

/** Whether a process runs. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 2) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const LOOK_MS = 100

/** Waits until a job has ended, at most so many milliseconds. */
export async function waitForJob(project: Project, id: string, ms: number): Promise<ToolJob | null> {
  const until = performance.now() + ms
  for (;;) {
    const job = readJob(project, id)
    if (job === null || !isUnderWay(job) || performance.now() >= until) return job
    await sleep(Math.min(LOOK_MS, Math.max(1, until - performance.now())))
  }
}

const CANCEL_MS = 12_000

/** Ends the work of a job. What it had opened is closed first. */
export async function cancelJob(project: Project, job: ToolJob): Promise<ToolJob> {
  if (!isUnderWay(job)) return job
  if (job.pid !== null && runsJob(job.pid, job.job)) {
    process.kill(job.pid, 'SIGTERM')
    const until = performance.now() + CANCEL_MS
    while (isAlive(job.pid) && performance.now() < until) await sleep(LOOK_MS)
  }
  const latest = readJob(project, job.job) ?? job
  if (!isUnderWay(latest) && latest.state !== 'interrupted') return latest
  const cancelled: ToolJob = { ...latest, state: 'cancelled', phase: 'cancelled', ended: Date.now() }
  writeJob(project.root, cancelled)
  return cancelled
}
