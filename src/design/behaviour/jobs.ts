/** Resolves jobs and schedules. */

import type { Action } from '../../model/action.ts'
import { ALWAYS, scalarType, type Term } from '../../model/expression.ts'
import { DEFAULT_QUEUE, DUE_AT, type Job, type Retry, type Schedule, scheduleKind } from '../../model/job.ts'
import type { JobDesign, RetryDesign, ScheduleDesign } from '../authoring/job-design.ts'
import { spanMs } from '../authoring/span.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { callInputs, MOST_DELAY_MS } from '../logic/call-step.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import { type ActionIndex, part, type StepPlace } from '../logic/step-place.ts'
import { hasBroken, isBrokenAction } from '../outline/outline.ts'
import { checkMemberName } from '../outline/outline-names.ts'
import { cronProblem } from './cron.ts'
import { checkJobInputs, checkUnique } from './job-sources.ts'
import { reportCaller } from './report-caller.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** What a design leaves out. */
const USUAL = { attempts: 10, firstMs: 10 * SECOND_MS, mostMs: HOUR_MS, timeoutMs: MINUTE_MS } as const

/** What resolving jobs needs. */
interface JobContext extends LogicContext {
  /** The actions of the design. */
  readonly actions: readonly Action[]
  /** Jobs and schedules with code as actions, by the text of their path. */
  readonly work: ReadonlyMap<string, Action>
  readonly index: ActionIndex
}

/** The key of a job or schedule in `work`. */
function workKey(part: 'jobs' | 'schedules', name: string): string {
  return `${part}.${name}`
}

/** The jobs, in the order of the design. */
export function resolveJobs(context: JobContext): readonly Job[] {
  return Object.entries(context.design.jobs ?? {}).flatMap(([name, design]) => {
    const action = context.work.get(workKey('jobs', name))
    return action === undefined ? [] : [resolveJob(design, { kind: name, action }, context)]
  })
}

function resolveJob(design: JobDesign, { kind, action }: Pick<Job, 'kind' | 'action'>, { report }: JobContext): Job {
  const at = ['jobs', kind]
  checkJobInputs(action, report)
  checkUnique(design.unique ?? [], action.inputs, { at: [...at, 'unique'], report })
  const span = (given: string | undefined, key: string, range: Range): number => spanIn(given, { ...range, at: [...at, key] }, report)
  return {
    kind,
    description: design.description ?? null,
    action: { ...action, allow: ALWAYS },
    queue: design.queue ?? DEFAULT_QUEUE,
    priority: design.priority ?? 0,
    concurrency: design.concurrency ?? null,
    retry: resolveRetry(design.retry, [...at, 'retry'], report),
    timeoutMs: span(design.timeout, 'timeout', TIMEOUT_RANGE),
    unique: design.unique ?? null,
    delayMs: span(design.delay, 'delay', { least: 0, most: MOST_DELAY_MS, usual: 0, says: 'a time of up to 365d' }),
  }
}

interface Range {
  readonly least: number
  readonly most: number
  readonly usual: number
  readonly says: string
}

const TIMEOUT_RANGE: Range = { least: 10, most: HOUR_MS, usual: USUAL.timeoutMs, says: 'a time from 10ms to 1h' }
const PAUSE_RANGE = { least: 1, most: 30 * DAY_MS, says: 'a time from 1ms to 30d' } as const

/** The milliseconds of a span. A text that is no span is reported where the form of the design is checked. */
function spanIn(
  given: string | undefined,
  { least, most, usual, says, at }: Range & { readonly at: Path },
  report: JobContext['report'],
): number {
  const ms = given === undefined ? null : spanMs(given)
  if (ms === null) return usual
  if (ms < least || ms > most) report.add('PLN-D105', at, `expected ${says}, found ${given}`)
  return ms
}

function resolveRetry(design: RetryDesign = {}, at: Path, report: JobContext['report']): Retry {
  const { attempts = USUAL.attempts, first, most } = design
  const firstMs = spanIn(first, { ...PAUSE_RANGE, usual: USUAL.firstMs, at: [...at, 'first'] }, report)
  const mostMs = spanIn(most, { ...PAUSE_RANGE, usual: Math.max(USUAL.mostMs, firstMs), at: [...at, 'most'] }, report)
  if (mostMs < firstMs) report.add('PLN-D210', [...at, 'most'], `the longest pause ${most} is shorter than the first one`)
  return { attempts, firstMs, mostMs }
}

/** The schedules, in the order of the design. */
export function resolveSchedules(context: JobContext): readonly Schedule[] {
  return Object.entries(context.design.schedules ?? {}).flatMap(([name, design]) => {
    const action = scheduledAction(name, design, context)
    const inputs = scheduledInputs(name, design, context)
    checkTime(name, design, context)
    return action === null ? [] : [resolveSchedule(name, { design, action, inputs }, context)]
  })
}

