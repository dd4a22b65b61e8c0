/** Adds a job in a transaction: checks its input, and writes its row. */

import { Failure, failure } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { suggest } from '../../base/suggest.ts'
import { arrayLiteral } from '../../compile/values/encode.ts'
import { spanMs } from '../../design/authoring/span.ts'
import { claimOf } from '../../model/caller.ts'
import { JOB_INPUT_BYTES, type Job } from '../../model/job.ts'
import type { Model } from '../../model/model.ts'
import { ADD } from '../../services/jobs/statements.ts'
import { readInput } from '../actions/read-input.ts'
import type { Stack } from '../run/stack.ts'

/**
 * Adds a job. Returns its id; null when the job has `unique` and an equal one waits.
 *
 * @throws Failure `job_input_too_large`; TypeError for an unknown job, for an input that the job does not take, and for
 * unknown options: they are mistakes of the code.
 */
export const addJob: Stack['addJob'] = async ({ model }, call) => {
  const job = jobNamed(model, call.job)
  const payload = payloadOf(job, call.input)
  const { atText, delayMs } = timeOf(job, call.options)
  const id = claimOf(call.caller, 'id')
  const [row] = await call.runner.run(ADD, {
    kind: job.kind,
    payload,
    caller: id === null ? null : String(id),
    at: atText,
    delay_ms: delayMs,
    unique: job.unique === null ? null : arrayLiteral(job.unique),
  })
  return row?.[0] ?? null
}

function jobNamed({ jobs }: Model, name: string): Job {
  const job = jobs.find(({ kind }) => kind === name)
  if (job !== undefined) return job
  const known = jobs.map(({ kind }) => kind)
  const near = suggest(name, known)
  throw new TypeError(`ctx.jobs.add: there is no job ${JSON.stringify(name)}${near === undefined ? '' : `, did you mean "${near}"?`}`)
}

/** The input as JSON, after it was checked like the body of an action. A row stands for its id. */
function payloadOf(job: Job, given: unknown): string {
  const wrong = (why: string): TypeError => new TypeError(`ctx.jobs.add("${job.kind}"): ${why}`)
  if (given !== undefined && !isObject(given)) throw wrong('the input is an object with values by name')
  const references = new Set(job.action.inputs.filter(({ type }) => type.kind === 'reference').map(({ name }) => name))
  const values = Object.entries(given ?? {}).map(
    ([name, value]) => [name, references.has(name) && isObject(value) ? value.id : value] as const,
  )
  const payload = JSON.stringify(Object.fromEntries(values))
  try {
    readInput(job.action, JSON.parse(payload))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw wrong(error.errors.map(({ pointer, message }) => `${pointer === '' ? 'the input' : pointer} ${message}`).join('; '))
  }
  if (Buffer.byteLength(payload) > JOB_INPUT_BYTES) throw inputTooLarge(job.kind)
  return payload
}

/** The failure of an input with too many bytes. The note tells authors what to do. */
export function inputTooLarge(job: string): Failure {
  return failure('job_input_too_large', { limit: JOB_INPUT_BYTES }, `the input of the job ${job}: give ids, and read the rows in the job`)
}

interface JobTime {
  /** The moment of the first run; null for as soon as the delay is over. */
  readonly atText: string | null
  readonly delayMs: number
}

const OPTIONS: readonly string[] = ['delay', 'at']

function timeOf(job: Job, options: unknown): JobTime {
  const wrong = (why: string): TypeError => new TypeError(`ctx.jobs.add("${job.kind}"): ${why}`)
  if (options === undefined) return { atText: null, delayMs: job.delayMs }
  if (!isObject(options)) throw wrong('the options are an object')
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name))
  if (unknown !== undefined) throw wrong(`unknown option ${JSON.stringify(unknown)}; the options are delay and at`)
  const { delay, at } = options
  if (delay !== undefined && at !== undefined) throw wrong('give delay or at, not both')
  if (at !== undefined) {
    const moment = at instanceof Date ? at : typeof at === 'string' ? new Date(at) : null
    if (moment === null || Number.isNaN(moment.getTime())) throw wrong('at is a Date')
    return { atText: moment.toISOString(), delayMs: 0 }
  }
  if (delay === undefined) return { atText: null, delayMs: job.delayMs }
  const delayMs = typeof delay === 'string' ? spanMs(delay) : null
  if (delayMs === null) throw wrong('delay is a time such as "10m"')
  return { atText: null, delayMs }
}
