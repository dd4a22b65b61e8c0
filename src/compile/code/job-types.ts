/** The types of the code of jobs and schedules. */

import type { Action, ActionInput } from '../../model/action.ts'
import type { Model } from '../../model/model.ts'
import { argumentsOf, type OwnArguments } from './service-types.ts'

/** The types of the functions, and the names of the types of their contexts. */
export interface JobTypes {
  readonly contexts: readonly string[]
  readonly types: readonly (readonly [name: string, type: string])[]
  /** The inputs of jobs that code adds, by job. */
  readonly inputs: readonly (readonly [name: string, type: string])[]
}

/** What makes the types. */
interface JobTyping {
  /** The type of inputs as the code of a job reads them. */
  readonly inputOf: (inputs: readonly ActionInput[]) => string
  /** The type of inputs as code gives them. */
  readonly addedOf: (inputs: readonly ActionInput[]) => string
  /** The type arguments at the end of a context. */
  readonly own: OwnArguments
}

/** The functions of jobs, by name, and of schedules with code, by `schedule:` and name. */
export function jobTypes({ jobs, schedules }: Model, { inputOf, addedOf, own: ends }: JobTyping): JobTypes {
  const own = schedules.flatMap(({ calls, job }) => (calls === null ? [job] : []))
  const work = [...jobs, ...own].filter(({ action }) => action.run !== null)
  return {
    contexts: [...new Set(work.map(({ action }) => contextOf(action)))],
    types: work.map(
      ({ kind, action }) =>
        [kind, typeOf(action, `${inputOf(action.inputs)}${argumentsOf(ends, action.run?.ownTransaction === true)}`)] as const,
    ),
    inputs: jobs.map(
      ({ kind, action: { inputs } }) => [kind, inputs.length === 0 ? '{ readonly [name: string]: never }' : addedOf(inputs)] as const,
    ),
  }
}

function contextOf({ run }: Action): 'JobContext' | 'OwnJobContext' {
  return run?.ownTransaction === true ? 'OwnJobContext' : 'JobContext'
}

function typeOf(action: Action, input: string): string {
  const db = action.as === 'system' ? 'Tables & { readonly system: SystemTables }' : 'Tables'
  return `(ctx: ${contextOf(action)}<${db}, Caller, ${input}>) => Answer<unknown>`
}