function resolveSchedule(
  name: string,
  { design, action, inputs }: { readonly design: ScheduleDesign; readonly action: Action; readonly inputs: Schedule['inputs'] },
  { report }: JobContext,
): Schedule {
  const at = ['schedules', name]
  const { cron, timeZone = 'UTC', missed = 'once' } = design
  return {
    name,
    cron,
    timeZone,
    missed,
    calls: design.call ?? null,
    inputs,
    job: {
      kind: scheduleKind(name),
      description: design.description ?? null,
      action: { ...action, allow: ALWAYS },
      queue: DEFAULT_QUEUE,
      priority: 0,
      // A run that takes longer than to the next time delays the next run.
      concurrency: 1,
      retry: resolveRetry(design.retry, [...at, 'retry'], report),
      timeoutMs: spanIn(design.timeout, { ...TIMEOUT_RANGE, at: [...at, 'timeout'] }, report),
      // Runs do not pile up while no worker takes them.
      unique: missed === 'all' ? null : [],
      delayMs: 0,
    },
  }
}

/** What a schedule runs; null, with a finding, for nothing. */
function scheduledAction(
  name: string,
  { run, call, as, transaction }: ScheduleDesign,
  { report, actions, work, design, outline }: JobContext,
): Action | null {
  const at = ['schedules', name]
  checkMemberName(name, { what: 'a schedule', at, report })
  if (run === undefined && call === undefined && !hasBroken(outline, at))
    report.add('PLN-D103', at, 'one of the keys run, call is missing', 'write call: and the name of an action of the design')
  if (run !== undefined && call !== undefined)
    report.add('PLN-D209', [...at, 'run'], 'a schedule runs code or calls an action, not both', 'remove run, or call')
  if (run === undefined) {
    const word = as === undefined ? 'transaction' : 'as'
    if (as !== undefined || transaction !== undefined)
      report.add('PLN-D209', [...at, word], `${word} is about the code of run, and there is none`, `remove ${word}`)
    return call === undefined ? null : calledAction(call, [...at, 'call'], { report, actions, design, outline })
  }
  if (as === undefined)
    report.add('PLN-D620', [...at, 'run'], 'a schedule has no caller, and nothing says with which rights its code runs', 'add as: system')
  return work.get(workKey('schedules', name)) ?? null
}

function calledAction(
  call: string,
  at: Path,
  { report, actions, design, outline }: Pick<JobContext, 'report' | 'actions' | 'design' | 'outline'>,
): Action | null {
  const known = Object.keys(design.actions ?? {})
  if (!known.includes(call) && !isBrokenAction(outline, call))
    report.add('PLN-D549', at, `unknown action ${quote(call)}${didYouMean(call, known)}`)
  const action = actions.find((one) => one.entity === null && one.name === call)
  if (action === undefined) return null
  if (action.as !== 'system')
    report.add('PLN-D620', at, `${call} runs with the rules of its caller, and a schedule has no caller`, 'use an action with as: system')
  if (design.actions?.[call]?.steps?.some((step) => 'signIn' in step) === true)
    report.add('PLN-D531', at, `${call} signs in, so only its callers may run it`, 'use an action without signIn')
  return action
}

/** The values of the inputs of the action that a schedule calls. They may name the time of the run. */
function scheduledInputs(name: string, { call, input, run }: ScheduleDesign, context: JobContext): Schedule['inputs'] {
  const { report, index } = context
  const at = ['schedules', name]
  const called = index.sources.find((source) => source.entity === null && source.name === call)
  if (input !== undefined && run !== undefined)
    report.add('PLN-D209', [...at, 'input'], 'input is about the action of call, and there is none', 'remove input')
  if (called === undefined || run !== undefined) return []
  const given = (index.inputs.get(called) ?? []).filter((one) => Object.hasOwn(input ?? {}, one.name))
  checkJobInputs({ inputs: given, at }, report)
  const place = schedulePlace(name, at, context)
  const inputs = callInputs(input ?? {}, called, part(place, 'input'))
  for (const { name: own, value } of inputs) reportCaller([value], part(place, 'input', own), 'a schedule')
  return inputs
}

function schedulePlace(name: string, at: Path, context: JobContext): StepPlace {
  const dueAt: Term = { kind: 'input', type: scalarType('timestamp'), field: DUE_AT }
  return {
    context,
    action: { name, entity: null, at, design: {}, transition: null },
    at,
    names: new Map([[DUE_AT, { kind: 'value', term: dueAt, choices: null }]]),
    inputs: new Map(),
    actionInputs: [],
    maybe: new Map(),
    index: context.index,
    when: null,
    whenSource: null,
    each: null,
  }
}

function checkTime(name: string, { cron, timeZone }: ScheduleDesign, { report }: JobContext): void {
  const at = ['schedules', name]
  const problem = cronProblem(cron)
  if (problem !== null) report.add('PLN-D622', [...at, 'cron'], problem.message, problem.hint)
  if (timeZone === undefined || isTimeZone(timeZone)) return
  const why = OFFSET.test(timeZone) ? ', which has no summer time' : didYouMean(timeZone, Intl.supportedValuesOf('timeZone'))
  report.add('PLN-D106', [...at, 'timeZone'], `expected an IANA time zone such as "Europe/Berlin", found ${quote(timeZone)}${why}`)
}

/** An offset from UTC such as `+02:00`. `Intl` accepts it, but it has no summer time. */
const OFFSET = /^[+-]/

function isTimeZone(name: string): boolean {
  if (OFFSET.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
