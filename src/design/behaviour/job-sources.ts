/** Jobs, and schedules with code of their own, as actions: their inputs, and their steps or code. */

import type { Action, ActionInput } from '../../model/action.ts'
import type { JobDesign, ScheduleDesign } from '../authoring/job-design.ts'
import type { InputDesign } from '../authoring/logic-design.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { ActionSource, LogicContext } from '../logic/logic-context.ts'
import { hasBroken } from '../outline/outline.ts'
import { checkMemberName } from '../outline/outline-names.ts'

/** The jobs of the design, and its schedules with `run`, in its order. */
export function workSources(context: LogicContext): readonly ActionSource[] {
  const { design } = context
  return [
    ...Object.entries(design.jobs ?? {}).map(([name, job]) => jobSource(name, job, context)),
    ...Object.entries(design.schedules ?? {}).flatMap(([name, schedule]) => scheduleSource(name, schedule)),
  ]
}

function jobSource(name: string, job: JobDesign, { report, outline }: LogicContext): ActionSource {
  const at = ['jobs', name]
  checkMemberName(name, { what: 'a job', at, report })
  if (job.run === undefined && job.steps === undefined && !hasBroken(outline, at))
    report.add('PLN-D103', at, 'one of the keys steps, run is missing', 'write steps, or run: and the path of a function')
  for (const [i, step] of (job.steps ?? []).entries())
    if ('signIn' in step)
      report.add(
        'PLN-D531',
        [...at, 'steps', i, 'signIn'],
        'a job runs after its request, so nobody signs in with it',
        'leave the step out',
      )
  for (const [input, given] of Object.entries(job.input ?? {})) checkPlace(given, [...at, 'input', input], report)
  return { name, entity: null, at, design: job, transition: null }
}

function scheduleSource(name: string, { description, as, run, transaction }: ScheduleDesign): readonly ActionSource[] {
  if (run === undefined) return []
  const about = {
    ...(description === undefined ? {} : { description }),
    ...(as === undefined ? {} : { as }),
    ...(transaction === undefined ? {} : { transaction }),
  }
  return [{ name, entity: null, at: ['schedules', name], design: { ...about, run }, transition: null }]
}

/** Reports options about requests: the input of a job comes with no request. */
function checkPlace(given: InputDesign, at: Path, report: LogicContext['report']): void {
  if (typeof given === 'string') return
  for (const key of ['in', 'name'] as const)
    if (key in given)
      report.add('PLN-D209', [...at, key], `${key} is about requests, and the input of a job comes with none`, `remove ${key}`)
}

/** Reports inputs that cannot be kept until the job runs. */
export function checkJobInputs({ inputs, at }: Pick<Action, 'inputs' | 'at'>, report: LogicContext['report']): void {
  for (const { name, type } of inputs) {
    const place = [...at, 'input', name]
    if (type.kind === 'value' && type.type.kind === 'password')
      report.add('PLN-D621', place, 'a job keeps its input as it was given, so it takes no password', 'give the id of the row that has it')
    if (type.kind === 'reference' && type.by !== 'id') report.add('PLN-D621', [...place, 'by'], 'a job keeps the id of a row', 'remove by')
  }
}

/** Reports names under `unique` that are no inputs. */
export function checkUnique(
  unique: readonly string[],
  inputs: readonly ActionInput[],
  { at, report }: Pick<LogicContext, 'report'> & { readonly at: Path },
): void {
  const known = inputs.map(({ name }) => name)
  for (const [i, name] of unique.entries())
    if (!known.includes(name))
      report.add(
        'PLN-D510',
        [...at, i],
        `the job has no input ${quote(name)}`,
        known.length === 0 ? 'leave unique empty' : `use its inputs: ${known.join(', ')}`,
      )
}
