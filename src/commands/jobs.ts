/** `plinth jobs`: shows jobs and schedules, and runs dead jobs again or deletes them. */

import type { Run } from '../base/sql/statement.ts'
import { suggest } from '../base/suggest.ts'
import { unreachable } from '../base/unreachable.ts'
import { allJobs, hasWork } from '../model/job.ts'
import type { Model } from '../model/model.ts'
import { hasReactions } from '../model/reaction.ts'
import { withClient } from '../postgres/connect.ts'
import { countLetters } from '../services/events/letters.ts'
import { readAttendance } from '../services/jobs/attendance.ts'
import {
  countJobs,
  type DeadJobs,
  discardJobs,
  type JobCounts,
  type JobRecord,
  listJobs,
  listSchedules,
  retryJobs,
  type ScheduleState,
  showJob,
} from '../services/jobs/inspect.ts'
import type { JobState } from '../services/jobs/job-states.ts'
import { inTables } from './setup/create-account.ts'
import { databaseOf, withDatabase } from './setup/database.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { runOn } from './setup/run-on.ts'
import { readDatabaseUrl } from './setup/settings/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { columns, count, plainText } from './terminal/layout.ts'
import { UsageError } from './terminal/usage-error.ts'

/** What the command does. */
export const JOB_COMMANDS = ['list', 'show', 'retry', 'discard'] as const
type Doing = (typeof JOB_COMMANDS)[number]

/** The arguments and options of the command. */
export interface JobsInput {
  /** `list` unless given. */
  readonly doing: string | undefined
  readonly id: string | undefined
  readonly design: string | undefined
  readonly job: string | undefined
  readonly state: JobState | undefined
  readonly which: 'all' | 'named'
}

/** The most jobs of a list. */
const SHOWN = 50

/**
 * Lists jobs, shows one, lets dead jobs wait again, or deletes them. Exit code 1 when there is no such job.
 *
 * @throws UsageError for a wrong call, or a design without work; EnvironmentError for a database that cannot be used.
 */
export async function jobs(input: JobsInput, io: Io): Promise<Outcome> {
  const doing = doingOf(input)
  const url = readDatabaseUrl(io.env)
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  if (!hasWork(model)) throw new UsageError('this design has no jobs and no schedules', 'declare them under jobs and schedules')
  return withDatabase(databaseOf(design, url, io), (database) =>
    inTables(() => withClient(database.url, (client) => perform({ doing, input, model }, runOn(client)))),
  )
}

/** @throws UsageError for an unknown word. */
function doingOf({ doing = 'list' }: JobsInput): Doing {
  const known = JOB_COMMANDS.find((one) => one === doing)
  if (known === undefined) throw new UsageError(`plinth jobs cannot ${doing}`, `write one of ${JOB_COMMANDS.join(', ')}`)
  return known
}

interface Asked {
  readonly doing: Doing
  readonly input: JobsInput
  readonly model: Model
}

async function perform({ doing, input, model }: Asked, run: Run): Promise<Outcome> {
  await checkJob(input, model, run)
  switch (doing) {
    case 'list':
      return input.state === undefined && input.job === undefined ? overview(run, model) : listed(run, input)
    case 'show':
      return shown(run, idOf(input))
    case 'retry':
      return changed(run, input, { work: retryJobs, done: 'is run again', many: 'are run again' })
    case 'discard':
      return changed(run, input, { work: discardJobs, done: 'is deleted', many: 'are deleted' })
    default:
      return unreachable(doing)
  }
}

/**
 * A job that was removed from the design may still have dead ones, which can be listed and discarded.
 *
 * @throws UsageError for an unknown job.
 */
async function checkJob({ job }: JobsInput, model: Model, run: Run): Promise<void> {
  const known = allJobs(model).map(({ kind }) => kind)
  if (job === undefined || known.includes(job) || (await countJobs(run)).some((counts) => counts.job === job)) return
  const near = suggest(job, known)
  const meant = near === undefined ? '' : `, did you mean ${JSON.stringify(near)}?`
  const names = known.map((name) => JSON.stringify(name)).join(', ')
  throw new UsageError(`the design has no job ${JSON.stringify(job)}${meant}`, `it has ${names}`)
}

async function overview(run: Run, model: Model): Promise<Outcome> {
  const counts = await countJobs(run)
  const schedules = await listSchedules(run)
  const dead = await listJobs(run, { state: 'dead', job: null, limit: SHOWN })
  const { workers } = await readAttendance(run)
  const deadEvents = hasReactions(model) ? (await countLetters(run)).reduce((sum, each) => sum + each.dead, 0) : 0
  const known = new Set(allJobs(model).map(({ kind }) => kind))
  return {
    exit: 0,
    data: { workers, jobs: counts, schedules, dead, deadEvents },
    text: [
      ...workerLines(workers),
      ...countLines(counts, known),
      ...scheduleLines(schedules, model),
      ...deadLines(dead),
      ...(deadEvents === 0 ? [] : [`${count(deadEvents, 'event')} given up by reactions; plinth events lists them`]),
    ].join('\n'),
  }
}

function workerLines(workers: number): readonly string[] {
  if (workers > 0) return [`${count(workers, 'worker')} ${workers === 1 ? 'runs' : 'run'}`]
  return ['no worker runs, so jobs and schedules wait: start plinth work, or plinth serve without WORK=off']
}

function countLines(counts: readonly JobCounts[], known: ReadonlySet<string>): readonly string[] {
  if (counts.length === 0) return ['no jobs']
  const rows = counts.map(({ job, waiting, running, dead, next }) => [
    job,
    `${waiting} waiting`,
    `${running} running`,
    `${dead} dead`,
    [...(next === null ? [] : [`next ${next}`]), ...(known.has(job) ? [] : ['not in this design'])].join(', '),
  ])
  return ['jobs', ...columns(rows, '  ')]
}

function scheduleLines(schedules: readonly ScheduleState[], model: Model): readonly string[] {
  if (schedules.length === 0) return []
  const known = new Set(model.schedules.map(({ name }) => name))
  const rows = schedules.map(({ schedule, cron, timeZone, next, last, isSeen }) => [
    schedule,
    cron,
    timeZone,
    `next ${next ?? 'never'}`,
    `last ${last ?? 'never'}`,
    [...(isSeen ? [] : ['no process has it']), ...(known.has(schedule) ? [] : ['not in this design'])].join(', '),
  ])
  return ['schedules', ...columns(rows, '  ')]
}

function deadLines(dead: readonly JobRecord[]): readonly string[] {
  if (dead.length === 0) return []
  return [
    `dead, oldest first${dead.length === SHOWN ? ` (the first ${SHOWN})` : ''}`,
    ...recordLines(dead),
    'plinth jobs show ID, plinth jobs retry ID',
  ]
}

function recordLines(records: readonly JobRecord[]): readonly string[] {
  const rows = records.map(({ id, job, state, attempt, at, error }) => [
    id,
    job,
    state,
    count(attempt, 'attempt'),
    at,
    onOneLine(error ?? ''),
  ])
  return columns(rows, '  ')
}

/** The first line of a text, without characters that a terminal acts on. */
function onOneLine(text: string): string {
  return plainText(text.split(/[\r\n]/, 1)[0] ?? '')
}

async function listed(run: Run, { state, job }: JobsInput): Promise<Outcome> {
  const records = await listJobs(run, { state: state ?? null, job: job ?? null, limit: SHOWN })
  const more = records.length === SHOWN ? [`the first ${SHOWN}`] : []
  return { exit: 0, data: { jobs: records }, text: records.length === 0 ? 'none' : [...recordLines(records), ...more].join('\n') }
}

async function shown(run: Run, id: string): Promise<Outcome> {
  const record = await showJob(run, id)
  if (record === null) return missing([id])
  const { job, state, attempt, addedAt, at, caller, error, input } = record
  const rows = [
    ['job', `${job} (${id})`],
    ['state', `${state}, ${state === 'dead' ? 'since' : 'from'} ${at}`],
    ['attempts', String(attempt)],
    ['added', `${addedAt} by ${caller === null ? 'nobody who was signed in' : plainText(caller)}`],
    ['input', plainText(input)],
    ...plainText(error ?? '')
      .split('\n')
      .flatMap((line, i) => (error === null ? [] : [[i === 0 ? 'error' : '', line]])),
  ]
  return { exit: 0, data: record, text: columns(rows, '').join('\n') }
}

interface Change {
  readonly work: (run: Run, which: DeadJobs) => Promise<readonly string[]>
  readonly done: string
  readonly many: string
}

async function changed(run: Run, input: JobsInput, { work, done, many }: Change): Promise<Outcome> {
  const which = deadOf(input)
  const ids = await work(run, which)
  if (ids.length === 0 && which !== 'all' && 'ids' in which) return unchanged(run, which.ids)
  return { exit: 0, data: { ids }, text: `${count(ids.length, 'job')} ${ids.length === 1 ? done : many}` }
}

/** @throws UsageError when the call says not, or twice, which jobs. */
function deadOf({ id, job, which }: JobsInput): DeadJobs {
  const given = [id !== undefined, job !== undefined, which === 'all'].filter((is) => is).length
  if (given !== 1) throw new UsageError('say which jobs', 'give an id, --job NAME for all dead ones of a job, or --all for all dead ones')
  if (which === 'all') return 'all'
  return job === undefined ? { ids: [idOf({ id })] } : { job }
}

/** @throws UsageError without an id, or for a text that is none. */
function idOf({ id }: Pick<JobsInput, 'id'>): string {
  if (id === undefined) throw new UsageError('the id of the job is missing', 'plinth jobs list shows the ids')
  if (!/^[1-9]\d{0,17}$/.test(id))
    throw new UsageError(`${JSON.stringify(id)} is no id of a job`, 'ids are numbers; plinth jobs list shows them')
  return id
}

/** A job that runs can be neither retried nor discarded. */
async function unchanged(run: Run, ids: readonly string[]): Promise<Outcome> {
  const [id = ''] = ids
  const record = await showJob(run, id)
  if (record === null) return missing(ids)
  const message = `the job ${id} is ${record.state}, so it can be neither retried nor discarded now`
  const hint = 'wait until its run has ended'
  return { exit: 1, reason: { message, hint }, data: { ids: [] }, text: `${message}\n${hint}` }
}

function missing(ids: readonly string[]): Outcome {
  const message = `there is no such job: ${ids.join(', ')}`
  const hint = 'a job that is done is deleted; plinth jobs list shows those that wait, run or are dead'
  return { exit: 1, reason: { message, hint }, data: { ids: [] }, text: `${message}\n${hint}` }
}
